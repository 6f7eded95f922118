from odoo import api, models

PENDING = "sales_client_base.ledger.pending"


class LedgerDispatcher(models.AbstractModel):
    """Collects what changed during a transaction and lets each ledger write it once.

    Ledgers are written in a fixed order, since later ones read earlier ones. The order is the
    order of ``_ledger_order``; an addon that brings a ledger extends it.
    """

    _name = "ledger.dispatcher"
    _description = "Ledger Dispatcher"

    @api.model
    def _ledger_order(self) -> list[str]:
        """Return the model names of the ledgers, in the order in which they are written."""
        return ["crm.lead.period"]

    @api.model
    def _collect(self, ledger: str, key: str, ids):
        """Remember that the records ``ids`` of the kind ``key`` changed, for ``ledger``."""
        precommit = self.env.cr.precommit
        pending = precommit.data.get(PENDING)
        if pending is None:
            pending = precommit.data[PENDING] = {}
            precommit.add(self.with_env(self.env(context={}))._run)
        pending.setdefault(ledger, {}).setdefault(key, set()).update(ids)

    @api.model
    def _withdraw(self, ledger: str, key: str) -> set:
        """Forget what was remembered as ``key`` for ``ledger``, and return it."""
        return self.env.cr.precommit.data.get(PENDING, {}).get(ledger, {}).pop(key, set())

    @api.model
    def _run(self):
        """Write all pending events, one statement per ledger.

        Called before each commit and each flushing savepoint, and by whoever reads a ledger.
        """
        if not self.env.cr.precommit.data.get(PENDING):
            return
        for ledger in self._ledger_order():
            pending = self.env.cr.precommit.data[PENDING].pop(ledger, None)
            if pending:
                # A ledger records what anybody does, whatever the doer may read or write.
                self.env[ledger].sudo()._ledger_record(
                    {key: sorted(ids) for key, ids in pending.items()}
                )
