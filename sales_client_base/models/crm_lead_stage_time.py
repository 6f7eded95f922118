"""How long a deal has really stood in its stage: working days, against the stage's norm."""

from odoo import api, fields, models
from odoo.tools import SQL

from .crm_lead_stage_stay import NORM_STATES


class CrmLead(models.Model):
    _inherit = "crm.lead"

    stage_stay_ids = fields.One2many("crm.lead.stage.stay", "lead_id", string="Time in Stages")
    stage_work_days = fields.Float(
        "Working Days in Stage",
        digits=(16, 1),
        compute="_compute_stage_time",
        aggregator=None,
        help="Working time since the deal entered its present stage.",
    )
    stage_norm_days = fields.Float(related="stage_id.norm_days")
    stage_norm_state = fields.Selection(
        NORM_STATES, string="Against the Norm", compute="_compute_stage_time"
    )

    @api.depends("stage_id", "stage_id.norm_days", "won_status")
    def _compute_stage_time(self):
        self.stage_work_days = 0.0
        self.stage_norm_state = "none"
        rows = self.env.execute_query(self._sql_stage_time()) if self.ids else []
        for lead_id, work_days, norm_state in rows:
            lead = self.browse(lead_id).with_prefetch(self._prefetch_ids)
            lead.stage_work_days = work_days
            lead.stage_norm_state = norm_state

    def _sql_stage_time(self) -> SQL:
        """Return a SELECT of the open deals' working days in their present stage."""
        self.env["crm.lead.period"].flush_model()
        self.env["crm.stage"].flush_model(["norm_days"])
        stay = self.env["crm.lead.stage.stay"]
        return SQL(
            """
            SELECT period.lead_id, spent.days, %(norm_state)s
              FROM crm_lead_period AS period
         LEFT JOIN crm_stage AS stage ON stage.id = period.stage_id
         LEFT JOIN res_company AS company ON company.id = period.company_id
         LEFT JOIN resource_calendar AS calendar ON calendar.id = company.resource_calendar_id
        CROSS JOIN LATERAL (
                   SELECT (COALESCE(SUM(earlier.work_hours), 0) + %(open_hours)s)
                          / %(hours_per_day)s AS days
                     FROM crm_lead_period AS earlier
                    WHERE earlier.origin_lead_id = period.origin_lead_id
                      AND earlier.stage_entered_at = period.stage_entered_at
                      AND earlier.date_from >= period.stage_entered_at
                      AND earlier.date_to IS NOT NULL
                      AND earlier.voided_at IS NULL
                   ) AS spent
             WHERE period.origin_lead_id = ANY(%(ids)s)
               AND period.date_to IS NULL
               AND period.voided_at IS NULL
               AND period.won_status = 'pending'
               AND spent.days IS NOT NULL
            """,
            norm_state=stay._sql_norm_state(SQL("spent.days"), SQL("stage.norm_days")),
            open_hours=stay._sql_open_hours(),
            hours_per_day=stay._sql_hours_per_day(),
            ids=self.ids,
        )
