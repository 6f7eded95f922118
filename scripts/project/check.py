"""``make test``: every check and every test, from nothing, and one closing line."""

import shutil
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from . import console, databases, lint, postgres, programs, tests
from .errors import ProjectError
from .paths import CHECKOUT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NEEDED = {
    "docker-compose": "docker-compose",
    "wkhtmltopdf": "wkhtmltopdf",
    "npm": "npm",
    "git": "git",
}


@dataclass
class Suite:
    """A group of tests that share a database."""

    name: str
    database: str
    demo: bool
    folders: tuple[str, ...]
    ignored: tuple[str, ...] = ()


SUITES = (
    Suite(
        "Tests of both addons",
        "test_sales",
        False,
        ("sales_client_base/tests", "sales_kpi/tests", "tests"),
        ("tests/browser", "tests/benchmarks"),
    ),
    Suite("Browser tests on the demo company", "test_demo", True, ("tests/browser",)),
)


def check(_args: list[str]) -> int:
    _check_programs()
    programs.ensure()
    started = postgres.start()
    try:
        return _check_all()
    finally:
        if started:
            postgres.stop()


def _check_programs() -> None:
    missing = [package for program, package in NEEDED.items() if not shutil.which(program)]
    if not any(shutil.which(browser) for browser in BROWSERS):
        missing.append("chromium")
    if missing:
        names = " ".join(missing)
        raise ProjectError(f"Some tests can't run without {names} (Debian: apt install {names}).")


def _check_all() -> int:
    for suite in SUITES:
        databases.drop(suite.database)
    outcomes = [("lint", *_lint())]
    outcomes += [(suite.name, *_run(suite)) for suite in SUITES]
    console.say("")
    for name, passed, failed in outcomes:
        console.say(f"{name}: {passed} passed, {failed} failed")
    passed, failed = (sum(outcome[index] for outcome in outcomes) for index in (1, 2))
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def _lint() -> tuple[int, int]:
    with console.step("Checks of the code"):
        failed = lint.lint([])
    return (0, 1) if failed else (1, 0)


def _run(suite: Suite) -> tuple[int, int]:
    console.say(f"\n• {suite.name} …")
    try:
        tests.prepare(suite.database, suite.demo)
    except ProjectError as error:
        console.say(f"Error: {error}")
        return 0, 1
    problems = databases.install_problems(suite.database)
    if problems:
        console.say(f"Installing our addons into '{suite.database}' logs this, so it fails:")
        console.say(console.last_lines("\n".join(problems), 40))
    passed, failed = _run_tests(suite)
    return passed, failed + len(problems)


def _run_tests(suite: Suite) -> tuple[int, int]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        ignored = [f"--ignore={CHECKOUT / path}" for path in suite.ignored]
        folders = [str(CHECKOUT / path) for path in suite.folders]
        status = tests.run(suite.database, ["-q", f"--junitxml={report}", *ignored, *folders])
        return count(report, status)


def count(report: Path, status: int) -> tuple[int, int]:
    """Return how many tests passed and failed; a run that ended badly otherwise is one failure."""
    if not report.exists():
        return 0, 1
    total = failed = skipped = 0
    for suite in ET.parse(report).getroot().iter("testsuite"):
        total += int(suite.get("tests"))
        failed += int(suite.get("failures")) + int(suite.get("errors"))
        skipped += int(suite.get("skipped"))
    return total - failed - skipped, failed or int(status != 0)
