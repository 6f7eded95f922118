"""The small commands: benchmarks, a shell, and the way back to nothing."""

import os
import shutil

from . import console, databases, main, odoo_env, postgres, python_env
from .errors import ProjectError
from .paths import CHECKOUT, state
from .run import DATABASE


def bench(args: list[str]) -> None:
    """Run the benchmarks; SCALE says how large a company they make."""
    os.environ.setdefault("SCALE", "0.1")
    main.python([str(CHECKOUT / "tests" / "benchmarks" / "run.py"), *args])


def shell(args: list[str]) -> None:
    odoo_env.ensure()
    if not databases.exists(DATABASE):
        raise ProjectError(f"There is no database '{DATABASE}' yet: make run makes it.")
    main.odoo(["shell", "-d", DATABASE, "--no-http", *args])


def clean(_args: list[str]) -> None:
    """Remove this checkout's databases, attachments and logs; Odoo and Python stay in the cache."""
    folder = state()
    if python_env.python().exists():
        postgres.stop()
    shutil.rmtree(folder)
    console.say(f"Removed {folder}.")
