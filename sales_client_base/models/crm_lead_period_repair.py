"""The nightly comparison of the deal ledger with the deals."""

import logging

from odoo import api, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _cron_repair(self):
        """Put right what raw SQL of other code did past the ledger, and keep the count."""
        self.env.flush_all()
        self.env["ledger.dispatcher"]._run()
        [[deals]] = self.env.execute_query(SQL("SELECT COUNT(*) FROM crm_lead"))
        orphaned = self._repair_deleted()
        missing, periods = self._repair_missing()
        different = self._repair_different()
        repaired = orphaned + missing + different
        self.env["ledger.repair"]._note(
            self._name,
            "repair",
            repaired_count=repaired,
            deal_count=deals,
            period_count=periods + different,
        )
        _logger.info(
            "Deal ledger compared with %s deals: %s without history, %s different, %s deleted",
            *(deals, missing, different, orphaned),
        )

    @api.model
    def _repair_missing(self) -> tuple[int, int]:
        """Write the history of deals that have none."""
        # The open periods have a small index: what has none is then looked up in the whole ledger.
        missing = SQL(
            """SELECT id FROM crm_lead AS lead
                WHERE NOT EXISTS (SELECT FROM crm_lead_period AS period
                                   WHERE period.origin_lead_id = lead.id
                                     AND period.date_to IS NULL
                                     AND period.voided_at IS NULL)
                  AND NOT EXISTS (SELECT FROM crm_lead_period AS period
                                   WHERE period.origin_lead_id = lead.id
                                     AND period.voided_at IS NULL)"""
        )
        # Counted: asked for the first one only, PostgreSQL looks up every deal by itself.
        [[count]] = self.env.execute_query(SQL("SELECT COUNT(*) FROM (%s) AS missing", missing))
        if not count:
            return 0, 0
        counts = self._backfill(missing, source="repair")
        return counts["deals"], counts["rows"]

    @api.model
    def _repair_different(self) -> int:
        """Record what the open periods don't say of their deals yet."""
        return self._record(SQL("SELECT id FROM crm_lead"), source="repair")

    @api.model
    def _repair_deleted(self) -> int:
        """End the open periods of deals that were deleted past the ledger; when, is not known."""
        rows = self.env.execute_query(
            SQL(
                """
                   WITH ended AS (
                        SELECT period.id, timeline.id AS timeline_id,
                               GREATEST(%(now)s, period.date_from) AS at,
                               COALESCE(company.sales_tz, 'UTC') AS tz
                          FROM crm_lead_period AS period
                     LEFT JOIN res_company AS company ON company.id = period.company_id
                     LEFT JOIN LATERAL (%(timeline)s) AS timeline ON TRUE
                         WHERE period.date_to IS NULL
                           AND period.voided_at IS NULL
                           AND NOT EXISTS (
                               SELECT FROM crm_lead AS lead WHERE lead.id = period.origin_lead_id))
                 UPDATE crm_lead_period AS period
                    SET date_to = ended.at,
                        end_reason = CASE WHEN period.origin_merged_into_id IS NULL
                                          THEN 'deleted' ELSE 'merged' END,
                        hours = EXTRACT(EPOCH FROM ended.at - period.date_from) / 3600.0,
                        work_hours = %(work_hours)s
                   FROM ended
                  WHERE period.id = ended.id
              RETURNING period.company_id,
                        (ended.at AT TIME ZONE 'UTC' AT TIME ZONE ended.tz)::date
                """,
                now=self._ledger_clock(),
                timeline=self.env["resource.calendar.timeline"]._sql_timeline_of(
                    SQL("period.user_id"), SQL("period.company_id")
                ),
                work_hours=self._sql_work_hours(
                    SQL("ended.timeline_id"), SQL("period.date_from"), SQL("ended.at")
                ),
            )
        )
        self.invalidate_model(flush=False)
        if rows:
            companies, days = (list(column) for column in zip(*set(rows), strict=True))
            self._touch_periods(
                SQL("SELECT * FROM unnest(%s::integer[], %s::date[])", companies, days)
            )
        return len(rows)
