from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesKpi(models.Model):
    """One indicator: what is counted, in which unit, and which direction is good."""

    _name = "sales.kpi"
    _description = "Sales KPI"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    # identity
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="Names the formula; it never changes.")
    sequence = fields.Integer(default=10, aggregator=None)
    is_enabled = fields.Boolean(
        "Enabled", default=True, help="Only enabled indicators are computed."
    )
    description = fields.Text(translate=True, help="What is counted, in one sentence.")
    category = fields.Selection(
        [
            ("inquiries", "Inquiries"),
            ("pipeline", "Pipeline"),
            ("stages", "Stages"),
            ("results", "Results"),
            ("forecast", "Forecast"),
        ],
        required=True,
    )
    # formula
    unit = fields.Selection(
        [
            ("count", "Number"),
            ("money", "Money"),
            ("percent", "Percent"),
            ("hours", "Working Hours"),
            ("days", "Days"),
        ],
        required=True,
    )
    direction = fields.Selection(
        [("up", "More Is Better"), ("down", "Less Is Better")], required=True, default="up"
    )
    additivity = fields.Selection(
        [
            ("sum", "Sum"),
            ("ratio", "Ratio of Sums"),
            ("last", "Last Value of a Time"),
            ("none", "Not Additive"),
        ],
        required=True,
        default="sum",
        help="How values of several people or periods may be put together.",
    )
    attribution = fields.Selection(
        [
            ("doer", "Who Did It"),
            ("owner_event", "Owner at the Event"),
            ("owner_creation", "Owner at Creation"),
            ("team_event", "Team at the Event"),
        ],
        required=True,
        default="owner_event",
        help="Whose indicator an event counts for.",
    )
    has_stage = fields.Boolean("By Stage", help="The indicator has a value per stage.")
    formula_version = fields.Integer(default=1, required=True, aggregator=None)
    # judgement
    threshold_green = fields.Float(
        "Green from (% of Plan)",
        default=100.0,
        aggregator=None,
        help="Plan reached to this part: green.",
    )
    threshold_amber = fields.Float(
        "Amber from (% of Plan)",
        default=80.0,
        aggregator=None,
        help="Below this part of the plan: red.",
    )
    counter_kpi_id = fields.Many2one(
        "sales.kpi",
        string="Look Also At",
        ondelete="set null",
        help="The indicator that shows whether this one was reached at its cost.",
    )

    _code_uniq = models.UniqueIndex("(code)", "The KPI code must be unique.")
    _code_check = models.Constraint(
        "CHECK (code ~ '^[a-z][a-z0-9_]*$')",
        "A KPI code consists of lower-case letters, digits and underscores.",
    )

    def write(self, vals):
        if "code" in vals and any(kpi.code != vals["code"] for kpi in self):
            self._check_code_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_code_unused()

    @api.private
    def _check_code_unused(self):
        """Refuse to rename or delete what values or targets already stand on."""
        for model in ("sales.kpi.value", "sales.kpi.target"):
            # Whoever edits definitions must not see fewer uses than there are.
            if self.env[model].sudo().search_count([("kpi_id", "in", self.ids)], limit=1):
                raise UserError(
                    self.env._(
                        "A KPI that has values or targets keeps its code; disable it instead."
                    )
                )
