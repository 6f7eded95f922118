"""The project around the addons: commands, messages, packaging, documents."""

import os
import re
import socket
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest
import yaml

from project import install_log, odoo_source, paths, programs, python_env
from project.check import count
from project.errors import NoNetworkError, ProjectError

TARGETS = ("run", "test", "lint", "test-odoo", "bench", "shell", "clean")
TIMEOUT = 120


def call(command, checkout, **environment):
    """Run a command of the project as a user would, and return its exit code and output."""
    done = subprocess.run(
        command,
        cwd=checkout,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


# messages


def test_a_taken_port_is_named_and_another_one_proposed(checkout):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        status, output = call(["make", "run", f"ODOO_PORT={port}"], checkout)
    assert status
    assert f"Port {port} is taken" in output
    assert f"ODOO_PORT={port + 1}" in output
    assert "Traceback" not in output


def test_a_wrong_port_is_refused(checkout):
    status, output = call(["make", "run", "ODOO_PORT=eighty"], checkout)
    assert status
    assert "ODOO_PORT=eighty is not a port" in output


def test_without_network_it_says_so_and_leaves_nothing_half_made(checkout, tmp_path):
    nowhere = "http://127.0.0.1:9"
    offline = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), nowhere)
    offline |= {"SALES_CACHE": str(tmp_path), "PIP_RETRIES": "1", "no_proxy": "", "ODOO_SOURCE": ""}
    offline["PIP_NO_CACHE_DIR"] = "1"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    status, output = call(["make", "run", f"ODOO_PORT={port}"], checkout, **offline)
    assert status
    assert "check the network" in output
    assert "Traceback" not in output
    for built in ("python", "odoo"):
        assert not [path for path in (tmp_path / built).iterdir() if path.is_dir()]


@pytest.mark.parametrize(
    ("explain", "output"),
    [
        (python_env._install_error, "NewConnectionError: failed to establish a connection"),
        (odoo_source._fetch_error, "E: Failed to fetch: Could not resolve"),
    ],
)
def test_a_failed_download_is_a_network_matter(explain, output):
    assert isinstance(explain(output), NoNetworkError)


def test_a_full_disk_is_not_taken_for_a_network_matter():
    for explain in (python_env._install_error, odoo_source._fetch_error):
        assert "disk is full" in str(explain("OSError: No space left on device"))


def test_an_unsupported_system_is_told_the_way_out(monkeypatch, tmp_path):
    (tmp_path / "os-release").write_text("ID=fedora\n")
    monkeypatch.setattr(odoo_source, "OS_RELEASE", tmp_path / "os-release")
    monkeypatch.delenv("ODOO_SOURCE", raising=False)
    with pytest.raises(ProjectError, match="set ODOO_SOURCE"):
        odoo_source.check()


def test_a_folder_that_is_not_odoo_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("ODOO_SOURCE", str(tmp_path))
    with pytest.raises(ProjectError, match="not a checkout of Odoo"):
        odoo_source.from_checkout()


def test_too_little_disk_is_found_before_anything_is_fetched(monkeypatch):
    usage = namedtuple("usage", "total used free")(10 * 2**30, 9 * 2**30, 2**30)
    monkeypatch.setattr(programs.shutil, "disk_usage", lambda _folder: usage)
    monkeypatch.setattr(python_env, "is_there", lambda: False)
    monkeypatch.setattr(odoo_source, "check", lambda: None)
    monkeypatch.setattr(python_env, "ensure", lambda: pytest.fail("fetched all the same"))
    with pytest.raises(ProjectError, match=r"1\.0 GB free and 4 GB are needed"):
        programs.ensure()


# what is built


def test_a_build_that_fails_is_not_taken_for_whole(tmp_path):
    def fail(half):
        (half / "first").write_text("x")
        raise ProjectError("cut short")

    with pytest.raises(ProjectError):
        paths.build_whole(tmp_path / "thing", fail)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_what_a_killed_build_left_is_cleared_away(tmp_path):
    left = tmp_path / ".thing.half-killed"
    left.mkdir()
    paths.build_whole(tmp_path / "thing", lambda half: (half / "all").write_text("x"))
    assert not left.exists()
    assert (tmp_path / "thing" / "all").read_text() == "x"


def test_changed_pins_make_another_environment(monkeypatch, tmp_path):
    before = python_env.folder()
    for name in python_env.REQUIREMENTS:
        (tmp_path / name).write_text("lxml==0\n")
    monkeypatch.setattr(python_env, "CHECKOUT", tmp_path)
    assert python_env.folder() != before


# commands


def test_every_target_is_explained_by_make_help(checkout):
    status, output = call(["make"], checkout)
    assert not status
    for target in TARGETS:
        assert re.search(rf"^  {target} +\w", output, re.MULTILINE), target


