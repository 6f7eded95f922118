"""How deals pass the stages: entries, conversion, time, moves back."""

from odoo.tools import SQL

from .base import COUNT, Context, Family, Measure, count, local_day, percentile, total


def entries(context: Context) -> SQL:
    """Return the stays that began, with what ended each: the deal's next entry into a stage."""
    return SQL(
        """
        SELECT period.id AS row_id,
               period.company_id,
               period.team_id,
               period.user_id,
               period.stage_id,
               %(day)s AS day,
               period.place = 1 AND NOT EXISTS (
                   SELECT FROM crm_lead_period AS earlier
                    WHERE earlier.origin_lead_id = period.origin_lead_id
                      AND earlier.origin_stage_id = period.origin_stage_id
                      AND earlier.date_from < %(lower)s
                      AND earlier.is_stage_entry
                      AND earlier.voided_at IS NULL) AS is_first,
               NOT period.stage_is_won AS can_advance,
               COALESCE(period.next_direction = 'forward' OR period.next_is_won, FALSE)
                   AS is_advanced
          FROM (SELECT entry.*,
                       row_number() OVER (
                           PARTITION BY entry.origin_lead_id, entry.origin_stage_id
                           ORDER BY entry.date_from, entry.id) AS place,
                       LEAD(entry.direction) OVER deal AS next_direction,
                       LEAD(entry.stage_is_won) OVER deal AS next_is_won
                  FROM crm_lead_period AS entry
                 WHERE entry.is_stage_entry
                   AND entry.date_from >= %(lower)s
                   AND entry.voided_at IS NULL
                WINDOW deal AS (PARTITION BY entry.origin_lead_id
                                ORDER BY entry.date_from, entry.id)) AS period
          JOIN res_company AS company ON company.id = period.company_id
         WHERE period.stage_id IS NOT NULL
           AND period.date_from < %(upper)s
        """,
        day=local_day(SQL("period.date_from")),
        lower=context.lower,
        upper=context.upper,
    )


def moves(context: Context) -> SQL:
    """Return the exits from stages, credited to who moved the deal."""
    return SQL(
        """
        SELECT period.id AS row_id,
               period.company_id,
               period.team_id,
               period.actor_id AS user_id,
               period.left_stage_id AS stage_id,
               %(day)s AS day,
               period.direction = 'backward' AS is_backward
          FROM (SELECT entry.*,
                       LAG(entry.stage_id) OVER (PARTITION BY entry.origin_lead_id
                                                 ORDER BY entry.date_from, entry.id)
                           AS left_stage_id
                  FROM crm_lead_period AS entry
                 WHERE (entry.date_to IS NULL OR entry.date_to >= %(lower)s)
                   AND entry.voided_at IS NULL) AS period
          JOIN res_company AS company ON company.id = period.company_id
         WHERE period.is_stage_entry
           AND period.left_stage_id IS NOT NULL
           AND period.direction IN ('forward', 'backward')
           AND period.date_from >= %(lower)s
           AND period.date_from < %(upper)s
        """,
        day=local_day(SQL("period.date_from")),
        lower=context.lower,
        upper=context.upper,
    )


def stays(context: Context) -> SQL:
    """Return the stays that ended with a move, one row per owner: the part that each one held.

    Team and company see the whole stay once, at the owner of the exit (``is_last``). Time after a
    win or a loss is no time in a stage.
    """
    return SQL(
        """
        SELECT MAX(period.id) AS row_id,
               stay.company_id,
               stay.team_id,
               period.user_id,
               stay.stage_id,
               %(day)s AS day,
               SUM(period.work_hours) AS part_hours,
               SUM(SUM(period.work_hours)) OVER (PARTITION BY stay.id) AS stay_hours,
               bool_or(period.id = stay.id) AS is_last
          FROM (SELECT id, origin_lead_id, stage_entered_at, origin_stage_id, stage_id,
                       company_id, team_id, date_to, next_is_entry
                  FROM (SELECT valid.*,
                               LEAD(valid.is_stage_entry) OVER (
                                   PARTITION BY valid.origin_lead_id
                                   ORDER BY valid.date_from, valid.id) AS next_is_entry
                          FROM crm_lead_period AS valid
                         WHERE (valid.date_to IS NULL OR valid.date_to >= %(lower)s)
                           AND valid.voided_at IS NULL) AS followed) AS stay
          JOIN res_company AS company ON company.id = stay.company_id
          JOIN crm_lead_period AS period
            ON period.origin_lead_id = stay.origin_lead_id
           AND period.stage_entered_at = stay.stage_entered_at
           AND period.origin_stage_id = stay.origin_stage_id
           AND period.voided_at IS NULL
           AND (period.won_status = 'pending' OR period.id = stay.id)
         WHERE stay.next_is_entry
           AND stay.stage_id IS NOT NULL
           AND stay.date_to >= %(lower)s
           AND stay.date_to < %(upper)s
      GROUP BY stay.id, stay.company_id, company.sales_tz, stay.team_id, stay.stage_id,
               stay.date_to, period.user_id
        """,
        day=local_day(SQL("stay.date_to")),
        lower=context.lower,
        upper=context.upper,
    )


ALL = SQL("TRUE")
FIRST = SQL("seen.is_first")
CAN = SQL("seen.can_advance")
LAST = SQL("seen.is_last")

ENTRIES = Family(
    "entries",
    entries,
    {
        "stage_entries": Measure(SQL("NULLIF(%s, 0)", count(FIRST)), FIRST),
        "stage_conversion": Measure(
            count(SQL("seen.can_advance AND seen.is_advanced")), CAN, count(CAN), scale=100.0
        ),
    },
    has_stage=True,
    is_additive=True,
    is_followed_up=True,
)
MOVES = Family(
    "moves",
    moves,
    {"regression_rate": Measure(count(SQL("seen.is_backward")), ALL, COUNT, scale=100.0)},
    has_stage=True,
    is_additive=True,
)


def hours(part: float) -> Measure:
    """Return the percentile of a stay: of the own parts for a person, else of whole stays."""

    def by_level(aggregate) -> SQL:
        return SQL(
            "CASE WHEN GROUPING(seen.user_id) = 0 THEN %s ELSE %s END",
            aggregate(SQL("seen.part_hours"), SQL("seen.user_id IS NOT NULL")),
            aggregate(SQL("seen.stay_hours"), LAST),
        )

    return Measure(
        by_level(total),
        ALL,
        by_level(lambda _column, condition: count(condition)),
        value=by_level(lambda column, condition: percentile(part, column, condition)),
    )


STAYS = Family(
    "stays",
    stays,
    {"stage_hours": hours(0.5), "stage_hours_p90": hours(0.9)},
    has_stage=True,
    has_exits=True,
)
