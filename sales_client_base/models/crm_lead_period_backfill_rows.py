"""The rows that the deal ledger's back-fill writes."""

from odoo import api, models
from odoo.tools import SQL

from .crm_lead_period_backfill_collect import KINDS

# Guessed events come after all messages of the same moment: message ids are 32-bit integers.
TAIL = 1 << 40
# 0 in the columns is "all kinds at once": the beginning of a deal, or a guessed end of its history.
CARRIED = tuple(name for name in KINDS if name not in ("won_status", "expected_revenue"))


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _sql_backfill_rows(self, source: str) -> SQL:
        """Return a SELECT of the periods, with the columns in the order of ``_backfill_insert``."""
        timeline = self.env["resource.calendar.timeline"]
        return SQL(
            """
            WITH event AS (%(events)s),
                 ranked AS (
                     SELECT event.*,
                            DENSE_RANK() OVER timeline AS rank,
                            LEAD(grp) OVER timeline AS next_grp,
                            LEAD(at) OVER timeline AS next_at
                       FROM event
                     WINDOW timeline AS (PARTITION BY lead_id ORDER BY at, grp)),
                 carried AS (%(carried)s),
                 state AS (%(states)s),
                 compared AS (
                     SELECT state.*,
                            LAG(stage_id) OVER timeline AS old_stage_id,
                            LAG(status) OVER timeline AS old_status,
                            LAG(ROW(%(rest)s)) OVER timeline AS old_rest,
                            LAG(lead_id) OVER timeline IS NULL AS is_first
                       FROM state
                     WINDOW timeline AS (PARTITION BY lead_id ORDER BY at, grp)),
                 period AS (
                     SELECT compared.*,
                            is_first OR old_stage_id <> stage_id AS is_entry,
                            MAX(at) FILTER (WHERE is_first OR old_stage_id <> stage_id)
                                OVER timeline
                                AS stage_entered_at,
                            MIN(at) FILTER (WHERE type = 2) OVER timeline AS qualified_at,
                            LEAD(at) OVER timeline AS date_to,
                            ROW_NUMBER() OVER (ORDER BY lead_id, at, grp) AS number
                       FROM compared
                      WHERE is_first
                         OR old_stage_id <> stage_id
                         OR old_status <> status
                         OR old_rest IS DISTINCT FROM ROW(%(rest)s)
                     WINDOW timeline AS (PARTITION BY lead_id ORDER BY at, grp)),
                 %(known)s,
                 author AS MATERIALIZED (
                     SELECT DISTINCT ON (partner_id) partner_id, id
                       FROM res_users ORDER BY partner_id, active DESC, id),
                 map AS MATERIALIZED (%(map)s),
                 clock AS MATERIALIZED (%(clock)s)
            %(projection)s
            """,
            events=self._sql_backfill_events(),
            carried=self._sql_backfill_carried(),
            states=self._sql_backfill_states(),
            rest=SQL(", ").join(
                SQL.identifier(name)
                for name in (*CARRIED, "expected_revenue")
                if name != "stage_id"
            ),
            known=self._sql_backfill_known(),
            map=timeline._sql_timeline_map(),
            clock=timeline._sql_timeline_arrays(),
            projection=self._sql_backfill_projection(source),
        )

    @api.model
    def _sql_backfill_events(self) -> SQL:
        """Return a SELECT of all events: beginnings, tracked changes, unexplained ends."""
        nothing = SQL(", ").join(SQL("NULL") for _name in KINDS)
        starts = SQL(", ").join(
            SQL(
                "%s AS %s",
                # The first status known of may be of much later: see ``_sql_backfill_states``.
                SQL("NULL::integer") if name == "won_status" else SQL.identifier("start_" + name),
                SQL.identifier("all_" + name),
            )
            for name in KINDS
        )
        ends = SQL(", ").join(SQL.identifier("end_" + name) for name in KINDS)
        return SQL(
            """
            SELECT lead_id, create_date AS at, 0::bigint AS grp, 0 AS kind,
                   NULL::integer AS author_id, create_uid AS actor_id,
                   NULL::integer AS value, NULL::float8 AS amount, hint,
                   status_count, %(starts)s
              FROM ledger_summary
         UNION ALL
            SELECT lead_id, at, message_id, kind, author_id, NULL, new_value, new_amount, NULL,
                   NULL, %(nothing)s
              FROM ledger_change
             WHERE NOT is_late
         UNION ALL
            SELECT lead_id, stage_at, %(tail)s, %(stage)s, NULL, write_uid, end_stage_id, NULL,
                   hint, status_count, %(nothing)s
              FROM ledger_summary
             WHERE is_stage_off
         UNION ALL
            SELECT lead_id, closed_at, %(tail)s + 1, 0, NULL, write_uid, NULL, NULL, hint,
                   status_count, %(ends)s
              FROM ledger_summary
             WHERE is_close_off
         UNION ALL
            SELECT lead_id, rest_at, %(tail)s + 2, 0, NULL, write_uid, NULL, NULL, hint,
                   status_count, %(ends)s
              FROM ledger_summary
             WHERE is_rest_off
            """,
            starts=starts,
            ends=ends,
            nothing=nothing,
            tail=TAIL,
            stage=KINDS["stage_id"],
        )

    @api.model
    def _sql_backfill_carried(self) -> SQL:
        """Return a SELECT of the state after each event, in one sorted pass."""
        return SQL(
            """
            SELECT lead_id, at, grp, author_id, actor_id, rank,
                   next_grp IS NULL
                       OR (next_grp <> grp AND NOT (next_grp >= %(tail)s
                           AND next_at = at)) AS is_last,
                   %(values)s,
                   (MAX(ARRAY[rank::float8,
                              CASE kind WHEN 0 THEN all_expected_revenue ELSE amount END])
                       FILTER (WHERE kind IN (0, %(revenue)s))
                           OVER timeline)[2] AS expected_revenue,
                   MAX(rank << 32 | CASE kind WHEN 0 THEN all_won_status ELSE value END)
                       FILTER (WHERE kind IN (0, %(won)s)) OVER timeline AS status_code,
                   MAX(rank) FILTER (WHERE kind IN (0, %(stage)s, %(active)s))
                       OVER timeline AS moved_rank,
                   -- counted, for the last one's rank would take a pass of its own over all events
                   COUNT(*) FILTER (WHERE kind IN (0, %(stage)s, %(active)s, %(won)s))
                       OVER timeline >= MAX(status_count) OVER timeline AS is_status_last,
                   MAX(hint) OVER timeline AS hint
              FROM ranked
            WINDOW timeline AS (PARTITION BY lead_id ORDER BY at, grp)
            """,
            values=SQL(", ").join(
                SQL(
                    """(MAX(rank << 32 | CASE kind WHEN 0 THEN %(all)s ELSE value END)
                            FILTER (WHERE kind IN (0, %(kind)s)) OVER timeline
                        & 4294967295)::integer AS %(name)s""",
                    all=SQL.identifier("all_" + name),
                    kind=KINDS[name],
                    name=SQL.identifier(name),
                )
                for name in CARRIED
            ),
            tail=TAIL,
            revenue=KINDS["expected_revenue"],
            won=KINDS["won_status"],
            stage=KINDS["stage_id"],
            active=KINDS["active"],
        )

    @api.model
    def _sql_backfill_states(self) -> SQL:
        """Return a SELECT of one state per message, with its won status (1 pending, 2 won, 3 lost).

        The status is the tracked one, if nothing that bears on it changed since; after the last
        such change it is the one with which the history ends; else it stays as tracked since the
        database tracks it; before that it follows from stage and archiving.
        """
        return SQL(
            """
            SELECT carried.*,
                   CASE WHEN status_code >> 32 >= moved_rank
                       THEN (status_code & 4294967295)::integer
                        WHEN is_status_last AND hint >= 8 THEN hint >> 3
                        WHEN carried.at >= era.at
                            AND COALESCE(status_code, NULLIF(hint & 3, 0)) IS NOT NULL
                        THEN COALESCE((status_code & 4294967295)::integer, hint & 3)
                        WHEN hint & 4 > 0 AND moved_rank = 1 THEN 1
                        WHEN active = 0 AND (lost_reason_id > 0 OR NOT is_won) THEN 3
                        WHEN is_won THEN 2
                        ELSE 1
                    END AS status
              FROM carried
        CROSS JOIN (SELECT MIN(at) AS at FROM ledger_change WHERE kind = %(won)s) AS era
        CROSS JOIN LATERAL (
                   SELECT carried.stage_id IN (SELECT id FROM crm_stage WHERE is_won) AS is_won)
                       AS stage
             WHERE is_last
            """,
            won=KINDS["won_status"],
        )
