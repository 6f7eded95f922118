from odoo import api, fields, models

from .sales_kpi_value import LEVELS, PERIOD_TYPES


class SalesKpiTarget(models.Model):
    """A plan: what an indicator should come to, in one period, for one person, team or company."""

    _name = "sales.kpi.target"
    _description = "Sales KPI Target"
    _order = "date_from desc, kpi_id, level, id"
    _rec_name = "kpi_id"

    kpi_id = fields.Many2one("sales.kpi", string="KPI", required=True, index=True)
    unit = fields.Selection(related="kpi_id.unit")
    # period
    period_type = fields.Selection(PERIOD_TYPES, string="Period", required=True, default="month")
    date_from = fields.Date("From", required=True, help="The first day of the period.")
    # whose
    level = fields.Selection(LEVELS, required=True, default="user")
    user_id = fields.Many2one(
        "res.users", string="Salesperson", ondelete="cascade", index="btree_not_null"
    )
    team_id = fields.Many2one(
        "crm.team", string="Sales Team", ondelete="cascade", index="btree_not_null"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    # plan and fact
    value = fields.Float("Plan", required=True)
    fact_value = fields.Float("Fact", compute="_compute_fact", aggregator=None)
    has_fact = fields.Boolean(compute="_compute_fact")
    achievement = fields.Float(
        "Achievement, %",
        compute="_compute_fact",
        aggregator=None,
        help="Fact in percent of the plan; where less is better, plan in percent of the fact.",
    )

    _target_uniq = models.UniqueIndex(
        "(kpi_id, period_type, date_from, level, user_id, team_id, company_id) NULLS NOT DISTINCT",
        "There is a target for this KPI, period and person already.",
    )
    _subject_check = models.Constraint(
        "CHECK (CASE level WHEN 'user' THEN user_id IS NOT NULL"
        " WHEN 'team' THEN team_id IS NOT NULL AND user_id IS NULL"
        " ELSE user_id IS NULL AND team_id IS NULL END)",
        "A target belongs to a salesperson, a team or a company, as its level says.",
    )

    @api.depends("kpi_id", "period_type", "date_from", "level", "user_id", "team_id", "value")
    def _compute_fact(self):
        self.fact_value = self.achievement = 0.0
        self.has_fact = False
