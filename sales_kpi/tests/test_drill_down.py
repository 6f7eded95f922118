from odoo.tests import tagged

from .common import SalesKpiCommon

# of these the opened rows are the numerator; of all others the denominator
COUNTS = {"new_inquiries", "deals_won", "deals_lost", "stage_entries", "open_deals"}
# of these the opened rows add up to the numerator, in money
SUMS = {"pipeline_created", "revenue_won", "open_pipeline"}


@tagged("post_install", "-at_install", "sales_kpi")
class TestDrillDown(SalesKpiCommon):
    """Every stored value opens exactly what it counts, whatever became of the deals."""

    def live(self):
        """Let deals be won, lost, reopened, moved back, pushed out, handed over and merged."""
        self.at("2025-01-06 04:00:00")
        deals = self.make_deals(8, date_deadline="2025-02-15")
        deals |= self.make_deals(2, user_id=self.bob.id, expected_revenue=300.0)
        self.at("2025-01-08 07:00:00")
        deals[:7].stage_id = self.talks
        self.at("2025-01-20 07:00:00")
        deals[0].stage_id = self.won
        deals[1].action_set_lost()
        deals[2].stage_id = self.new
        deals[3].user_id = self.bob
        self.at("2025-02-03 07:00:00")
        deals[0].stage_id = self.offer
        deals[3].stage_id = self.offer
        deals[4].date_deadline = "2025-03-20"
        deals[5].active = False
        self.at("2025-02-10 07:00:00")
        (deals[6] | deals[7]).merge_opportunity()
        deals[8].stage_id = self.won
        self.at("2025-02-20 07:00:00")
        deals[0].stage_id = self.won
        deals[9].unlink()
        self.at("2025-03-05 07:00:00")

    def test_every_value_opens_what_it_counts(self):
        self.live()
        self.refresh()
        values = self.env["sales.kpi.value"].search([("company_id", "=", self.company.id)])
        enabled = self.kpis.search([("is_enabled", "=", True)])
        self.assertEqual(values.kpi_id, enabled, "the story leaves an indicator without a value")
        self.assertEqual(set(values.mapped("level")), {"user", "team", "company"})
        for value in values:
            key = value.kpi_id.code, value.period_type, value.date_from, value.level
            with self.subTest(key=key, stage=value.stage_id.name):
                self.assert_opens(value)

    def assert_opens(self, value):
        action = value.action_open_records()
        [(_field, _operator, ids)] = action["domain"]
        opened = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sorted(ids), sorted(opened.ids))
        code = value.kpi_id.code
        if code in SUMS:
            self.assertEqual(sum(opened.mapped("expected_revenue")), value.numerator)
        elif code == "win_rate_value":
            self.assertEqual(sum(opened.mapped("expected_revenue")), value.denominator)
        else:
            counted = value.numerator if code in COUNTS else value.denominator
            self.assertEqual(len(opened), counted)

    def test_whoever_sees_a_value_sees_the_rows_their_rules_allow(self):
        self.live()
        self.refresh()
        value = self.record("deals_won", "2025-02-01", self.team, "team")
        for user in (self.leader, self.head):
            action = value.with_user(user).action_open_records()
            rows = self.env["crm.lead.period"].with_user(user).search(action["domain"])
            self.assertEqual(len(rows), value.numerator)
