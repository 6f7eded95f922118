"""Where things are kept: one cache for all checkouts, one state folder for each."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ADDONS = ("sales_client_base", "sales_kpi")
# PostgreSQL refuses to run as root, and root's home is closed to others
ROOT_CACHE = "/var/cache/odoo-sales"


def is_root() -> bool:
    return os.geteuid() == 0


def cache() -> Path:
    """Return the folder of everything that was downloaded or built, shared by all checkouts."""
    default = ROOT_CACHE if is_root() else "~/.cache/odoo-sales"
    return _made(Path(os.environ.get("SALES_CACHE") or default).expanduser().resolve())


def state() -> Path:
    """Return the folder of this checkout's own data: databases, attachments, settings, logs."""
    digest = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    return _made(cache() / "state" / f"{CHECKOUT.name}-{digest}")


def log_folder() -> Path:
    return _made(state() / "log")


def data_folder() -> Path:
    return _made(state() / "data")


def _made(folder: Path) -> Path:
    # made one by one, so that a strict umask doesn't lock PostgreSQL's user out
    for part in (*reversed(folder.parents), folder):
        if not part.exists():
            with contextlib.suppress(FileExistsError):
                part.mkdir()
                part.chmod(0o755)
    return folder


def digest_of(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@contextlib.contextmanager
def lock(name: str, folder: Path | None = None) -> Iterator[None]:
    """Let one process at a time through; freed by the system when the process dies."""
    with ((folder or state()) / f".{name}.lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def build_whole(target: Path, build: Callable[[Path], None]) -> Path:
    """Build in a temporary folder and rename it when it is whole: a half-made one is never seen."""
    if target.exists():
        return target
    _made(target.parent)
    with lock(target.name, target.parent):
        if target.exists():
            return target
        for left in target.parent.glob(f".{target.name}.half-*"):
            shutil.rmtree(left, ignore_errors=True)
        half = Path(tempfile.mkdtemp(prefix=f".{target.name}.half-", dir=target.parent))
        try:
            half.chmod(0o755)
            build(half)
            half.rename(target)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    return target
