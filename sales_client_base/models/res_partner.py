from odoo import api, models

from .ledger_source_mixin import LedgerWatch


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "ledger.source.mixin"]

    @api.model
    def _ledger_watch(self):
        # A contact that moves to another company takes its deals to another client. A partner just
        # created is on no deal yet.
        return [
            *super()._ledger_watch(),
            LedgerWatch(
                "crm.lead.period", "partner", frozenset({"commercial_partner_id"}), on_create=False
            ),
        ]
