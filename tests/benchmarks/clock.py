"""How benchmarks are timed: always at the end of all database work, and undone where they write."""

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter


class BenchmarkError(Exception):
    """A benchmark that could not measure what it promises."""


def timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


@contextmanager
def undone(env):
    """Take back what the block writes; pending work of the ORM is done inside the block."""
    env.flush_all()
    env.cr.execute("SAVEPOINT benchmark")
    try:
        yield
    finally:
        env.cr.clear()
        env.cr.execute("ROLLBACK TO SAVEPOINT benchmark")
        env.invalidate_all(flush=False)


def reset_peak_memory():
    """Let the kernel count the process's peak memory from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_memory() -> float:
    """Return the process's peak resident memory since the last reset, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise BenchmarkError("the system does not tell a process's peak memory")
