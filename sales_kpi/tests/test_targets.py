from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .report_common import AUGUST, JULY, SEPTEMBER, KpiReportMixin


@tagged("post_install", "-at_install", "sales_kpi")
class TestTargets(KpiReportMixin, TransactionCase):
    """Plans by person and month, and their copy to the next month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_report()

    def copy_to(self, day, **values):
        values = {"company_id": self.company.id, "date_from": day} | values
        wizards = self.env["sales.kpi.target.copy"].with_user(self.people["head"])
        action = wizards.create(values).action_copy()
        return self.env["sales.kpi.target"].search(action["domain"])

    def test_copy_plans_the_next_month(self):
        copied = self.copy_to(SEPTEMBER, percent=150.0)
        self.assertEqual(copied.mapped("value"), [12.0])
        self.assertEqual(copied.user_id, self.people["anna"])
        self.assertEqual(copied.kpi_id, self.kpi_won)

    def test_copy_keeps_what_is_planned_already(self):
        self.copy_to(SEPTEMBER)
        self.assertEqual(self.copy_to(SEPTEMBER, percent=200.0).value, 8.0)
        replaced = self.copy_to(SEPTEMBER, percent=200.0, is_overwriting=True)
        self.assertEqual(replaced.value, 16.0)

    def test_nothing_to_copy_is_said(self):
        with self.assertRaises(UserError):
            self.copy_to(AUGUST)

    def test_salesperson_may_not_plan(self):
        target = self.env["sales.kpi.target"].search([("company_id", "=", self.company.id)])
        with self.assertRaises(AccessError):
            target.with_user(self.people["anna"]).write({"value": 1})
        with self.assertRaises(AccessError):
            self.env["sales.kpi.target.copy"].with_user(self.people["anna"]).create({})

    def test_only_the_head_refreshes(self):
        values = self.env["sales.kpi.value"]
        with self.assertRaises(AccessError):
            values.with_user(self.people["anna"]).action_refresh_current()
        action = values.with_user(self.people["head"]).action_refresh_current()
        self.assertEqual(action["tag"], "soft_reload")

    def test_achievement_is_the_fact_in_percent_of_the_plan(self):
        target = self.env["sales.kpi.target"].search([("company_id", "=", self.company.id)])
        self.assertEqual((target.has_fact, target.fact_value, target.achievement), (True, 6, 75))
        self.kpi_won.direction = "down"
        target.invalidate_recordset()
        self.assertAlmostEqual(target.achievement, 400 / 3)

    def test_what_never_happened_counts_as_nothing_reached(self):
        target = self.copy_to(SEPTEMBER)
        target.user_id = self.people["boris"]
        self.assertEqual((target.has_fact, target.fact_value, target.achievement), (True, 0, 0))

    def test_a_rate_of_nothing_and_a_coming_period_have_no_fact(self):
        coming = self.copy_to(SEPTEMBER)
        coming.date_from = fields.Date.today() + relativedelta(months=2)
        self.assertFalse(coming.has_fact)
        rate = coming.copy({"kpi_id": self.kpi_rate.id, "date_from": JULY})
        rate.user_id = self.people["boris"]
        self.assertFalse(rate.has_fact)
        self.assertEqual(rate.achievement, 0)

    def test_any_day_means_the_whole_period(self):
        target = self.copy_to(SEPTEMBER)
        target.date_from = "2026-11-17"
        self.assertEqual(target.date_from, date(2026, 11, 1))
        target.period_type = "quarter"
        self.assertEqual(target.date_from, date(2026, 10, 1))
        planned = target.copy({"period_type": "week", "date_from": "2026-11-19"})
        self.assertEqual(planned.date_from, date(2026, 11, 16))

    def test_totals_are_right_or_empty(self):
        values = self.env["sales.kpi.value"]
        domain = [("company_id", "=", self.company.id), ("level", "=", "user")]
        totals = dict(values._read_group(domain, ["kpi_id"], ["value:sum"]))
        self.assertEqual(totals[self.kpi_won], 21)
        self.assertAlmostEqual(totals[self.kpi_rate], 100 * 20 / 36)
        [(total,)] = values._read_group(domain, [], ["value:sum"])
        self.assertFalse(total)
