"""The deal ledger's live writing: one statement for all that happened to any number of deals."""

from functools import cache

from odoo import api, models
from odoo.tools import SQL

from .crm_lead import WATCHED
from .crm_lead_period import FACTS


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _ledger_reads(self):
        return {
            "crm.lead": sorted(WATCHED),
            "crm.stage": ["name", "sequence", "is_won"],
            "crm.team": ["name", "company_id"],
            "res.partner": ["name", "commercial_partner_id"],
            "res.users": ["company_id"],
            "res.company": ["currency_id"],
        }

    @api.model
    def _ledger_record(self, pending: dict[str, list[int]]) -> int:
        """Close and open the periods of the deals that changed.

        :param pending: ``{"lead": deal ids, "partner": ids of partners whose client changed,
            "merged": pairs of a deal and the deal it is merged into}``
        :return: the number of periods opened
        """
        leads = SQL("SELECT unnest(%s::integer[])", pending.get("lead", []))
        if "partner" in pending:
            leads = SQL(
                "%s UNION SELECT id FROM crm_lead WHERE partner_id = ANY(%s)",
                leads,
                pending["partner"],
            )
        written = self._record(leads, source="live") if pending.keys() - {"merged"} else 0
        if "merged" in pending:
            self._mark_merged(pending["merged"])
        return written

    @api.model
    def _record(self, lead_ids: SQL, source: str) -> int:
        """Compare the deals ``lead_ids`` (a SELECT of ids) with their open periods and write.

        An event that another transaction wrote meanwhile makes PostgreSQL report a serialization
        failure, which Odoo retries, never an integrity error: ``ON CONFLICT`` sees to that for
        rows this transaction can't see.
        """
        query = SQL(
            """
            WITH present AS MATERIALIZED (%(present)s),
                 changed AS (%(changed)s),
                 closed AS (
                     UPDATE crm_lead_period AS period
                        SET date_to = changed.at,
                            end_reason = 'moved',
                            merged_into_id = NULL,
                            origin_merged_into_id = NULL,
                            hours = %(hours)s,
                            work_hours = %(work_hours)s
                       FROM changed
                      WHERE period.id = changed.open_id
                  RETURNING period.id
                 )
                 %(more)s
            INSERT INTO crm_lead_period (%(columns)s)
            SELECT %(values)s
              FROM changed
         LEFT JOIN closed ON closed.id = changed.open_id  -- the old period ends first
       ON CONFLICT DO NOTHING
         RETURNING id
            """,
            present=self._sql_present(lead_ids),
            changed=self._sql_changed(source),
            hours=SQL("EXTRACT(EPOCH FROM changed.at - period.date_from) / 3600.0"),
            work_hours=self._sql_work_hours(
                SQL("changed.open_timeline_id"), SQL("period.date_from"), SQL("changed.at")
            ),
            more=SQL().join(SQL(", %s", cte) for cte in self._sql_event_ctes(SQL("changed"))),
            columns=_listed(self._insert_columns()),
            values=_listed(self._insert_columns(), "changed"),
        )
        self.env.cr.execute(query)
        written = self.env.cr.rowcount
        if written:
            self.invalidate_model(flush=False)
            self.env["crm.lead"].invalidate_model(["period_ids"], flush=False)
        return written

    @api.model
    def _insert_columns(self) -> tuple[str, ...]:
        return (
            *("lead_id", "origin_lead_id", "origin_stage_id", "stage_name", "stage_sequence"),
            *("stage_is_won", "stage_entered_at", "is_stage_entry", "direction", "qualified_at"),
            *("origin_user_id", "user_name", "origin_team_id", "team_name", "actor_id"),
            *("origin_client_id", "outcome", "currency_id", "probability", "is_probability_manual"),
            *FACTS,
            *("date_from", "source"),
        )

    @api.model
    def _sql_present(self, lead_ids: SQL) -> SQL:
        """Return a SELECT of the deals' present facts, one row each, with the ledger's columns."""
        return SQL(
            """
            SELECT lead.id AS lead_id,
                   lead.id AS origin_lead_id,
                   lead.stage_id,
                   lead.stage_id AS origin_stage_id,
                   stage.name AS stage_name,
                   stage.sequence AS stage_sequence,
                   COALESCE(stage.is_won, FALSE) AS stage_is_won,
                   lead.type AS deal_type,
                   lead.user_id,
                   lead.user_id AS origin_user_id,
                   (SELECT name FROM res_partner WHERE id = lead.owner_partner_id) AS user_name,
                   lead.team_id,
                   lead.team_id AS origin_team_id,
                   lead.team_name,
                   lead.write_uid AS actor_id,
                   company.id AS company_id,
                   company.currency_id,
                   client.commercial_partner_id AS client_id,
                   client.commercial_partner_id AS origin_client_id,
                   COALESCE(lead.won_status, 'pending') AS won_status,
                   lead.lost_reason_id,
                   lead.active IS NOT TRUE AS is_archived,
                   COALESCE(lead.expected_revenue, 0) AS expected_revenue,
                   COALESCE(lead.probability, 0) AS probability,
                   ABS(COALESCE(lead.probability, 0)
                           - COALESCE(lead.automated_probability, 0)) >= 0.005
                       AS is_probability_manual,
                   lead.date_deadline
              FROM (
                   SELECT lead.id, lead.stage_id, lead.type, lead.user_id, lead.team_id,
                          lead.partner_id, lead.won_status, lead.lost_reason_id, lead.active,
                          lead.expected_revenue, lead.probability, lead.automated_probability,
                          lead.date_deadline, lead.write_uid,
                          team.name AS team_name,
                          owner.partner_id AS owner_partner_id,
                          COALESCE(lead.company_id, team.company_id, owner.company_id,
                                   (SELECT company_id FROM res_users WHERE id = lead.create_uid))
                              AS company_id
                     FROM crm_lead AS lead
                     JOIN (%(lead_ids)s) AS wanted (id) ON wanted.id = lead.id
                LEFT JOIN crm_team AS team ON team.id = lead.team_id
                LEFT JOIN res_users AS owner ON owner.id = lead.user_id
                   OFFSET 0  -- planned for itself: all joins at once take longer than one deal
                   ) AS lead
         LEFT JOIN crm_stage AS stage ON stage.id = lead.stage_id
         LEFT JOIN res_company AS company ON company.id = lead.company_id
         LEFT JOIN res_partner AS client ON client.id = lead.partner_id
            """,
            lead_ids=lead_ids,
        )

    @api.model
    def _sql_changed(self, source: str) -> SQL:
        """Return a SELECT over ``present``: the new period of each deal that changed.

        Carries the ended period as ``open_*``. A period never begins before the one it follows.
        """
        return SQL(
            """
            SELECT present.*,
                   %(source)s AS source,
                   opened.id AS open_id,
                   opened.date_from AS open_date_from,
                   opened.stage_entered_at AS open_stage_entered_at,
                   opened.company_id AS open_company_id,
                   (%(timeline)s) AS open_timeline_id,
                   event.at,
                   event.at AS date_from,
                   event.is_entry AS is_stage_entry,
                   CASE WHEN event.is_entry THEN event.at ELSE opened.stage_entered_at END
                       AS stage_entered_at,
                   CASE WHEN opened.id IS NULL THEN 'created'
                        WHEN NOT event.is_entry THEN 'none'
                        WHEN (present.stage_sequence, present.stage_id) >
                             (COALESCE(opened_stage.sequence, opened.stage_sequence),
                              opened.origin_stage_id) THEN 'forward'
                        ELSE 'backward'
                    END AS direction,
                   COALESCE(opened.qualified_at,
                            CASE WHEN present.deal_type = 'opportunity' THEN event.at END)
                       AS qualified_at,
                   CASE WHEN present.won_status = COALESCE(opened.won_status, 'pending') THEN 'none'
                        WHEN present.won_status = 'pending' THEN 'reopened'
                        ELSE present.won_status
                    END AS outcome
              FROM present
         LEFT JOIN crm_lead_period AS opened
                ON opened.origin_lead_id = present.lead_id
               AND opened.date_to IS NULL
               AND opened.voided_at IS NULL
         LEFT JOIN crm_stage AS opened_stage ON opened_stage.id = opened.stage_id
        CROSS JOIN LATERAL (
                   SELECT GREATEST(%(now)s, opened.date_from) AS at,
                          opened.id IS NULL
                              OR present.stage_id IS DISTINCT FROM opened.stage_id AS is_entry
                   ) AS event
             WHERE opened.id IS NULL OR %(has_changed)s
            """,
            source=source,
            now=self._ledger_clock(),
            timeline=self.env["resource.calendar.timeline"]._sql_timeline_of(
                SQL("opened.user_id"), SQL("opened.company_id")
            ),
            has_changed=self._sql_has_changed(),
        )

    @api.model
    def _sql_has_changed(self) -> SQL:
        """Return the condition under which ``present`` is no longer what ``opened`` says.

        The automatic probability moves every night and is recorded at other changes only. A value
        that a person sets, or takes back, is a fact of its own.
        """
        return SQL(
            """((%(present)s) IS DISTINCT FROM (%(opened)s)
                OR ((present.is_probability_manual OR opened.is_probability_manual)
                    AND ABS(present.probability - opened.probability) >= 0.005))""",
            present=_listed(FACTS, "present"),
            opened=_listed(FACTS, "opened"),
        )

    @api.model
    def _sql_work_hours(self, timeline_id: SQL, date_from: SQL, date_to: SQL) -> SQL:
        """Return the working hours between two moments, NULL beyond the timeline's horizon."""
        seconds = self.env["resource.calendar.timeline"]._sql_work_seconds
        return SQL(
            "(%s - %s) / 3600.0", seconds(timeline_id, date_to), seconds(timeline_id, date_from)
        )


@cache  # the live statement is built at every change of a deal
def _listed(names: tuple[str, ...], table: str | None = None) -> SQL:
    """Return the columns ``names``, of ``table`` if given, with commas between them."""
    prefix = (table,) if table else ()
    return SQL(", ").join(SQL.identifier(*prefix, name) for name in names)
