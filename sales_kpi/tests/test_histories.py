from odoo.tests import tagged

from ..hooks import post_init_hook
from .common import SalesKpiCommon


@tagged("post_install", "-at_install", "sales_kpi")
class TestHistories(SalesKpiCommon):
    """Deals, people and teams that do not stay what they were."""

    def test_a_chain_of_merges_is_one_inquiry(self):
        self.at("2025-01-06 04:00:00")
        first = self.make_deal()
        self.at("2025-02-06 04:00:00")
        last = self.make_deal(stage_id=self.offer.id)
        self.at("2025-03-06 04:00:00")
        middle = self.make_deal(stage_id=self.talks.id)
        self.at("2025-03-10 04:00:00")
        self.assertEqual((first | middle).merge_opportunity(), middle)
        self.at("2025-04-10 04:00:00")
        self.assertEqual((middle | last).merge_opportunity(), last)
        self.at("2025-04-20 04:00:00")
        last.stage_id = self.won
        self.refresh()
        self.assertEqual(self.value("new_inquiries", "2025-01-01", period_type="year")[2], 1)
        self.assertEqual(self.value("new_inquiries", "2025-01-01")[2], 1)
        self.assertEqual(self.value("cohort_win_rate", "2025-01-01"), (1, 1, 100))
        self.assertEqual(self.value("deals_won", "2025-04-01")[2], 1)
        self.assertIsNone(self.value("deals_lost", "2025-01-01", period_type="year"))

    def test_a_deal_reopened_and_lost_in_one_period_is_lost(self):
        self.at("2025-01-06 04:00:00")
        deal = self.make_deal()
        self.at("2025-01-10 04:00:00")
        deal.stage_id = self.won
        self.at("2025-01-15 04:00:00")
        deal.stage_id = self.talks
        self.at("2025-01-20 04:00:00")
        deal.action_set_lost()
        self.refresh()
        self.assertIsNone(self.value("deals_won", "2025-01-01"))
        self.assertEqual(self.value("deals_lost", "2025-01-01")[2], 1)
        self.assertEqual(self.value("win_rate", "2025-01-01"), (0, 1, 0))
        self.assertEqual(self.value("deals_won", "2025-01-06", period_type="week")[2], 1)

    def test_an_archived_salesperson_keeps_the_figures(self):
        self.at("2025-01-06 04:00:00")
        self.make_deal().stage_id = self.won
        self.at("2025-01-07 04:00:00")
        self.alice.active = False
        self.refresh()
        self.assertEqual(self.value("deals_won", "2025-01-01", self.alice)[2], 1)
        value = self.record("deals_won", "2025-01-01", self.alice, "user")
        self.assertEqual(value.user_id.name, self.alice.name)

    def test_work_counts_for_the_team_of_its_time(self):
        self.at("2025-01-06 04:00:00")
        first = self.make_deal()
        self.at("2025-01-07 04:00:00")
        first.stage_id = self.won
        other = self.env["crm.team"].create({"name": "Other", "company_id": self.company.id})
        self.at("2025-01-20 04:00:00")
        second = self.make_deal(team_id=other.id)
        self.at("2025-01-21 04:00:00")
        second.stage_id = self.env["crm.stage"].create({"name": "Done", "is_won": True})
        self.refresh()
        self.assertEqual(self.value("deals_won", "2025-01-01", self.team)[2], 1)
        self.assertEqual(self.value("deals_won", "2025-01-01", other)[2], 1)
        self.assertEqual(self.value("deals_won", "2025-01-01", self.alice)[2], 2)
        value = self.record("deals_won", "2025-01-01", self.alice, "user")
        self.assertEqual(value.team_id, other, "the team they last worked for")

    def test_installation_computes_what_the_ledger_knows(self):
        self.at("2025-01-06 04:00:00")
        self.make_deals(3)
        self.at("2025-03-06 04:00:00")
        self.assertIsNone(self.value("new_inquiries", "2025-01-01"))
        post_init_hook(self.env)
        self.assertEqual(self.value("new_inquiries", "2025-01-01")[2], 3)
        self.assertEqual(self.value("open_deals", "2025-02-01")[2], 3)

    def test_only_enabled_indicators_have_values(self):
        self.at("2025-01-06 04:00:00")
        self.make_deal()
        self.kpis.search([("code", "=", "open_deals")]).is_enabled = False
        self.refresh()
        self.assertIsNone(self.value("open_deals", "2025-01-01"))
        self.assertEqual(self.value("open_pipeline", "2025-01-01")[2], 1000)
