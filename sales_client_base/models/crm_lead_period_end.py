"""How the history of a deal ends: deleted, or merged into another deal."""

from odoo import api, models
from odoo.tools import SQL


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _mark_merged(self, merged: list[tuple[int, int]]):
        """Note on the open periods of merged deals where they went, before Odoo deletes them.

        Both histories stay, each under its own ``origin_lead_id``. Should the merged deal live on,
        its next event takes the note back.

        :param merged: pairs of a deal's id and the id of the deal it is merged into
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_lead_period AS period
                   SET merged_into_id = merged.into_id,
                       origin_merged_into_id = merged.into_id
                  FROM (%s) AS merged (lead_id, into_id)
                 WHERE period.origin_lead_id = merged.lead_id
                   AND period.date_to IS NULL
                   AND period.voided_at IS NULL
                """,
                self._sql_merged(merged),
            )
        )
        self.invalidate_model(["merged_into_id", "origin_merged_into_id"], flush=False)

    @api.model
    def _sql_merged(self, merged: list[tuple[int, int]]) -> SQL:
        return SQL(
            "SELECT * FROM unnest(%s::integer[], %s::integer[])",
            [lead_id for lead_id, _into_id in merged],
            [into_id for _lead_id, into_id in merged],
        )

    @api.model
    def _close_deleted(self, leads):
        """End the open periods of deals about to be deleted; keep what would go with them."""
        if not leads:
            return
        # A merge deletes right after it: the note goes into the statement that ends the period.
        dispatcher = self.env["ledger.dispatcher"]
        merged = dispatcher._withdraw("crm.lead.period", "merged")
        ids = set(leads.ids)
        if living := {pair for pair in merged if pair[0] not in ids}:
            dispatcher._collect("crm.lead.period", "merged", living)
        self.flush_model()
        leads.flush_model(["name"])
        self.env.cr.execute(self._sql_close_deleted(leads, sorted(merged - living)))
        self.invalidate_model(flush=False)

    @api.model
    def _sql_close_deleted(self, leads, merged: list[tuple[int, int]]) -> SQL:
        """Return the UPDATE that ends the periods of ``leads``; ``merged`` as in _mark_merged."""
        return SQL(
            """
               WITH ended AS (
                    SELECT period.id, period.origin_lead_id, lead.name, timeline.id AS timeline_id,
                           GREATEST(%(now)s, period.date_from) AS at,
                           COALESCE(merged.into_id, period.origin_merged_into_id)
                               AS merged_into_id,
                           period.qualified_at,
                           period.company_id,
                           period.company_id AS open_company_id,
                           period.date_from AS open_date_from,
                           period.stage_entered_at AS open_stage_entered_at
                      FROM crm_lead_period AS period
                      JOIN crm_lead AS lead ON lead.id = period.origin_lead_id
                 LEFT JOIN (%(merged)s) AS merged (lead_id, into_id)
                        ON merged.lead_id = period.origin_lead_id
                 LEFT JOIN LATERAL (%(timeline)s) AS timeline ON TRUE
                     WHERE period.origin_lead_id = ANY(%(lead_ids)s)
                       AND period.date_to IS NULL
                       AND period.voided_at IS NULL
                    )
                    %(merges)s
                    %(more)s
             UPDATE crm_lead_period AS period
                SET date_to = ended.at,
                    merged_into_id = ended.merged_into_id,
                    origin_merged_into_id = ended.merged_into_id,
                    end_reason = CASE WHEN ended.merged_into_id IS NULL
                                      THEN 'deleted' ELSE 'merged' END,
                    lead_name = ended.name,
                    ended_by_id = %(uid)s,
                    hours = EXTRACT(EPOCH FROM ended.at - period.date_from) / 3600.0,
                    work_hours = %(work_hours)s
               FROM ended
              WHERE period.id = ended.id
            """,
            now=self._ledger_clock(),
            lead_ids=leads.ids,
            merges=self._sql_merge_ctes(),
            more=SQL().join(SQL(", %s", cte) for cte in self._sql_event_ctes(SQL("event"))),
            merged=self._sql_merged(merged),
            uid=self.env.uid,
            timeline=self.env["resource.calendar.timeline"]._sql_timeline_of(
                SQL("period.user_id"), SQL("period.company_id")
            ),
            work_hours=self._sql_work_hours(
                SQL("ended.timeline_id"), SQL("period.date_from"), SQL("ended.at")
            ),
        )

    @api.model
    def _sql_merge_ctes(self) -> SQL:
        """Return the clauses that carry a merge over to the deals it concerns; they read ``ended``.

        What was merged into a deal before goes on with it into the next one. The events of all of
        them change: which of the deals counts, and where each stay led.
        """
        return SQL(
            """
            , followed AS (
            UPDATE crm_lead_period AS earlier
               SET merged_into_id = ended.merged_into_id,
                   origin_merged_into_id = ended.merged_into_id
              FROM ended
             WHERE earlier.origin_merged_into_id = ended.origin_lead_id
               AND earlier.origin_lead_id <> ended.origin_lead_id
               AND earlier.end_reason = 'merged'
               AND earlier.voided_at IS NULL
               AND ended.merged_into_id IS NOT NULL
         RETURNING earlier.origin_lead_id
            ), event AS (
            SELECT origin_lead_id, at, qualified_at, company_id, open_company_id,
                   open_date_from, open_stage_entered_at
              FROM ended
             UNION ALL
            SELECT entry.origin_lead_id, entry.date_from, entry.qualified_at, entry.company_id,
                   entry.company_id, entry.date_from, entry.date_from
              FROM crm_lead_period AS entry
             WHERE entry.is_stage_entry
               AND entry.voided_at IS NULL
               AND entry.origin_lead_id IN (
                   SELECT UNNEST(ARRAY[origin_lead_id, merged_into_id])
                     FROM ended
                    WHERE merged_into_id IS NOT NULL
                    UNION
                   SELECT origin_lead_id
                     FROM followed)
            )
            """
        )
