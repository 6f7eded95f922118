from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .backfill_common import START, BackfillCommon, day


@tagged("post_install", "-at_install", "sales_client_base")
class TestBackfill(BackfillCommon):
    def test_stage_moves_become_periods_without_gaps(self):
        deal = self.make_old_deal(stage_id=self.offer.id)
        self.track(deal, day(2), self.bob, stage_id=(self.new, self.talks))
        self.track(deal, day(5), self.alice, stage_id=(self.talks, self.new))
        self.track(deal, day(9), self.bob, stage_id=(self.new, self.offer))
        self.backfill()
        history = self.history(deal)
        self.assertEqual(
            [period.stage_id for period in history], [self.new, self.talks, self.new, self.offer]
        )
        self.assertEqual(history.mapped("date_from"), [START, day(2), day(5), day(9)])
        self.assertEqual(history.mapped("direction"), ["created", "forward", "backward", "forward"])
        self.assertEqual([p.actor_id for p in history[1:]], [self.bob, self.alice, self.bob])
        self.assertEqual(history[0].actor_id, deal.create_uid)
        self.assertEqual(history.mapped("hours"), [48, 72, 96, 0])
        self.assertEqual(history[0].qualified_at, START)
        self.assertEqual(set(history.mapped("source")), {"backfill"})
        self.assert_sound(deal)

    def test_working_hours_are_those_of_the_calendar(self):
        deal = self.make_old_deal(stage_id=self.talks.id)
        self.track(deal, day(7), stage_id=(self.new, self.talks))
        self.backfill()
        timeline = self.env["resource.calendar.timeline"]
        self.assertAlmostEqual(
            self.history(deal)[0].work_hours,
            timeline._work_hours(self.alice, self.company, START, day(7)),
        )

    def test_facts_of_each_period_are_those_of_its_time(self):
        deal = self.make_old_deal(expected_revenue=900.0, user_id=self.bob.id)
        self.track(deal, day(1), expected_revenue=(400.0, 700.25))
        self.track(deal, day(2), user_id=(self.alice, self.bob), expected_revenue=(700.25, 900.0))
        self.backfill()
        history = self.history(deal)
        self.assertEqual(history.mapped("expected_revenue"), [400.0, 700.25, 900.0])
        self.assertEqual([p.user_id for p in history], [self.alice, self.alice, self.bob])
        self.assertEqual(history.mapped("is_stage_entry"), [True, False, False])
        self.assertEqual(set(history.mapped("stage_entered_at")), {START})
        self.assert_sound(deal)

    def test_second_run_writes_the_same(self):
        deal = self.make_old_deal(stage_id=self.talks.id)
        self.track(deal, day(2), stage_id=(self.new, self.talks))
        self.backfill()
        first = self.rows(deal)
        self.backfill()
        self.assertEqual(self.rows(deal), first)

    def test_run_after_live_events_leaves_these_alone(self):
        deal = self.make_old_deal(stage_id=self.talks.id)
        self.track(deal, day(2), stage_id=(self.new, self.talks))
        self.backfill()
        deal = deal.with_context(tracking_disable=False, mail_notrack=False)
        deal.write({"stage_id": self.offer.id, "expected_revenue": 5.0})
        self.env.flush_all()
        self.env.cr.flush()
        deal.write({"user_id": self.bob.id})
        self.env.flush_all()
        self.env.cr.flush()
        before = self.rows(deal)
        self.assertEqual(
            [row["source"] for row in before], ["backfill", "backfill", "live", "live"]
        )
        self.backfill()
        self.assertEqual(self.rows(deal), before)

    def test_history_of_deleted_deals_stays(self):
        deal = self.make_old_deal(stage_id=self.talks.id)
        self.track(deal, day(2), stage_id=(self.new, self.talks))
        self.backfill()
        deal_id = deal.id
        deal.unlink()
        before = self.rows(self.env["crm.lead"].browse(deal_id))
        self.backfill()
        self.assertEqual(self.rows(self.env["crm.lead"].browse(deal_id)), before)

    def test_it_remembers_what_was_recorded_live(self):
        deal = self.make_deal().with_context(tracking_disable=False)
        self.env.flush_all()
        self.env.cr.flush()
        for event in (
            lambda: deal.write({"stage_id": self.talks.id}),
            lambda: deal.action_set_lost(),
            lambda: deal.action_unarchive(),
            lambda: deal.write({"expected_revenue": 70.0, "user_id": self.bob.id}),
            lambda: deal.action_set_won(),
            lambda: deal.write({"stage_id": self.new.id}),
        ):
            event()
            self.env.flush_all()
            self.env.cr.flush()
        names = (
            *("stage_id", "won_status", "outcome", "direction", "is_stage_entry"),
            *("user_id", "expected_revenue", "is_archived", "deal_type", "actor_id"),
        )
        live = [[row[name] for name in names] for row in self.rows(deal)]
        self.assertIn("lost", [row[1] for row in live])
        self.assertIn("won", [row[1] for row in live])
        self.forget(deal)
        self.backfill()
        self.assertEqual([[row[name] for name in names] for row in self.rows(deal)], live)
        self.assert_sound(deal)

    def test_any_number_of_deals_takes_the_same_queries(self):
        deals = [self.make_old_deal(stage_id=self.talks.id) for _ in range(12)]
        for deal in deals:
            self.track(deal, day(2), stage_id=(self.new, self.talks))
        ledger = self.env["crm.lead.period"]
        counts = []
        for ids in (deals[0].ids, deals[0].ids, [deal.id for deal in deals]):
            self.env.flush_all()
            before = self.cr.sql_log_count
            ledger._backfill(SQL("SELECT unnest(%s::integer[])", ids))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_big_load_leaves_indexes_and_constraints_as_they_were(self):
        deal = self.make_old_deal(stage_id=self.talks.id)
        self.track(deal, day(2), stage_id=(self.new, self.talks))
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM crm_lead_period"))
        self.patch(self.env.registry["crm.lead.period"], "_is_bulk", lambda *args: True)
        before = self._definitions()
        self.backfill()
        self.assertEqual(self._definitions(), before)
        self.assertEqual(len(self.history(deal)), 2)

    def test_only_the_head_of_sales_rebuilds(self):
        ledger = self.env["crm.lead.period"]
        with self.assertRaises(AccessError):
            ledger.with_user(self.alice).action_backfill()
        action = ledger.with_user(self.head).action_backfill()
        self.assertEqual(action["tag"], "display_notification")
        run = self.env["ledger.repair"].with_user(self.head).search([], limit=1)
        self.assertEqual((run.kind, run.ledger), ("backfill", "crm.lead.period"))
        with self.assertRaises(AccessError):
            self.env["ledger.repair"].with_user(self.alice).search([])

    def test_a_change_dated_before_the_deal_is_clamped_and_counted(self):
        deal = self.make_old_deal(stage_id=self.talks.id)
        self.backfill()
        repaired = self.backfill()["repaired"]
        self.track(deal, START - timedelta(days=3), stage_id=(self.new, self.talks))
        self.assertEqual(self.backfill()["repaired"], repaired + 1)
        self.assertEqual(self.history(deal).mapped("date_from"), [START, START])
        self.assert_sound(deal)

    def _definitions(self):
        return self.env.execute_query(
            SQL(
                """SELECT conname, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint')
                     FROM pg_constraint WHERE conrelid = 'crm_lead_period'::regclass
                UNION SELECT indexname, indexdef,
                             obj_description(format('%%I', indexname)::regclass, 'pg_class')
                     FROM pg_indexes WHERE tablename = 'crm_lead_period' ORDER BY 1, 2"""
            )
        )
