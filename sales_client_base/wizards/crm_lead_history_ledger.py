"""How imported history is written into the deal ledger."""

from odoo import api, models
from odoo.tools import SQL

from .crm_lead_history_rows import Period, Plan


class CrmLeadHistoryImport(models.TransientModel):
    _inherit = "crm.lead.history.import"

    @api.model
    def _correct_ledger(self, plans: list[Plan]):
        """Void what the file corrects, and end the open period that new history follows."""
        voided = [period_id for plan in plans for period_id in plan.voided]
        ended = [
            (plan.kept[-1].id, plan.added[0].date_from)
            for plan in plans
            if plan.kept and plan.kept[-1].date_to is None
        ]
        if voided:
            self.env.cr.execute(
                SQL(
                    """UPDATE crm_lead_period SET voided_at = %s, voided_by_id = %s
                        WHERE id = ANY(%s)""",
                    self.env["crm.lead.period"]._ledger_clock(),
                    self.env.uid,
                    voided,
                )
            )
        if ended:
            ids, moments = zip(*ended, strict=True)
            self.env.cr.execute(
                SQL(
                    """UPDATE crm_lead_period AS period
                          SET date_to = ended.at,
                              end_reason = 'moved',
                              hours = EXTRACT(EPOCH FROM ended.at - period.date_from) / 3600.0
                         FROM unnest(%s::integer[], %s::timestamp[]) AS ended (id, at)
                        WHERE period.id = ended.id""",
                    list(ids),
                    list(moments),
                )
            )

    @api.model
    def _insert_periods(self, plans: list[Plan]):
        """Write the ledger of the deals. The open period repeats what the deal says."""
        columns = [
            *("place int4", "lead_id int4", "stage_id int4", "user_id int4"),
            *("team_id int4", "client_id int4", "won_status varchar"),
            *("lost_reason_id int4", "expected_revenue numeric", "date_deadline date"),
            *("date_from timestamp", "date_to timestamp", "stage_entered_at timestamp"),
            *("is_stage_entry bool", "direction varchar", "outcome varchar"),
            "qualified_at timestamp",
        ]
        rows = [
            (place, plan.lead_id, *_period_values(period))
            for plan in plans
            for place, period in enumerate(plan.added)
        ]
        period_model = self.env["crm.lead.period"]
        names = [
            *("lead_id", "origin_lead_id", "deal_type", "company_id", "currency_id"),
            *("stage_id", "origin_stage_id", "stage_name", "stage_sequence", "stage_is_won"),
            *("user_id", "origin_user_id", "user_name", "team_id", "origin_team_id", "team_name"),
            *("client_id", "origin_client_id", "actor_id", "source", "is_archived", "end_reason"),
            *("probability", "is_probability_manual", "hours"),
            *(column.split()[0] for column in columns[6:]),
        ]
        self.env.cr.execute(
            SQL(
                "INSERT INTO crm_lead_period (%s) %s",
                SQL(", ").join(SQL.identifier(name) for name in names),
                self._sql_periods(sql_rows(columns, rows)),
            )
        )
        period_model.invalidate_model(flush=False)
        period_model._fill_work_hours([plan.lead_id for plan in plans])

    @api.model
    def _sql_periods(self, rows: SQL) -> SQL:
        return SQL(
            """
            SELECT new.lead_id, new.lead_id, 'opportunity', company.id, company.currency_id,
                   stage.id, stage.id, stage.name, stage.sequence, COALESCE(stage.is_won, FALSE),
                   new.user_id, new.user_id, person.name, new.team_id, new.team_id, team.name,
                   client.commercial_partner_id, client.commercial_partner_id, %(uid)s, 'import',
                   new.won_status = 'lost',
                   CASE WHEN new.date_to IS NOT NULL THEN 'moved' END,
                   CASE WHEN new.date_to IS NULL THEN lead.probability
                        WHEN new.won_status = 'won' THEN 100
                        WHEN new.won_status = 'lost' THEN 0
                    END,
                   FALSE,
                   EXTRACT(EPOCH FROM new.date_to - new.date_from) / 3600.0,
                   new.won_status, new.lost_reason_id, new.expected_revenue, new.date_deadline,
                   new.date_from, new.date_to, new.stage_entered_at, new.is_stage_entry,
                   new.direction, new.outcome, new.qualified_at
              FROM (%(rows)s) AS new
              JOIN crm_lead AS lead ON lead.id = new.lead_id
              JOIN res_company AS company ON company.id = %(company)s
              JOIN crm_stage AS stage ON stage.id = new.stage_id
         LEFT JOIN res_users AS owner ON owner.id = new.user_id
         LEFT JOIN res_partner AS person ON person.id = owner.partner_id
         LEFT JOIN crm_team AS team ON team.id = new.team_id
         LEFT JOIN res_partner AS client ON client.id = new.client_id
          ORDER BY new.lead_id, new.place  -- equal times keep their order by id
            """,
            uid=self.env.uid,
            company=self.env.company.id,
            rows=rows,
        )

    @api.model
    def _touch(self, first):
        """Mark all days since: deals open at the end of a day were not counted then."""
        self.env["crm.lead.period"]._touch_periods(
            SQL(
                """SELECT company.id AS company_id, day::date AS day
                     FROM res_company AS company
               CROSS JOIN generate_series(
                          (%(first)s::timestamp AT TIME ZONE 'UTC'
                               AT TIME ZONE company.sales_tz)::date::timestamp,
                          (NOW() AT TIME ZONE company.sales_tz)::date::timestamp,
                          INTERVAL '1 day') AS day
                    WHERE company.id = %(company)s""",
                first=first,
                company=self.env.company.id,
            )
        )


def _period_values(period: Period) -> tuple:
    return (
        *(period.stage, period.user, period.team, period.client, period.status),
        *(period.lost_reason, period.revenue, period.deadline, period.date_from, period.date_to),
        *(period.stage_entered_at, period.is_entry, period.direction, period.outcome),
        period.qualified_at,
    )


def sql_rows(columns: list[str], rows: list[tuple]) -> SQL:
    """Return a SELECT of the rows; a list per column is far shorter than a list per row.

    :param columns: ``name type`` of each column, from this file only
    """
    names, types = zip(*(column.split() for column in columns), strict=True)
    values = zip(*rows, strict=True)
    return SQL(
        "SELECT * FROM unnest(%s) AS given (%s)",
        SQL(", ").join(
            SQL("%s::%s[]", list(value), SQL.identifier(kind))
            for value, kind in zip(values, types, strict=True)
        ),
        SQL(", ").join(SQL.identifier(name) for name in names),
    )
