from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..reports.kpi_report_reader import MONTHS_OF, KpiReportReader
from ..reports.kpi_workbook import build_workbook


class SalesKpiReport(models.TransientModel):
    """The choice of period, people and KPIs for the Excel report."""

    _name = "sales.kpi.report"
    _description = "KPI Report"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    # period
    period_type = fields.Selection(
        [
            ("month", "Month"),
            ("quarter", "Quarter"),
            ("year", "Year"),
            ("custom", "Several Months"),
        ],
        string="Period",
        required=True,
        default="month",
    )
    date_from = fields.Date(
        "Any Day of the Period",
        required=True,
        default=fields.Date.context_today,
        help="Any day of the period, or of the first month.",
    )
    date_to = fields.Date(
        "To",
        default=fields.Date.context_today,
        help="Any day of the last month.",
    )
    # what
    user_ids = fields.Many2many(
        "res.users",
        string="Salespeople",
        domain=[("share", "=", False)],
        help="Empty: all whose figures you may see.",
    )
    kpi_ids = fields.Many2many("sales.kpi", string="KPIs", help="Empty: all that are enabled.")
    has_totals = fields.Boolean(
        "Teams and Company",
        default=True,
        help="Also the figures of teams and of the company, where you may see them.",
    )

    @api.constrains("period_type", "date_from", "date_to")
    def _check_dates(self):
        for report in self:
            if report.period_type == "custom" and (
                not report.date_to or report.date_to < report.date_from
            ):
                raise ValidationError(
                    self.env._("The last month of the report must not lie before its first month.")
                )

    def action_export(self):
        """Download the workbook."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "sales_kpi_download",
            "params": {"url": f"/sales_kpi/report/{self.id}"},
        }

    def _bounds(self):
        """Return the half-open period in whole months."""
        start = self.date_from.replace(day=1)
        if self.period_type == "custom":
            return start, self.date_to.replace(day=1) + relativedelta(months=1)
        count = MONTHS_OF[self.period_type]
        start -= relativedelta(months=(start.month - 1) % count)
        return start, start + relativedelta(months=count)

    def _workbook(self):
        """Return file name and bytes, under the rules of the current user."""
        self.ensure_one()
        reader = KpiReportReader(self)
        return reader.file_name(), build_workbook(reader.load())
