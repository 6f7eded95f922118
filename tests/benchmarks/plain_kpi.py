"""The indicators by hand: one aggregate over the ledger per family, of one kind of period.

No engine: one company, one currency, no merged deals, no stays shared by two owners. That is all
the reference company has, so the figures must come out the same; the reference is kept simple, to
our disadvantage.
"""

from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

STEPS = {"week": "1 week", "month": "1 month", "quarter": "3 months", "year": "1 year"}
USER = SQL("seen.user_id")
LEVELS = SQL("GROUPING SETS ((), (seen.team_id), (seen.user_id))")
COUNT = SQL("COUNT(*)")
NONE = SQL("NULL::float8")


class Span(NamedTuple):
    """One kind of period, from which day on, and what the company's clock says."""

    kind: str
    first: date
    today: date
    lower: SQL  # the moment, in UTC, at which the first day begins
    tz: str
    timeline_id: int
    day_hours: float
    work_seconds: object

    def day(self, moment: SQL) -> SQL:
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, self.tz)

    def bucket(self, day: SQL) -> SQL:
        return SQL("date_trunc(%s, (%s)::timestamp)", self.kind, day)


def inquiries(span: Span) -> SQL:
    return SQL(
        """
        SELECT %s AS bucket, user_id, team_id, NULL::integer AS stage_id
          FROM crm_lead_period
         WHERE direction = 'created' AND voided_at IS NULL AND date_from >= %s
        """,
        span.bucket(span.day(SQL("date_from"))),
        span.lower,
    )


def qualified(span: Span) -> SQL:
    return SQL(
        """
        SELECT %s AS bucket, user_id, team_id, NULL::integer AS stage_id,
               expected_revenue AS amount
          FROM crm_lead_period
         WHERE qualified_at = date_from AND voided_at IS NULL AND date_from >= %s
        """,
        span.bucket(span.day(SQL("date_from"))),
        span.lower,
    )


def cohort(span: Span) -> SQL:
    return SQL(
        """
        SELECT %s AS bucket, opened.user_id, opened.team_id, NULL::integer AS stage_id,
               last.won_status = 'won' AS is_won,
               last.won_status = 'pending' AND NOT last.is_archived AS is_open
          FROM crm_lead_period AS opened
          JOIN crm_lead_period AS last
            ON last.origin_lead_id = opened.origin_lead_id
           AND last.date_to IS NULL AND last.voided_at IS NULL
         WHERE opened.qualified_at = opened.date_from
           AND opened.voided_at IS NULL
           AND opened.date_from >= %s
        """,
        span.bucket(span.day(SQL("opened.date_from"))),
        span.lower,
    )


def closes(span: Span) -> SQL:
    at, qualified_at = SQL("closed.date_from"), SQL("closed.qualified_at")
    timeline = SQL("%s", span.timeline_id)
    return SQL(
        """
        SELECT %(bucket)s AS bucket, user_id, team_id, NULL::integer AS stage_id,
               outcome = 'won' AS is_won,
               expected_revenue AS amount,
               %(day)s - %(qualified_day)s AS calendar_days,
               CASE WHEN outcome = 'won'
                    THEN (%(to_seconds)s - %(from_seconds)s) / 3600.0 / %(day_hours)s END
                   AS working_days
          FROM (SELECT ended.*, LEAD(date_from) OVER (PARTITION BY origin_lead_id
                                                      ORDER BY date_from, id) AS undone_at
                  FROM crm_lead_period AS ended
                 WHERE outcome <> 'none' AND voided_at IS NULL AND date_from >= %(lower)s) AS closed
         WHERE outcome IN ('won', 'lost')
           AND deal_type = 'opportunity'
           AND (undone_at IS NULL OR %(undone_day)s >= %(bucket)s + %(step)s::interval)
        """,
        bucket=span.bucket(span.day(at)),
        day=span.day(at),
        qualified_day=span.day(qualified_at),
        undone_day=span.day(SQL("undone_at")),
        to_seconds=span.work_seconds(timeline, at),
        from_seconds=span.work_seconds(timeline, qualified_at),
        day_hours=span.day_hours,
        step=STEPS[span.kind],
        lower=span.lower,
    )


