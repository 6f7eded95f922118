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
                      FROM (%s) AS moment (company_id, at)
                      JOIN res_company AS company ON company.id = moment.company_id
                )
                """,
                self._sql_touched_moments(events),
            ),
        ]

    @api.model
    def _sql_touched_moments(self, events):
        """Return a SELECT ``company_id, at`` of what indicators count anew after ``events``.

        An event tells what became of the deal's beginning and of its stay in the stage: these
        count in the company that the deal had then, those of a merged deal follow the one it was
        merged into, and a first owner owns the beginning too.
        """
        return SQL(
            """
            SELECT place.company_id, moment.at
              FROM %(events)s AS event
        CROSS JOIN LATERAL (VALUES (event.at), (event.open_date_from)) AS moment (at)
        CROSS JOIN LATERAL (VALUES (event.company_id), (event.open_company_id))
                        AS place (company_id)
             WHERE moment.at IS NOT NULL
             UNION
            SELECT begun.company_id, begun.date_from
              FROM %(events)s AS event
        CROSS JOIN LATERAL (
                   SELECT event.origin_lead_id
                UNION ALL
                   SELECT merged.origin_lead_id
                     FROM crm_lead_period AS merged
                    WHERE merged.origin_merged_into_id = event.origin_lead_id
                      AND merged.end_reason = 'merged'
                      AND merged.voided_at IS NULL) AS deal (origin_id)
              JOIN crm_lead_period AS begun
                ON begun.origin_lead_id = deal.origin_id
               AND begun.voided_at IS NULL
               AND (begun.direction = 'created'
                    OR begun.date_from IN (begun.qualified_at, event.open_stage_entered_at))
            """,
            events=events,
        )

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

    @api.private
    def _touch_all_days(self, companies):
        """Let all days of ``companies`` be counted again: they begin at other hours now.

        An event may have moved to the day before or after; both have to be counted.
        """
        self.flush_model()
        self._touch_periods(
            SQL(
                """
                SELECT DISTINCT event.company_id, event.day + shift.days
                  FROM (SELECT DISTINCT period.company_id, moment.at::date AS day
                          FROM crm_lead_period AS period
                    CROSS JOIN LATERAL (VALUES (period.date_from), (period.date_to))
                                    AS moment (at)
                         WHERE period.company_id = ANY(%s)
                           AND period.voided_at IS NULL
                           AND moment.at IS NOT NULL) AS event
            CROSS JOIN generate_series(-1, 1) AS shift (days)
                """,
                companies.ids,
            )
        )
