"""The computation of all indicators, for three years and for the current month."""

from datetime import UTC, datetime, timedelta

from clock import BenchmarkError, timed
from dateutil.relativedelta import relativedelta
from table import limited

from odoo.tools import SQL

MONTHS = 36


def run(env, scale):
    today = datetime.now(UTC).date()
    month = today.replace(day=1)
    end = today + timedelta(days=1)
    env.cr.execute(SQL("TRUNCATE sales_kpi_value CASCADE"))
    full = timed(lambda: _refresh(env, month - relativedelta(months=MONTHS), end))
    [[values]] = env.execute_query(SQL("SELECT COUNT(*) FROM sales_kpi_value"))
    if not values:
        raise BenchmarkError("refresh_values wrote no values")
    current = timed(lambda: _refresh(env, month, end))
    return [
        limited(f"KPI, {MONTHS} months, {values:,} values", full, 180),
        limited("KPI, current month again", current, 3),
    ]


def _refresh(env, date_from, date_to):
    env["sales.kpi"].refresh_values(date_from, date_to)
    env.flush_all()
    env.cr.commit()
