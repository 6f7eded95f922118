"""Odoo goes on working when our addons leave."""

import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
# what is left must create, move, merge and close deals, and show them
CHECK = """
env["crm.lead"].search([]).mapped("name")
stages = env["crm.stage"].search([("is_won", "=", False)])
deals = env["crm.lead"].create([{"name": f"After {i}", "type": "opportunity"} for i in range(3)])
deals.write({"stage_id": stages[-1].id})
deals[:2].merge_opportunity()
deals.exists()[:1].action_set_lost()
env["crm.lead"].get_views([(False, "kanban"), (False, "form"), (False, "list")])
env["res.partner"].create({"name": "After"}).write({"is_company": True})
assert not env["ir.model"].search([("model", "in", ["GONE"])])
env.cr.commit()
print("still works")
"""


@pytest.fixture(scope="module")
def database(checkout):
    """Return the name of a database with both addons and some deals."""
    import sys

    sys.path.insert(0, str(SCRIPTS))
    from project import databases

    name = "test_uninstall"
    databases.create(name, demo=False)
    yield name
    databases.drop(name)


def odoo(*arguments, text=None):
    return subprocess.run(
        [SCRIPTS / "odoo", *arguments], input=text, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("addon", "model"),
    [("sales_kpi", "sales.kpi.value"), ("sales_client_base", "crm.lead.period")],
)
def test_odoo_works_without(database, addon, model):
    gone = odoo("module", "uninstall", "-d", database, addon)
    assert gone.returncode == 0, gone.stderr[-3000:]
    assert " ERROR " not in gone.stderr, gone.stderr[-3000:]
    check = odoo("shell", "-d", database, "--no-http", text=CHECK.replace("GONE", model))
    assert "still works" in check.stdout, (check.stdout + check.stderr)[-3000:]
