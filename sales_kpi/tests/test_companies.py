from odoo import Command
from odoo.tests import tagged

from .common import SalesKpiCommon


@tagged("post_install", "-at_install", "sales_kpi")
class TestCompanies(SalesKpiCommon):
    """Each company has its own days and its own money."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.other = cls.env["res.company"].create(
            {"name": "New York Office", "currency_id": cls.euro.id, "sales_tz": "America/New_York"}
        )
        cls.env.user.company_ids = [Command.link(cls.other.id)]
        cls.head.company_ids = [Command.link(cls.other.id)]

    def of(self, company, code, date_from, period_type="month"):
        value = self.env["sales.kpi.value"].search(
            [
                ("kpi_id.code", "=", code),
                ("company_id", "=", company.id),
                ("level", "=", "company"),
                ("period_type", "=", period_type),
                ("date_from", "=", date_from),
            ]
        )
        return value.value if value else None

    def deal_of(self, company, **values):
        team = False if company == self.other else self.team.id
        return self.make_deal(company_id=company.id, team_id=team, user_id=False, **values)

    def test_one_moment_falls_on_two_days(self):
        self.at("2025-01-31 21:00:00")  # 1 February in Tashkent, 31 January in New York
        self.deal_of(self.company)
        self.deal_of(self.other)
        self.refresh()
        self.assertEqual(self.of(self.company, "new_inquiries", "2025-02-01"), 1)
        self.assertIsNone(self.of(self.company, "new_inquiries", "2025-01-01"))
        self.assertEqual(self.of(self.other, "new_inquiries", "2025-01-01"), 1)
        self.assertIsNone(self.of(self.other, "new_inquiries", "2025-02-01"))

    def test_days_and_weeks_over_the_change_of_the_clock(self):
        # New York puts the clock forward on 9 March 2025: midnight moves from 5:00 to 4:00 UTC
        for moment in ("2025-03-09 04:59:00", "2025-03-09 05:00:00", "2025-03-10 03:59:00"):
            self.at(moment)
            self.deal_of(self.other)
        self.at("2025-03-10 04:00:00")
        self.deal_of(self.other)
        self.refresh()
        self.assertEqual(self.of(self.other, "new_inquiries", "2025-03-03", "week"), 3)
        self.assertEqual(self.of(self.other, "new_inquiries", "2025-03-10", "week"), 1)

    def test_a_week_may_lie_in_two_years(self):
        for moment in ("2024-12-30 10:00:00", "2025-01-02 10:00:00"):
            self.at(moment)
            self.deal_of(self.other)
        self.refresh("2024-12-30", "2025-01-06")
        self.assertEqual(self.of(self.other, "new_inquiries", "2024-12-30", "week"), 2)
        self.assertEqual(self.of(self.other, "new_inquiries", "2024-01-01", "year"), 1)
        self.assertEqual(self.of(self.other, "new_inquiries", "2025-01-01", "year"), 1)

    def test_money_at_the_rate_of_the_day_of_the_event(self):
        dollar = self.company.currency_id
        self.assertNotEqual(dollar, self.euro)
        self.env["res.currency.rate"].search([("currency_id", "=", self.euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": self.euro.id, "name": day, "rate": rate, "company_id": company.id}
                for day, rate in (("2025-01-01", 0.5), ("2025-02-01", 0.8))
                for company in (self.company, self.other)
            ]
        )
        self.at("2025-01-10 04:00:00")
        first, second = (self.deal_of(self.company, expected_revenue=400.0) for _ in range(2))
        self.at("2025-01-11 04:00:00")
        first.stage_id = self.won
        self.at("2025-02-11 04:00:00")
        second.stage_id = self.won
        # sold in euros: what a row of a foreign currency comes to is the rate of its day
        self.env.flush_all()
        self.env["crm.lead.period"].flush_model()
        won = self.env["crm.lead.period"].search([("outcome", "=", "won")])
        self.env.cr.execute(
            "UPDATE crm_lead_period SET currency_id = %s WHERE id = ANY(%s)",
            (self.euro.id, won.ids),
        )
        self.refresh()
        self.assertAlmostEqual(self.of(self.company, "revenue_won", "2025-01-01"), 800)
        self.assertAlmostEqual(self.of(self.company, "revenue_won", "2025-02-01"), 500)
        value = self.record("revenue_won", "2025-01-01", self.company, "company")
        self.assertEqual(value.currency_id, dollar)

    def test_nothing_of_one_company_counts_in_another(self):
        self.at("2025-01-10 04:00:00")
        self.deal_of(self.company, expected_revenue=100.0)
        self.deal_of(self.other, expected_revenue=900.0)
        self.refresh()
        self.assertEqual(self.of(self.company, "pipeline_created", "2025-01-01"), 100)
        self.assertEqual(self.of(self.other, "pipeline_created", "2025-01-01"), 900)
        seen = self.env["sales.kpi.value"].with_user(self.head)
        here = seen.with_context(allowed_company_ids=self.company.ids).search([])
        self.assertEqual(here.company_id, self.company)
        both = seen.with_context(allowed_company_ids=(self.company | self.other).ids).search([])
        self.assertEqual(both.company_id, self.company | self.other)

    def test_a_deal_that_changes_company_counts_where_it_was_then(self):
        self.at("2025-01-10 04:00:00")
        deal = self.deal_of(self.company)
        self.at("2025-02-10 04:00:00")
        deal.write({"company_id": self.other.id, "team_id": False})
        self.at("2025-03-10 04:00:00")
        deal.stage_id = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        self.refresh()
        self.assertEqual(self.of(self.company, "new_inquiries", "2025-01-01"), 1)
        self.assertIsNone(self.of(self.other, "new_inquiries", "2025-02-01"))
        self.assertEqual(self.of(self.company, "open_deals", "2025-01-01"), 1)
        self.assertIsNone(self.of(self.company, "open_deals", "2025-02-01"))
        self.assertEqual(self.of(self.other, "open_deals", "2025-02-01"), 1)
        self.assertEqual(self.of(self.other, "deals_won", "2025-03-01"), 1)
