"""What the user reads while we work, and the log of what he need not read."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .errors import ProjectError
from .paths import log_folder

_printing = threading.Lock()


def say(text: str = "") -> None:
    # standard error: scripts/py and scripts/odoo must leave standard output to their command
    with _printing:
        print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Announce a piece of work and say how long it took."""
    start = time.monotonic()
    say(f"• {text} …")
    yield
    say(f"  done: {text} ({time.monotonic() - start:.0f} s)")


def run_logged(
    command: list[str],
    log_name: str,
    failure: str | Callable[[str], ProjectError],
    env: dict[str, str] | None = None,
    **options,
) -> str:
    """Run a command with its output in a log; when it fails, say so and name the log."""
    log = log_folder() / f"{log_name}.log"
    with log.open("a", encoding="utf-8") as stream:
        stream.write(f"\n$ {' '.join(map(str, command))}\n")
        stream.flush()
        start = stream.tell()
        done = subprocess.run(
            command,
            stdout=stream,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=env or dict(os.environ),
            check=False,
            **options,
        )
    output = read_from(log, start)
    if done.returncode == 0:
        return output
    if callable(failure):
        raise failure(output)
    raise ProjectError(f"{failure}\n  The last lines of {log}:\n{last_lines(output)}")


def read_from(log: Path, start: int) -> str:
    with log.open("rb") as stream:
        stream.seek(start)
        return stream.read().decode("utf-8", "replace")


def last_lines(text: str, count: int = 8) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:])
