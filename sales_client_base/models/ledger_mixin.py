from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.tools import SQL


class LedgerMixin(models.AbstractModel):
    """An append-only record of facts, written when they happen and never edited.

    A ledger row carries what was true at the event: doer, owner, team, company, currency, the ids
    of what it speaks of as plain integers (``origin_*``), and the names of what may be deleted.
    Rows are written by SQL only. A correction voids a row and adds another.
    """

    _name = "ledger.mixin"
    _description = "Ledger"
    _log_access = False

    source = fields.Selection(
        [
            ("live", "Recorded live"),
            ("backfill", "From Odoo's memory"),
            ("import", "Imported"),
            ("repair", "Repaired"),
        ],
        required=True,
        default="live",
        readonly=True,
        help="How this row came into the ledger.",
    )
    voided_at = fields.Datetime(readonly=True)
    voided_by_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")

    @api.private
    def flush_model(self, fnames=None):
        """Write pending events first, so that a search in the same transaction sees them."""
        result = super().flush_model(fnames)
        for model, names in self._ledger_reads().items():
            self.env[model].flush_model(names)
        self.env["ledger.dispatcher"]._run()
        return result

    @api.model
    def _ledger_reads(self) -> dict[str, list[str]]:
        """Return the fields, by model, that the live statement reads from the database."""
        return {}

    @api.model
    def _ledger_record(self, pending: dict[str, list[int]]) -> int:
        """Write what changed on the records ``pending`` (ids by kind) in one statement.

        Each ledger has its own; one that collects no events has nothing to write.

        :return: the number of rows written
        """
        return 0

    @api.model
    def _ledger_clock(self) -> datetime:
        """Return the present moment, UTC, with microseconds.

        ``cr.now()`` stands still during a transaction, so two events of one transaction would
        share it.
        """
        return datetime.now(UTC).replace(tzinfo=None)

    @api.model
    def _sql_event_ctes(self, events: SQL) -> list[SQL]:
        """Return further ``name AS (...)`` clauses to run inside a statement that writes events.

        Addons use it to mark what an event touches in the same statement, so that no event can be
        lost between two transactions.

        :param events: the name of the clause that gives one row per event: the moment ``at``, the
            facts then, and those of the period it ends as ``open_*``
        """
        return []

    @api.model
    def _touch_periods(self, days: SQL):
        """Tell whoever sums the ledger up which days changed (back-fill, import, repair, deletion).

        :param days: ``SELECT company_id, day``, days in the company's time zone.
        """
