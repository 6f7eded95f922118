"""Moving deals to another stage with and without the deal ledger, in pairs."""

from statistics import median
from unittest.mock import patch

from clock import timed, undone
from table import Result, compared

ROUNDS = {1: 15, 1000: 3}
EXTRA_QUERIES = 2


def run(env, scale):
    results = []
    for is_tracked, limit in ((True, 1.2), (False, 2)):
        for count in (1, 1000):
            results += _compare(env, count, is_tracked, limit)
    return results


def _compare(env, count: int, is_tracked: bool, limit: float) -> list[Result]:
    with_ledger, without = [], []
    _write(env, count, is_tracked)  # caches and plans are warm for both
    for _round in range(ROUNDS[count]):
        with patch.object(type(env["crm.lead"]), "_ledger_watch", lambda self: []):
            without.append(_write(env, count, is_tracked))
        with_ledger.append(_write(env, count, is_tracked))
    what = (
        f"stage write, {count:,} deal{'s' * (count > 1)}, tracking {'on' if is_tracked else 'off'}"
    )
    ours, reference = (
        median(seconds for seconds, _queries in side) for side in (with_ledger, without)
    )
    queries = [median(queries for _seconds, queries in side) for side in (with_ledger, without)]
    extra = queries[0] - queries[1]
    return [
        compared(what, ours, reference, limit),
        Result(
            f"{what}: queries",
            f"{queries[0]:g}",
            f"{queries[1]:g}",
            f"+{extra:g}",
            f"≤ +{EXTRA_QUERIES}",
            extra <= EXTRA_QUERIES,
        ),
    ]


def _write(env, count: int, is_tracked: bool) -> tuple[float, int]:
    first, second = env["crm.stage"].search([("is_won", "=", False)], limit=2)
    context = {} if is_tracked else {"tracking_disable": True}
    with undone(env):
        deals = (
            env["crm.lead"]
            .with_context(**context)
            .search(
                [("stage_id", "=", first.id), ("won_status", "=", "pending")],
                order="id",
                limit=count,
            )
        )
        if len(deals) < count:
            raise AssertionError(f"only {len(deals)} deals to move")
        before = env.cr.sql_log_count

        def move():
            deals.write({"stage_id": second.id})
            env.cr.flush()

        return timed(move), env.cr.sql_log_count - before
