"""Where Odoo's own answer is wrong, the ledger's is right. Odoo's is printed, never asserted."""

import logging

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import LedgerCommon

_logger = logging.getLogger(__name__)

START, LATER, NOW = "2025-02-03 08:00:00", "2025-03-05 08:00:00", "2025-04-14 08:00:00"


@tagged("post_install", "-at_install", "sales_client_base")
class TestNativeTraps(LedgerCommon):
    def commit(self):
        """Write what is pending, as at the end of a request."""
        self.env.flush_all()
        self.env.cr.flush()

    def at(self, moment):
        return fields.Datetime.to_datetime(moment)

    def make_deal_at(self, moment, **values):
        with freeze_time(moment):
            deal = self.make_deal(**values)
            self.commit()
        return deal

    def write_at(self, moment, deals, **values):
        with freeze_time(moment):
            deals.write(values)
            self.commit()

    def test_1_reassignment_keeps_the_first_assignment(self):
        deal = self.make_deal_at(START)
        self.write_at(NOW, deal, user_id=self.bob.id)
        _logger.info("Odoo: assigned at %s", deal.date_open)
        history = self.history(deal)
        self.assertEqual([p.user_id for p in history], [self.alice, self.bob])
        self.assertEqual(history.mapped("date_from"), [self.at(START), self.at(NOW)])

    def test_2_batch_move_leaves_deals_already_there_alone(self):
        old = self.make_deal_at(START, stage_id=self.talks.id)
        new = self.make_deal_at(START)
        self.write_at(NOW, old | new, stage_id=self.talks.id)
        _logger.info("Odoo: entered its stage at %s", old.date_last_stage_update)
        self.assertEqual(self.history(old).mapped("stage_entered_at"), [self.at(START)])
        self.assertEqual(self.history(new)[-1].stage_entered_at, self.at(NOW))

    def test_3_merge_keeps_both_histories_apart(self):
        first = self.make_deal_at(START)
        second = self.make_deal_at(START)
        for deal in first, second:
            self.write_at(LATER, deal, stage_id=self.talks.id)
        ids = (first | second).ids
        with freeze_time(NOW):
            kept = (first | second).merge_opportunity()
            self.commit()
        _logger.info("Odoo: one deal of two, seconds in stages %s", kept.duration_tracking)
        [gone_id] = set(ids) - set(kept.ids)
        gone = self.history(gone_id)
        self.assertEqual(gone[-1].end_reason, "merged")
        for deal_id in ids:
            history = self.history(deal_id)
            self.assertEqual([p.stage_id for p in history[:2]], [self.new, self.talks])
            self.assertEqual(history[0].hours, 30 * 24)
            self.assertTrue(all(period.hours >= 0 for period in history))
        self.assertEqual(gone[-1].hours, 40 * 24)

    def test_8_restored_deal_remembers_its_loss(self):
        reason = self.env["crm.lost.reason"].create({"name": "Price"})
        deal = self.make_deal_at(START)
        with freeze_time(LATER):
            deal.action_set_lost(lost_reason_id=reason.id)
            self.commit()
        with freeze_time(NOW):
            deal.action_unarchive()
            self.commit()
        _logger.info("Odoo: closed %s, reason %s", deal.date_closed, deal.lost_reason_id)
        history = self.history(deal)
        lost = history.filtered(lambda period: period.outcome == "lost")
        self.assertEqual((lost.date_from, lost.lost_reason_id), (self.at(LATER), reason))
        reopened = history.filtered(lambda period: period.outcome == "reopened")
        self.assertEqual(reopened.date_from, self.at(NOW))

    def test_9_expected_closing_and_probability_have_a_history(self):
        deal = self.make_deal_at(START, date_deadline="2025-03-31", probability=20.0)
        self.write_at(LATER, deal, date_deadline="2025-05-31", probability=60.0)
        tracked = self.env["crm.lead"]._track_get_fields()
        _logger.info("Odoo: tracked %s", {"date_deadline", "probability"} & set(tracked))
        history = self.history(deal)
        self.assertEqual(
            history.mapped("date_deadline"),
            [fields.Date.to_date("2025-03-31"), fields.Date.to_date("2025-05-31")],
        )
        self.assertEqual(history.mapped("probability"), [20.0, 60.0])

    def test_12_untracked_writes_are_recorded(self):
        deal = self.make_deal_at(START)
        untracked = deal.with_context(tracking_disable=True)
        self.write_at(LATER, untracked, stage_id=self.talks.id)
        self.write_at(NOW, untracked, stage_id=self.offer.id)
        _logger.info("Odoo: seconds in stages %s", deal.duration_tracking)
        history = self.history(deal)
        self.assertEqual([p.stage_id for p in history], [self.new, self.talks, self.offer])
        self.assertEqual(history.mapped("hours"), [30 * 24, 40 * 24, 0])

    def test_15_merge_keeps_the_work_history_of_the_merged_deal(self):
        first = self.make_deal_at(START)
        second = self.make_deal_at(START, user_id=self.bob.id)
        activities = self.env["mail.activity"]
        for deal in first, second:
            activities |= deal.activity_schedule("mail.mail_activity_data_call")
        activities._action_done()
        ids = (first | second).ids
        with freeze_time(NOW):
            (first | second).merge_opportunity()
            self.commit()
        left = activities.with_context(active_test=False).exists()
        _logger.info("Odoo: %s of %s done activities left", len(left), len(activities))
        owners = {self.history(deal_id)[0].user_id for deal_id in ids}
        self.assertEqual(owners, {self.alice, self.bob})

    def do_activity(self, deal, doer):
        activity = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "res_id": deal.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": self.alice.id,
            }
        )
        activity.with_user(doer).action_done()
        self.commit()

    def reported(self, deal):
        """Return what Odoo's activity analysis says of the deal: people and stages."""
        self.env.flush_all()
        found = self.env["crm.activity.report"].search([("lead_id", "=", deal.id)])
        return [(line.user_id.name, line.stage_id.name) for line in found]

    def test_6_owner_and_stage_are_those_of_then(self):
        deal = self.make_deal_at(START)
        with freeze_time(LATER):
            self.do_activity(deal, self.alice)
        self.write_at(NOW, deal, user_id=self.bob.id, stage_id=self.talks.id)
        _logger.info("Odoo: the work done in New by its first owner is %s", self.reported(deal))
        then = self.history(deal).filtered(
            lambda period: period.date_from <= self.at(LATER) < period.date_to
        )
        self.assertEqual((then.user_id, then.stage_id), (self.alice, self.new))

    def test_7_the_doer_is_known_and_survives_the_deal(self):
        deal = self.make_deal_at(START)
        with freeze_time(LATER):
            self.do_activity(deal, self.env.user)
            deal.with_user(self.alice).stage_id = self.talks
            self.commit()
        _logger.info("Odoo: the work of two people is credited to %s", self.reported(deal))
        deal_id = deal.id
        deal.unlink()
        _logger.info("Odoo: after the deletion %s", self.reported(deal))
        history = self.history(deal_id)
        self.assertEqual([p.stage_name for p in history], [self.new.name, self.talks.name])
        self.assertEqual(history[-1].actor_id, self.alice)
        self.assertEqual(history[-1].end_reason, "deleted")
