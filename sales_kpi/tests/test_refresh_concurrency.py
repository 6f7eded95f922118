from odoo import api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import SQL

from ..models.sales_kpi_refresh import LOCK


@tagged("post_install", "-at_install", "sales_kpi")
class TestRefreshConcurrency(BaseCase):
    """Two real connections, since a test cursor has one."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.cr1, self.cr2 = self.registry.cursor(), self.registry.cursor()
        self.deal_ids = []
        self.addCleanup(self.clean)
        self.refresh_rest()
        with self.registry.cursor() as cr:
            cr.execute("SELECT COALESCE(MAX(id), 0) FROM sales_kpi_value")
            [self.last_value] = cr.fetchone()

    def clean(self):
        for cr in (self.cr1, self.cr2):
            cr.rollback()
            cr.close()
        with self.registry.cursor() as cr:
            self.env(cr)["crm.lead"].browse(self.deal_ids).exists().unlink()
            cr.flush()
            for statement in (
                SQL("DELETE FROM crm_lead_period WHERE origin_lead_id = ANY(%s)", self.deal_ids),
                SQL("DELETE FROM sales_kpi_value WHERE id > %s", self.last_value),
                SQL("DELETE FROM sales_kpi_touch"),
            ):
                cr.execute(statement)

    def env(self, cr):
        return api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})

    def refresh_rest(self):
        """Compute what other tests left behind."""
        with self.registry.cursor() as cr:
            self.env(cr)["sales.kpi"]._refresh_touched()

    def make_deal(self, cr):
        deal = self.env(cr)["crm.lead"].create({"name": "Race", "type": "opportunity"})
        deal.env.flush_all()
        deal.env["crm.lead.period"].flush_model()
        self.deal_ids.append(deal.id)

    def touched(self, cr):
        cr.execute("SELECT COUNT(*) FROM sales_kpi_touch")
        return cr.fetchone()[0]

    def test_the_cron_leaves_the_work_to_whoever_does_it_already(self):
        self.make_deal(self.cr2)
        self.cr2.commit()
        before = self.touched(self.cr2)
        self.assertTrue(before)
        self.cr2.commit()
        self.cr1.execute(SQL("SELECT pg_advisory_xact_lock(%s)", LOCK))
        self.env(self.cr2)["sales.kpi"]._cron_refresh()
        self.cr2.rollback()
        self.assertEqual(self.touched(self.cr2), before)
        self.cr2.rollback()
        self.cr1.rollback()
        self.env(self.cr2)["sales.kpi"]._cron_refresh()
        self.assertEqual(self.touched(self.cr2), 0)

    def test_a_late_commit_is_not_lost(self):
        self.make_deal(self.cr1)
        self.assertEqual(self.env(self.cr2)["sales.kpi"]._refresh_touched(), 0)
        self.cr2.commit()
        self.cr1.commit()
        self.assertTrue(self.env(self.cr2)["sales.kpi"]._refresh_touched())
        self.cr2.commit()
        self.assertEqual(self.touched(self.cr1), 0)

    def test_two_refreshes_take_each_day_once(self):
        self.make_deal(self.cr1)
        self.cr1.commit()
        taken = self.env(self.cr1)["sales.kpi"]._refresh_touched()
        self.assertTrue(taken)
        # the second passes by what the first has taken and not committed yet
        self.cr2.execute("SELECT id FROM sales_kpi_touch FOR UPDATE SKIP LOCKED")
        self.assertFalse(self.cr2.fetchall())
        self.cr2.rollback()
        self.cr1.rollback()
        self.assertEqual(self.env(self.cr2)["sales.kpi"]._refresh_touched(), taken)
