from odoo.tests import tagged

from .common import SalesKpiCommon


@tagged("post_install", "-at_install", "sales_kpi")
class TestMeasures(SalesKpiCommon):
    """Every indicator against cases counted by hand."""

    def test_inquiries_count_on_the_company_day(self):
        self.at("2025-01-31 18:59:00")  # 23:59 in Tashkent
        self.make_deal()
        self.at("2025-01-31 19:00:00")  # midnight in Tashkent
        self.make_deals(2)
        self.refresh()
        self.assertEqual(self.value("new_inquiries", "2025-01-01")[2], 1)
        self.assertEqual(self.value("new_inquiries", "2025-02-01", self.alice)[2], 2)
        self.assertEqual(self.value("new_inquiries", "2025-01-01", self.team, "quarter")[2], 3)
        self.assertIsNone(self.value("new_inquiries", "2025-03-01"))

    def test_results_of_a_period(self):
        self.at("2025-01-06 04:00:00")
        deals = self.make_deals(4)
        deals[0].expected_revenue = 3000
        self.at("2025-01-16 04:00:00")
        deals[:2].stage_id = self.won
        deals[2].action_set_lost()
        self.refresh()
        month = "2025-01-01"
        self.assertEqual(self.value("deals_won", month)[2], 2)
        self.assertEqual(self.value("deals_lost", month, self.alice)[2], 1)
        self.assertEqual(self.value("revenue_won", month, self.team)[2], 4000)
        self.assertEqual(self.value("win_rate", month), (2, 3, 66.6667))
        self.assertEqual(self.value("win_rate_value", month), (4000, 5000, 80))
        self.assertEqual(self.value("deal_size", month)[2], 2000)
        self.assertEqual(self.value("deal_size_mean", month), (4000, 2, 2000))
        self.assertEqual(self.value("sales_cycle_calendar_days", month)[2], 10)
        self.assertEqual(self.value("cohort_win_rate", month), (2, 4, 50))
        self.assertEqual(self.value("cohort_open_share", month), (1, 4, 25))
        self.assertEqual(self.value("open_deals", month)[2], 1)
        self.assertEqual(self.value("open_pipeline", month)[2], 1000)
        self.assertEqual(self.value("pipeline_created", month)[0], 6000)
        self.assertIsNone(self.value("deals_won", month, self.bob))
        for code, counted in (("deals_won", deals[:2]), ("win_rate", deals[:3])):
            value = self.record(code, month, self.alice, "user")
            action = value.action_open_records()
            opened = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(opened.lead_id, counted.sorted("id") & opened.lead_id)
            self.assertEqual(len(opened), len(counted))

    def test_a_reopened_win_does_not_count_in_the_period_that_saw_it_undone(self):
        self.at("2025-01-06 04:00:00")
        deal = self.make_deal()
        self.at("2025-01-10 04:00:00")
        deal.stage_id = self.won
        self.at("2025-02-10 04:00:00")
        deal.stage_id = self.talks
        self.at("2025-03-10 04:00:00")
        deal.stage_id = self.won
        self.refresh()
        self.assertEqual(self.value("deals_won", "2025-01-01")[2], 1)
        self.assertIsNone(self.value("deals_won", "2025-02-01"))
        self.assertEqual(self.value("deals_won", "2025-01-01", period_type="quarter")[2], 1)

    def test_stages(self):
        self.at("2025-01-06 04:00:00")
        deals = self.make_deals(4)
        self.at("2025-01-07 04:00:00")
        deals[:3].stage_id = self.talks
        self.at("2025-01-08 04:00:00")
        deals[0].stage_id = self.new
        self.refresh()
        month = "2025-01-01"
        self.assertEqual(self.value("stage_entries", month, stage=self.new)[2], 4)
        self.assertEqual(self.value("stage_conversion", month, stage=self.new), (3, 5, 60))
        self.assertEqual(self.value("stage_entries", month, stage=self.talks)[2], 3)
        self.assertEqual(self.value("regression_rate", month, stage=self.talks), (1, 1, 100))
        self.assertEqual(self.value("stage_hours", month, stage=self.new)[1], 3)
        self.assertGreater(self.value("stage_hours", month, stage=self.new)[2], 0)

    def test_each_owner_has_the_part_of_a_stay_that_they_held(self):
        self.at("2025-01-06 00:00:00")
        deal = self.make_deal()
        self.at("2025-01-07 00:00:00")
        deal.user_id = self.bob
        self.at("2025-01-09 00:00:00")
        deal.stage_id = self.talks
        self.refresh()
        month = "2025-01-01"
        alice = self.value("stage_hours", month, self.alice, stage=self.new)[2]
        bob = self.value("stage_hours", month, self.bob, stage=self.new)[2]
        whole = self.value("stage_hours", month, stage=self.new)[2]
        self.assertAlmostEqual(alice + bob, whole, places=3)
        self.assertGreater(bob, alice)

    def test_pushed_out_deals_slip(self):
        self.at("2025-01-20 04:00:00")
        deals = self.make_deals(2, date_deadline="2025-02-15")
        self.at("2025-02-10 04:00:00")
        deals[0].date_deadline = "2025-03-15"
        self.at("2025-03-05 04:00:00")
        self.refresh()
        self.assertEqual(self.value("slippage", "2025-02-01"), (1, 2, 50))

    def test_merged_deals_count_once_and_deleted_ones_stay(self):
        self.at("2025-01-06 04:00:00")
        first = self.make_deal()
        gone = self.make_deal()
        self.at("2025-02-06 04:00:00")
        second = self.make_deal()
        self.at("2025-02-10 04:00:00")
        (first | second).merge_opportunity()
        gone.unlink()
        self.refresh()
        self.assertEqual(self.value("new_inquiries", "2025-01-01")[2], 2)
        self.assertIsNone(self.value("new_inquiries", "2025-02-01"))
        self.assertEqual(self.value("open_deals", "2025-02-01")[2], 1)
        self.assertEqual(self.value("open_deals", "2025-01-01")[2], 2)
