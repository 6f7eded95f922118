"""The ledger's working hours, of periods that could not be measured when they ended."""

from odoo import api, models
from odoo.tools import SQL


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _fill_work_hours(self, lead_ids: list[int] | None = None) -> int:
        """Measure ended periods without working hours, and those of calendars that changed since.

        One statement for all. The live statement leaves them empty where no timeline is built yet.

        :param lead_ids: deals whose periods are looked at, without which the whole ledger is read
        """
        timeline = self.env["resource.calendar.timeline"]
        self.env.cr.execute(
            SQL(
                """
                WITH map AS MATERIALIZED (%(map)s),
                     measured AS (
                         SELECT period.id, %(hours)s AS work_hours
                           FROM crm_lead_period AS period
                      LEFT JOIN map AS own
                             ON own.user_id = period.user_id AND own.company_id = period.company_id
                           JOIN map AS common
                             ON common.user_id IS NULL AND common.company_id = period.company_id
                           JOIN resource_calendar_timeline AS timeline
                             ON timeline.id = COALESCE(own.timeline_id, common.timeline_id)
                          WHERE period.date_to IS NOT NULL
                            AND period.voided_at IS NULL
                            AND (period.work_hours IS NULL OR timeline.is_ledger_stale)
                            AND %(scope)s
                     )
                UPDATE crm_lead_period AS period
                   SET work_hours = measured.work_hours
                  FROM measured
                 WHERE measured.id = period.id
                   AND measured.work_hours IS NOT NULL
                   AND (period.work_hours IS NULL
                        OR ABS(period.work_hours - measured.work_hours) > 0.0001)
             RETURNING period.id
                """,
                scope=SQL("TRUE")
                if lead_ids is None
                else SQL("period.origin_lead_id = ANY(%s)", lead_ids),
                map=timeline._sql_timeline_map(),
                hours=self._sql_work_hours(
                    SQL("timeline.id"), SQL("period.date_from"), SQL("period.date_to")
                ),
            )
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        if lead_ids is None:
            self._forget_stale_timelines()
        if ids:
            self.invalidate_model(["work_hours"], flush=False)
            self._touch_periods(self._sql_days_of_stays(ids))
        return len(ids)

    @api.model
    def _forget_stale_timelines(self):
        """Note that the whole ledger is measured by the calendars as they are."""
        self.env.cr.execute(
            SQL(
                """UPDATE resource_calendar_timeline SET is_ledger_stale = FALSE
                    WHERE is_ledger_stale"""
            )
        )
        self.env["resource.calendar.timeline"].invalidate_model(["is_ledger_stale"], flush=False)

    @api.model
    def _sql_days_of_stays(self, ids: list[int]) -> SQL:
        """Return a SELECT ``company_id, day`` of all ends of periods in the stays of ``ids``."""
        return SQL(
            """
            SELECT DISTINCT other.company_id,
                   (other.date_to AT TIME ZONE 'UTC' AT TIME ZONE company.sales_tz)::date AS day
              FROM crm_lead_period AS period
              JOIN crm_lead_period AS other
                ON other.origin_lead_id = period.origin_lead_id
               AND other.stage_entered_at = period.stage_entered_at
              JOIN res_company AS company ON company.id = other.company_id
             WHERE period.id = ANY(%s)
               AND other.date_to IS NOT NULL
               AND other.voided_at IS NULL
            """,
            ids,
        )
