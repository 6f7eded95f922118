"""What people do on the screen, in Chromium, in the demo company."""

from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install", "sales_client_base")
class TestPipelineTour(HttpCase):
    """The salesperson Anna and her pipeline."""

    def test_salesperson_moves_a_deal_and_sees_its_history(self):
        anna = self.env.ref("sales_client_base.user_anna")
        stages = [self.env.ref(f"crm.stage_lead{number}") for number in (1, 2)]
        lead = self.env["crm.lead"].create(
            {
                "name": "Tour deal",
                "type": "opportunity",
                "user_id": anna.id,
                "team_id": self.env.ref("sales_client_base.crm_team_key_clients").id,
                "stage_id": stages[0].id,
                "priority": "3",  # the first card of its column
            }
        )
        self.env["crm.lead.period"].flush_model()
        action = self.env.ref("crm.crm_lead_action_pipeline")
        self.start_tour(
            f"/odoo/action-{action.id}", "sales_client_base_stage_history", login="anna"
        )
        self.assertEqual(lead.stage_id, stages[1])
        stays = lead.stage_stay_ids
        self.assertEqual([stay.stage_id for stay in stays], stages[::-1])
        self.assertEqual(stays[0].actor_id, anna)
