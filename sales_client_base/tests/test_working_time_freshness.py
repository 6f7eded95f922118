from datetime import timedelta

from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .working_time_common import WorkingTimeCommon, utc


@tagged("post_install", "-at_install", "sales_client_base")
class TestWorkingTimeFreshness(WorkingTimeCommon):
    # 2 to 6 June 2025 is a plain week, Berlin is two hours ahead of UTC
    MONDAY = utc("2025-06-02")
    NEXT_MONDAY = utc("2025-06-09")

    def stored_hours(self):
        """Return the hours as SQL reads them, with nothing built on the way."""
        seconds = self.timelines._sql_work_seconds
        return self.env.execute_query(
            SQL(
                "SELECT (%s - %s) / 3600 FROM (%s) AS timeline",
                seconds(SQL("timeline.id"), SQL("%s::timestamp", self.NEXT_MONDAY)),
                seconds(SQL("timeline.id"), SQL("%s::timestamp", self.MONDAY)),
                self.timelines._sql_timeline_of(SQL("NULL::integer"), SQL("%s", self.company.id)),
            )
        )[0][0]

    def test_a_longer_past_is_added_to_what_is_built(self):
        [before] = self.timelines._ensure().filtered(lambda one: one.calendar_id == self.week)
        was = before.built_from, before.built_to
        self.assertAlmostEqual(self.work_hours(utc("2015-06-01"), utc("2015-06-08")), 40)
        future = was[1] + timedelta(weeks=104)
        self.assertAlmostEqual(self.work_hours(future, future + timedelta(weeks=1)), 40)
        self.assertLess(before.built_from.year, 2015)
        span = utc("2015-06-01"), future
        self.assertAlmostEqual(self.work_hours(*span), self.week.get_work_hours_count(*span))

    def test_each_kind_of_change_is_followed_at_commit(self):
        self.timelines._ensure(self.MONDAY)
        self.commit()
        self.assertAlmostEqual(self.stored_hours(), 40)
        holiday = self.holiday(utc("2025-06-02 22:00"), utc("2025-06-03 22:00"))
        self.commit()
        self.assertAlmostEqual(self.stored_hours(), 32)
        holiday.date_to = utc("2025-06-04 22:00")
        self.commit()
        self.assertAlmostEqual(self.stored_hours(), 24)
        holiday.unlink()
        self.commit()
        self.assertAlmostEqual(self.stored_hours(), 40)
        self.week.attendance_ids.filtered(lambda line: line.dayofweek == "4").unlink()
        self.commit()
        self.assertAlmostEqual(self.stored_hours(), 32)
        self.week.attendance_ids[0].hour_from -= 1
        self.commit()
        self.assertAlmostEqual(self.stored_hours(), 33)

    def test_new_time_zone_or_calendar_is_built_at_commit(self):
        now = self.env.cr.now()
        self.week.tz = "Asia/Tokyo"
        self.commit()
        used = self.timeline_of(self.company).filtered(lambda one: one.tz == "Asia/Tokyo")
        self.assertTrue(used.built_from < now < used.built_to)
        company = self.env["res.company"].create({"name": "Newcomer"})
        self.commit()
        self.assertTrue(self.timeline_of(company).built_from)

    def test_change_that_matters_not_builds_nothing(self):
        self.timelines._ensure()
        self.commit()
        self.week.name = "Renamed"
        self.week.attendance_ids[0].name = "Renamed"
        self.commit()
        self.assertFalse(self.timeline_of(self.company).filtered("is_ledger_stale"))

    def test_cron_measures_what_the_ledger_lacks_and_what_changed(self):
        self.timelines._ensure(self.MONDAY)
        deal = self.make_deal()
        self.commit()
        deal.stage_id = self.talks
        self.commit()
        period = self.history(deal)[0]
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead_period SET date_from = %s, date_to = %s, work_hours = NULL
                    WHERE id = %s""",
                self.MONDAY,
                self.MONDAY + timedelta(days=4),
                period.id,
            )
        )
        self.timelines._cron_extend()
        self.assertAlmostEqual(period.work_hours, 32)
        self.holiday(utc("2025-06-02 22:00"), utc("2025-06-03 22:00"))
        self.commit()
        self.timelines._cron_extend()
        self.assertAlmostEqual(period.work_hours, 24)

    def test_an_import_measures_the_periods_of_its_own_deals_only(self):
        self.timelines._ensure()
        deals = self.make_deal() | self.make_deal()
        self.commit()
        deals.stage_id = self.talks
        self.commit()
        ended = self.env["crm.lead.period"].search(
            [("lead_id", "in", deals.ids), ("date_to", "!=", False)], order="lead_id"
        )
        self.env.cr.execute(
            SQL("UPDATE crm_lead_period SET work_hours = NULL WHERE id = ANY(%s)", ended.ids)
        )
        self.assertEqual(ended._fill_work_hours(deals[0].ids), 1)
        self.env.cr.execute(
            SQL(
                """SELECT work_hours IS NULL FROM crm_lead_period
                    WHERE id = ANY(%s) ORDER BY lead_id""",
                ended.ids,
            )
        )
        self.assertEqual(self.env.cr.fetchall(), [(False,), (True,)])

    def test_cron_builds_the_whole_horizon_and_drops_what_is_unused(self):
        self.timelines._ensure()
        old = self.timelines.search([("calendar_id", "=", self.week.id)])
        self.company.resource_calendar_id = self.week.copy({"name": "Other"})
        self.timelines._cron_extend()
        self.assertFalse(old.exists())
        now = self.env.cr.now()
        for timeline in self.timelines.search([]):
            self.assertLess(timeline.built_from, now - timedelta(days=3650))
            self.assertGreater(timeline.built_to, now + timedelta(days=3 * 365))

    def test_ledger_measures_live_in_the_calendar_of_the_owner(self):
        self.timelines._ensure()
        deal = self.make_deal()
        self.commit()
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead_period SET date_from = date_from - INTERVAL '28 days',
                          stage_entered_at = stage_entered_at - INTERVAL '28 days'
                    WHERE origin_lead_id = %s""",
                deal.id,
            )
        )
        deal.stage_id = self.talks
        self.commit()
        period = self.history(deal)[0]
        self.assertAlmostEqual(
            period.work_hours, self.week.get_work_hours_count(period.date_from, period.date_to), 2
        )

    def test_salesperson_reads_the_timelines_of_their_companies_only(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.timelines._ensure()
        seen = self.timelines.with_user(
            new_test_user(self.env, "time_reader", "sales_team.group_sale_salesman")
        )
        self.assertTrue(seen.search([]))
        self.assertNotIn(other, seen.search([]).sudo().company_id)
