"""What every script does around its work: errors in one line, Ctrl-C without a traceback."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from . import console, odoo_env, python_env
from .errors import DISK_FULL, ProjectError


def main(work: Callable[[list[str]], int | None]) -> None:
    try:
        status = work(sys.argv[1:])
    except ProjectError as error:
        console.say(f"Error: {error}")
        status = 1
    except KeyboardInterrupt:
        console.say("Stopped.")
        status = 130
    except OSError as error:
        if error.errno != 28:  # no space left on device
            raise
        console.say(f"Error: {DISK_FULL}")
        status = 1
    sys.exit(status)


def become(args: list[str], config: Path | None = None) -> None:
    """Turn into the project's Python: exit code, signals and terminal are the command's own."""
    python = str(python_env.python())
    os.execve(python, [python, *args], odoo_env.environment(config))


def odoo(args: list[str]) -> None:
    odoo_env.ensure()
    become(["-m", "odoo", *args])


def python(args: list[str]) -> None:
    odoo_env.ensure()
    become(args)
