"""The public sample of 8,800 deals (``maven_crm``) as rows for the import of history.

The folder with the data lies beside the checkout, ``shared/data``, or where ``SALES_DATA`` says.
"""

import csv
import json
import os
from datetime import date
from pathlib import Path

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
DATA = Path(os.environ.get("SALES_DATA") or BESIDE)
FOLDER = DATA / "maven_crm"
MISSING = f"the sample deals are not there: shared/data beside the checkout, or SALES_DATA ({DATA})"
# Deals in Prospecting have no date at all: they are given the day before the first one has.
UNDATED = date(2016, 10, 19)
PROSPECTING, ENGAGING = "Prospecting", "Engaging"


def is_there() -> bool:
    return (FOLDER / "sales_pipeline.csv").exists()


def read(name: str) -> list[dict]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def expected() -> dict:
    return json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def rows() -> list[dict]:
    """Return the rows of all deals: entered Prospecting or Engaging, then won or lost."""
    prices = {line["product"]: line["sales_price"] for line in read("products.csv")}
    managers = {line["sales_agent"]: line["manager"] for line in read("sales_teams.csv")}
    found = []
    for deal in read("sales_pipeline.csv"):
        product = {"GTXPro": "GTX Pro"}.get(deal["product"], deal["product"])
        common = {
            "external_id": deal["opportunity_id"],
            "name": f"{product} {deal['opportunity_id']}",
            "client": deal["account"],
            "salesperson": login(deal["sales_agent"]),
            "team": managers[deal["sales_agent"]],
        }
        is_open = deal["deal_stage"] in (PROSPECTING, ENGAGING)
        found.append(
            {
                **common,
                "stage": deal["deal_stage"] if is_open else ENGAGING,
                "entered_at": deal["engage_date"] or UNDATED.isoformat(),
                "expected_revenue": prices[product],
            }
        )
        if not is_open:
            found.append(
                {
                    **common,
                    "stage": deal["deal_stage"].lower(),
                    "entered_at": deal["close_date"],
                    "expected_revenue": deal["close_value"],
                }
            )
    return found


def login(agent: str) -> str:
    return agent.lower().replace(" ", ".") + "@maven.example"


def set_up(env) -> dict:
    """Make the sample's people, teams and stages; return ``{"agents", "teams", "stages"}``.

    Agents are found by their name, teams by their manager's. All times of the sample are days,
    taken as midnight UTC; the company's own days are made to begin then as well.
    """
    env.company.sales_tz = "UTC"
    lines = read("sales_teams.csv")
    agents = env["res.users"].create(
        [
            {
                "name": line["sales_agent"],
                "login": login(line["sales_agent"]),
                "group_ids": [(6, 0, env.ref("sales_team.group_sale_salesman").ids)],
            }
            for line in lines
        ]
    )
    by_name = {agent.name: agent for agent in agents}
    managers = list(dict.fromkeys(line["manager"] for line in lines))
    teams = env["crm.team"].create(
        [{"name": manager, "company_id": env.company.id} for manager in managers]
    )
    stages = env["crm.stage"].create(
        [
            {"name": PROSPECTING, "sequence": 1},
            {"name": ENGAGING, "sequence": 2},
            {"name": "Maven Won", "sequence": 3, "is_won": True, "team_ids": teams.ids},
        ]
    )
    return {
        "agents": by_name,
        "teams": {team.name: team for team in teams},
        "stages": {stage.name: stage for stage in stages},
    }
