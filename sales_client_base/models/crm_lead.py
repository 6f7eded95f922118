from odoo import api, fields, models
from odoo.exceptions import UserError

from .ledger_source_mixin import LedgerWatch

WATCHED = frozenset(
    {
        "active",
        "company_id",
        "date_deadline",
        "expected_revenue",
        "lost_reason_id",
        "partner_id",
        "probability",
        "stage_id",
        "team_id",
        "type",
        "user_id",
        "won_status",
    }
)
SCORING = frozenset({"probability", "automated_probability", "prorated_revenue"})


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "ledger.source.mixin"]

    period_ids = fields.One2many("crm.lead.period", "lead_id", string="History")

    @api.model
    def _ledger_watch(self):
        return [*super()._ledger_watch(), LedgerWatch("crm.lead.period", "lead", WATCHED)]

    @api.model
    def _ledger_is_event(self, watch, vals):
        if not super()._ledger_is_event(watch, vals):
            return False
        # The nightly scoring moves the automatic probability of every open deal: no event.
        is_scoring_only = watch.key == "lead" and watch.columns.intersection(vals) <= SCORING
        return not (
            is_scoring_only
            and "automated_probability" in vals
            and vals["probability"] == vals["automated_probability"]
        )

    def _open_form(self):
        """Return the action that opens the deal that a row of its history is about."""
        if not self:
            raise UserError(self.env._("This deal was deleted; only its history is left."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def unlink(self):
        self.check_access("unlink")
        # Nobody may write the ledger by hand; the right to delete the deal is checked above.
        self.env["crm.lead.period"].sudo()._close_deleted(self)
        return super().unlink()

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        # noted with the next events: a nightly assignment merges thousands of leads, one by one
        merged = [(lead.id, self.id) for lead in opportunities]
        self.env["ledger.dispatcher"]._collect("crm.lead.period", "merged", merged)
        return result
