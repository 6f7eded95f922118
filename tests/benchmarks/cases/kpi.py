"""The computation of all indicators, for years and for the current month, beside plain SQL.

The plain statements compute the same values: first those of each person and month only, then of all
kinds of period, teams and the company too, kept in a table of the same make as ours.
"""

from datetime import UTC, date, datetime, time, timedelta

import generator
import pytz
from clock import BenchmarkError, timed
from dateutil.relativedelta import relativedelta
from plain_kpi import LEVELS, STEPS, USER, Span
from plain_kpi_statement import FAMILIES, insert
from table import Result, beside

from odoo.tools import SQL

FULL, CURRENT, RATIO = 180, 3, 1.5
PERIODS = {"36 months": (36, FULL), "12 months": (12, FULL), "current month again": (0, CURRENT)}


def run(env, scale):
    # imported here: while that code is broken, this case fails and the others run
    from odoo.addons.sales_kpi.periods import bucket_start

    generator.remember_deadlines(env)
    env.cr.commit()
    today = datetime.now(UTC).date()
    results = []
    for what, (months, limit) in PERIODS.items():
        first = today.replace(day=1) - relativedelta(months=months)
        if months:
            env.cr.execute(SQL("TRUNCATE sales_kpi_value CASCADE"))
        ours = timed(lambda first=first: _refresh(env, first, today + timedelta(days=1)))
        firsts = {kind: bucket_start(kind, first) for kind in STEPS}
        results += _beside_plain(env, what, ours, limit, firsts)
    return results


def _refresh(env, date_from, date_to):
    env["sales.kpi"].refresh_values(date_from, date_to)
    env.flush_all()
    env.cr.commit()


def _beside_plain(env, what: str, ours: float, limit: float, firsts: dict) -> list[Result]:
    spans = {kind: _span(env, kind, first) for kind, first in firsts.items()}
    people = sum(_plain(env, [spans["month"]], USER).values())
    families = _plain(env, spans.values(), LEVELS)
    values = _checked(env, spans)
    env.cr.rollback()
    slowest = sorted(families, key=families.get, reverse=True)
    print(
        f"Plain SQL of {what}:",
        ", ".join(f"{name} {families[name]:.2f} s" for name in slowest),
    )
    same = sum(families.values())
    return [
        beside(f"KPI, {what}, {values:,} values", ours, same, limit, RATIO),
        beside(f"KPI, {what}, beside SQL by person and month only", ours, people, limit),
    ]


def _plain(env, spans, by: SQL) -> dict[str, float]:
    """Return how long each family's statements take, all kinds of period together."""
    kpis = env["sales.kpi"]
    kpis._tune()  # the same memory for sorting as ours
    env.cr.execute(SQL("DROP TABLE IF EXISTS bench_value"))
    env.cr.execute(
        SQL(
            """CREATE TABLE bench_value
                   (LIKE sales_kpi_value INCLUDING DEFAULTS INCLUDING CONSTRAINTS
                    INCLUDING INDEXES,
                    FOREIGN KEY (kpi_id) REFERENCES sales_kpi,
                    FOREIGN KEY (user_id) REFERENCES res_users,
                    FOREIGN KEY (team_id) REFERENCES crm_team,
                    FOREIGN KEY (company_id) REFERENCES res_company,
                    FOREIGN KEY (stage_id) REFERENCES crm_stage)"""
        )
    )
    return {
        family.__name__: sum(
            timed(lambda span=span: env.cr.execute(insert("bench_value", family, span, by)))  # noqa: B023
            for span in spans
        )
        for family in FAMILIES
    }


def _span(env, kind: str, first: date) -> Span:
    company, timeline = env.company, env["resource.calendar.timeline"]
    zone = pytz.timezone(company.sales_tz)
    lower = zone.localize(datetime.combine(first, time.min)).astimezone(UTC).replace(tzinfo=None)
    query = timeline._sql_timeline_of(SQL("NULL::integer"), SQL("%s", company.id))
    [[timeline_id]] = env.execute_query(query)
    return Span(
        kind,
        first,
        datetime.now(UTC).astimezone(zone).date(),
        SQL("%s", lower),
        company.sales_tz,
        timeline_id,
        company.resource_calendar_id.hours_per_day or 8.0,
        timeline._sql_work_seconds,
    )


def _checked(env, spans) -> int:
    """Return the number of values; where the plain ones differ, ours were compared with others."""
    asked = SQL(" OR ").join(
        SQL("(period_type = %s AND date_from >= %s)", kind, span.first)
        for kind, span in spans.items()
    )
    rows = SQL("kpi_id, period_type, date_from, level, subject_id, COALESCE(stage_id, 0) AS stage")
    [[values, wrong]] = env.execute_query(
        SQL(
            """
            SELECT COUNT(ours.value),
                   COUNT(*) FILTER (
                       WHERE (ABS(ours.value - plain.value) < 0.001) IS NOT TRUE
                          OR ABS(ours.numerator - plain.numerator) >= 0.01
                          OR ABS(ours.denominator - plain.denominator) >= 0.01)
              FROM (SELECT %(rows)s, numerator, denominator, value
                      FROM sales_kpi_value WHERE %(asked)s) AS ours
         FULL JOIN (SELECT %(rows)s, numerator, denominator, value FROM bench_value) AS plain
             USING (kpi_id, period_type, date_from, level, subject_id, stage)
            """,
            rows=rows,
            asked=asked,
        )
    )
    if not values or wrong:
        raise BenchmarkError(f"{wrong:,} of {values:,} values differ from the plain ones")
    return values
