from odoo.tests import tagged

from .history_common import HistoryImportCommon


@tagged("post_install", "-at_install", "sales_client_base")
class TestHistoryAgain(HistoryImportCommon):
    """A file that is loaded again after people, or the system, did something with its deals."""

    def setUp(self):
        super().setUp()
        self.first = self.load(self.story(), (1, 0, 0))
        self.client = self.first.partner_id
        self.stored = self.history(self.first)

    def assert_unchanged(self, rows=None):
        clients = self.env["res.partner"].search_count([])
        self.load(rows or self.story(), (0, 0, 1))
        self.assertEqual(self.history(self.first), self.stored)
        self.assertEqual(self.env["res.partner"].search_count([]), clients)

    def test_renamed_client(self):
        self.client.name = "Ferrum Group"
        self.assert_unchanged()

    def test_renamed_client_that_the_import_did_not_make(self):
        known = self.env["res.partner"].create({"name": "Known Works", "is_company": True})
        rows = [{**row, "client": "Known Works", "external_id": "B-1"} for row in self.story()]
        self.load(rows, (1, 0, 0))
        known.name = "Ferrum Group"
        self.stored, self.first = self.history(self.deal("B-1")), self.deal("B-1")
        self.assert_unchanged(rows)

    def test_renamed_client_is_used_for_new_deals_too(self):
        self.client.name = "Ferrum Group"
        rows = [{**row, "external_id": "A-2"} for row in self.story()]
        self.load(rows, (1, 0, 0))
        self.assertEqual(self.deal("A-2").partner_id, self.client)

    def test_another_client_takes_the_old_name(self):
        self.client.name = "Ferrum Group"
        another = self.env["res.partner"].create({"name": "Ferrum Works", "is_company": True})
        self.assert_unchanged()
        rows = [{**row, "external_id": "A-2"} for row in self.story()]
        self.load(rows, (1, 0, 0))
        self.assertEqual(self.deal("A-2").partner_id, another)
        self.load(rows, (0, 0, 1))

    def test_second_client_of_the_same_name(self):
        self.env["res.partner"].create({"name": "Ferrum Works", "is_company": True})
        self.assert_unchanged()

    def test_merged_client(self):
        survivor = self.env["res.partner"].create({"name": "Steel Works", "is_company": True})
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (survivor | self.client).ids, survivor
        )
        self.env.invalidate_all()
        self.assertFalse(self.client.exists())
        self.assertEqual(self.first.partner_id, survivor)
        self.assert_unchanged()
        self.assertEqual(self.stored.client_id, survivor)
        self.assert_sound(self.first)

    def test_renamed_lost_reason(self):
        rows = [{**self.row("lost", "2024-04-01", lost_reason="Dear"), "external_id": "B-1"}]
        lost = self.load(rows, (1, 0, 0)).browse(self.deal("B-1").id)
        lost.lost_reason_id.name = "Too expensive"
        self.first, self.stored = lost, self.history(lost)
        self.assert_unchanged(rows)

    def test_row_missing_at_the_end_stays_in_the_ledger(self):
        self.assert_unchanged(self.story()[:-1])
        self.assertEqual(self.first.won_status, "won")

    def test_row_missing_at_the_beginning_stays_in_the_ledger(self):
        self.assert_unchanged(self.story()[1:])

    def test_row_missing_in_the_middle_is_taken_back(self):
        rows = [self.story()[0], self.story()[2]]
        self.load(rows, (0, 1, 0))
        self.assertEqual(self.history(self.first).stage_id, self.new | self.won)
        self.assert_sound(self.first)
        self.load(rows, (0, 0, 1))

    def test_back_fill_and_repair_leave_imported_history_alone(self):
        rows = [{**row, "external_id": "A-2"} for row in self.story()[:2]]
        self.load(rows, (1, 0, 0))
        moved = self.deal("A-2")
        moved.stage_id = self.offer
        both = (self.first, moved)
        before = self.history(*both).read()
        self.assertEqual([period["source"] for period in before].count("live"), 1)
        self.env["crm.lead.period"]._backfill()
        self.env["crm.lead.period"]._cron_repair()
        self.env.invalidate_all()
        self.assertEqual(self.history(*both).read(), before)
        self.assert_sound(*both)
