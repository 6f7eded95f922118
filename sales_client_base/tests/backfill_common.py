from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from .common import LedgerCommon

START = fields.Datetime.to_datetime("2025-03-03 06:00:00")


def day(number, **more):
    """Return the moment ``number`` days after the deals of these tests were created."""
    return START + timedelta(days=number, **more)


class BackfillCommon(LedgerCommon):
    """Deals with a past: created long ago, with trackings, and no ledger yet."""

    def make_old_deal(self, created=START, **values):
        deal = self.make_deal(**values)
        self.env.flush_all()
        self.env["ledger.dispatcher"]._run()
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead SET create_date = %(at)s, write_date = %(at)s,
                          date_last_stage_update = %(at)s, date_open = %(at)s
                    WHERE id = %(id)s""",
                at=created,
                id=deal.id,
            )
        )
        self.forget(deal)
        return deal

    def forget(self, *deals):
        """Empty the ledger of the deals, as before this addon was installed."""
        self.env.flush_all()
        self.env["ledger.dispatcher"]._run()
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_lead_period WHERE origin_lead_id = ANY(%s)",
                [deal.id for deal in deals],
            )
        )
        self.env.invalidate_all()

    def track(self, deal, at, author=None, subject=False, **changes):
        """Write the message and trackings of a change, ``field=(old, new)``."""
        message = self.env["mail.message"].create(
            {
                "model": "crm.lead",
                "res_id": deal.id,
                "message_type": "notification",
                "author_id": (author or self.alice).partner_id.id,
                "date": fields.Datetime.to_string(at),
                "subject": subject,
            }
        )
        self.env["mail.tracking.value"].create(
            [
                {
                    "mail_message_id": message.id,
                    "field_id": self.env["ir.model.fields"]._get("crm.lead", name).id,
                    **self._tracked("old", old),
                    **self._tracked("new", new),
                }
                for name, (old, new) in changes.items()
            ]
        )
        return message

    def _tracked(self, side, value):
        key = side + "_value_"
        if isinstance(value, bool | int):
            return {key + "integer": int(value)}
        if isinstance(value, float):
            return {key + "float": value}
        if isinstance(value, str):
            return {key + "char": value}
        return {key + "integer": value.id, key + "char": value.display_name}

    def backfill(self):
        self.env.flush_all()
        counts = self.env["crm.lead.period"]._backfill()
        self.env.invalidate_all()
        return counts

    def rows(self, *deals):
        """Return what the ledger says of the deals, without the numbers of the rows."""
        return [
            {name: value for name, value in row.items() if name != "id"}
            for row in self.history(*deals).read(load=None)
        ]