def entries(span: Span) -> SQL:
    return SQL(
        """
        SELECT %(bucket)s AS bucket, user_id, team_id, stage_id,
               place = 1 AND NOT EXISTS (
                   SELECT FROM crm_lead_period AS earlier
                    WHERE earlier.origin_lead_id = entry.origin_lead_id
                      AND earlier.origin_stage_id = entry.origin_stage_id
                      AND earlier.is_stage_entry
                      AND earlier.voided_at IS NULL
                      AND earlier.date_from < %(lower)s) AS is_first,
               NOT stage_is_won AS can_advance,
               next_direction = 'forward' OR next_is_won AS is_advanced
          FROM (SELECT origin_lead_id, origin_stage_id, stage_id, user_id, team_id, date_from,
                       stage_is_won,
                       row_number() OVER (PARTITION BY origin_lead_id, origin_stage_id
                                          ORDER BY date_from, id) AS place,
                       LEAD(direction) OVER deal AS next_direction,
                       LEAD(stage_is_won) OVER deal AS next_is_won
                  FROM crm_lead_period
                 WHERE is_stage_entry AND voided_at IS NULL AND date_from >= %(lower)s
                WINDOW deal AS (PARTITION BY origin_lead_id ORDER BY date_from, id)) AS entry
        """,
        bucket=span.bucket(span.day(SQL("date_from"))),
        lower=span.lower,
    )


def moves(span: Span) -> SQL:
    return SQL(
        """
        SELECT %(bucket)s AS bucket, actor_id AS user_id, team_id, left_id AS stage_id,
               direction = 'backward' AS is_backward
          FROM (SELECT date_from, actor_id, team_id, direction, is_stage_entry,
                       LAG(stage_id) OVER (PARTITION BY origin_lead_id
                                           ORDER BY date_from, id) AS left_id
                  FROM crm_lead_period
                 WHERE voided_at IS NULL AND (date_to IS NULL OR date_to >= %(lower)s)) AS entry
         WHERE is_stage_entry AND left_id IS NOT NULL AND date_from >= %(lower)s
        """,
        bucket=span.bucket(span.day(SQL("date_from"))),
        lower=span.lower,
    )


def stays(span: Span) -> SQL:
    return SQL(
        """
        SELECT %(bucket)s AS bucket, user_id, team_id, stage_id, work_hours
          FROM (SELECT date_to, user_id, team_id, stage_id, work_hours,
                       LEAD(is_stage_entry) OVER (PARTITION BY origin_lead_id
                                                  ORDER BY date_from, id) AS is_left
                  FROM crm_lead_period
                 WHERE voided_at IS NULL AND (date_to IS NULL OR date_to >= %(lower)s)) AS stay
         WHERE is_left AND date_to >= %(lower)s
        """,
        bucket=span.bucket(span.day(SQL("date_to"))),
        lower=span.lower,
    )


def opened(span: Span) -> SQL:
    """Return each open deal once per period at whose end, or now, it is open."""
    return SQL(
        """
        SELECT running.bucket, period.user_id, period.team_id, NULL::integer AS stage_id,
               period.expected_revenue AS amount
          FROM crm_lead_period AS period
    CROSS JOIN generate_series(
                   %(first)s,
                   LEAST(%(today)s::timestamp, %(last)s - %(step)s::interval),
                   %(step)s::interval) AS running (bucket)
         WHERE period.won_status = 'pending'
           AND NOT period.is_archived
           AND period.deal_type = 'opportunity'
           AND period.voided_at IS NULL
           AND (period.date_to IS NULL OR period.date_to >= %(lower)s)
        """,
        first=span.bucket(SQL("GREATEST(%s, %s)", span.day(SQL("period.date_from")), span.first)),
        last=span.bucket(span.day(SQL("period.date_to"))),
        step=STEPS[span.kind],
        today=span.today,
        lower=span.lower,
    )


def expected(span: Span) -> SQL:
    """Return the deals expected in a period at whose beginning they were open."""
    return SQL(
        """
        SELECT promise.bucket, period.user_id, period.team_id, NULL::integer AS stage_id,
               late.is_pushed
          FROM crm_lead_period AS period
    CROSS JOIN LATERAL (SELECT %(bucket)s AS bucket) AS promise
    CROSS JOIN LATERAL (
               SELECT last.won_status = 'pending' AND NOT last.is_archived
                      AND last.date_deadline >= promise.bucket + %(step)s::interval AS is_pushed
                 FROM crm_lead_period AS last
                WHERE last.origin_lead_id = period.origin_lead_id
                  AND last.date_from
                      < (promise.bucket + %(step)s::interval) AT TIME ZONE %(tz)s AT TIME ZONE 'UTC'
                  AND last.voided_at IS NULL
             ORDER BY last.date_from DESC, last.id DESC
                LIMIT 1) AS late
         WHERE period.won_status = 'pending'
           AND NOT period.is_archived
           AND period.deal_type = 'opportunity'
           AND period.voided_at IS NULL
           AND period.date_deadline >= %(first)s
           AND promise.bucket <= %(today)s
           AND period.date_from < promise.bucket AT TIME ZONE %(tz)s AT TIME ZONE 'UTC'
           AND (period.date_to IS NULL
                OR period.date_to >= promise.bucket AT TIME ZONE %(tz)s AT TIME ZONE 'UTC')
        """,
        bucket=span.bucket(SQL("period.date_deadline")),
        step=STEPS[span.kind],
        first=span.first,
        today=span.today,
        tz=span.tz,
    )
