"""How deals end: won and lost, each once per period, at the last close not undone by its end."""

from odoo.tools import SQL

from .base import Context, Family, Measure, count, local_day, money, percentile, total


def closes(context: Context) -> SQL:
    """Return wins and losses; ``until_day`` is the day of the next win, loss or reopening."""
    at = SQL("period.date_from")
    return SQL(
        """
        SELECT period.id AS row_id,
               period.origin_lead_id,
               period.company_id,
               period.team_id,
               period.user_id,
               NULL::integer AS stage_id,
               %(day)s AS day,
               %(until_day)s AS until_day,
               %(amount)s AS amount,
               period.outcome = 'won' AS is_won,
               %(day)s - %(qualified_day)s AS calendar_days,
               CASE WHEN period.outcome = 'won' THEN
                    (%(to_seconds)s - %(from_seconds)s)
                    / 3600.0 / COALESCE(NULLIF(calendar.hours_per_day, 0), 8.0)
                END AS working_days
          FROM (SELECT closing.*,
                       LEAD(closing.date_from) OVER (
                           PARTITION BY closing.origin_lead_id
                           ORDER BY closing.date_from, closing.id) AS undone_at
                  FROM crm_lead_period AS closing
                 WHERE closing.outcome <> 'none'
                   AND closing.date_from >= %(lower)s
                   AND closing.voided_at IS NULL) AS period
          JOIN res_company AS company ON company.id = period.company_id
     LEFT JOIN resource_calendar AS calendar ON calendar.id = company.resource_calendar_id
     LEFT JOIN kpi_map AS own
            ON own.user_id = period.user_id AND own.company_id = period.company_id
     LEFT JOIN kpi_map AS common
            ON common.user_id IS NULL AND common.company_id = period.company_id
         WHERE period.outcome IN ('won', 'lost')
           AND period.deal_type = 'opportunity'
           AND period.date_from < %(upper)s
           AND NOT EXISTS (
               SELECT FROM crm_lead_period AS merged
                WHERE merged.origin_lead_id = period.origin_lead_id
                  AND merged.end_reason = 'merged'
                  AND merged.origin_merged_into_id IS NOT NULL
                  AND merged.voided_at IS NULL)
        """,
        day=local_day(at),
        until_day=local_day(SQL("period.undone_at")),
        amount=money(SQL("period.expected_revenue"), local_day(at)),
        qualified_day=local_day(SQL("period.qualified_at")),
        to_seconds=context.work_seconds(SQL("COALESCE(own.timeline_id, common.timeline_id)"), at),
        from_seconds=context.work_seconds(
            SQL("COALESCE(own.timeline_id, common.timeline_id)"), SQL("period.qualified_at")
        ),
        lower=context.lower,
        upper=context.upper,
    )


ALL = SQL("TRUE")
WON = SQL("seen.is_won")
LOST = SQL("NOT seen.is_won")
AMOUNT = SQL("seen.amount")
CALENDAR = SQL("seen.calendar_days")
WORKING = SQL("seen.working_days")


def some(condition: SQL) -> SQL:
    """Return a count that is empty where there is none."""
    return SQL("NULLIF(%s, 0)", count(condition))


CLOSES = Family(
    "closes",
    closes,
    {
        "deals_won": Measure(some(WON), WON),
        "deals_lost": Measure(some(LOST), LOST),
        "revenue_won": Measure(total(AMOUNT, WON), WON),
        "win_rate": Measure(count(WON), ALL, count(ALL), scale=100.0),
        "win_rate_value": Measure(
            SQL("COALESCE(%s, 0)", total(AMOUNT, WON)), ALL, total(AMOUNT, ALL), scale=100.0
        ),
        "deal_size": Measure(
            total(AMOUNT, WON), WON, some(WON), value=percentile(0.5, AMOUNT, WON)
        ),
        "deal_size_mean": Measure(total(AMOUNT, WON), WON, some(WON)),
        "sales_cycle_days": Measure(
            total(WORKING, WON), WON, some(WON), value=percentile(0.5, WORKING, WON)
        ),
        "sales_cycle_calendar_days": Measure(
            total(CALENDAR, WON), WON, some(WON), value=percentile(0.5, CALENDAR, WON)
        ),
        "sales_cycle_calendar_days_mean": Measure(total(CALENDAR, WON), WON, some(WON)),
    },
    has_until=True,
)
