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
