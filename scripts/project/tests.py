"""Runs pytest on a test database, which is made or renewed when our addons have changed."""

import os
import subprocess
from pathlib import Path

from . import console, databases, odoo_env, python_env
from .errors import ProjectError
from .main import become
from .paths import ADDONS, lock


def pytest(args: list[str]) -> None:
    """Run pytest on the database TEST_DB; with TEST_DEMO=1 on one with demo data."""
    odoo_env.ensure()
    demo = os.environ.get("TEST_DEMO") == "1"
    name = os.environ.get("TEST_DB") or ("test_demo" if demo else "test_sales")
    if os.environ.get("TEST_KEEP") != "1" or not databases.exists(name):
        prepare(name, demo)
    options, config = _options(name)
    become([*options, *args], config)


def run(name: str, args: list[str], guarded: bool = True) -> int:
    """Run pytest on that database and return its exit code."""
    options, config = _options(name, guarded)
    command = [str(python_env.python()), *options, *args]
    return subprocess.run(command, env=odoo_env.environment(config), check=False).returncode


def prepare(name: str, demo: bool) -> None:
    with lock(f"test-{name}"):
        if not databases.is_current(name):
            with console.step(f"Making the test database '{name}' with our addons"):
                databases.create(name, demo, addons())


def addons() -> tuple[str, ...]:
    """Return what to install: TEST_ADDONS helps while one addon doesn't install."""
    chosen = os.environ.get("TEST_ADDONS")
    return tuple(chosen.split(",")) if chosen else ADDONS


def _options(name: str, guarded: bool = True) -> tuple[list[str], Path]:
    port = os.environ.get("TEST_PORT") or str(odoo_env.free_port())
    if not port.isdigit():
        raise ProjectError(f"TEST_PORT={port} is not a port: give a number from 1024 to 65535.")
    config = odoo_env.write_config(f"test-{name}", int(port))
    # without --odoo-http every browser and HTTP test is skipped silently
    guard = ["-p", "project.pytest_guard", "--odoo-log-level=warn"] if guarded else []
    odoo = [f"--odoo-config={config}", f"--odoo-database={name}", "--odoo-http"]
    return ["-m", "pytest", *guard, *odoo], config
