from odoo import api, fields, models

from ..periods import bucket_start
from .sales_kpi_value import LEVELS, PERIOD_TYPES


class SalesKpiTarget(models.Model):
    """A plan: what an indicator should come to, in one period, for one person, team or company."""

    _name = "sales.kpi.target"
    _description = "Sales KPI Target"
    _order = "date_from desc, kpi_id, level, id"
    _rec_name = "kpi_id"

    kpi_id = fields.Many2one("sales.kpi", string="KPI", required=True, index=True)
    unit = fields.Selection(related="kpi_id.unit")
    threshold_green = fields.Float(related="kpi_id.threshold_green")
    threshold_amber = fields.Float(related="kpi_id.threshold_amber")
    # period
    period_type = fields.Selection(PERIOD_TYPES, string="Period", required=True, default="month")
    date_from = fields.Date(
        "From", required=True, help="Any day of the period becomes its first day."
    )
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
    # no sum: a group holds plans in pieces, money and per cent
    value = fields.Float("Plan", required=True, aggregator=None)
    fact_value = fields.Float("Fact", compute="_compute_fact", aggregator=None)
    has_fact = fields.Boolean(compute="_compute_fact")
    achievement = fields.Float(
        "% of Plan",
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

    @api.onchange("period_type", "date_from")
    def _onchange_period(self):
        self._snap()

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._snap()
        return targets

    def write(self, vals):
        result = super().write(vals)
        if {"period_type", "date_from"} & vals.keys():
            self._snap()
        return result

    def _snap(self):
        """Set the first day of the period for whatever day of it was entered."""
        for target in self.filtered("date_from"):
            start = bucket_start(target.period_type, target.date_from)
            if start != target.date_from:
                target.date_from = start
