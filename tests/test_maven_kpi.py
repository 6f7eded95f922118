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
        """Return the values of 2017 by the period's first day and the person's or team's name."""
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
        subject = {"user": "user_id", "team": "team_id"}.get(level)
        return {
            (value.date_from.isoformat(), value[subject].name if subject else ""): value.value
            for value in found
        }

    def year(self, code):
        return self.values(code, "year")["2017-01-01", ""]

    def assert_equal_to(self, file, subject, level):
        """Compare each line of a file of known answers with the values of the year."""
        names = {
            "won": ("deals_won", 1),
            "lost": ("deals_lost", 1),
            "revenue": ("revenue_won", 1),
            "avg_won": ("deal_size_mean", 1),
            "cycle_won_mean": ("sales_cycle_calendar_days_mean", 1),
            "win_rate": ("win_rate", 100),
        }
        rows = maven.read(file)
        self.assertTrue(rows)
        for column, (code, scale) in names.items():
            values = self.values(code, "year", level)
            self.assertEqual(len(values), len(rows), f"{code}: nobody more, nobody less")
            for row in rows:
                self.assertAlmostEqual(
                    values["2017-01-01", row[subject]],
                    scale * float(row[column]),
                    4,
                    f"{code} of {row[subject]}",
                )

    def test_the_year(self):
        counts = self.expected["stage_counts"]
        self.assertEqual(self.year("deals_won"), counts["Won"])
        self.assertEqual(self.year("deals_lost"), counts["Lost"])
        self.assertEqual(self.year("revenue_won"), self.expected["won_revenue"])
        self.assertAlmostEqual(self.year("win_rate"), 100 * self.expected["win_rate_closed"], 4)
        self.assertAlmostEqual(self.year("win_rate"), 63.15, 2)
        self.assertEqual(self.year("deal_size"), self.expected["median_won_value"])
        self.assertAlmostEqual(self.year("deal_size_mean"), self.expected["avg_won_value"], 4)

    def test_open_at_the_end_of_the_year(self):
        counts = self.expected["stage_counts"]
        self.assertEqual(self.year("open_deals"), counts["Engaging"] + counts["Prospecting"])
        self.assertEqual(self.year("open_pipeline"), self.expected["open_pipeline_list_value"])

    def test_days_to_close(self):
        cycle = self.expected["cycle_days_won"]
        self.assertEqual(self.year("sales_cycle_calendar_days"), cycle["median"])
        self.assertAlmostEqual(self.year("sales_cycle_calendar_days_mean"), cycle["mean"], 4)

    def test_quarters(self):
        starts = {"Q1": "2017-01-01", "Q2": "2017-04-01", "Q3": "2017-07-01", "Q4": "2017-10-01"}
        won = self.values("deals_won", "quarter")
        revenue = self.values("revenue_won", "quarter")
        win_rate = self.values("win_rate", "quarter")
        for quarter in self.expected["by_close_quarter"]:
            key = (starts[quarter["q"][-2:]], "")
            self.assertEqual(won[key], quarter["won"])
            self.assertEqual(revenue[key], quarter["revenue"])
            self.assertAlmostEqual(win_rate[key], 100 * quarter["win_rate"], 4)

    def test_months(self):
        won, revenue = self.values("deals_won", "month"), self.values("revenue_won", "month")
        months = self.expected["won_by_month"]
        self.assertEqual(won, {(f"{month}-01", ""): count for month, (count, _) in months.items()})
        self.assertEqual(
            revenue, {(f"{month}-01", ""): amount for month, (_, amount) in months.items()}
        )

    def test_agents(self):
        self.assert_equal_to("expected_by_sales_agent.csv", "sales_agent", "user")

    def test_managers(self):
        self.assert_equal_to("expected_by_manager.csv", "manager", "team")
