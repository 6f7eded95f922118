from odoo.tests import tagged

from .common import SalesKpiCommon


@tagged("post_install", "-at_install", "sales_kpi")
class TestMerges(SalesKpiCommon):
    """A merge lasts: whatever becomes of the deal that is left, nothing counts twice."""

    def setUp(self):
        super().setUp()
        self.at("2025-01-06 04:00:00")
        self.first = self.make_deal(stage_id=self.offer.id)
        self.at("2025-02-06 04:00:00")
        self.second = self.make_deal()
        self.at("2025-02-10 04:00:00")
        self.assertEqual((self.first | self.second).merge_opportunity(), self.first)

    def test_the_deal_left_is_deleted(self):
        self.at("2025-03-10 04:00:00")
        self.first.unlink()
        self.refresh()
        self.assertEqual(self.value("new_inquiries", "2025-01-01", period_type="year")[2], 1)
        self.assertEqual(self.value("cohort_open_share", "2025-01-01"), (0, 1, 0))
        self.assertIsNone(self.value("cohort_open_share", "2025-02-01"))
        self.assertEqual(self.value("open_deals", "2025-02-01")[2], 1)
        self.assertIsNone(self.value("open_deals", "2025-03-01"))

    def test_a_loss_before_the_merge_is_no_loss_after_the_other_is_deleted(self):
        self.at("2025-03-05 04:00:00")
        lost = self.make_deal()
        self.at("2025-03-06 04:00:00")
        lost.action_set_lost()
        self.at("2025-03-07 04:00:00")
        (self.first | lost).merge_opportunity()
        self.at("2025-03-10 04:00:00")
        self.first.unlink()
        self.refresh()
        self.assertIsNone(self.value("deals_lost", "2025-03-01"))

    def test_a_win_after_the_merge_belongs_to_the_earlier_beginning(self):
        self.at("2025-03-01 04:00:00")
        later = self.make_deal(stage_id=self.won.id)
        self.at("2025-03-02 04:00:00")
        self.assertEqual((self.first | later).merge_opportunity(), later)
        self.at("2025-03-10 04:00:00")
        self.refresh()
        self.assertEqual(self.value("cohort_win_rate", "2025-01-01"), (1, 1, 100))
        self.assertIsNone(self.value("cohort_win_rate", "2025-03-01"))
        self.assertEqual(self.value("deals_won", "2025-03-01")[2], 1)

    def test_the_cohort_of_a_merged_deal_follows_without_a_full_computation(self):
        self.env["res.company"].search([]).sales_kpi_close_days = 1
        self.at("2025-02-20 04:00:00")
        earlier = self.make_deal()
        self.at("2025-03-20 04:00:00")
        later = self.make_deal(stage_id=self.offer.id)
        self.at("2025-03-21 04:00:00")
        (earlier | later).merge_opportunity()
        self.kpis._refresh_touched()
        self.assertEqual(self.value("cohort_win_rate", "2025-02-01"), (0, 1, 0))
        self.at("2025-04-21 04:00:00")
        later.stage_id = self.won
        self.kpis._refresh_touched()
        self.assertEqual(self.value("cohort_win_rate", "2025-02-01"), (1, 1, 100))


@tagged("post_install", "-at_install", "sales_kpi")
class TestBeginnings(SalesKpiCommon):
    """Later events that change what a past day counts are noticed without counting all anew."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.company"].search([]).sales_kpi_close_days = 365

    def test_a_first_owner_owns_the_beginning(self):
        self.at("2025-01-06 04:00:00")
        deal = self.make_deal(type="lead", user_id=False)
        self.at("2025-02-06 04:00:00")
        deal.stage_id = self.talks
        self.at("2025-02-07 04:00:00")
        deal.expected_revenue = 50
        self.kpis._refresh_touched()
        self.assertIsNone(self.value("new_inquiries", "2025-01-01", self.bob))
        self.at("2025-03-06 04:00:00")
        deal.user_id = self.bob
        self.kpis._refresh_touched()
        self.assertEqual(self.value("new_inquiries", "2025-01-01", self.bob)[2], 1)

    def test_a_deal_won_in_another_company_is_won_in_the_cohort_it_began_in(self):
        other = self.env["res.company"].create({"name": "Sister", "sales_tz": "Asia/Tashkent"})
        self.at("2025-01-06 04:00:00")
        deal = self.make_deal(user_id=False)
        self.at("2025-02-02 04:00:00")
        self.make_deal()  # what stays open: without it, all weeks since would count as missed
        self.at("2025-02-06 04:00:00")
        deal.write({"company_id": other.id, "team_id": False})
        self.kpis._refresh_touched()
        self.assertEqual(self.value("cohort_win_rate", "2025-01-01"), (0, 1, 0))
        self.at("2025-03-06 04:00:00")
        deal.stage_id = self.won
        self.kpis._refresh_touched()
        self.assertEqual(self.value("cohort_win_rate", "2025-01-01"), (1, 1, 100))
        conversion = self.value("stage_conversion", "2025-01-01", stage=self.new)
        self.assertEqual(conversion, (1, 1, 100))
