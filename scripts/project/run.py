"""``make run``: the demo company in a browser, and everything stopped again by Ctrl-C."""

import contextlib
import errno
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from . import console, databases, odoo_env, postgres, programs, python_env
from .errors import ProjectError
from .paths import lock, log_folder

DATABASE = "demo"
LOGINS = (
    ("head", "head of sales", "руководитель отдела продаж"),
    ("leader", "team leader", "руководитель группы"),
    ("anna", "salesperson", "менеджер по продажам"),
    ("boris", "salesperson", "менеджер по продажам"),
)
START_SECONDS = 120


def run(_args: list[str]) -> int:
    port = odoo_env.port()
    _check_free(port)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    programs.ensure()
    started_server = postgres.start()
    try:
        _prepare()
        return _serve(port)
    finally:
        # one that an earlier, killed run left is stopped too; one that others use is theirs
        if started_server or not postgres.is_used():
            postgres.stop()
        console.say("Everything is stopped.")


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise ProjectError(
                    f"Port {port} needs root: choose one from 1024, e.g. ODOO_PORT=8070."
                ) from None
            raise ProjectError(
                f"Port {port} is taken by another program: stop it, or choose another one: "
                f"make run ODOO_PORT={port + 1}"
            ) from None


def _prepare() -> None:
    with lock(f"database-{DATABASE}"):
        if not databases.exists(DATABASE):
            with console.step("Making the demo company (3 minutes, once)"):
                databases.create(DATABASE, demo=True)
        elif not databases.is_current(DATABASE):
            with console.step("The addons have changed: updating the demo company"):
                databases.update(DATABASE)


def _serve(port: int) -> int:
    log = log_folder() / "server.log"
    log.unlink(missing_ok=True)
    command = [str(python_env.python()), "-m", "odoo", "-d", DATABASE, "--no-database-list"]
    command += [f"--http-port={port}", f"--logfile={log}"]
    with log.open("a") as stream:  # for what is said before Odoo's log begins
        server = subprocess.Popen(
            command, env=odoo_env.environment(), stdout=stream, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_ready(server, port, log)
        _show_address(port)
        return server.wait()
    except KeyboardInterrupt:
        console.say("\nStopping …")
        return 0
    finally:
        _end(server)


def _wait_until_ready(server: subprocess.Popen, port: int, log) -> None:
    deadline = time.monotonic() + START_SECONDS
    with console.step("Starting Odoo"):
        while time.monotonic() < deadline:
            if server.poll() is not None:
                raise ProjectError(f"Odoo stopped at once; its log {log} ends:\n{_tail(log)}")
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/web/health", timeout=5).close()
                return
            time.sleep(0.3)
        raise ProjectError(
            f"Odoo did not answer within {START_SECONDS} s; its log {log} ends:\n{_tail(log)}"
        )


def _tail(log) -> str:
    return console.last_lines(log.read_text("utf-8", "replace")) if log.exists() else ""


def _show_address(port: int) -> None:
    names = "\n".join(
        f"      {login:<8} {english} / {russian}" for login, english, russian in LOGINS
    )
    console.say(
        f"\n  Ready: open http://localhost:{port} and log in.\n"
        f"  Готово: откройте http://localhost:{port} и войдите.\n\n"
        f"    Login (the password is the same) / Логин (пароль такой же):\n{names}\n\n"
        "  Ctrl-C stops everything. / Ctrl-C останавливает всё.\n"
    )


def _end(server: subprocess.Popen) -> None:
    # the terminal has sent Ctrl-C to Odoo too; a second signal would cut its shutdown short
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(timeout=3)
        return
    server.terminate()
    try:
        server.wait(timeout=15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
