"""The environment and the configuration file with which Odoo's programs run."""

import os
import socket
from pathlib import Path

from . import odoo_source, postgres, programs, python_env
from .errors import ProjectError
from .paths import CHECKOUT, data_folder, state

DEFAULT_PORT = 8069


def ensure() -> None:
    """Have Python, Odoo and the database server ready."""
    programs.ensure()
    postgres.start()


def port() -> int:
    value = os.environ.get("ODOO_PORT") or str(DEFAULT_PORT)
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise ProjectError(f"ODOO_PORT={value} is not a port: give a number from 1024 to 65535.")
    return int(value)


def environment(config: Path | None = None) -> dict[str, str]:
    """Return the environment for ``python -m odoo`` and for Python code that imports odoo."""
    own = {
        "PYTHONPATH": os.pathsep.join(
            map(str, (odoo_source.python_path(), CHECKOUT, CHECKOUT / "scripts"))
        ),
        "ODOO_RC": str(config or write_config("odoo", port())),
        "PATH": os.pathsep.join(
            [str(python_env.folder() / "bin"), os.environ.get("PATH", ""), str(postgres.programs())]
        ),
        "VIRTUAL_ENV": str(python_env.folder()),
        "PYTHONNOUSERSITE": "1",
    }
    return os.environ | own | postgres.environment()


def write_config(name: str, http_port: int) -> Path:
    """Write one configuration file; the server's address goes through libpq's own variables."""
    addons = [*odoo_source.addons_folders(), CHECKOUT]
    text = (
        "[options]\n"
        f"addons_path = {','.join(map(str, addons))}\n"
        f"data_dir = {data_folder()}\n"
        "http_interface = 127.0.0.1\n"
        f"http_port = {http_port}\n"
        "db_template = template0\n"
    )
    path = state() / f"{name}.conf"
    if not path.exists() or path.read_text() != text:
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(text)
        part.replace(path)
    return path


def free_port() -> int:
    """Return a port nobody listens on, so that several runs don't meet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
