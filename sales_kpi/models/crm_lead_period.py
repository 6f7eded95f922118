from odoo import api, models
from odoo.tools import SQL


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _sql_event_ctes(self, events):
        """Mark, in the ledger's own statement, the days whose indicators change with an event."""
        return [
            *super()._sql_event_ctes(events),
            SQL(
                """
                touched AS (
                    INSERT INTO sales_kpi_touch (company_id, day)
                    SELECT DISTINCT company.id,
                           (moment.at AT TIME ZONE 'UTC' AT TIME ZONE company.sales_tz)::date
                      FROM %s AS event
                CROSS JOIN LATERAL (
                           VALUES (event.at), (event.open_date_from),
                                  (event.open_stage_entered_at), (event.qualified_at)
                           ) AS moment (at)
                      JOIN res_company AS company
                        ON company.id IN (event.company_id, event.open_company_id)
                     WHERE moment.at IS NOT NULL
                )
                """,
                events,
            ),
        ]

    @api.model
    def _touch_periods(self, days):
        result = super()._touch_periods(days)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO sales_kpi_touch (company_id, day, is_history)
                SELECT DISTINCT touched.company_id, touched.day, TRUE
                  FROM (%s) AS touched (company_id, day)
                  JOIN res_company AS company ON company.id = touched.company_id
                 WHERE touched.day IS NOT NULL
                """,
                days,
            )
        )
        cron = self.env.ref("sales_kpi.ir_cron_sales_kpi_refresh", raise_if_not_found=False)
        if cron:
            # sudo: whoever imports history may not run crons
            cron.sudo()._trigger()
        return result
