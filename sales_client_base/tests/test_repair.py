from odoo.tests import tagged
from odoo.tools import SQL

from .backfill_common import START, BackfillCommon, day


@tagged("post_install", "-at_install", "sales_client_base")
class TestRepair(BackfillCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead.period"]._cron_repair()

    def repair(self):
        self.env["crm.lead.period"]._cron_repair()
        self.env.invalidate_all()
        return self.env["ledger.repair"].search([], limit=1)

    def raw(self, deal, query):
        """Change a deal past Odoo, as other code's raw SQL does."""
        self.env.flush_all()
        self.env["ledger.dispatcher"]._run()
        self.env.cr.execute(query)
        self.env.invalidate_all()

    def test_nothing_to_repair(self):
        self.make_deals(3)
        run = self.repair()
        self.assertEqual((run.kind, run.repaired_count), ("repair", 0))
        self.assertGreaterEqual(run.deal_count, 3)

    def test_raw_change_is_recorded_and_counted(self):
        deal = self.make_deal()
        self.raw(
            deal,
            SQL("UPDATE crm_lead SET stage_id = %s WHERE id = %s", self.talks.id, deal.id),
        )
        self.assertEqual(self.repair().repaired_count, 1)
        history = self.history(deal)
        self.assertEqual([p.stage_id for p in history], [self.new, self.talks])
        self.assertEqual(history[1].source, "repair")
        self.assertEqual(self.repair().repaired_count, 0)
        self.assert_sound(deal)

    def test_deal_without_history_begins_at_its_creation(self):
        deal = self.make_old_deal()
        self.assertFalse(self.history(deal))
        self.assertEqual(self.repair().repaired_count, 1)
        period = self.history(deal)
        self.assertEqual((period.date_from, period.source), (START, "repair"))
        self.assert_sound(deal)

    def test_deal_without_history_gets_that_of_its_trackings(self):
        deal = self.make_old_deal(stage_id=self.talks.id)
        self.track(deal, day(3), stage_id=(self.new, self.talks))
        self.repair()
        history = self.history(deal)
        self.assertEqual(history.mapped("date_from"), [START, day(3)])
        self.assertEqual(set(history.mapped("source")), {"repair"})

    def test_raw_deletion_ends_the_history(self):
        deal = self.make_deal()
        deal_id = deal.id
        self.raw(deal, SQL("DELETE FROM crm_lead WHERE id = %s", deal_id))
        self.assertEqual(self.repair().repaired_count, 1)
        period = self.history(deal_id)
        self.assertEqual(period.end_reason, "deleted")
        self.assertTrue(period.date_to)
        self.assertEqual(self.repair().repaired_count, 0)

    def test_cron_runs_the_repair(self):
        cron = self.env.ref("sales_client_base.ir_cron_crm_lead_period_repair")
        before = self.env["ledger.repair"].search_count([])
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self.env["ledger.repair"].search_count([]), before + 1)
