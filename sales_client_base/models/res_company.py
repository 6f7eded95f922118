from odoo import api, fields, models

from odoo.addons.base.models.res_partner import _tz_get


class ResCompany(models.Model):
    _inherit = "res.company"

    sales_tz = fields.Selection(
        _tz_get,
        string="Sales Time Zone",
        required=True,
        default=lambda self: self._default_sales_tz(),
        help="The time zone in which the company's days, weeks and months begin, in every "
        "report and indicator.",
    )

    @api.model
    def _default_sales_tz(self):
        return self.env.user.tz or self.env.company.partner_id.tz or "UTC"
