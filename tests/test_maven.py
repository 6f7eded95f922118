"""The sample of 8,800 deals goes in by the import of history, and its known figures come out."""

import unittest

import maven

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL


@unittest.skipUnless(maven.is_there(), maven.MISSING)
@tagged("post_install", "-at_install", "sales_client_base")
class TestMaven(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = maven.set_up(cls.env)
        cls.importer = cls.env["crm.lead.history.import"]
        cls.rows = maven.rows()
        cls.report = cls.importer.load_rows(cls.rows)
        cls.expected = maven.expected()

    def query(self, template, *values):
        """Run a query over ``deal``, one row per deal as the ledger's open periods tell it."""
        deals = SQL(
            """WITH deal AS (
                   SELECT period.origin_lead_id, period.won_status,
                          period.stage_name ->> 'en_US' AS stage,
                          period.expected_revenue AS revenue, period.user_name AS agent,
                          period.team_name ->> 'en_US' AS manager, period.date_from AS closed_at,
                          EXTRACT(EPOCH FROM period.date_from - period.qualified_at) / 86400 AS days
                     FROM crm_lead_period AS period
                    WHERE period.source = 'import'
                      AND period.date_to IS NULL AND period.voided_at IS NULL)"""
        )
        return self.env.execute_query(SQL("%s %s", deals, SQL(template, *values)))

    def test_every_deal_is_loaded_once(self):
        self.assertEqual(self.report["errors"], [])
        self.assertEqual(self.report["created"], self.expected["rows"])
        again = self.importer.load_rows(self.rows)
        self.assertEqual(
            again, {"created": 0, "updated": 0, "unchanged": self.expected["rows"], "errors": []}
        )

    def test_counts_and_revenue(self):
        counts = dict(
            self.query(
                """SELECT CASE won_status WHEN 'won' THEN 'Won' WHEN 'lost' THEN 'Lost'
                               ELSE stage END, COUNT(*) FROM deal GROUP BY 1"""
            )
        )
        self.assertEqual(counts, self.expected["stage_counts"])
        [[revenue, mean, median]] = self.query(
            """SELECT SUM(revenue), AVG(revenue),
                      PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY revenue)
                 FROM deal WHERE won_status = 'won'"""
        )
        self.assertEqual(float(revenue), self.expected["won_revenue"])
        self.assertAlmostEqual(float(mean), self.expected["avg_won_value"], 6)
        self.assertEqual(float(median), self.expected["median_won_value"])

    def test_days_to_close(self):
        for status in ("won", "lost"):
            known = self.expected[f"cycle_days_{status}"]
            [figures] = self.query(
                """SELECT COUNT(*), AVG(days), PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY days),
                          MIN(days), MAX(days), SUM(days)
                     FROM deal WHERE won_status = %s""",
                status,
            )
            names = ("n", "mean", "median", "min", "max", "sum")
            for name, figure in zip(names, figures, strict=True):
                self.assertAlmostEqual(float(figure), known[name], 6, (status, name))

    def test_quarters(self):
        figures = self.query(
            """SELECT TO_CHAR(closed_at, 'YYYY"Q"Q'), COUNT(*),
                      COUNT(*) FILTER (WHERE won_status = 'won'),
                      SUM(revenue) FILTER (WHERE won_status = 'won')
                 FROM deal WHERE won_status != 'pending' GROUP BY 1 ORDER BY 1"""
        )
        known = [
            (line["q"], line["closed"], line["won"], line["revenue"])
            for line in self.expected["by_close_quarter"]
        ]
        self.assertEqual([(*row[:3], float(row[3])) for row in figures], known)

    def test_agents_and_managers(self):
        for column, file in (
            ("agent", "expected_by_sales_agent.csv"),
            ("manager", "expected_by_manager.csv"),
        ):
            figures = self.query(
                """SELECT %s, COUNT(*), COUNT(*) FILTER (WHERE won_status = 'won'),
                          COUNT(*) FILTER (WHERE won_status = 'lost'),
                          SUM(revenue) FILTER (WHERE won_status = 'won')
                     FROM deal GROUP BY 1""",
                SQL.identifier(column),
            )
            known = {
                next(iter(line.values())): (
                    *(int(line[name]) for name in ("opps", "won", "lost")),
                    float(line["revenue"]),
                )
                for line in maven.read(file)
            }
            found = {name: (*counts, float(revenue)) for name, *counts, revenue in figures}
            self.assertEqual(found, known)

    def test_the_ledger_agrees_with_the_deals(self):
        again = self.env["crm.lead.period"]._record(SQL("SELECT id FROM crm_lead"), source="live")
        self.assertEqual(again, 0)
