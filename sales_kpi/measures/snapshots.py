"""The state at a moment: what is open at a period's end, what was expected at its beginning."""

from odoo.tools import SQL

from .base import COUNT, Context, Family, Measure, count, local_day, money, total

IS_OPEN = SQL(
    """period.won_status = 'pending' AND NOT COALESCE(period.is_archived, FALSE)
       AND period.deal_type = 'opportunity' AND period.voided_at IS NULL"""
)


def open_at_end(context: Context) -> SQL:
    """Return each open deal once per wanted period at whose end, or now, it is open."""
    return SQL(
        """
        SELECT period.id AS row_id,
               period.company_id,
               period.team_id,
               period.user_id,
               NULL::integer AS stage_id,
               wanted.date_from AS day,
               wanted.id AS wanted_id,
               1 AS number,
               %(amount)s AS amount
          FROM crm_lead_period AS period
          JOIN res_company AS company ON company.id = period.company_id
    CROSS JOIN LATERAL (SELECT %(from_day)s AS from_day, %(to_day)s AS to_day, %(today)s AS today)
                       AS days
          JOIN kpi_wanted AS wanted
            ON wanted.company_id = period.company_id
           AND wanted.date_to > days.from_day
           AND wanted.date_from <= days.today
           AND (days.to_day IS NULL OR wanted.date_to <= days.to_day)
         WHERE %(is_open)s
           AND period.date_from < %(upper)s
           AND (period.date_to IS NULL OR period.date_to >= %(first_end)s)
        """,
        amount=money(SQL("period.expected_revenue"), SQL("LEAST(wanted.date_to - 1, days.today)")),
        from_day=local_day(SQL("period.date_from")),
        to_day=local_day(SQL("period.date_to")),
        today=local_day(SQL("%s::timestamp", context.now)),
        is_open=IS_OPEN,
        first_end=context.first_end,
        upper=context.upper,
    )


def open_sums(context: Context) -> SQL:
    """Return the same as ``open_at_end``, summed per owner, team and currency.

    A deal open for a year stands at the end of some seventy periods. Instead of counting it at
    each, its beginning and its end are counted once, and summed up from period to period.
    """
    return SQL(
        """
        SELECT wanted.id AS wanted_id,
               period.company_id,
               period.team_id,
               period.user_id,
               NULL::integer AS stage_id,
               wanted.date_from AS day,
               period.number,
               CASE WHEN period.priced > 0 THEN %(amount)s END AS amount
          FROM (SELECT change.company_id, change.team_id, change.user_id, change.currency_id,
                       change.wanted_id,
                       SUM(SUM(change.number)) OVER so_far AS number,
                       SUM(SUM(change.priced)) OVER so_far AS priced,
                       SUM(SUM(change.amount)) OVER so_far AS amount
                  FROM (%(changes)s) AS change
                  JOIN kpi_wanted AS place ON place.id = change.wanted_id
              GROUP BY change.company_id, change.team_id, change.user_id, change.currency_id,
                       place.period_type, place.date_to, change.wanted_id
                WINDOW so_far AS (
                       PARTITION BY change.company_id, change.team_id, change.user_id,
                                    change.currency_id, place.period_type
                           ORDER BY place.date_to)) AS period
          JOIN kpi_wanted AS wanted ON wanted.id = period.wanted_id
          JOIN res_company AS company ON company.id = period.company_id
    CROSS JOIN LATERAL (SELECT %(today)s AS today) AS days
         WHERE period.number > 0
           AND wanted.date_from <= days.today
        """,
        amount=money(SQL("period.amount"), SQL("LEAST(wanted.date_to - 1, days.today)")),
        changes=_open_changes(context),
        today=local_day(SQL("%s::timestamp", context.now)),
    )


def _open_changes(context: Context) -> SQL:
    """Return how the open deals change up to each wanted period's end, and zero where they don't.

    A change belongs to the first end after its day.
    """
    return SQL(
        """
        WITH daily AS MATERIALIZED (%(daily)s)
        SELECT daily.company_id, daily.team_id, daily.user_id, daily.currency_id,
               kind.ids[width_bucket(daily.day, kind.ends) + 1] AS wanted_id,
               daily.number, daily.priced, daily.amount
          FROM daily
          JOIN (SELECT company_id,
                       array_agg(date_to ORDER BY date_to) AS ends,
                       array_agg(id ORDER BY date_to) AS ids
                  FROM kpi_wanted
              GROUP BY company_id, period_type) AS kind
            ON kind.company_id = daily.company_id
     UNION ALL
        SELECT owner.company_id, owner.team_id, owner.user_id, owner.currency_id, wanted.id,
               0, 0, 0
          FROM (SELECT DISTINCT company_id, team_id, user_id, currency_id FROM daily) AS owner
          JOIN kpi_wanted AS wanted ON wanted.company_id = owner.company_id
        """,
        daily=SQL(
            """
            SELECT period.company_id, period.team_id, period.user_id, period.currency_id,
                   %(day)s AS day,
                   SUM(edge.sign) AS number,
                   SUM(edge.sign) FILTER (WHERE period.expected_revenue IS NOT NULL) AS priced,
                   SUM(edge.sign * period.expected_revenue) AS amount
              FROM crm_lead_period AS period
              JOIN res_company AS company ON company.id = period.company_id
        CROSS JOIN LATERAL (VALUES (period.date_from, 1), (period.date_to, -1))
                        AS edge (at, sign)
             WHERE %(is_open)s
               AND edge.at IS NOT NULL
               AND period.date_from < %(upper)s
               AND (period.date_to IS NULL OR period.date_to >= %(first_end)s)
          GROUP BY period.company_id, period.team_id, period.user_id, period.currency_id, 5
            """,
            day=local_day(SQL("edge.at")),
            is_open=IS_OPEN,
            first_end=context.first_end,
            upper=context.upper,
        ),
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
               wanted.id AS wanted_id,
               COALESCE(late.is_pushed, FALSE) AS is_pushed
          FROM crm_lead_period AS period
          JOIN kpi_wanted_day AS expected
            ON expected.company_id = period.company_id AND expected.day = period.date_deadline
          JOIN kpi_wanted AS wanted ON wanted.id = expected.wanted_id
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
           AND period.date_deadline >= %(lower)s::date
           AND (period.date_to IS NULL OR period.date_to >= %(lower)s)
           AND period.date_from < wanted.starts_at
           AND (period.date_to IS NULL OR period.date_to >= wanted.starts_at)
           AND wanted.starts_at <= %(now)s
        """,
        is_open=IS_OPEN,
        lower=context.lower,
        now=context.now,
    )


ALL = SQL("TRUE")

OPEN = Family(
    "open",
    open_at_end,
    {
        "open_deals": Measure(total(SQL("seen.number"), ALL), ALL),
        "open_pipeline": Measure(total(SQL("seen.amount"), ALL), ALL),
    },
    is_bucketed=True,
    presummed=open_sums,
)
EXPECTED = Family(
    "expected",
    expected_at_start,
    {"slippage": Measure(count(SQL("seen.is_pushed")), ALL, COUNT, scale=100.0)},
    is_bucketed=True,
)
