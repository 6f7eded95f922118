from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from .backfill_common import START, BackfillCommon, day


@tagged("post_install", "-at_install", "sales_client_base")
class TestBackfillGaps(BackfillCommon):
    """What Odoo's memory lacks: labels, deleted stages, seconds, first values, untracked writes."""

    def close(self, deal, at, **values):
        """Write the state of a deal past all tracking, with the moment of its closing."""
        deal.write(values)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE crm_lead SET date_closed = %(at)s, date_last_stage_update = %(at)s,
                          write_date = %(at)s WHERE id = %(id)s""",
                at=at,
                id=deal.id,
            )
        )
        self.forget(deal)

    def test_win_and_loss_by_the_label_of_any_language(self):
        choices = self.env["ir.model.fields"]._get("crm.lead", "won_status").selection_ids
        for lang, _name in self.env["res.lang"].get_installed():
            labels = {choice.value: choice.with_context(lang=lang).name for choice in choices}
            other, deal = self.make_old_deal(), self.make_old_deal()
            # the database knows the status since this moment
            self.track(other, day(0), won_status=(labels["lost"], labels["pending"]))
            # archived long before it was said to be lost, which only the label tells
            self.track(deal, day(1), active=(True, False))
            self.track(deal, day(4), won_status=(labels["pending"], labels["lost"]))
            self.track(
                deal, day(6), won_status=(labels["lost"], labels["pending"]), active=(False, True)
            )
            self.backfill()
            history = self.history(deal)
            self.assertEqual(
                [(p.date_from, p.outcome) for p in history if p.outcome != "none"],
                [(day(4), "lost"), (day(6), "reopened")],
                lang,
            )
            self.assert_sound(deal)

    def test_older_databases_tell_loss_by_archiving(self):
        self.env.cr.execute(
            SQL(
                "DELETE FROM mail_tracking_value WHERE field_id = %s",
                self.env["ir.model.fields"]._get("crm.lead", "won_status").id,
            )
        )
        reason = self.env["crm.lost.reason"].create({"name": "Too slow"})
        deal = self.make_old_deal()
        self.track(
            deal, day(3), active=(True, False), lost_reason_id=(self.env["crm.lost.reason"], reason)
        )
        self.track(
            deal, day(5), active=(False, True), lost_reason_id=(reason, self.env["crm.lost.reason"])
        )
        self.backfill()
        history = self.history(deal)
        self.assertEqual(history.mapped("outcome"), ["none", "lost", "reopened"])
        self.assertEqual(history[1].lost_reason_id, reason)
        self.assert_sound(deal)

    def test_win_by_the_stage_alone(self):
        deal = self.make_old_deal()
        self.track(deal, day(3), stage_id=(self.new, self.won))
        self.close(deal, day(3), stage_id=self.won.id, probability=100)
        self.backfill()
        history = self.history(deal)
        self.assertEqual(history.mapped("outcome"), ["none", "won"])
        self.assertEqual(history[1].date_from, day(3))
        self.assert_sound(deal)

    def test_only_the_closing_date_tells_of_the_win(self):
        deal = self.make_old_deal()
        self.close(deal, day(8), stage_id=self.won.id, probability=100)
        self.backfill()
        history = self.history(deal)
        self.assertEqual(
            [(p.date_from, p.won_status) for p in history], [(START, "pending"), (day(8), "won")]
        )
        self.assert_sound(deal)

    def test_only_the_closing_date_tells_of_the_loss(self):
        deal = self.make_old_deal()
        self.close(deal, day(8), active=False, probability=0)
        self.backfill()
        history = self.history(deal)
        self.assertEqual(history.mapped("date_from"), [START, day(8)])
        self.assertEqual(history.mapped("won_status"), ["pending", "lost"])
        self.assertEqual(history.mapped("is_archived"), [False, True])
        self.assert_sound(deal)

    def test_untracked_move_is_repaired_and_counted(self):
        deal = self.make_old_deal()
        self.backfill()
        before = self.backfill()["repaired"]
        self.track(deal, day(2), stage_id=(self.new, self.talks))
        self.close(deal, day(9), stage_id=self.offer.id)
        self.assertEqual(self.backfill()["repaired"], before + 1)
        history = self.history(deal)
        self.assertEqual([p.stage_id for p in history], [self.new, self.talks, self.offer])
        self.assertEqual(history[2].date_from, day(9))
        self.assertEqual(self.env["ledger.repair"].search([], limit=1).repaired_count, before + 1)
        self.assert_sound(deal)

    def test_broken_chain_is_counted(self):
        deal = self.make_old_deal(stage_id=self.offer.id)
        self.backfill()
        before = self.backfill()["repaired"]
        self.track(deal, day(2), stage_id=(self.new, self.talks))
        self.track(deal, day(4), stage_id=(self.won, self.offer))
        self.assertEqual(self.backfill()["repaired"], before + 1)
        self.assertEqual(
            [p.stage_id for p in self.history(deal)], [self.new, self.talks, self.offer]
        )
        self.assert_sound(deal)

    def test_deleted_stage_keeps_its_name(self):
        deal = self.make_old_deal()
        gone = self.env["crm.stage"].create({"name": "Tender", "sequence": 1005})
        gone_id = gone.id
        self.track(deal, day(2), stage_id=(self.new, gone))
        self.track(deal, day(5), stage_id=(gone, self.new))
        gone.unlink()
        self.backfill()
        history = self.history(deal)
        self.assertEqual(history.mapped("stage_name"), ["First Contact", "Tender", "First Contact"])
        self.assertFalse(history[1].stage_id)
        self.assertEqual(history[1].origin_stage_id, gone_id)
        self.assertEqual(history.mapped("is_stage_entry"), [True, True, True])
        self.assert_sound(deal)

    def test_events_of_one_second_stay_in_order(self):
        deal = self.make_old_deal(stage_id=self.offer.id)
        self.track(deal, day(2), stage_id=(self.new, self.talks))
        self.track(deal, day(2), stage_id=(self.talks, self.offer))
        self.backfill()
        history = self.history(deal)
        self.assertEqual([p.stage_id for p in history], [self.new, self.talks, self.offer])
        self.assertEqual(history.mapped("hours"), [48, 0, 0])
        self.assert_sound(deal)

    def test_trackings_of_merged_deals_are_set_apart(self):
        deal = self.make_old_deal(stage_id=self.talks.id)
        before = self.backfill()["set_apart"]
        self.track(deal, day(2), stage_id=(self.new, self.talks))
        self.track(
            deal,
            START - timedelta(days=30),
            subject="From Other deal",
            stage_id=(self.new, self.offer),
            expected_revenue=(0.0, 7.0),
        )
        self.assertEqual(self.backfill()["set_apart"], before + 2)
        history = self.history(deal)
        self.assertEqual([p.stage_id for p in history], [self.new, self.talks])
        self.assertEqual(history[0].date_from, START)
        self.assert_sound(deal)

    def test_qualification_is_the_first_moment_as_opportunity(self):
        labels = dict(self.env["crm.lead"].fields_get(["type"])["type"]["selection"])
        deal = self.make_old_deal()
        self.track(deal, day(6), type=(labels["lead"], labels["opportunity"]))
        self.backfill()
        history = self.history(deal)
        self.assertEqual(history.mapped("deal_type"), ["lead", "opportunity"])
        self.assertEqual(history.mapped("qualified_at"), [False, day(6)])
        self.assert_sound(deal)

    def test_client_is_that_of_the_time(self):
        first, second = self.env["res.partner"].create(
            [{"name": "Mill", "is_company": True}, {"name": "Foundry", "is_company": True}]
        )
        buyer = self.env["res.partner"].create({"name": "Buyer", "parent_id": first.id})
        deal = self.make_old_deal(partner_id=second.id)
        self.track(deal, day(1), partner_id=(first, buyer))
        self.track(deal, day(3), partner_id=(buyer, second))
        self.backfill()
        self.assertEqual([p.client_id for p in self.history(deal)], [first, second])
        self.assert_sound(deal)
