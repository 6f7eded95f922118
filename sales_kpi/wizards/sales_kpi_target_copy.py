from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..reports.kpi_report_reader import MONTHS_OF

COPIED = ("kpi_id", "level", "user_id", "team_id", "company_id")


class SalesKpiTargetCopy(models.TransientModel):
    """Plans a period as the one before it, changed by a per cent."""

    _name = "sales.kpi.target.copy"
    _description = "Copy KPI Targets"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    period_type = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        string="Period",
        required=True,
        default="month",
    )
    date_from = fields.Date(
        "Any Day of the Period",
        required=True,
        default=fields.Date.context_today,
        help="Any day of the period to plan; the targets come from the period before it.",
    )
    percent = fields.Float(
        "Per Cent of the Old Plan", default=100.0, required=True, help="110 plans a tenth more."
    )
    is_overwriting = fields.Boolean(
        "Replace Existing Targets", help="Otherwise targets that exist already are kept."
    )

    _percent_check = models.Constraint("CHECK (percent > 0)", "The per cent must be positive.")

    def action_copy(self):
        """Copy the targets and show those of the new period."""
        self.ensure_one()
        start = self._start()
        before = start - relativedelta(months=MONTHS_OF[self.period_type])
        old, present = self._targets(before), self._targets(start)
        if not old:
            raise UserError(self.env._("The period before has no targets to copy."))
        self._copy(old, present, start)
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_kpi.sales_kpi_target_action")
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("period_type", "=", self.period_type),
            ("date_from", "=", start),
        ]
        action["context"] = {"search_default_group_subject": 1}
        return action

    @api.private
    def _copy(self, old, present, start):
        """Create what is missing in one batch; replace the rest only where asked to."""
        known = {self._key(target): target for target in present}
        missing = []
        for target in old:
            value = target.value * self.percent / 100.0
            same = known.get(self._key(target))
            if not same:
                vals = {name: target[name].id for name in COPIED if name != "level"}
                vals |= {"level": target.level, "period_type": self.period_type}
                missing.append(vals | {"date_from": start, "value": value})
            elif self.is_overwriting:
                same.value = value
        self.env["sales.kpi.target"].create(missing)

    def _start(self):
        start = self.date_from.replace(day=1)
        return start - relativedelta(months=(start.month - 1) % MONTHS_OF[self.period_type])

    def _targets(self, date_from):
        domain = [
            ("company_id", "=", self.company_id.id),
            ("period_type", "=", self.period_type),
            ("date_from", "=", date_from),
        ]
        return self.env["sales.kpi.target"].search_fetch(domain, [*COPIED, "value"])

    @staticmethod
    def _key(target):
        return tuple(target[name] for name in COPIED)
