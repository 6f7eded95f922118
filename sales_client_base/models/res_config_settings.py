from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_tz = fields.Selection(related="company_id.sales_tz", readonly=False, required=True)

    def action_backfill(self):
        """Build the history of deals again; the ledger itself asks who may."""
        return self.env["crm.lead.period"].action_backfill()
