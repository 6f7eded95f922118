"""From the states that the back-fill reconstructed to the ledger's columns."""

from odoo import api, models
from odoo.tools import SQL

FURTHER_COLUMNS = ("id", "date_to", "end_reason", "hours", "work_hours")


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _sql_backfill_projection(self, source: str) -> SQL:
        """Return the outer SELECT over ``period``: names, hours, what still exists."""
        columns = self._backfill_columns(source)
        return SQL(
            """
            SELECT %(columns)s
              FROM period
              JOIN ledger_deal AS deal ON deal.lead_id = period.lead_id
        CROSS JOIN (SELECT last_value AS base FROM crm_lead_period_id_seq) AS ids
        CROSS JOIN LATERAL (
                   SELECT COALESCE(period.date_to, deal.end_at) AS date_to,
                          period.date_to IS NULL AND deal.is_end_known AS is_known) AS ending
         LEFT JOIN known_stage AS stage ON stage.origin_id = period.stage_id
         LEFT JOIN known_stage AS old_stage ON old_stage.origin_id = period.old_stage_id
         LEFT JOIN known_user AS owner ON owner.origin_id = period.user_id
         LEFT JOIN known_team AS team ON team.origin_id = period.team_id
         LEFT JOIN crm_lost_reason AS reason ON reason.id = period.lost_reason_id
         LEFT JOIN author ON author.partner_id = period.author_id
         LEFT JOIN map AS own ON own.user_id = owner.id AND own.company_id = deal.company_id
         LEFT JOIN map AS common ON common.user_id IS NULL AND common.company_id = deal.company_id
         LEFT JOIN clock ON clock.timeline_id = COALESCE(own.timeline_id, common.timeline_id)
            """,
            columns=SQL(", ").join(
                SQL("%s AS %s", columns[name], SQL.identifier(name))
                for name in (*self._insert_columns(), *FURTHER_COLUMNS)
            ),
        )

    @api.model
    def _backfill_columns(self, source: str) -> dict[str, SQL]:
        return {
            # in the order of time: what happened in the same second is told apart by the number
            "id": SQL("ids.base + period.number"),
            "lead_id": SQL("period.lead_id"),
            "origin_lead_id": SQL("period.lead_id"),
            **self._backfill_stage_columns(),
            **self._backfill_people_columns(),
            **self._backfill_fact_columns(),
            **self._backfill_time_columns(),
            "source": SQL("%s", source),
        }

    @api.model
    def _backfill_stage_columns(self) -> dict[str, SQL]:
        """Return the stage's columns; a move from or to a deleted stage counts as forward."""
        return {
            "stage_id": SQL("stage.id"),
            "origin_stage_id": SQL("NULLIF(period.stage_id, 0)"),
            "stage_name": SQL("stage.name"),
            "stage_sequence": SQL("stage.sequence"),
            "stage_is_won": SQL("COALESCE(stage.is_won, FALSE)"),
            "stage_entered_at": SQL("period.stage_entered_at"),
            "is_stage_entry": SQL("period.is_entry"),
            "direction": SQL(
                """CASE WHEN period.is_first THEN 'created'
                        WHEN NOT period.is_entry THEN 'none'
                        WHEN (stage.sequence, stage.id) < (old_stage.sequence, old_stage.id)
                            THEN 'backward'
                        ELSE 'forward' END"""
            ),
        }

    @api.model
    def _backfill_people_columns(self) -> dict[str, SQL]:
        return {
            "user_id": SQL("owner.id"),
            "origin_user_id": SQL("NULLIF(period.user_id, 0)"),
            "user_name": SQL("owner.name"),
            "team_id": SQL("team.id"),
            "origin_team_id": SQL("NULLIF(period.team_id, 0)"),
            "team_name": SQL("team.name"),
            "actor_id": SQL("COALESCE(author.id, period.actor_id, deal.create_uid)"),
            "client_id": SQL(
                """CASE WHEN period.partner_id NOT IN (SELECT id FROM gone_client)
                        THEN NULLIF(period.partner_id, 0) END"""
            ),
            "origin_client_id": SQL("NULLIF(period.partner_id, 0)"),
        }

    @api.model
    def _backfill_fact_columns(self) -> dict[str, SQL]:
        """Return what the deal was about.

        Odoo tracks neither probability nor expected closing: they are known of the last period
        only.
        """
        return {
            "deal_type": SQL("CASE period.type WHEN 1 THEN 'lead' ELSE 'opportunity' END"),
            "company_id": SQL("deal.company_id"),
            "currency_id": SQL("deal.currency_id"),
            "won_status": SQL(
                "CASE period.status WHEN 2 THEN 'won' WHEN 3 THEN 'lost' ELSE 'pending' END"
            ),
            "outcome": SQL(
                """CASE WHEN period.status = COALESCE(period.old_status, 1) THEN 'none'
                        WHEN period.status = 2 THEN 'won'
                        WHEN period.status = 3 THEN 'lost'
                        ELSE 'reopened' END"""
            ),
            "lost_reason_id": SQL("reason.id"),
            "is_archived": SQL("period.active = 0"),
            "expected_revenue": SQL(
                """CASE WHEN ending.is_known THEN deal.expected_revenue
                        ELSE period.expected_revenue::numeric END"""
            ),
            "probability": SQL(
                """CASE WHEN ending.is_known THEN deal.probability
                        WHEN period.status = 2 THEN 100
                        WHEN period.status = 3 THEN 0 END"""
            ),
            "is_probability_manual": SQL("ending.is_known AND deal.is_probability_manual"),
            "date_deadline": SQL("CASE WHEN ending.is_known THEN deal.date_deadline END"),
        }

    @api.model
    def _backfill_time_columns(self) -> dict[str, SQL]:
        seconds = self.env["resource.calendar.timeline"]._sql_work_seconds_in
        return {
            "qualified_at": SQL("period.qualified_at"),
            "date_from": SQL("period.at"),
            "date_to": SQL("ending.date_to"),
            "end_reason": SQL("CASE WHEN ending.date_to IS NOT NULL THEN 'moved' END"),
            "hours": SQL("EXTRACT(EPOCH FROM ending.date_to - period.at) / 3600.0"),
            "work_hours": SQL(
                "(%s - %s) / 3600.0",
                seconds(SQL("clock"), SQL("ending.date_to")),
                seconds(SQL("clock"), SQL("period.at")),
            ),
        }

    @api.model
    def _sql_backfill_counts(self) -> SQL:
        """Return a SELECT of the counts of deals, and their oldest date."""
        return SQL(
            """
            SELECT COUNT(*),
                   MIN(create_date),
                   COUNT(*) FILTER (WHERE is_broken OR is_stage_off OR is_close_off OR is_rest_off),
                   (SELECT COUNT(*)
                      FROM mail_message AS message
                      JOIN mail_tracking_value AS tracking ON tracking.mail_message_id = message.id
                      JOIN ledger_deal AS deal ON deal.lead_id = message.res_id
                     WHERE message.model = 'crm.lead' AND message.subject <> '')
              FROM ledger_summary
            """
        )

    @api.model
    def _sql_backfill_days(self) -> SQL:
        """Return a SELECT ``company_id, day`` of all that the back-filled deals bear on.

        A day begins at a quarter of an hour everywhere: millions of moments are thousands of these,
        and only these have to be taken to the company's time zone.
        """
        return SQL(
            """
            SELECT DISTINCT moment.company_id,
                   (moment.at AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(company.sales_tz, 'UTC'))::date AS day
              FROM (SELECT DISTINCT period.company_id,
                           date_bin('15 minutes', moment.at, '2000-01-01') AS at
                      FROM crm_lead_period AS period
                      JOIN ledger_deal AS deal ON deal.lead_id = period.origin_lead_id
                CROSS JOIN LATERAL (
                           VALUES (period.date_from), (period.date_to), (period.stage_entered_at),
                                  (period.qualified_at)) AS moment (at)
                     WHERE moment.at IS NOT NULL) AS moment
              JOIN res_company AS company ON company.id = moment.company_id
            """
        )
