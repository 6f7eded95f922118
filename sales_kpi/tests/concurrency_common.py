from datetime import timedelta

from odoo import api, fields
from odoo.modules.registry import Registry
from odoo.tests import BaseCase
from odoo.tests.common import get_db_name
from odoo.tools import SQL


class RefreshConcurrencyCommon(BaseCase):
    """Two real connections, since a test cursor has one; what they leave behind is removed."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.cr1, self.cr2 = self.registry.cursor(), self.registry.cursor()
        self.deal_ids = []
        self.today = fields.Date.today()
        self.tomorrow = self.today + timedelta(days=1)
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
            self.env_of(cr)["crm.lead"].browse(self.deal_ids).exists().unlink()
            cr.flush()
            for statement in (
                SQL("DELETE FROM crm_lead_period WHERE origin_lead_id = ANY(%s)", self.deal_ids),
                SQL("DELETE FROM sales_kpi_value WHERE id > %s", self.last_value),
                SQL("DELETE FROM sales_kpi_touch"),
            ):
                cr.execute(statement)

    def env_of(self, cr):
        return api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})

    def refresh_rest(self):
        """Compute what other tests left behind."""
        with self.registry.cursor() as cr:
            self.env_of(cr)["sales.kpi"]._refresh_touched()

    def make_deal(self, cr):
        deal = self.env_of(cr)["crm.lead"].create({"name": "Race", "type": "opportunity"})
        deal.env.flush_all()
        deal.env["crm.lead.period"].flush_model()
        self.deal_ids.append(deal.id)

    def touched(self, cr):
        cr.execute("SELECT COUNT(*) FROM sales_kpi_touch")
        return cr.fetchone()[0]

    def inquiries(self):
        """Return how many inquiries this week's values count, and how many values there are."""
        with self.registry.cursor() as cr:
            values = self.env_of(cr)["sales.kpi.value"].search(
                [
                    ("id", ">", self.last_value),
                    ("kpi_id.code", "=", "new_inquiries"),
                    ("period_type", "=", "week"),
                    ("level", "=", "company"),
                ]
            )
            return sum(values.mapped("value")), len(values)
