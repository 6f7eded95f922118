"""The Node tools (prettier, eslint), installed from package-lock.json into the cache."""

import os
import shutil
from pathlib import Path

from . import console
from .errors import DISK_FULL, NoNetworkError, ProjectError
from .paths import CHECKOUT, build_whole, cache, digest_of

FILES = ("package.json", "package-lock.json")


def folder() -> Path:
    return cache() / "node" / digest_of(*((CHECKOUT / name).read_text() for name in FILES))


def ensure() -> Path:
    if not folder().exists():
        if not shutil.which("npm"):
            raise ProjectError(
                "npm is missing: install it (Debian, Ubuntu: apt install nodejs npm)."
            )
        with console.step("Installing the Node tools"):
            build_whole(folder(), _build)
    return folder()


def environment() -> dict[str, str]:
    modules = folder() / "node_modules"
    return {
        "NODE_PATH": str(modules),
        "PATH": f"{modules / '.bin'}{os.pathsep}{os.environ['PATH']}",
    }


def _build(half: Path) -> None:
    for name in FILES:
        shutil.copy(CHECKOUT / name, half)
    console.run_logged(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "node", _error, cwd=half
    )


def _error(output: str) -> ProjectError:
    if "ENOSPC" in output:
        return ProjectError(DISK_FULL)
    if any(word in output for word in ("ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNREFUSED")):
        return NoNetworkError(
            "The Node tools could not be downloaded: check the network, then run this again."
        )
    return ProjectError(f"The Node tools could not be installed:\n{console.last_lines(output)}")
