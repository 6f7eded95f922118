from random import Random

from odoo import Command
from odoo.tests import tagged

from .common import SalesKpiCommon
from .test_drill_down import COUNTS, SUMS

STEPS = 90
KEY = ("kpi_id", "company_id", "period_type", "date_from", "level", "subject_id", "stage_id")
FACTS = ("user_id", "team_id", "numerator", "denominator", "value")


@tagged("post_install", "-at_install", "sales_kpi")
class TestRandomHistories(SalesKpiCommon):
    """Laws that hold for any history: no hand would think of all its turns."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create(
            {"name": "New York Office", "sales_tz": "America/New_York"}
        )
        (cls.env.user | cls.alice | cls.bob).company_ids = [Command.link(cls.other.id)]
        # no period closes, so that counting touched days must give what counting all gives
        cls.env["res.company"].search([]).sales_kpi_close_days = 1000
        cls.second_team = cls.env["crm.team"].create(
            {"name": "Second Team", "company_id": False, "user_id": cls.bob.id}
        )
        cls.team.company_id = False
        stages = cls.new | cls.talks | cls.offer | cls.won
        stages.team_ids = [Command.clear()]

    def live(self, seed):
        """Let a random history happen from January to April; what is touched is counted now and
        then."""
        choose = Random(seed)
        self.deals = self.env["crm.lead"]
        for step in range(STEPS):
            day, hour = divmod(step * 100 * 24 // STEPS, 24)
            month, day = divmod(day, 28)
            self.at(f"2025-{month + 1:02}-{day + 1:02} {hour:02}:30:00")
            if step % 3 == 0:
                self.deals |= self.begin(choose)
            else:
                self.happen(choose)
            if step % 4 == 3:
                self.kpis._refresh_touched()
        self.at("2025-05-02 08:00:00")
        self.kpis._refresh_touched()

    def begin(self, choose):
        shared = choose.random() < 0.3
        team = self.second_team if shared else self.team
        return self.make_deal(
            type=choose.choice(["lead", "opportunity", "opportunity"]),
            user_id=choose.choice([self.alice.id, self.bob.id, False]),
            team_id=team.id,
            company_id=choose.choice([self.company, self.other]).id if shared else self.company.id,
            stage_id=choose.choice([self.new, self.talks]).id,
            expected_revenue=choose.randrange(100, 1000, 100),
            date_deadline=choose.choice([False, "2025-02-15", "2025-03-10"]),
        )

    def happen(self, choose):
        deal = choose.choice(self.deals.exists() or self.make_deal())
        stages = self.new | self.talks | self.offer | self.won
        events = {
            "move": lambda: deal.write({"stage_id": choose.choice(stages).id}),
            "win": lambda: deal.action_set_won(),
            "lose": lambda: deal.stage_id.is_won or deal.action_set_lost(),
            "restore": lambda: deal.action_unarchive(),
            "archive": lambda: deal.write({"active": False}),
            "hand over": lambda: deal.write({"user_id": choose.choice([self.alice, self.bob]).id}),
            "push": lambda: deal.write({"date_deadline": "2025-04-20"}),
            "convert": lambda: deal.write({"type": "opportunity"}),
            "move company": lambda: deal.write(
                {
                    "company_id": choose.choice([self.company, self.other]).id,
                    "team_id": self.second_team.id,
                }
            ),
            "delete": lambda: choose.random() < 0.5 and deal.unlink(),
            "merge": lambda: self.merge(choose, deal),
        }
        events[choose.choice([*events, "move", "move", "win"])]()

    def merge(self, choose, deal):
        others = self.deals.exists().filtered(
            lambda other: other.active and other.company_id == deal.company_id
        )
        others -= deal
        if deal.active and others:
            (deal | choose.choice(others)).merge_opportunity()

    def stored(self):
        rows = self.env["sales.kpi.value"].search_read([], [*KEY, *FACTS])
        return {
            tuple(str(row[name]) for name in KEY): tuple(str(row[name]) for name in FACTS)
            for row in rows
        }

    def assert_touched_gives_full(self, seed):
        self.live(seed)
        touched = self.stored()
        self.refresh("2025-01-01", "2025-05-03")
        full = self.stored()
        differing = {
            key: (touched.get(key), full.get(key))
            for key in touched.keys() | full.keys()
            if touched.get(key) != full.get(key)
        }
        self.assertFalse(differing)

    def test_touched_days_give_what_a_full_computation_gives(self):
        self.assert_touched_gives_full(104)

    def test_touched_days_of_another_history(self):
        self.assert_touched_gives_full(106)

    def test_touched_days_of_a_third_history(self):
        self.assert_touched_gives_full(107)

    def test_every_value_opens_what_it_counts(self):
        self.live(7)
        self.refresh("2025-01-01", "2025-05-03")
        values = self.env["sales.kpi.value"].search([])
        self.assertGreater(len(values), 500)
        for value in values:
            ids = value._counted_ids()
            rows = self.env["crm.lead.period"].browse(ids)
            with self.subTest(value=[value[name] for name in KEY]):
                self.assertEqual(len(ids), len(set(ids)))
                self.assertEqual(self.counted(value, rows), self.told(value))
                self.assertEqual(rows.company_id, value.company_id)

    def counted(self, value, rows):
        code = value.kpi_id.code
        is_money = code in SUMS or code == "win_rate_value"
        return sum(rows.mapped("expected_revenue")) if is_money else len(rows)

    def told(self, value):
        code = value.kpi_id.code
        return value.numerator if code in COUNTS | SUMS else value.denominator
