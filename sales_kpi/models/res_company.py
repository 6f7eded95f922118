from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    sales_kpi_close_days = fields.Integer(
        "Days until KPI Periods Close",
        default=5,
        required=True,
        help="Until then the indicators of a past period are still brought up to date.",
    )

    _sales_kpi_close_days_check = models.Constraint(
        "CHECK (sales_kpi_close_days >= 0)", "The days until a period closes cannot be negative."
    )

    def write(self, vals):
        zone = vals.get("sales_tz")
        moved = self.filtered(lambda company: zone and company.sales_tz != zone)
        result = super().write(vals)
        if moved:
            # sudo: the ledger's days move whoever may read them
            self.env["crm.lead.period"].sudo()._touch_all_days(moved)
        return result
