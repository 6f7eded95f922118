import itertools

from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL


class LedgerCommon(TransactionCase):
    """A company in Tashkent, two salespeople and their leader, four stages, no mail noise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.env.company
        cls.company.sales_tz = "Asia/Tashkent"
        salesman = "sales_team.group_sale_salesman"
        cls.alice = new_test_user(cls.env, "ledger_alice", salesman)
        cls.bob = new_test_user(cls.env, "ledger_bob", salesman)
        cls.leader = new_test_user(cls.env, "ledger_leader", salesman)
        cls.head = new_test_user(cls.env, "ledger_head", "sales_team.group_sale_manager")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Key Clients",
                "user_id": cls.leader.id,
                "company_id": cls.company.id,
                "member_ids": [cls.alice.id, cls.bob.id],
            }
        )
        cls.new, cls.talks, cls.offer, cls.won = cls.env["crm.stage"].create(
            [
                {"name": "First Contact", "sequence": 1000, "team_ids": cls.team.ids},
                {"name": "Talks", "sequence": 1010, "team_ids": cls.team.ids},
                {"name": "Offer", "sequence": 1020, "team_ids": cls.team.ids},
                {"name": "Signed", "sequence": 1030, "is_won": True, "team_ids": cls.team.ids},
            ]
        )

    def make_deal(self, **values):
        return self.make_deals(1, **values)

    def make_deals(self, count, **values):
        defaults = {
            "name": "Conveyor line",
            "type": "opportunity",
            "user_id": self.alice.id,
            "team_id": self.team.id,
            "company_id": self.company.id,
            "stage_id": self.new.id,
            "expected_revenue": 1000.0,
        }
        return self.env["crm.lead"].create([{**defaults, **values} for _ in range(count)])

    def history(self, *deals_or_ids):
        """Return the valid periods of the deals, oldest first."""
        ids = [getattr(deal, "id", deal) for deal in deals_or_ids]
        return self.env["crm.lead.period"].search(
            [("origin_lead_id", "in", ids), ("voided_at", "=", False)], order="date_from, id"
        )

    def assert_sound(self, *deals_or_ids):
        """Each history begins once, has no gap and no negative time, and agrees with its deal."""
        for deal in deals_or_ids:
            history = self.history(deal)
            self.assertTrue(history)
            self.assertEqual(history.mapped("direction").count("created"), 1)
            for earlier, later in itertools.pairwise(history):
                self.assertEqual(earlier.date_to, later.date_from)
            for period in history.filtered("date_to"):
                self.assertGreaterEqual(period.hours, 0)
        ids = [getattr(deal, "id", deal) for deal in deals_or_ids]
        again = self.env["crm.lead.period"]._record(
            SQL("SELECT unnest(%s::integer[])", ids), source="live"
        )
        self.assertEqual(again, 0, "the ledger did not say what the deals say")
