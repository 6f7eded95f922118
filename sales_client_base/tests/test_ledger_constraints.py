from datetime import timedelta

from psycopg2 import IntegrityError, errors

from odoo import api, fields
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import SQL, mute_logger

from .common import LedgerCommon

START = fields.Datetime.to_datetime("2031-01-01")


@tagged("post_install", "-at_install", "sales_client_base")
class TestLedgerConstraints(LedgerCommon):
    def insert(self, date_from, date_to=None, lead_id=987654321):
        with self.cr.savepoint():
            self.env.cr.execute(
                SQL(
                    """INSERT INTO crm_lead_period (origin_lead_id, deal_type, direction, outcome,
                                                    won_status, source, date_from, date_to,
                                                    end_reason)
                       VALUES (%s, 'opportunity', 'none', 'none', 'pending', 'live', %s, %s, %s)""",
                    lead_id,
                    date_from,
                    date_to,
                    date_to and "moved",
                )
            )

    @mute_logger("odoo.sql_db")
    def test_overlap_is_refused(self):
        self.insert(START, START + timedelta(days=2))
        with self.assertRaises(IntegrityError):
            self.insert(START + timedelta(days=1), START + timedelta(days=3))

    @mute_logger("odoo.sql_db")
    def test_two_open_periods_are_refused(self):
        self.insert(START)
        with self.assertRaises(IntegrityError):
            self.insert(START + timedelta(days=1))

    @mute_logger("odoo.sql_db")
    def test_end_before_beginning_is_refused(self):
        with self.assertRaises(IntegrityError):
            self.insert(START, START - timedelta(seconds=1))

    def test_neighbours_and_moments_are_accepted(self):
        self.insert(START, START + timedelta(days=1))
        self.insert(START + timedelta(days=1), START + timedelta(days=1))
        self.insert(START + timedelta(days=1))


@tagged("post_install", "-at_install", "sales_client_base")
class TestLedgerConcurrency(BaseCase):
    """Two real connections, since a test cursor has one."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.cr1, self.cr2 = self.registry.cursor(), self.registry.cursor()
        self.addCleanup(self.clean)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})
            self.stages = env["crm.stage"].search([("is_won", "=", False)], limit=2).ids
            self.deal_id = (
                env["crm.lead"]
                .create({"name": "Race", "type": "opportunity", "stage_id": self.stages[0]})
                .id
            )

    def clean(self):
        for cr in (self.cr1, self.cr2):
            cr.rollback()
            cr.close()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})
            env["crm.lead"].browse(self.deal_id).exists().unlink()
            cr.flush()
            cr.execute(SQL("DELETE FROM crm_lead_period WHERE origin_lead_id = %s", self.deal_id))

    def deal(self, cr):
        env = api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})
        return env["crm.lead"].browse(self.deal_id)

    @mute_logger("odoo.sql_db")
    def test_two_writers_give_a_serialization_failure(self):
        first, second = self.deal(self.cr1), self.deal(self.cr2)
        self.assertEqual(second.stage_id.id, self.stages[0])  # the snapshot of the second is taken
        first.write({"stage_id": self.stages[1]})
        self.cr1.commit()
        with self.assertRaises(errors.SerializationFailure):
            second.write({"stage_id": self.stages[1], "expected_revenue": 7.0})
            self.cr2.commit()

    @mute_logger("odoo.sql_db")
    def test_two_statements_for_one_new_deal_never_break_a_constraint(self):
        with self.registry.cursor() as cr:
            cr.execute(SQL("DELETE FROM crm_lead_period WHERE origin_lead_id = %s", self.deal_id))
        wanted = SQL("SELECT %s", self.deal_id)
        second = self.deal(self.cr2).env["crm.lead.period"]
        self.cr2.execute("SELECT 1")
        self.assertEqual(self.deal(self.cr1).env["crm.lead.period"]._record(wanted, "repair"), 1)
        self.cr1.commit()
        with self.assertRaises(errors.SerializationFailure):
            second._record(wanted, "repair")
