"""The pipeline's kanban: what its view reads, with our stage time and without it."""

from statistics import median

from clock import BenchmarkError, timed
from lxml import etree
from table import compared

ROUNDS = 7
PAGE = 80
OURS = {"stage_work_days", "stage_norm_days", "stage_norm_state"}


def run(env, scale):
    ours, native = _specifications(env)
    times = {True: [], False: []}
    _read(env, ours)
    for _round in range(ROUNDS):
        for is_ours in (False, True):
            times[is_ours].append(timed(lambda spec=ours if is_ours else native: _read(env, spec)))
    return [compared("pipeline kanban, read", median(times[True]), median(times[False]), 1.2)]


def _specifications(env) -> tuple[dict, dict]:
    """Return the fields of the kanban view as the web client reads them, and without ours."""
    view = env.ref("crm.crm_case_kanban_view_leads")
    arch = env["crm.lead"].get_view(view.id, "kanban")["arch"]
    names = {node.get("name") for node in etree.fromstring(arch).iter("field")}
    if not names >= OURS:
        raise BenchmarkError(f"the kanban view does not show {', '.join(sorted(OURS - names))}")
    ours = {name: _nested(env["crm.lead"]._fields[name]) for name in sorted(names)}
    return ours, {name: spec for name, spec in ours.items() if name not in OURS}


def _nested(field) -> dict:
    return {"fields": {"display_name": {}}} if field.type in ("many2one", "many2many") else {}


def _read(env, specification: dict):
    env.invalidate_all()
    env["crm.lead"].web_read_group(
        [("type", "=", "opportunity")],
        ["stage_id"],
        ["expected_revenue:sum", "__count"],
        auto_unfold=True,
        unfold_read_specification=specification,
        unfold_read_default_limit=PAGE,
    )