def test_scripts_pass_exit_codes_and_output_on(checkout):
    status, output = call(["scripts/py", "-c", "import odoo; print('here'); exit(7)"], checkout)
    assert (status, output.strip()) == (7, "here")
    status, _output = call(["scripts/odoo", "no-such-command"], checkout)
    assert status


GUARDED = """
import logging, unittest
def test_one():
    {body}
"""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("pass", 0),
        ("raise unittest.SkipTest('no reason')", 1),
        ("raise unittest.SkipTest('../shared/data is not there')", 0),
        ("logging.getLogger('odoo.x').warning('careful')", 1),
        ("logging.getLogger('odoo.x').info('fine')", 0),
    ],
)
def test_a_skip_or_a_warning_fails_the_run(checkout, tmp_path, body, status):
    (tmp_path / "test_it.py").write_text(GUARDED.format(body=body))
    command = ["python", "-m", "pytest", "-p", "no:odoo", "-p", "project.pytest_guard"]
    found, output = call([*command, "--rootdir", str(tmp_path), str(tmp_path)], checkout)
    assert found == status, output


def test_a_warning_of_an_installation_is_found():
    log = (
        "2026-01-01 10:00:00,000 1 INFO x odoo.modules: fine\n"
        "2026-01-01 10:00:00,000 1 WARNING x odoo.fields: bad\n"
    )
    assert install_log.problems(log) == [log.splitlines()[1]]


def test_a_run_that_dies_counts_as_a_failure(tmp_path):
    assert count(tmp_path / "none.xml", 2) == (0, 1)
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="5" failures="1" errors="0" skipped="1"/></testsuites>'
    )
    assert count(report, 1) == (3, 1)
    report.write_text(
        '<testsuites><testsuite tests="2" failures="0" errors="0" skipped="0"/></testsuites>'
    )
    assert count(report, 1) == (2, 1)


# packaging


def compose(checkout, tmp_path, **environment):
    # the developer's own .env must not change the outcome
    (tmp_path / "empty.env").touch()
    command = ["docker-compose", "--env-file", str(tmp_path / "empty.env"), "config"]
    return call(command, checkout, **environment)


def test_compose_serves_odoo_and_hides_the_database(checkout, tmp_path):
    status, output = compose(checkout, tmp_path, POSTGRES_PASSWORD="chosen")
    assert not status, output
    config = yaml.safe_load(output)
    database, odoo = config["services"]["db"], config["services"]["odoo"]
    assert database["image"] == "postgres:17"
    assert "ports" not in database
    assert database["environment"]["POSTGRES_PASSWORD"] == "chosen"
    assert odoo["environment"]["PASSWORD"] == "chosen"
    assert odoo["ports"] == ["127.0.0.1:8069:8069/tcp"]
    assert odoo["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert set(config["volumes"]) == {"db-data", "odoo-data"}
    for service in (database, odoo):
        assert service["healthcheck"]["test"]
        assert service["volumes"]


def test_compose_asks_for_a_password(checkout, tmp_path):
    status, output = compose(checkout, tmp_path, POSTGRES_PASSWORD="")
    assert status
    assert "set a password" in output


def test_the_image_holds_both_addons_and_starts_them(checkout):
    dockerfile = (checkout / "Dockerfile").read_text()
    assert dockerfile.startswith("FROM odoo:19.0\n")
    ignored = (checkout / ".dockerignore").read_text()
    for addon in paths.ADDONS:
        assert f"COPY {addon} " in dockerfile
        assert f"!{addon}\n" in ignored
    assert not call(["bash", "-n", "docker/start.sh"], checkout)[0]


def test_every_version_is_pinned(checkout):
    for name in python_env.REQUIREMENTS:
        for line in (checkout / name).read_text().splitlines():
            assert not line or line.startswith("#") or re.fullmatch(r"[\w.-]+==[\w.]+", line), line
    assert '"resolved"' not in (checkout / "package-lock.json").read_text()


# documents


def test_the_readme_is_short_and_names_real_commands(checkout):
    readme = (checkout / "README.md").read_text()
    assert len(readme.splitlines()) <= 150
    text = readme + (checkout / "CONTRIBUTING.md").read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert {"run", "test"} <= named <= set(TARGETS)


def test_links_between_documents_lead_somewhere(checkout):
    for name in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", (checkout / name).read_text()):
            assert (checkout / link).exists(), f"{name}: {link}"


def test_the_license_is_the_lesser_gpl(checkout):
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in (checkout / "LICENSE").read_text()


def test_scripts_stay_small(checkout):
    for path in Path(checkout / "scripts").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 300, path
