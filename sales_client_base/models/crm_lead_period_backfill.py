"""The deal ledger's back-fill: years of history from what Odoo remembers, in one pass of SQL."""

import logging
from time import monotonic

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .crm_lead_period_backfill_projection import FURTHER_COLUMNS

_logger = logging.getLogger(__name__)

# Above this, an empty ledger is loaded without indexes and constraints, which are made afterwards.
BULK_DEALS = 5_000
# What joins and filters ask of the collected tables: statistics of all columns take a second more.
ANALYZED = {
    "ledger_deal": SQL("lead_id, end_at"),
    "ledger_change": SQL("lead_id, kind, is_late, old_gone, new_gone"),
    "ledger_summary": SQL("lead_id, is_stage_off, is_close_off, is_rest_off"),
}


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def action_backfill(self):
        """Build the history before the first live record of each deal again."""
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(
                self.env._("Only the head of sales can rebuild the history of deals.")
            )
        # The ledger is written by nobody but the system; the group was checked above.
        counts = self.sudo()._backfill()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("History rebuilt"),
                "message": self.env._(
                    "%(deals)s deals, %(rows)s periods, %(repaired)s deals with repaired history.",
                    **counts,
                ),
            },
        }

    @api.model
    def _backfill(self, lead_ids: SQL | None = None, source: str = "backfill") -> dict[str, int]:
        """Write the history of the deals ``lead_ids`` (a SELECT, all by default).

        Can be run again: it replaces only periods of this ``source`` that lie before the first
        period of another origin, and never those of deals that no longer exist.
        """
        started = monotonic()
        self.env.flush_all()
        self.env["ledger.dispatcher"]._run()
        # Waits for writers, and for another back-fill; readers go on.
        self.env.cr.execute(SQL("LOCK TABLE crm_lead_period IN SHARE ROW EXCLUSIVE MODE"))
        counts = self._backfill_collect(lead_ids or SQL("SELECT id FROM crm_lead"), source)
        is_bulk = self._is_bulk(counts["deals"])
        if is_bulk:
            self._drop_indexes()
        else:
            self._backfill_remove(source)
        counts["rows"] = self._backfill_insert(source, is_bulk)
        if is_bulk:
            self._restore_indexes()
        self._backfill_finish(source)
        if source == "backfill":
            self._backfill_note(counts, monotonic() - started)
        return counts

    @api.model
    def _is_bulk(self, deals: int) -> bool:
        """Return whether to make indexes and constraints after the load of that many deals."""
        return deals > BULK_DEALS and not self.env.execute_query(
            SQL("SELECT FROM crm_lead_period LIMIT 1")
        )

    @api.model
    def _backfill_collect(self, lead_ids: SQL, source: str) -> dict[str, int]:
        """Put deals, their tracked changes and a summary of these into temporary tables."""
        for table, select in (
            ("ledger_deal", self._sql_backfill_deals(lead_ids, source)),
            ("ledger_change", self._sql_backfill_changes()),
            ("ledger_summary", self._sql_backfill_summary()),
        ):
            self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(table)))
            self.env.cr.execute(
                SQL("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s", SQL.identifier(table), select)
            )
            rows = self.env.cr.rowcount
            self.env.cr.execute(SQL("ANALYZE %s (%s)", SQL.identifier(table), ANALYZED[table]))
            _logger.info("Deal ledger, %s: %s rows collected in %s", source, rows, table)
        [[deals, oldest, repaired, set_apart]] = self.env.execute_query(self._sql_backfill_counts())
        self.env["resource.calendar.timeline"]._ensure(oldest, self._ledger_clock())
        return {"deals": deals, "repaired": repaired, "set_apart": set_apart}

    @api.model
    def _backfill_remove(self, source: str):
        """Remove what is about to be written again."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM crm_lead_period AS period
                      USING ledger_deal AS deal
                      WHERE period.origin_lead_id = deal.lead_id
                        AND period.source = %s
                        AND period.voided_at IS NULL
                        AND (deal.end_at IS NULL OR period.date_to <= deal.end_at)
                """,
                source,
            )
        )

    @api.model
    def _backfill_insert(self, source: str, is_bulk: bool) -> int:
        # A deal that another transaction wrote meanwhile is left to it.
        conflict = SQL() if is_bulk else SQL("ON CONFLICT DO NOTHING")
        self.env.cr.execute(
            SQL(
                "INSERT INTO crm_lead_period (%s) %s %s",
                SQL(", ").join(
                    SQL.identifier(name) for name in (*self._insert_columns(), *FURTHER_COLUMNS)
                ),
                self._sql_backfill_rows(source),
                conflict,
            )
        )
        written = self.env.cr.rowcount
        self.env.cr.execute(
            SQL(
                """SELECT setval('crm_lead_period_id_seq', COALESCE(MAX(id), 1))
                     FROM crm_lead_period"""
            )
        )
        return written

    @api.model
    def _backfill_finish(self, source: str):
        """See to it that the open periods say what the deals say now, and tell who sums them up."""
        self.env.cr.execute(SQL("ANALYZE crm_lead_period"))
        self._record(SQL("SELECT lead_id FROM ledger_deal WHERE end_at IS NULL"), source=source)
        self._touch_periods(self._sql_backfill_days())
        self.invalidate_model(flush=False)
        self.env["crm.lead"].invalidate_model(["period_ids"], flush=False)

    @api.model
    def _backfill_note(self, counts: dict[str, int], seconds: float):
        self.env["ledger.repair"]._note(
            self._name,
            "backfill",
            repaired_count=counts["repaired"],
            deal_count=counts["deals"],
            period_count=counts["rows"],
            set_apart_count=counts["set_apart"],
        )
        _logger.info(
            "Deal ledger back-filled: %(deals)s deals, %(rows)s periods, %(repaired)s deals with "
            "repaired history, %(set_apart)s trackings of merged deals set apart, %(seconds).1f s",
            {**counts, "seconds": seconds},
        )
