"""The import of history, beside Odoo's plain ``create`` of as many deals without any history."""

from datetime import datetime, timedelta
from random import Random

from clock import BenchmarkError, peak_memory, reset_peak_memory, timed, undone
from table import beside, limited

DEALS = 30_000
ROWS = 100_000
SECONDS = 180
WHOLE_AT = 0.1  # from this scale on the file is a whole one
START = datetime(2024, 1, 1)  # noqa: DTZ001 (UTC without a zone, as Odoo stores it)
HOURS = 15_000  # from the first deal to the last


def run(env, scale):
    share = min(1, scale / WHOLE_AT)
    rows = _rows(env, int(DEALS * share), int(ROWS * share))
    deals = len({row["external_id"] for row in rows})
    importer = env["crm.lead.history.import"]
    importer.load_rows(rows[:50], dry_run=True)  # caches are warm
    with undone(env):
        plain = timed(lambda: _create(env, deals))
    reset_peak_memory()
    with undone(env):
        taken = timed(lambda: _load(env, rows, (deals, 0, 0)))
        memory = peak_memory()
        again = timed(lambda: _load(env, rows, (0, 0, deals)))
    what = f"history import, {len(rows):,} rows, {deals:,} deals"
    return [
        beside(what, taken, plain, SECONDS * share),
        beside(f"{what}, again", again, plain, SECONDS * share),
        limited("history import, peak memory of Odoo", memory, 1024, "MiB"),
    ]


def _load(env, rows: list[dict], expected: tuple[int, int, int]):
    report = env["crm.lead.history.import"].load_rows(rows)
    env.cr.flush()
    counts = tuple(report[key] for key in ("created", "updated", "unchanged"))
    if report["errors"] or counts != expected:
        raise BenchmarkError(f"{counts}, not {expected}: {report['errors'][:1]}")


def _create(env, count: int):
    """Create deals with their facts, Odoo computing nothing of what may be given."""
    stage = env["crm.stage"].search([("is_won", "=", False)], limit=1)
    leads = env["crm.lead"].with_context(tracking_disable=True)
    clients = env["res.partner"].search([("is_company", "=", True)], limit=1000).ids
    for first in range(0, count, 2000):
        leads.create(
            [
                {
                    "name": f"Deal {number}",
                    "type": "opportunity",
                    "company_id": env.company.id,
                    "team_id": False,
                    "user_id": env.uid,
                    "stage_id": stage.id,
                    "partner_id": clients[number % len(clients)],
                    "expected_revenue": 1000,
                    "probability": 0,
                    "automated_probability": 0,
                }
                for number in range(first, min(first + 2000, count))
            ]
        )
        env.flush_all()
        env.invalidate_all()
    env.cr.flush()


def _rows(env, deals: int, count: int) -> list[dict]:
    """Return stage entries of deals: two thirds of their clients are new, a third ended."""
    random = Random(42)  # the same file each time
    teams = env["crm.team"].search([("name", "like", "Team %")])
    people = [(user.login, team.name) for team in teams for user in team.member_ids]
    stages = env["crm.stage"].search([("is_won", "=", False)], limit=3).mapped("name")
    rows = []
    for deal in range(deals):
        steps = (deal + 1) * count // deals - deal * count // deals
        login, team = random.choice(people)
        at = START + timedelta(hours=random.randrange(HOURS))
        client = f"Client {random.randrange(1, 1000)}" if deal % 3 == 0 else f"New {deal // 4}"
        for step in range(steps):
            end = random.choice(("won", "lost", None)) if step == steps - 1 else None
            rows.append(
                {
                    "external_id": f"bench-{deal}",
                    "name": f"Deal {deal}",
                    "client": client,
                    "salesperson": login,
                    "team": team,
                    "stage": end or stages[step % len(stages)],
                    "entered_at": at.isoformat(),
                    "expected_revenue": random.randrange(1000, 100_000),
                    "lost_reason": "Too expensive" if end == "lost" else "",
                }
            )
            at += timedelta(minutes=random.randrange(60, 20_000))
    return rows
