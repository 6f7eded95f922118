from datetime import date

from odoo import Command
from odoo.tests import tagged

from .common import SalesKpiCommon


@tagged("post_install", "-at_install", "sales_kpi")
class TestLocalDays(SalesKpiCommon):
    """Days, weeks, months and years begin at midnight where the company is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.berlin = cls.env["res.company"].create(
            {"name": "Berlin Office", "sales_tz": "Europe/Berlin"}
        )
        cls.env.user.company_ids = [Command.link(cls.berlin.id)]

    def deal_in_berlin(self, moment, **values):
        self.at(moment)
        office = {"company_id": self.berlin.id, "team_id": False, "user_id": False}
        return self.make_deal(**office | values)

    def berlin_values(self, code, period_type):
        """Return ``{first day: value}`` of the office."""
        values = self.env["sales.kpi.value"].search(
            [
                ("kpi_id.code", "=", code),
                ("company_id", "=", self.berlin.id),
                ("level", "=", "company"),
                ("period_type", "=", period_type),
            ]
        )
        return {str(value.date_from): value.value for value in values}

    def test_the_clock_is_put_forward(self):
        # 30 March 2025: the last day of a week and nearly of a month has 23 hours
        for moment in ("2025-03-29 22:59:59", "2025-03-30 21:59:59", "2025-03-31 21:59:59"):
            self.deal_in_berlin(moment)
        for moment in ("2025-03-30 22:00:00", "2025-03-31 22:00:00"):
            self.deal_in_berlin(moment)
        self.refresh()
        weeks = self.berlin_values("new_inquiries", "week")
        self.assertEqual(weeks, {"2025-03-24": 2, "2025-03-31": 3})
        months = self.berlin_values("new_inquiries", "month")
        self.assertEqual(months, {"2025-03-01": 4, "2025-04-01": 1})

    def test_the_clock_is_put_back(self):
        # 26 October 2025 has 25 hours: 2:30 comes twice, midnight moves from 22:00 to 23:00 UTC
        for moment in ("2025-10-25 22:00:00", "2025-10-26 00:30:00", "2025-10-26 01:30:00"):
            self.deal_in_berlin(moment)
        for moment in ("2025-10-26 22:59:59", "2025-10-26 23:00:00", "2025-10-31 22:59:59"):
            self.deal_in_berlin(moment)
        self.deal_in_berlin("2025-10-31 23:00:00")
        self.refresh()
        weeks = self.berlin_values("new_inquiries", "week")
        self.assertEqual(weeks, {"2025-10-20": 4, "2025-10-27": 3})
        months = self.berlin_values("new_inquiries", "month")
        self.assertEqual(months, {"2025-10-01": 6, "2025-11-01": 1})

    def test_calendar_days_are_days_on_the_wall_not_hours(self):
        deal = self.deal_in_berlin("2025-03-28 22:30:00")  # Friday 23:30
        self.at("2025-03-30 22:30:00")  # Monday 0:30, 48 hours later
        deal.stage_id = self.won
        self.refresh()
        self.assertEqual(
            self.berlin_values("sales_cycle_calendar_days", "month"), {"2025-03-01": 3}
        )

    def test_weeks_across_new_year_have_53_or_52_weeks_before_them(self):
        # in Berlin 31 December 2026 is a Thursday: its week is the 53rd of 2026
        for moment in ("2026-12-27 23:00:00", "2026-12-31 22:59:59", "2026-12-31 23:00:00"):
            self.deal_in_berlin(moment)
        self.deal_in_berlin("2027-01-03 22:59:59")
        self.deal_in_berlin("2027-01-03 23:00:00")
        self.refresh("2026-12-28", "2027-01-05")
        weeks = self.berlin_values("new_inquiries", "week")
        self.assertEqual(weeks, {"2026-12-28": 4, "2027-01-04": 1})
        self.assertEqual(date.fromisoformat("2026-12-28").isocalendar().week, 53)
        for period_type in ("month", "quarter", "year"):
            values = self.berlin_values("new_inquiries", period_type)
            self.assertEqual(sorted(values.values()), [2, 3], period_type)
            self.assertIn("2027-01-01", values)

    def test_what_is_expected_at_a_beginning_is_seen_at_local_midnight(self):
        deal = self.deal_in_berlin("2025-03-31 21:30:00", date_deadline="2025-04-10")
        late = self.deal_in_berlin("2025-03-31 22:30:00", date_deadline="2025-04-10")
        self.at("2025-04-30 21:59:59")
        (deal | late).date_deadline = "2025-05-10"
        self.at("2025-05-05 10:00:00")
        self.refresh()
        # the second came after April had begun; May has both, and kept them
        slipped = self.berlin_values("slippage", "month")
        self.assertEqual(slipped, {"2025-04-01": 100, "2025-05-01": 0})
        values = self.env["sales.kpi.value"].search(
            [
                ("kpi_id.code", "=", "slippage"),
                ("company_id", "=", self.berlin.id),
                ("period_type", "=", "month"),
                ("level", "=", "company"),
            ],
            order="date_from",
        )
        self.assertEqual(values.mapped("denominator"), [1, 2])

    def test_a_changed_time_zone_moves_past_events_even_of_closed_periods(self):
        self.deal_in_berlin("2025-01-31 23:30:00")  # 1 February in Berlin
        self.at("2025-06-02 10:00:00")
        self.refresh()
        months = self.berlin_values("new_inquiries", "month")
        self.assertEqual(months, {"2025-02-01": 1})
        self.berlin.sales_tz = "America/New_York"
        self.kpis._refresh_touched()
        months = self.berlin_values("new_inquiries", "month")
        self.assertEqual(months, {"2025-01-01": 1})
        self.assertEqual(min(self.berlin_values("open_deals", "month")), "2025-01-01")

    def test_an_archived_company_loses_no_event(self):
        self.deal_in_berlin("2025-01-10 10:00:00")
        self.env.flush_all()
        self.env["crm.lead.period"].flush_model()
        self.env.user.company_ids -= self.berlin
        self.berlin.active = False
        self.kpis._refresh_touched()
        self.assertEqual(self.berlin_values("new_inquiries", "month"), {"2025-01-01": 1})
