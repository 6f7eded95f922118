"""The indicators of the sample of 8,800 deals equal its known figures."""

import unittest

import maven

from odoo.tests import TransactionCase, tagged


@unittest.skipUnless(maven.is_there(), maven.MISSING)
@tagged("post_install", "-at_install", "sales_kpi")
class TestMavenKpi(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        maven.set_up(cls.env)
        cls.env["crm.lead.history.import"].load_rows(maven.rows())
        cls.env["sales.kpi"].refresh_values("2016-10-01", "2018-01-01")
        cls.expected = maven.expected()

    def values(self, code, period_type, level="company"):
        found = self.env["sales.kpi.value"].search(
            [
                ("kpi_id.code", "=", code),
                ("period_type", "=", period_type),
                ("level", "=", level),
                ("company_id", "=", self.env.company.id),
                ("date_from", ">=", "2017-01-01"),
                ("date_from", "<", "2018-01-01"),
            ]
        )
        return {(value.date_from.isoformat(), value.user_id.name or ""): value for value in found}

    def year(self, code):
        return self.values(code, "year")["2017-01-01", ""]

    def test_the_year(self):
        counts = self.expected["stage_counts"]
        self.assertEqual(self.year("deals_won").value, counts["Won"])
        self.assertEqual(self.year("deals_lost").value, counts["Lost"])
        self.assertEqual(self.year("revenue_won").value, self.expected["won_revenue"])
        self.assertAlmostEqual(
            self.year("win_rate").value, 100 * self.expected["win_rate_closed"], 4
        )
        self.assertEqual(self.year("deal_size").value, self.expected["median_won_value"])
        self.assertAlmostEqual(self.year("deal_size_mean").value, self.expected["avg_won_value"], 4)

    def test_days_to_close(self):
        cycle = self.expected["cycle_days_won"]
        self.assertEqual(self.year("sales_cycle_calendar_days").value, cycle["median"])
        self.assertAlmostEqual(self.year("sales_cycle_calendar_days_mean").value, cycle["mean"], 4)

    def test_quarters(self):
        starts = {"Q1": "2017-01-01", "Q2": "2017-04-01", "Q3": "2017-07-01", "Q4": "2017-10-01"}
        for quarter in self.expected["by_close_quarter"]:
            key = (starts[quarter["q"][-2:]], "")
            self.assertEqual(self.values("deals_won", "quarter")[key].value, quarter["won"])
            self.assertEqual(self.values("revenue_won", "quarter")[key].value, quarter["revenue"])
            self.assertAlmostEqual(
                self.values("win_rate", "quarter")[key].value, 100 * quarter["win_rate"], 4
            )

    def test_agents(self):
        won = self.values("deals_won", "year", "user")
        revenue = self.values("revenue_won", "year", "user")
        for row in maven.read("expected_by_sales_agent.csv"):
            key = ("2017-01-01", row["sales_agent"])
            self.assertEqual(won[key].value, int(row["won"]))
            self.assertEqual(revenue[key].value, float(row["revenue"]))
