from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged, warmup

from .common import LedgerCommon

MONDAY = datetime.fromisoformat("2026-03-02 04:00:00")  # 09:00 in Tashkent, UTC+5 all year


@tagged("post_install", "-at_install", "sales_client_base")
class TestStageTime(LedgerCommon):
    """Forty hours a week, Monday to Friday, 8 to 12 and 13 to 17, in Tashkent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {"name": "Tashkent, 40 hours", "tz": "Asia/Tashkent", "company_id": cls.company.id}
        )
        cls.env["resource.calendar.timeline"]._ensure(
            MONDAY - timedelta(days=60), MONDAY + timedelta(days=120)
        )
        (cls.new | cls.talks | cls.offer).norm_days = 5

    def at(self, moment, action):
        with freeze_time(moment):
            result = action()
            self.env["crm.lead.period"].flush_model()  # the events happen now
            self.env.invalidate_all()
        return result

    def stand(self, deal, moment):
        """Return the working days of a deal and its state as seen at a moment."""
        with freeze_time(moment):
            deal.invalidate_recordset()
            return round(deal.stage_work_days, 3), deal.stage_norm_state

    def test_working_days_skip_nights_and_weekends(self):
        deal = self.at(MONDAY, self.make_deal)
        self.assertEqual(self.stand(deal, MONDAY), (0, "ok"))
        self.assertEqual(self.stand(deal, MONDAY + timedelta(hours=3)), (0.4, "ok"))
        self.assertEqual(self.stand(deal, MONDAY + timedelta(days=1)), (1, "ok"))
        self.assertEqual(self.stand(deal, MONDAY + timedelta(days=4)), (4, "warning"))
        saturday = MONDAY + timedelta(days=5)
        self.assertEqual(self.stand(deal, saturday), (4.9, "warning"))
        self.assertEqual(self.stand(deal, MONDAY + timedelta(days=7)), (5, "warning"))
        self.assertEqual(self.stand(deal, MONDAY + timedelta(days=8)), (6, "late"))

    def test_a_change_within_the_stage_does_not_restart_the_time(self):
        deal = self.at(MONDAY, self.make_deal)
        later = MONDAY + timedelta(days=2)
        self.at(later, lambda: deal.write({"expected_revenue": 5000, "user_id": self.bob.id}))
        self.assertEqual(self.stand(deal, MONDAY + timedelta(days=3)), (3, "ok"))

    def test_no_norm_and_closed_deals_have_no_state(self):
        deal = self.at(MONDAY, self.make_deal)
        self.new.norm_days = 0
        self.assertEqual(self.stand(deal, MONDAY + timedelta(days=9)), (7, "none"))
        self.new.norm_days = 5
        self.at(MONDAY + timedelta(days=9), deal.action_set_won)
        self.assertEqual(self.stand(deal, MONDAY + timedelta(days=10)), (0, "none"))

    def test_history_lists_each_stay_with_who_and_how_long(self):
        deal = self.at(MONDAY, self.make_deal)
        self.at(MONDAY + timedelta(days=2), lambda: deal.write({"stage_id": self.talks.id}))
        as_head = deal.with_user(self.head)
        self.at(MONDAY + timedelta(days=9), lambda: as_head.write({"stage_id": self.offer.id}))
        with freeze_time(MONDAY + timedelta(days=10)):
            offer, talks, new = deal.stage_stay_ids
            self.assertEqual(
                [(stay.stage_id, stay.work_days, stay.norm_state) for stay in (new, talks, offer)],
                [(self.new, 2, "ok"), (self.talks, 5, "warning"), (self.offer, 1, "ok")],
            )
            self.assertEqual((talks.direction, talks.norm_percent), ("forward", 100))
            self.assertEqual(talks.left_at, offer.entered_at)
            self.assertEqual(offer.actor_id, self.head)
            self.assertTrue(offer.is_present)

    def test_median_and_percentile_are_taken_of_the_stays(self):
        deals = self.at(MONDAY, lambda: self.make_deals(4))
        for deal, days in zip(deals, (1, 2, 3, 11), strict=True):  # 11 calendar days: 9 working
            moved = MONDAY + timedelta(days=days)
            self.at(moved, lambda deal=deal: deal.write({"stage_id": self.talks.id}))
        domain = [("stage_id", "=", self.new.id), ("is_present", "=", False)]
        measures = ["work_days_median:avg", "work_days_p90:avg", "work_hours_median:avg", "__count"]
        [group] = self.env["crm.lead.stage.stay"].formatted_read_group(
            domain, ["stage_id"], measures
        )
        self.assertEqual(group["work_days_median:avg"], 2.5)
        self.assertAlmostEqual(group["work_days_p90:avg"], 7.2)  # between 3 and 9, 0.7 of the way
        self.assertEqual(group["work_hours_median:avg"], 20)
        self.assertEqual(group["__count"], 4)

    @warmup
    def test_query_count_is_flat(self):
        deals = self.make_deals(60)
        counts = []
        for batch in (deals[:2], deals):
            self.env["crm.lead.period"].flush_model()
            self.env.invalidate_all()
            batch.mapped("name")
            before = self.env.cr.sql_log_count
            batch.mapped("stage_work_days")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 2)

    def test_access_follows_the_ledger(self):
        deal = self.at(MONDAY, self.make_deal)
        stays = deal.stage_stay_ids
        for user in (self.alice, self.leader, self.head):
            self.assertEqual(stays.with_user(user).stage_name, "First Contact")
        with self.assertRaises(AccessError):
            stays.with_user(self.bob).read(["stage_name"])
