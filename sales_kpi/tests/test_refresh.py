from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalesKpiCommon


@tagged("post_install", "-at_install", "sales_kpi")
class TestRefresh(SalesKpiCommon):
    """Incremental equals full; nobody reads or computes what is not theirs."""

    def stored(self):
        fields = ("kpi_id", "period_type", "date_from", "level", "subject_id", "stage_id")
        facts = ("user_id", "team_id", "numerator", "denominator", "value")
        return sorted(
            str([row[name] for name in (*fields, *facts)])
            for row in self.env["sales.kpi.value"].search_read([], [*fields, *facts])
        )

    def test_touched_days_give_what_a_full_computation_gives(self):
        self.at("2025-01-06 04:00:00")
        deals = self.make_deals(5)
        self.at("2025-01-09 04:00:00")
        deals[:3].stage_id = self.talks
        self.kpis._refresh_touched()
        self.at("2025-01-20 04:00:00")
        deals[0].stage_id = self.won
        deals[1].user_id = self.bob
        deals[3].unlink()
        self.kpis._refresh_touched()
        self.assertFalse(self.env["sales.kpi.touch"].search_count([]))
        touched = self.stored()
        self.assertTrue(touched)
        self.refresh("2025-01-01", "2025-02-01")
        self.assertEqual(touched, self.stored())

    def test_a_merge_is_counted_again_in_every_month_that_it_changes(self):
        self.env["res.company"].search([]).sales_kpi_close_days = 365
        self.at("2025-01-06 04:00:00")
        first = self.make_deal()
        self.at("2025-02-06 04:00:00")
        last = self.make_deal(stage_id=self.offer.id)
        self.at("2025-03-06 04:00:00")
        middle = self.make_deal(stage_id=self.talks.id)
        self.refresh("2025-01-01", "2025-03-07")
        self.at("2025-03-20 04:00:00")
        (first | middle).merge_opportunity()
        self.kpis._refresh_touched()
        self.at("2025-04-20 04:00:00")
        (middle | last).merge_opportunity()
        self.kpis._refresh_touched()
        touched = self.stored()
        self.refresh("2025-01-01", "2025-04-21")
        self.assertEqual(touched, self.stored())

    def test_imported_history_is_counted_however_old(self):
        self.at("2025-06-06 04:00:00")
        self.make_deal()
        self.refresh("2025-06-01", "2025-06-07")
        rows = [
            {"external_id": "OLD-1", "name": "Old deal", "stage": stage, "entered_at": moment}
            | {"salesperson": self.alice.login, "team": self.team.name, "expected_revenue": 70}
            for stage, moment in (
                (self.new.name, "2025-01-10T05:00:00"),
                ("won", "2025-02-10T05:00:00"),
            )
        ]
        report = self.env["crm.lead.history.import"].with_user(self.head).load_rows(rows)
        self.assertEqual((report["created"], report["errors"]), (1, []))
        self.env["sales.kpi.value"].with_user(self.head).action_refresh_current()
        self.assertEqual(self.value("new_inquiries", "2025-01-01")[2], 1)
        self.assertEqual(self.value("open_deals", "2025-01-01", self.alice)[2], 1)
        self.assertEqual(self.value("revenue_won", "2025-02-01", self.team)[2], 70)

    def test_query_count_does_not_grow_with_the_deals(self):
        self.at("2025-01-06 04:00:00")
        self.make_deals(1)
        self.refresh()
        counts = []
        for size in (1, 40):
            self.make_deals(size)
            self.env.flush_all()
            self.env["crm.lead.period"].flush_model()
            before = self.env.cr.sql_log_count
            self.refresh()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_roles_see_their_own_values(self):
        self.at("2025-01-06 04:00:00")
        self.make_deal()
        self.make_deal(user_id=self.bob.id)
        self.refresh()
        month = [("period_type", "=", "month"), ("kpi_id.code", "=", "new_inquiries")]

        def seen(user):
            return self.env["sales.kpi.value"].with_user(user).search(month)

        self.assertEqual(seen(self.alice).mapped("user_id"), self.alice)
        self.assertEqual(set(seen(self.leader).mapped("level")), {"user", "team"})
        self.assertEqual(seen(self.leader).user_id, self.alice | self.bob)
        self.assertIn("company", seen(self.head).mapped("level"))

    def test_only_the_head_of_sales_computes(self):
        with self.assertRaises(AccessError):
            self.kpis.with_user(self.alice).refresh_values("2025-01-01", "2025-02-01")
        self.kpis.with_user(self.head).refresh_values("2025-01-01", "2025-02-01")
