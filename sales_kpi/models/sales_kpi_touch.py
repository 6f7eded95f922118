from odoo import fields, models


class SalesKpiTouch(models.Model):
    """A queue: on this day of this company something changed that indicators count.

    Written by the ledger's own statement, emptied by the refresh. No time or id watermark could
    replace it: a row written earlier may be committed later.
    """

    _name = "sales.kpi.touch"
    _description = "Day to Count Again"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )
    day = fields.Date(required=True, readonly=True, help="In the company's time zone.")
    is_history = fields.Boolean(
        readonly=True,
        help="The past itself was completed or put right, by an import for one: closed periods "
        "are counted again as well.",
    )
