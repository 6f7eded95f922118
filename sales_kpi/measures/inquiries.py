"""How deals begin: inquiries, qualification, and what became of each cohort."""

from odoo.tools import SQL

from .base import COUNT, Context, Family, Measure, count, local_day, merged_duplicates, money, total


def first_events(context: Context, event: SQL, moment: SQL) -> SQL:
    """Return a SELECT of each deal's first row ``period`` for which ``event`` holds.

    The owner is the one at that event, else the first the deal ever got. Merged deals count once.
    """
    return SQL(
        """
        SELECT DISTINCT ON (period.origin_lead_id)
               period.id AS row_id,
               period.origin_lead_id,
               period.company_id,
               COALESCE(period.team_id, later.team_id) AS team_id,
               COALESCE(period.user_id, later.user_id) AS user_id,
               NULL::integer AS stage_id,
               %(day)s AS day,
               %(amount)s AS amount
          FROM crm_lead_period AS period
          JOIN res_company AS company ON company.id = period.company_id
     LEFT JOIN LATERAL (
               SELECT owned.user_id, owned.team_id
                 FROM crm_lead_period AS owned
                WHERE period.user_id IS NULL
                  AND owned.origin_lead_id = period.origin_lead_id
                  AND owned.user_id IS NOT NULL
                  AND owned.voided_at IS NULL
             ORDER BY owned.date_from, owned.id
                LIMIT 1) AS later ON TRUE
         WHERE period.voided_at IS NULL
           AND %(event)s
           AND %(moment)s >= %(lower)s
           AND %(moment)s < %(upper)s
           AND period.origin_lead_id NOT IN (%(duplicates)s)
      ORDER BY period.origin_lead_id, period.date_from, period.id
        """,
        day=local_day(moment),
        amount=money(SQL("period.expected_revenue"), local_day(moment)),
        event=event(SQL("period")),
        moment=moment,
        lower=context.lower,
        upper=context.upper,
        duplicates=merged_duplicates(event(SQL("first"))),
    )


def is_created(row: SQL) -> SQL:
    return SQL("%s.direction = 'created'", row)


def is_qualified(row: SQL) -> SQL:
    return SQL("(%(row)s.qualified_at = %(row)s.date_from)", row=row)


def created(context: Context) -> SQL:
    return first_events(context, is_created, SQL("period.date_from"))


def qualified(context: Context) -> SQL:
    return first_events(context, is_qualified, SQL("period.date_from"))


def cohort(context: Context) -> SQL:
    """Return the qualified deals with what became of them, or of the deal they were merged into."""
    return SQL(
        """
        SELECT opened.*,
               last.won_status = 'won' AS is_won,
               last.won_status = 'pending' AND last.date_to IS NULL AND NOT last.is_archived
                   AS is_open
          FROM (%(qualified)s) AS opened
     LEFT JOIN crm_lead_period AS ended
            ON ended.origin_lead_id = opened.origin_lead_id
           AND ended.end_reason = 'merged'
           AND ended.voided_at IS NULL
     LEFT JOIN crm_lead_period AS last
            ON last.origin_lead_id = COALESCE(ended.origin_merged_into_id, opened.origin_lead_id)
           AND (last.date_to IS NULL OR last.end_reason IN ('deleted', 'merged'))
           AND last.voided_at IS NULL
        """,
        qualified=qualified(context),
    )


ALL = SQL("TRUE")
WON = SQL("seen.is_won")
OPEN = SQL("seen.is_open")

INQUIRIES = Family("inquiries", created, {"new_inquiries": Measure(COUNT, ALL)}, is_additive=True)
QUALIFIED = Family(
    "qualified",
    qualified,
    {"pipeline_created": Measure(total(SQL("seen.amount"), ALL), ALL)},
    is_additive=True,
)
COHORT = Family(
    "cohort",
    cohort,
    {
        "cohort_win_rate": Measure(count(WON), ALL, COUNT, scale=100.0),
        "cohort_open_share": Measure(count(OPEN), ALL, COUNT, scale=100.0),
    },
    is_additive=True,
    is_followed_up=True,
)
