from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import LedgerCommon


@tagged("post_install", "-at_install", "sales_client_base")
class TestDealLedger(LedgerCommon):
    def test_creation_opens_one_period(self):
        client = self.env["res.partner"].create({"name": "Plant", "is_company": True})
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": client.id})
        deal = self.make_deal(partner_id=contact.id, date_deadline="2031-05-01")
        period = self.history(deal)
        self.assertEqual(len(period), 1)
        self.assertRecordValues(
            period,
            [
                {
                    "lead_id": deal.id,
                    "origin_lead_id": deal.id,
                    "stage_id": self.new.id,
                    "stage_name": "First Contact",
                    "user_id": self.alice.id,
                    "team_id": self.team.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "client_id": client.id,
                    "origin_client_id": client.id,
                    "deal_type": "opportunity",
                    "won_status": "pending",
                    "expected_revenue": 1000.0,
                    "is_stage_entry": True,
                    "direction": "created",
                    "outcome": "none",
                    "source": "live",
                    "is_archived": False,
                    "date_to": False,
                    "end_reason": False,
                }
            ],
        )
        self.assertEqual(period.stage_entered_at, period.date_from)
        self.assertEqual(period.qualified_at, period.date_from)

    def test_stage_moves_have_directions_and_times(self):
        with freeze_time("2031-03-03 05:00:00"):
            deal = self.make_deal()
            self.env.flush_all()
            self.history(deal)
        with freeze_time("2031-03-04 05:00:00"):
            deal.stage_id = self.offer
            self.history(deal)
        with freeze_time("2031-03-04 08:00:00"):
            deal.stage_id = self.talks
            history = self.history(deal)
        self.assertEqual(history.mapped("direction"), ["created", "forward", "backward"])
        self.assertEqual(history.mapped("hours"), [24.0, 3.0, 0.0])
        self.assertEqual(history.mapped("end_reason"), ["moved", "moved", False])
        self.assert_sound(deal)

    def test_same_values_again_write_nothing(self):
        deal = self.make_deal()
        self.history(deal)
        deal.write({"stage_id": self.new.id, "user_id": self.alice.id, "expected_revenue": 1000.0})
        deal.write({"name": "Other name", "priority": "2"})
        self.assertEqual(len(self.history(deal)), 1)

    def test_each_fact_begins_a_period(self):
        deal = self.make_deal()
        self.history(deal)
        client = self.env["res.partner"].create({"name": "Plant"})
        reason = self.env["crm.lost.reason"].create({"name": "Too dear"})
        for values in (
            {"stage_id": self.talks.id},
            {"user_id": self.bob.id},
            {"partner_id": client.id},
            {"expected_revenue": 2000.0},
            {"date_deadline": "2031-06-01"},
            {"probability": 37.0},
            {"lost_reason_id": reason.id},
            {"type": "lead"},
            {"team_id": False},
        ):
            before = len(self.history(deal))
            deal.write(values)
            self.assertEqual(len(self.history(deal)), before + 1, values)
        self.assert_sound(deal)
        self.assertEqual(self.history(deal).mapped("is_stage_entry").count(True), 2)

    def test_batch_write_is_one_statement_whatever_the_size(self):
        deals = self.make_deals(60)
        self.history(*deals)
        counts = []
        for batch in (deals[:1], deals[1:]):
            batch.write({"stage_id": self.talks.id})
            batch.flush_recordset()
            before = self.cr.sql_log_count
            self.env["ledger.dispatcher"]._run()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts, [1, 1])
        self.assertEqual(len(self.history(*deals)), 120)
        self.assert_sound(*deals)

    def test_lost_restored_and_won_keep_their_outcomes(self):
        reason = self.env["crm.lost.reason"].create({"name": "Too dear"})
        deal = self.make_deal()
        self.history(deal)
        deal.action_set_lost(lost_reason_id=reason.id)
        self.assertEqual(self.history(deal)[-1].lost_reason_id, reason)
        deal.action_unarchive()
        self.history(deal)
        deal.action_set_won()
        history = self.history(deal)
        outcomes = [outcome for outcome in history.mapped("outcome") if outcome != "none"]
        self.assertEqual(outcomes, ["lost", "reopened", "won"])
        self.assertIn(reason, history.lost_reason_id, "restoring must not lose the reason")
        self.assert_sound(deal)

    def test_actor_is_who_did_it(self):
        deal = self.make_deal()
        self.history(deal)
        deal.with_user(self.alice).write({"stage_id": self.talks.id})
        self.history(deal)
        deal.with_user(self.head).sudo().write({"user_id": self.bob.id})
        history = self.history(deal)
        self.assertEqual(history.actor_id, self.env.user | self.alice | self.head)
        self.assertEqual(history[1].actor_id, self.alice)
        self.assertEqual(history[1].user_id, self.alice)
        self.assertEqual(history[2].actor_id, self.head)
        self.assertEqual(history[2].user_id, self.bob)

    def test_form_and_import_and_mail_gateway(self):
        with Form(self.env["crm.lead"].with_context(default_type="opportunity")) as form:
            form.name = "By form"
        by_form = form.record
        loaded = self.env["crm.lead"].load(
            ["name", "type", "stage_id/.id", "expected_revenue"],
            [["By import", "Opportunity", str(self.talks.id), "5"]],
        )
        self.assertFalse(loaded["messages"])
        by_mail = self.env["crm.lead"].message_new(
            {"subject": "By mail", "email_from": "ann@plant.example", "body": "Please call"}
        )
        self.assert_sound(by_form, *loaded["ids"], by_mail)

    def test_conversion_from_lead_qualifies(self):
        deal = self.make_deal(type="lead")
        self.assertFalse(self.history(deal).qualified_at)
        deal.convert_opportunity(self.env["res.partner"], user_ids=self.bob.ids)
        history = self.history(deal)
        self.assertEqual(history[-1].qualified_at, history[-1].date_from)
        self.assertEqual(history.mapped("deal_type"), ["lead", "opportunity"])
        self.assert_sound(deal)

    def test_merge_keeps_both_histories(self):
        first, second = self.make_deal(), self.make_deal(user_id=self.bob.id)
        self.history(first, second)
        (first | second).write({"stage_id": self.talks.id})
        survivor = (first | second).merge_opportunity()
        merged_id = ({first.id, second.id} - set(survivor.ids)).pop()
        gone = self.history(merged_id)
        self.assertEqual(len(gone), 2)
        self.assertEqual(gone[-1].end_reason, "merged")
        self.assertEqual(gone[-1].merged_into_id, survivor)
        self.assertEqual(gone[-1].lead_name, "Conveyor line")
        self.assertFalse(gone.lead_id)
        self.assertGreaterEqual(min(self.history(survivor).mapped("hours")), 0)
        self.assert_sound(survivor)

    def test_deletion_of_deal_keeps_the_history(self):
        deal = self.make_deal()
        deal_id = deal.id
        deal.with_user(self.head).unlink()
        period = self.history(deal_id)
        self.assertRecordValues(
            period,
            [{"end_reason": "deleted", "lead_name": "Conveyor line", "ended_by_id": self.head.id}],
        )
        self.assertTrue(period.date_to)

    def test_deletion_of_stage_team_and_person_keeps_names(self):
        person = self.bob
        deal = self.make_deal(user_id=person.id, stage_id=self.offer.id)
        self.history(deal)
        deal.write({"stage_id": self.new.id, "user_id": self.alice.id, "team_id": False})
        self.history(deal)
        person_name = person.name
        gone = {"stage": self.offer.id, "team": self.team.id, "person": person.id}
        (self.new | self.talks | self.won).team_ids = False
        self.offer.unlink()
        self.team.member_ids = False
        self.team.unlink()
        person.unlink()
        self.env.invalidate_all()
        first = self.history(deal)[0]
        self.assertRecordValues(
            first,
            [
                {
                    "stage_id": False,
                    "origin_stage_id": gone["stage"],
                    "stage_name": "Offer",
                    "stage_sequence": 1020,
                    "team_id": False,
                    "origin_team_id": gone["team"],
                    "team_name": "Key Clients",
                    "user_id": False,
                    "origin_user_id": gone["person"],
                    "user_name": person_name,
                }
            ],
        )

    def test_contact_that_changes_company_changes_the_client(self):
        old, new = self.env["res.partner"].create(
            [{"name": "Old", "is_company": True}, {"name": "New", "is_company": True}]
        )
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": old.id})
        deal = self.make_deal(partner_id=contact.id)
        self.history(deal)
        contact.parent_id = new
        self.assertEqual(self.history(deal).mapped("client_id"), old | new)
        self.assert_sound(deal)

    def test_partner_merge_leaves_the_ledger_whole(self):
        source, target = self.env["res.partner"].create(
            [{"name": "Plant", "is_company": True}, {"name": "Plant", "is_company": True}]
        )
        deals = self.make_deal(partner_id=source.id) | self.make_deal(partner_id=target.id)
        self.history(*deals)
        count = len(self.history(*deals))
        self.env["base.partner.merge.automatic.wizard"]._merge((source | target).ids, target)
        self.env.invalidate_all()
        self.assertEqual(len(self.history(*deals)), count)
        self.assertEqual(self.history(*deals).client_id, target)
        self.assert_sound(*deals)

    def test_automatic_probability_is_no_event(self):
        deal = self.make_deal()
        self.history(deal)
        deal.write({"probability": 41.0, "automated_probability": 41.0})
        self.assertEqual(len(self.history(deal)), 1)
        deal.write({"probability": 70.0})
        self.assertTrue(self.history(deal)[-1].is_probability_manual)
        deal.action_set_automated_probability()
        history = self.history(deal)
        self.assertEqual([round(value) for value in history.mapped("probability")][1:], [70, 41])

    def test_savepoint_rolled_back_leaves_nothing(self):
        deal = self.make_deal()
        self.history(deal)
        savepoint = self.cr.savepoint()
        deal.stage_id = self.talks
        self.assertEqual(len(self.history(deal)), 2)
        savepoint.rollback()
        self.env.invalidate_all()
        self.assertEqual(len(self.history(deal)), 1)
        savepoint.close()
        self.assert_sound(deal)

    def test_clock_that_goes_back_gives_no_negative_time(self):
        deal = self.make_deal()
        start = self.history(deal).date_from
        with freeze_time(start - timedelta(hours=2)):
            deal.stage_id = self.talks
            history = self.history(deal)
        self.assertEqual(history[0].hours, 0.0)
        self.assert_sound(deal)

    def test_company_change_and_won_stage_toggle(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.alice.company_ids |= other
        deal = self.make_deal(team_id=False)
        self.history(deal)
        deal.company_id = other
        self.assertEqual(self.history(deal).mapped("company_id"), self.company | other)
        self.talks.team_ids = False
        deal.stage_id = self.talks
        self.history(deal)
        self.talks.is_won = True
        self.assertEqual(self.history(deal)[-1].outcome, "won")
        self.assert_sound(deal)

    def test_company_of_a_deal_without_one(self):
        team = self.env["crm.team"].create({"name": "Anywhere", "company_id": False})
        deal = self.make_deal(team_id=team.id, user_id=False, company_id=False)
        self.assertFalse(deal.company_id)
        self.assertEqual(self.history(deal).company_id, self.env.user.company_id)

    @mute_logger("odoo.sql_db")
    def test_staff_cannot_edit_the_ledger(self):
        deal = self.make_deal()
        period = self.history(deal)
        for user in (self.alice, self.leader, self.head):
            for attempt in (
                lambda row: row.write({"expected_revenue": 1}),
                lambda row: row.unlink(),
                lambda row: row.create({"origin_lead_id": 1, "deal_type": "lead"}),
            ):
                with self.assertRaisesRegex(Exception, "ledger_|not allowed"):
                    attempt(period.with_user(user))
