from odoo import api, models


class CrmTeam(models.Model):
    _inherit = "crm.team"

    @api.model
    def action_open_presale(self):
        """Open the pipeline: a salesperson's own, of the team or of all for whoever leads."""
        action = self.action_your_pipeline()
        is_leader = self.env.user.has_group("sales_team.group_sale_salesman_all_leads") or bool(
            self.search_count([("user_id", "=", self.env.uid)], limit=1)
        )
        if is_leader:
            action["context"].pop("search_default_assigned_to_me", None)
        return action
