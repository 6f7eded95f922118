"""The project's Python: a virtual environment keyed by the pinned requirements."""

import sys
from pathlib import Path

from . import console
from .errors import DISK_FULL, NoNetworkError, ProjectError
from .paths import CHECKOUT, build_whole, cache, digest_of

REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
PYTHONS = ((3, 11), (3, 13))


def folder() -> Path:
    pins = [(CHECKOUT / name).read_text() for name in REQUIREMENTS]
    version = ".".join(map(str, sys.version_info[:2]))
    # the base interpreter too: a virtual environment dies with the Python it was made from
    return cache() / "python" / digest_of(version, sys.base_prefix, *pins)


def python() -> Path:
    return folder() / "bin" / "python"


def is_there() -> bool:
    return python().exists()


def ensure() -> Path:
    """Return the interpreter, after making the environment when it is not there."""
    target = folder()
    if not is_there():
        check()
        with console.step("Installing the Python packages (about a minute)"):
            build_whole(target, lambda half: _build(half, target))
    return python()


def check() -> None:
    """Refuse a Python that the pinned packages don't fit."""
    oldest, newest = PYTHONS
    if not oldest <= sys.version_info[:2] <= newest:
        raise ProjectError(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} is not supported: "
            "use Python 3.11, 3.12 or 3.13 (Debian 12: apt install python3 python3-venv)."
        )
    try:
        import ensurepip  # noqa: F401 only to learn whether it is there
        import venv  # noqa: F401
    except ImportError:
        raise ProjectError(
            "Python has no 'venv' module: install it (Debian, Ubuntu: apt install python3-venv)."
        ) from None


def _build(half: Path, target: Path) -> None:
    console.run_logged(
        [sys.executable, "-m", "venv", str(half)],
        "python",
        "A virtual environment could not be made (Debian, Ubuntu: apt install python3-venv).",
    )
    console.run_logged(
        [str(half / "bin" / "python"), "-m", "pip", "install", "--no-input", "--no-deps"]
        + [word for name in REQUIREMENTS for word in ("-r", str(CHECKOUT / name))],
        "python",
        _install_error,
    )
    _repoint(half / "bin", str(half), str(target))


def _install_error(output: str) -> ProjectError:
    if "No space left" in output:
        return ProjectError(DISK_FULL)
    offline = ("NewConnectionError", "Name or service", "resolution", "timed out", "ProxyError")
    if any(word in output for word in offline):
        return NoNetworkError(
            "The Python packages could not be downloaded: check the network, then run this again."
        )
    return ProjectError(
        f"The Python packages could not be installed:\n{console.last_lines(output)}"
    )


def _repoint(scripts: Path, old: str, new: str) -> None:
    """Scripts carry the path of the environment: give them the one it will be renamed to."""
    for script in scripts.iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        content = script.read_bytes()
        if old.encode() in content:
            mode = script.stat().st_mode
            script.write_bytes(content.replace(old.encode(), new.encode()))
            script.chmod(mode)
