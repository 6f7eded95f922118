"""Who and what the back-fill's periods name, and what only trackings remember of it."""

from odoo import api, models
from odoo.tools import SQL

from .crm_lead_period_backfill_collect import KINDS


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _sql_backfill_known(self) -> SQL:
        """Return the clauses that name stages, people and teams, also deleted ones, once each.

        A period is joined to each of them once, instead of to all tables where a name may stand.
        """
        return SQL(
            """
            gone AS MATERIALIZED (%(gone)s),
            known_stage AS MATERIALIZED (
                SELECT id AS origin_id, id, name, sequence, is_won FROM crm_stage
             UNION ALL
                SELECT id, NULL, jsonb_build_object('en_US', name), NULL, NULL
                  FROM gone WHERE kind = %(stage)s),
            known_user AS MATERIALIZED (
                SELECT owner.id AS origin_id, owner.id, person.name
                  FROM res_users AS owner
             LEFT JOIN res_partner AS person ON person.id = owner.partner_id
             UNION ALL
                SELECT id, NULL, name FROM gone WHERE kind = %(user)s),
            known_team AS MATERIALIZED (
                SELECT id AS origin_id, id, name FROM crm_team
             UNION ALL
                SELECT id, NULL, jsonb_build_object('en_US', name)
                  FROM gone WHERE kind = %(team)s),
            gone_client AS MATERIALIZED (%(clients)s)
            """,
            gone=self._sql_backfill_gone(),
            clients=self._sql_backfill_gone_clients(),
            stage=KINDS["stage_id"],
            user=KINDS["user_id"],
            team=KINDS["team_id"],
        )

    @api.model
    def _sql_backfill_gone(self) -> SQL:
        """Return a SELECT ``kind, id, name`` of what only trackings remember."""
        return SQL(
            """
            SELECT DISTINCT ON (kind, id) kind, id, name
              FROM (SELECT kind, new_value AS id, new_gone AS name, at FROM ledger_change
                     WHERE new_gone IS NOT NULL
                 UNION ALL
                    SELECT kind, old_value, old_gone, at FROM ledger_change
                     WHERE old_gone IS NOT NULL) AS named
          ORDER BY kind, id, at DESC
            """
        )

    @api.model
    def _sql_backfill_gone_clients(self) -> SQL:
        """Return a SELECT of the ids of deleted clients.

        A deal's present client exists; one that was tracked or stands in the ledger may be gone.
        """
        return SQL(
            """
            SELECT named.id
              FROM (SELECT new_value AS id FROM ledger_change WHERE kind = %(partner)s
                     UNION
                    SELECT old_value FROM ledger_change WHERE kind = %(partner)s
                     UNION
                    SELECT origin_client_id FROM ledger_deal
                     WHERE end_at IS NOT NULL AND origin_client_id IS NOT NULL) AS named
             WHERE NOT EXISTS (SELECT FROM res_partner AS client WHERE client.id = named.id)
            """,
            partner=KINDS["partner_id"],
        )
