from odoo import api, fields, models


class LedgerRepair(models.Model):
    """One run that compared a ledger with its documents, and what it had to put right."""

    _name = "ledger.repair"
    _description = "Ledger Check"
    _order = "run_at desc, id desc"
    _rec_name = "run_at"
    _log_access = False

    run_at = fields.Datetime(required=True, readonly=True)
    ledger = fields.Char("Ledger Model", required=True, readonly=True)
    kind = fields.Selection(
        [("backfill", "Back-Fill"), ("repair", "Nightly Check")], required=True, readonly=True
    )
    repaired_count = fields.Integer(
        "Repaired",
        readonly=True,
        help="Deals whose history had to be put right: by the nightly check because something "
        "changed them past Odoo, by a back-fill because Odoo's memory of them had gaps.",
    )
    deal_count = fields.Integer("Deals", readonly=True)
    period_count = fields.Integer("Periods Written", readonly=True)
    set_apart_count = fields.Integer(
        "Merged Changes Set Apart",
        readonly=True,
        help="Changes that belong to deals merged into others long ago; they count for no deal.",
    )

    def action_backfill(self):
        """Build the history of deals again; the ledger itself asks who may."""
        return self.env["crm.lead.period"].action_backfill()

    @api.model
    def _note(self, ledger: str, kind: str, **counts: int):
        """Keep the counts of a run for the head of sales."""
        return self.create(
            {"run_at": fields.Datetime.now(), "ledger": ledger, "kind": kind, **counts}
        )
