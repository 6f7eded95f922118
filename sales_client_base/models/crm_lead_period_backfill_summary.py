"""What each deal's tracked changes add up to, and where they don't fit together."""

from odoo import api, models
from odoo.tools import SQL

from .crm_lead_period_backfill_collect import INTEGERS, KINDS, STATUSES, TYPES

# These are compared with the deal as it is; the stage and the won status have rules of their own.
PLAIN = ("user_id", "team_id", "partner_id", "active", "type", "lost_reason_id")
CHAINED = ("stage_id", "user_id", "team_id", "active", "type")


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _sql_backfill_summary(self) -> SQL:
        """Return a SELECT, per deal, of its first values and of what trackings don't explain.

        Writes without tracking (imports, other modules' code) leave the deal in another state than
        its last tracking says: ``is_stage_off``, ``is_close_off``, ``is_rest_off``, each with the
        best guess of when that happened. Nothing is guessed earlier than the last tracked change.
        """
        return SQL(
            """
            WITH total AS (%(totals)s),
                 compared AS (
                     SELECT deal.*, total.*,
                            COALESCE(total.stage_changed_at, deal.create_date) AS stage_floor,
                            deal.is_end_known
                                AND total.last_stage_id <> %(end_stage)s AS is_stage_off,
                            deal.is_end_known AND (%(is_rest_off)s) AS is_rest_off,
                            deal.is_end_known AND (%(is_close_off)s) AS is_close_off
                       FROM ledger_deal AS deal
                  LEFT JOIN total ON total.total_lead_id = deal.lead_id)
            SELECT deal.lead_id,
                   deal.create_date,
                   deal.create_uid,
                   deal.write_uid,
                   COALESCE(deal.is_stage_off, FALSE) AS is_stage_off,
                   COALESCE(deal.is_close_off, FALSE) AS is_close_off,
                   COALESCE(deal.is_rest_off, FALSE) AS is_rest_off,
                   COALESCE(deal.is_broken, FALSE) AS is_broken,
                   tail.stage_at,
                   deal.closed_at,
                   GREATEST(deal.write_date, deal.last_at, tail.stage_at, tail.closed_at)
                       AS rest_at,
                   (%(end_status)s * deal.is_end_known::integer << 3)
                       + (COALESCE(deal.is_close_off, FALSE)::integer << 2)
                       + COALESCE(deal.first_won_status, 0) AS hint,
                   1 + COALESCE(deal.status_count, 0)
                       + COALESCE(deal.is_stage_off, FALSE)::integer
                       + COALESCE(deal.is_close_off, FALSE)::integer
                       + COALESCE(deal.is_rest_off, FALSE)::integer AS status_count,
                   %(ends)s,
                   %(starts)s
              FROM compared AS deal
        CROSS JOIN LATERAL (
                   SELECT CASE WHEN deal.is_stage_off THEN GREATEST(deal.stage_floor,
                              CASE WHEN deal.won_status = 'won'
                                  AND deal.closed_at > deal.stage_floor
                                   THEN deal.closed_at
                                   ELSE COALESCE(deal.stage_at, deal.write_date) END) END
                                       AS stage_at,
                          CASE WHEN deal.is_close_off THEN deal.closed_at END AS closed_at) AS tail
            """,
            totals=self._sql_backfill_totals(),
            end_stage=self._sql_backfill_end("stage_id"),
            end_status=self._sql_backfill_end("won_status"),
            is_rest_off=self._sql_backfill_is_rest_off(),
            is_close_off=self._sql_backfill_is_close_off(),
            ends=SQL(", ").join(
                SQL("%s AS %s", self._sql_backfill_end(name), SQL.identifier("end_" + name))
                for name in KINDS
            ),
            starts=SQL(", ").join(
                SQL(
                    "COALESCE(%s, %s) AS %s",
                    SQL.identifier("deal", "first_" + name),
                    # A deal whose loss no tracking tells of was not archived before.
                    SQL("GREATEST(%s, deal.is_close_off::integer)", self._sql_backfill_end(name))
                    if name == "active"
                    else self._sql_backfill_end(name),
                    SQL.identifier("start_" + name),
                )
                for name in KINDS
                if name != "won_status"
            ),
        )

    @api.model
    def _sql_backfill_totals(self) -> SQL:
        """Return a SELECT of first and last tracked values per deal, in one pass."""
        columns = [
            SQL(
                """(MIN(rank << 32 | old_value) FILTER (WHERE kind = %(kind)s) &
                4294967295)::integer
                       AS %(first)s,
                   (MAX(rank << 32 | new_value) FILTER (WHERE kind = %(kind)s AND NOT is_late)
                       & 4294967295)::integer AS %(last)s""",
                kind=kind,
                first=SQL.identifier("first_" + name),
                last=SQL.identifier("last_" + name),
            )
            for name, kind in INTEGERS.items()
        ]
        return SQL(
            """
            SELECT lead_id AS total_lead_id,
                   (MIN(ARRAY[rank::float8, old_amount]) FILTER (WHERE kind = %(revenue)s))[2]
                       AS first_expected_revenue,
                   (MAX(ARRAY[rank::float8, new_amount])
                       FILTER (WHERE kind = %(revenue)s AND NOT is_late))[2]
                       AS last_expected_revenue,
                   MAX(at) FILTER (WHERE NOT is_late) AS last_at,
                   MAX(at) FILTER (WHERE NOT is_late AND kind = %(stage)s) AS stage_changed_at,
                   MAX(at) FILTER (WHERE NOT is_late
                       AND kind = ANY(%(status_kinds)s)) AS status_changed_at,
                   COUNT(*) FILTER (WHERE NOT is_late
                       AND kind = ANY(%(status_kinds)s)) AS status_count,
                   MAX(rank) FILTER (WHERE NOT is_late
                       AND kind IN (%(stage)s, %(active)s)) AS moved_rank,
                   MAX(rank) FILTER (WHERE NOT is_late AND kind = %(won)s) AS status_rank,
                   BOOL_OR(is_early OR old_gone IS NOT NULL OR new_gone IS NOT NULL) OR %(breaks)s
                       AS is_broken,
                   %(columns)s
              FROM ledger_change
          GROUP BY lead_id
            """,
            revenue=KINDS["expected_revenue"],
            stage=KINDS["stage_id"],
            active=KINDS["active"],
            won=KINDS["won_status"],
            status_kinds=[KINDS["stage_id"], KINDS["active"], KINDS["won_status"]],
            breaks=self._sql_backfill_breaks(),
            columns=SQL(", ").join(columns),
        )

    @api.model
    def _sql_backfill_breaks(self) -> SQL:
        """Return whether a change doesn't begin where the one before it ended.

        In an unbroken chain all steps add up to the way from the first value to the last.
        """
        return SQL(" OR ").join(
            SQL(
                """COALESCE(
                    SUM(new_value - old_value) FILTER (WHERE kind = %(kind)s) <>
                    (MAX(rank << 32 | new_value) FILTER (WHERE kind = %(kind)s) & 4294967295)
                    - (MIN(rank << 32 | old_value)
                        FILTER (WHERE kind = %(kind)s) & 4294967295), FALSE)""",
                kind=KINDS[name],
            )
            for name in CHAINED
        )

    @api.model
    def _sql_backfill_end(self, name: str) -> SQL:
        """Return the value of the field ``name`` with which the filled history of ``deal`` ends."""
        match name:
            case "active":
                return SQL("(NOT deal.is_archived)::integer")
            case "type":
                return self._sql_backfill_code("deal_type", TYPES)
            case "won_status":
                return self._sql_backfill_code("won_status", STATUSES)
            case "expected_revenue":
                return SQL("COALESCE(deal.expected_revenue, 0)::float8")
            case "lost_reason_id":
                return SQL("COALESCE(deal.lost_reason_id, 0)")
        column = "client" if name == "partner_id" else name.removesuffix("_id")
        return SQL("COALESCE(%s, 0)", SQL.identifier("deal", "origin_" + column + "_id"))

    @api.model
    def _sql_backfill_code(self, column: str, codes: dict[str, int]) -> SQL:
        whens = SQL(" ").join(SQL("WHEN %s THEN %s", code, value) for code, value in codes.items())
        return SQL("CASE %s %s END", SQL.identifier("deal", column), whens)

    @api.model
    def _sql_backfill_is_rest_off(self) -> SQL:
        """Return whether trackings end in another state than the deal's, stage apart."""
        off = [
            SQL("COALESCE(%s <> %s, FALSE)", SQL.identifier("total", "last_" + name), end)
            for name in PLAIN
            for end in [self._sql_backfill_end(name)]
        ]
        off.append(
            SQL(
                "COALESCE(ABS(total.last_expected_revenue - %s) >= 0.005, FALSE)",
                self._sql_backfill_end("expected_revenue"),
            )
        )
        off.append(
            SQL(
                """COALESCE(total.last_won_status <> %s
                            AND total.status_rank >= COALESCE(total.moved_rank, 0), FALSE)""",
                self._sql_backfill_end("won_status"),
            )
        )
        return SQL(" OR ").join(off)

    @api.model
    def _sql_backfill_is_close_off(self) -> SQL:
        """Return whether only ``closed_at`` tells when ``deal`` was won or lost.

        The date of closing is set seconds before the tracking is written; a minute is another
        event.
        """
        return SQL(
            """
            deal.won_status IN ('won', 'lost')
            AND deal.closed_at - INTERVAL '1 minute'
                > GREATEST(total.status_changed_at, deal.create_date)
            AND NOT COALESCE(total.last_won_status = %(status)s, FALSE)
            AND NOT COALESCE(deal.won_status = 'won' AND total.last_stage_id = %(stage)s, FALSE)
            AND NOT COALESCE(deal.won_status = 'lost' AND total.last_active = 0, FALSE)
            """,
            status=self._sql_backfill_end("won_status"),
            stage=self._sql_backfill_end("stage_id"),
        )
