from typing import NamedTuple

from odoo import api, models


class LedgerWatch(NamedTuple):
    """What one ledger wants to know of a model."""

    ledger: str  # the ledger's model name
    key: str  # the kind of record, as the ledger's ``_ledger_record`` knows it
    columns: frozenset[str]  # a write of any of these may be an event
    on_create: bool = True


class LedgerSourceMixin(models.AbstractModel):
    """A model whose changes are recorded in ledgers.

    The choke point is where the ORM writes rows: every form, drag, import, RPC call, mail and
    recomputed field passes ``_create`` or ``_write_multi``. Only raw SQL of other code escapes;
    the nightly repair finds that.
    """

    _name = "ledger.source.mixin"
    _description = "Ledger Source"

    @api.model
    def _ledger_watch(self) -> list[LedgerWatch]:
        """Return what is watched here, one entry per ledger."""
        return []

    def _create(self, data_list):
        records = super()._create(data_list)
        for watch in self._ledger_watch():
            if watch.on_create:
                self.env["ledger.dispatcher"]._collect(watch.ledger, watch.key, records.ids)
        return records

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        for watch in self._ledger_watch():
            ids = [
                id_
                for id_, vals in zip(self.ids, vals_list, strict=True)
                if self._ledger_is_event(watch, vals)
            ]
            if ids:
                self.env["ledger.dispatcher"]._collect(watch.ledger, watch.key, ids)
        return result

    @api.model
    def _ledger_is_event(self, watch: LedgerWatch, vals: dict) -> bool:
        """Return whether writing the column values ``vals`` may be an event for ``watch``."""
        return not watch.columns.isdisjoint(vals)
