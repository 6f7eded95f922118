from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .common import LedgerCommon


@tagged("post_install", "-at_install", "sales_client_base")
class TestScreens(LedgerCommon):
    """What the menus and clicks open."""

    def test_leaders_see_the_whole_pipeline_and_salespeople_their_own(self):
        for user, is_own in ((self.alice, True), (self.leader, False), (self.head, False)):
            with self.subTest(user=user.login):
                action = self.env["crm.team"].with_user(user).action_open_presale()
                self.assertEqual("search_default_assigned_to_me" in action["context"], is_own)

    def test_a_row_of_the_history_opens_its_deal(self):
        deal = self.make_deal()
        self.env["crm.lead.period"].flush_model()
        deal.invalidate_recordset()
        period = self.history(deal)
        self.assertEqual(period.display_name, deal.name)
        self.assertEqual(period.action_open_lead()["res_id"], deal.id)
        self.assertEqual(deal.stage_stay_ids.action_open_lead()["res_id"], deal.id)

    def test_a_deleted_deal_is_named_and_not_opened(self):
        deal = self.make_deal()
        self.env["crm.lead.period"].flush_model()
        period = self.history(deal)
        deal.unlink()
        period.invalidate_recordset()
        self.assertEqual(period.display_name, "Conveyor line")
        with self.assertRaises(UserError):
            period.action_open_lead()


@tagged("post_install", "-at_install", "sales_client_base")
class TestTemplate(HttpCase):
    def test_the_template_of_the_import_is_downloaded(self):
        wizard = self.env["crm.lead.history.import"].create({})
        self.authenticate("admin", "admin")
        response = self.url_open(wizard.action_template()["url"])
        self.assertEqual(response.status_code, 200)
        self.assertIn("deal_history.xlsx", response.headers["Content-Disposition"])
        self.assertTrue(response.content.startswith(b"PK"))
