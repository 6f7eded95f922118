"""``make test-odoo``: Odoo's own tests of the modules we extend, with both our addons installed."""

import re
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from . import console, databases, odoo_source, postgres, programs, tests
from .errors import ProjectError
from .paths import ADDONS

DATABASE = "test_odoo"
MODULES = ("crm", "sale_crm", "sale")
# its tests must run while it is installed: they fail where accounting already is, without us too
FRESH_DATABASE, FRESH_MODULE = "test_odoo_fresh", "sales_team"
FRESH_RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
# fail without our addons too; the last ones only sometimes, on a busy machine
KNOWN = {
    "TestImportFiles.test_import_quotation_template_xls",
    "TestLeadAssignPerf.test_assign_perf_no_duplicates",
    "TestUi.test_03_crm_tour_forecast",
}


def test_odoo(args: list[str]) -> int:
    """Run them all in one registry, so that even tests made for installation meet our code."""
    programs.ensure()
    started = postgres.start()
    try:
        with console.step("Making a database with our addons for Odoo's own tests"):
            databases.create(DATABASE, demo=True)
        return _judge(_run(args), (0, 0) if args else _run_fresh())
    finally:
        if started:
            postgres.stop()


def _run_fresh() -> tuple[int, int]:
    """Install everything into an empty database and run that module's tests on the way."""
    with console.step(f"Odoo's own tests of {FRESH_MODULE}, in a fresh database"):
        databases.drop(FRESH_DATABASE)
        options = ("--skip-auto-install", f"--test-tags=/{FRESH_MODULE}")
        try:
            output = databases.install(FRESH_DATABASE, ADDONS, True, "test-odoo-fresh", *options)
        except ProjectError as error:
            console.say(f"Error: {error}")
            return 0, 1
        databases.drop(FRESH_DATABASE)
    results = FRESH_RESULT.findall(output)
    failed, errors, total = map(int, results[-1]) if results else (1, 0, 1)
    return total - failed - errors, failed + errors


def _run(args: list[str]) -> tuple[int, set[str]]:
    addons = odoo_source.addons_folders()[-1 if not odoo_source.from_checkout() else 0]
    folders = [str(addons / module / "tests") for module in MODULES]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-p", "no:cacheprovider", f"--rootdir={addons}", f"--junitxml={report}"]
        tests.run(DATABASE, [*options, *(args or folders)], guarded=False)
        if not report.exists():
            return 0, {"Odoo's own tests did not run"}
        return _read(report)


def _read(report: Path) -> tuple[int, set[str]]:
    """Return how many tests passed, and the names of those that failed."""
    passed, failed = 0, set()
    for case in ET.parse(report).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed.add(f"{case.get('classname').rpartition('.')[2]}.{case.get('name')}")
        elif case.find("skipped") is None:
            passed += 1
    return passed, failed


def _judge(together: tuple[int, set[str]], fresh: tuple[int, int]) -> int:
    passed, failed = together
    for name in sorted(failed & KNOWN):
        console.say(f"Known to fail without our addons too: {name}")
    new = failed - KNOWN
    for name in sorted(new):
        console.say(f"Fails with our addons: {name}")
    sys.stderr.flush()
    print(f"{passed + fresh[0]} passed, {len(new) + fresh[1]} failed", flush=True)
    return 1 if new or fresh[1] or not passed else 0
