"""The state at a moment: what is open at a period's end, what was expected at its beginning."""

from odoo.tools import SQL

from .base import COUNT, Context, Family, Measure, count, local_day, money, total

IS_OPEN = SQL(
    """period.won_status = 'pending' AND NOT COALESCE(period.is_archived, FALSE)
       AND period.deal_type = 'opportunity' AND period.voided_at IS NULL"""
)


def open_at_end(context: Context) -> SQL:
    """Return each open deal once per wanted period at whose end, or now, it is open.

    The ends of a row's periods lie between the period of its beginning and that of its own end.
    """
    return SQL(
        """
        SELECT period.id AS row_id,
               period.company_id,
               period.team_id,
               period.user_id,
               NULL::integer AS stage_id,
               wanted.date_from AS day,
               wanted.period_type,
               wanted.date_from AS bucket,
               %(amount)s AS amount
          FROM crm_lead_period AS period
          JOIN res_company AS company ON company.id = period.company_id
    CROSS JOIN LATERAL (SELECT %(from_day)s AS from_day, %(to_day)s AS to_day, %(today)s AS today)
                       AS days
          JOIN wanted
            ON wanted.company_id = period.company_id
           AND wanted.date_to > days.from_day
           AND wanted.date_from <= days.today
           AND (days.to_day IS NULL OR wanted.date_to <= days.to_day)
         WHERE %(is_open)s
           AND period.date_from < %(upper)s
           AND (period.date_to IS NULL OR period.date_to >= %(lower)s)
           AND (period.date_to IS NULL OR days.from_day < days.to_day)
        """,
        amount=money(SQL("period.expected_revenue"), SQL("LEAST(wanted.date_to - 1, days.today)")),
        from_day=local_day(SQL("period.date_from")),
        to_day=local_day(SQL("period.date_to")),
        today=local_day(SQL("%s::timestamp", context.now)),
        is_open=IS_OPEN,
        lower=context.lower,
        upper=context.upper,
    )


def expected_at_start(context: Context) -> SQL:
    """Return the deals open and expected in a period when it began, and whether it lost them."""
    return SQL(
        """
        SELECT period.id AS row_id,
               period.company_id,
               period.team_id,
               period.user_id,
               NULL::integer AS stage_id,
               wanted.date_from AS day,
               wanted.period_type,
               wanted.date_from AS bucket,
               COALESCE(late.is_pushed, FALSE) AS is_pushed
          FROM crm_lead_period AS period
    CROSS JOIN (VALUES ('week'), ('month'), ('quarter'), ('year')) AS kind (period_type)
          JOIN wanted
            ON wanted.company_id = period.company_id
           AND wanted.period_type = kind.period_type
           AND wanted.date_from =
               date_trunc(kind.period_type, period.date_deadline::timestamp)::date
     LEFT JOIN LATERAL (
               SELECT last.won_status = 'pending'
                      AND last.end_reason IS DISTINCT FROM 'deleted'
                      AND NOT COALESCE(last.is_archived, FALSE)
                      AND (last.date_deadline IS NULL OR last.date_deadline >= wanted.date_to)
                          AS is_pushed
                 FROM crm_lead_period AS last
                WHERE last.origin_lead_id = period.origin_lead_id
                  AND last.date_from < wanted.ends_at
                  AND last.voided_at IS NULL
             ORDER BY last.date_from DESC, last.id DESC
                LIMIT 1) AS late ON TRUE
         WHERE %(is_open)s
           AND period.date_deadline IS NOT NULL
           AND period.date_from < wanted.starts_at
           AND (period.date_to IS NULL OR period.date_to >= wanted.starts_at)
           AND wanted.starts_at <= %(now)s
        """,
        is_open=IS_OPEN,
        now=context.now,
    )


ALL = SQL("TRUE")

OPEN = Family(
    "open",
    open_at_end,
    {
        "open_deals": Measure(COUNT, ALL),
        "open_pipeline": Measure(total(SQL("seen.amount"), ALL), ALL),
    },
    is_bucketed=True,
)
EXPECTED = Family(
    "expected",
    expected_at_start,
    {"slippage": Measure(count(SQL("seen.is_pushed")), ALL, COUNT, scale=100.0)},
    is_bucketed=True,
)
