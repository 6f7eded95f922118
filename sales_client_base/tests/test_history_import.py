from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .history_common import HistoryImportCommon

at = fields.Datetime.to_datetime


@tagged("post_install", "-at_install", "sales_client_base")
class TestHistoryImport(HistoryImportCommon):
    def test_won_deal_has_its_past(self):
        deal = self.load(self.story(), (1, 0, 0))
        self.assertEqual(deal.stage_id, self.won)
        self.assertEqual(deal.won_status, "won")
        self.assertEqual(deal.user_id, self.alice)
        self.assertEqual(deal.partner_id.name, "Ferrum Works")
        self.assertTrue(deal.partner_id.is_company)
        self.assertEqual(deal.expected_revenue, 1200.5)
        self.assertEqual(deal.create_date, at("2024-03-01"))
        self.assertEqual(deal.date_open, at("2024-03-01"))
        self.assertEqual(deal.date_closed, at("2024-03-11 10:00:00"))
        self.assertEqual(deal.date_last_stage_update, at("2024-03-11 10:00:00"))
        self.assertEqual(deal.day_close, 10)
        history = self.history(deal)
        self.assertEqual(history.mapped("direction"), ["created", "forward", "forward"])
        self.assertEqual(history.mapped("outcome"), ["none", "none", "won"])
        self.assertEqual(set(history.mapped("source")), {"import"})
        self.assertEqual(history.actor_id, self.head)
        self.assertEqual(history[0].hours, 82)
        worked = self.env["resource.calendar.timeline"]._work_hours(
            self.alice, self.company, history[0].date_from, history[0].date_to
        )
        self.assertAlmostEqual(history[0].work_hours, worked, 3)
        self.assertEqual(set(history.mapped("qualified_at")), {at("2024-03-01")})
        self.assert_sound(deal)

    def test_nothing_live_is_written_besides(self):
        deal = self.load(self.story(), (1, 0, 0))
        self.env.cr.flush()
        self.assertEqual(len(self.history(deal)), 3)
        deal.expected_revenue = 1300
        self.assertEqual(self.history(deal)[-1].source, "live")
        self.assert_sound(deal)

    def test_lost_deal_stays_in_its_last_stage_and_is_archived(self):
        rows = [*self.story()[:2], self.row("lost", "2024-04-01", lost_reason="No budget at all")]
        deal = self.load(rows, (1, 0, 0))
        self.assertFalse(deal.active)
        self.assertEqual(deal.stage_id, self.talks)
        self.assertEqual(deal.won_status, "lost")
        self.assertEqual(deal.probability, 0)
        self.assertEqual(deal.lost_reason_id.name, "No budget at all")
        last = self.history(deal)[-1]
        self.assertEqual((last.outcome, last.is_stage_entry, last.date_to), ("lost", False, False))
        self.assertEqual(last.stage_entered_at, at("2024-03-04 10:00:00"))
        self.assert_sound(deal)

    def test_reopened_deal(self):
        rows = [*self.story(), self.row("Talks", "2024-05-01"), self.row("Offer", "2024-05-02")]
        deal = self.load(rows, (1, 0, 0))
        history = self.history(deal)
        self.assertEqual(history.mapped("outcome"), ["none", "none", "won", "reopened", "none"])
        self.assertEqual(history[3].direction, "backward")
        self.assertFalse(deal.date_closed)
        self.assert_sound(deal)

    def test_dry_run_writes_nothing(self):
        before = self.env["res.partner"].search_count([])
        self.load(self.story(), (1, 0, 0), dry_run=True)
        self.assertFalse(self.deal())
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_same_rows_again_change_nothing(self):
        deal = self.load(self.story(), (1, 0, 0))
        ids = self.history(deal).ids
        self.load(self.story(), (0, 0, 1))
        self.assertEqual(self.history(deal).ids, ids)
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Ferrum Works")]), 1)

    def test_more_rows_are_appended(self):
        deal = self.load(self.story()[:2], (1, 0, 0))
        ids = self.history(deal).ids
        self.assertEqual(deal.won_status, "pending")
        self.load(self.story(), (0, 1, 0))
        self.assertEqual(self.history(deal).ids[:2], ids)
        self.assertEqual(deal.won_status, "won")
        self.assertEqual(deal.date_closed, at("2024-03-11 10:00:00"))
        self.assert_sound(deal)
        self.load(self.story()[:2], (0, 0, 1))
        self.load(self.story()[2:], (0, 0, 1))

    def test_corrected_row_voids_the_wrong_one(self):
        deal = self.load(self.story(), (1, 0, 0))
        rows = self.story()
        rows[1]["entered_at"] = "2024-03-05"
        self.load(rows, (0, 1, 0))
        self.assertEqual(len(self.history(deal)), 3)
        self.assertEqual(self.history(deal)[0].date_to, at("2024-03-05"))
        voided = self.env["crm.lead.period"].search([("voided_at", "!=", False)])
        self.assertEqual(voided.voided_by_id, self.head)
        self.assert_sound(deal)
        self.load(rows, (0, 0, 1))

    def test_what_people_did_since_is_not_rewritten(self):
        deal = self.load(self.story()[:2], (1, 0, 0))
        deal.stage_id = self.offer
        ids = self.history(deal).ids
        self.load(self.story()[:2], (0, 0, 1))
        report = self.importer.load_rows(self.story())
        self.assertEqual([error["column"] for error in report["errors"]], ["entered_at"])
        self.assertEqual(self.history(deal).ids, ids)

    def test_equal_times_keep_the_given_order_and_others_are_sorted(self):
        rows = [
            self.row("Offer", "2024-03-05"),
            self.row("First Contact", "2024-03-01"),
            self.row("Talks", "2024-03-01"),
        ]
        deal = self.load(rows, (1, 0, 0))
        stages = [self.new, self.talks, self.offer]
        self.assertEqual([period.stage_id for period in self.history(deal)], stages)
        self.assert_sound(deal)
        self.load(rows, (0, 0, 1))

    def test_stage_matches_in_any_language(self):
        self.env["res.lang"]._activate_lang("ru_RU")
        self.talks.with_context(lang="ru_RU").name = "Переговоры"
        deal = self.load([self.row("переговоры", "2024-03-01")], (1, 0, 0))
        self.assertEqual(deal.stage_id, self.talks)

    def test_person_by_name_and_empty_cells(self):
        row = self.row("Talks", "2024-03-01", salesperson=self.bob.name, client="", team=None)
        deal = self.load([row, self.row("won", "2024-03-02", salesperson="", team="")], (1, 0, 0))
        self.assertEqual(self.history(deal).user_id, self.bob)
        self.assertFalse(deal.team_id)
        self.assertFalse(self.history(deal)[0].client_id)
        self.assert_sound(deal)

    def test_two_clients_of_a_name_are_an_error(self):
        self.env["res.partner"].create([{"name": "Ferrum Works"}] * 2)
        self.assert_error("client", self.story()[:1])

    def test_bad_cells(self):
        for column, value in (
            ("external_id", ""),
            ("name", None),
            ("entered_at", ""),
            ("entered_at", "soon"),
            ("entered_at", "2999-01-01"),
            ("expected_revenue", "many"),
            ("expected_revenue", "nan"),
            ("date_deadline", "31.31.2024"),
            ("salesperson", "nobody"),
            ("team", "No Such Team"),
            ("stage", "No Such Stage"),
        ):
            with self.subTest(column=column, value=value):
                self.assert_error(column, [{**self.row("Talks", "2024-03-01"), column: value}])

    def test_all_that_is_wrong_with_a_row_is_said_at_once(self):
        wrong = {"entered_at": "soon", "expected_revenue": "many", "salesperson": "nobody"}
        row = {**self.row("No Such Stage", "2024-03-01"), **wrong}
        errors = self.importer.load_rows([row])["errors"]
        self.assertEqual({error["column"] for error in errors}, {*wrong, "stage"})

    def test_deal_is_loaded_wholly_or_not_at_all(self):
        good = {**self.row("Talks", "2024-03-01"), "external_id": "B-1"}
        rows = [self.row("Talks", "2024-03-01"), self.row("Offer", "x"), good]
        report = self.importer.load_rows(rows)
        self.assertEqual((report["created"], len(report["errors"])), (1, 1))
        self.assertEqual(report["errors"][0]["line"], 2)
        self.assertFalse(self.deal())
        self.assertTrue(self.deal("B-1"))

    def test_only_the_head_of_sales(self):
        for user in (self.alice, self.leader):
            with self.assertRaises(AccessError):
                self.env["crm.lead.history.import"].with_user(user).load_rows(self.story())
