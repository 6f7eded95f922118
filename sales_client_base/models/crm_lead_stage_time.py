"""How long a deal has really stood in its stage: working days, against the stage's norm."""

from collections import defaultdict

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
    stage_norm_days = fields.Float(
        "Norm (Working Days)", digits=(16, 1), compute="_compute_stage_time", aggregator=None
    )
    stage_norm_state = fields.Selection(
        NORM_STATES, string="Against the Norm", compute="_compute_stage_time"
    )

    @api.depends("stage_id", "stage_id.norm_days", "won_status")
    def _compute_stage_time(self):
        rows = self.env.execute_query(self._sql_stage_time()) if self.ids else []
        found = {lead_id: (days, state) for lead_id, days, state in rows}
        # All deals of one value at once: the kanban reads hundreds, and setting a field costs.
        by_days, by_state = defaultdict(list), defaultdict(list)
        for lead, id_ in zip(self, self._ids, strict=True):
            days, state = found.get(lead._origin.id, (0.0, "none"))
            by_days[days].append(id_)
            by_state[state].append(id_)
        for days, ids in by_days.items():
            self.browse(ids).stage_work_days = days
        for state, ids in by_state.items():
            self.browse(ids).stage_norm_state = state
        for stage, leads in self.grouped("stage_id").items():
            leads.stage_norm_days = stage.norm_days

    def _sql_stage_time(self) -> SQL:
        """Return a SELECT of the open deals' working days in their present stage."""
        self.env["crm.lead.period"].flush_model()
        self.env["crm.stage"].flush_model(["norm_days"])
        ledger = self.env["crm.lead.period"]
        stay = self.env["crm.lead.stage.stay"]
        timeline = self.env["resource.calendar.timeline"]
        return SQL(
            """
            WITH map AS MATERIALIZED (%(map)s),
                 clock AS MATERIALIZED (  -- few calendars, many deals
                     SELECT timeline.id, %(seconds_now)s AS seconds
                       FROM resource_calendar_timeline AS timeline)
            SELECT spent.lead_id, ROUND(spent.days::numeric, 1)::float8, %(norm_state)s
              FROM (
                   SELECT period.lead_id, stage.norm_days,
                          (CASE WHEN period.is_stage_entry THEN 0 ELSE (%(earlier_hours)s) END
                           + GREATEST(clock.seconds - %(seconds_then)s, 0) / 3600.0)
                          / %(hours_per_day)s AS days
                     FROM crm_lead_period AS period
                LEFT JOIN crm_stage AS stage ON stage.id = period.stage_id
                     JOIN res_company AS company ON company.id = period.company_id
                LEFT JOIN resource_calendar AS calendar
                       ON calendar.id = company.resource_calendar_id
                LEFT JOIN map AS own
                       ON own.user_id = period.user_id AND own.company_id = company.id
                     JOIN map AS common ON common.user_id IS NULL AND common.company_id = company.id
                     JOIN clock ON clock.id = COALESCE(own.timeline_id, common.timeline_id)
                    WHERE period.origin_lead_id = ANY(%(ids)s)
                      AND period.date_to IS NULL
                      AND period.voided_at IS NULL
                      AND period.won_status = 'pending'
                   OFFSET 0  -- else the days would be reckoned anew wherever they are named
                   ) AS spent
             WHERE spent.days IS NOT NULL
            """,
            map=timeline._sql_timeline_map(),
            seconds_now=timeline._sql_work_seconds(
                SQL("timeline.id"), SQL("%s::timestamp", ledger._ledger_clock())
            ),
            seconds_then=timeline._sql_work_seconds(SQL("clock.id"), SQL("period.date_from")),
            earlier_hours=self._sql_earlier_hours(),
            norm_state=stay._sql_norm_state(SQL("spent.days"), SQL("spent.norm_days")),
            hours_per_day=stay._sql_hours_per_day(),
            ids=self.ids,
        )

    @api.model
    def _sql_earlier_hours(self) -> SQL:
        """Return a SELECT of the working hours of the stay before its open ``period`` began."""
        return SQL(
            """SELECT COALESCE(SUM(earlier.work_hours), 0)
                 FROM crm_lead_period AS earlier
                WHERE earlier.origin_lead_id = period.origin_lead_id
                  AND earlier.stage_entered_at = period.stage_entered_at
                  AND earlier.date_from >= period.stage_entered_at
                  AND earlier.date_to IS NOT NULL
                  AND earlier.voided_at IS NULL"""
        )
