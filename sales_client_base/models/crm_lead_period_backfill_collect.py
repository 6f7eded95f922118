"""What the deal ledger's back-fill reads: deals, their tracked changes, and what these lack."""

from odoo import api, models
from odoo.tools import SQL

# The tracked fields of a deal, numbered. The value of a kind is always an integer, so that "the
# last value so far" is a running maximum of (rank << 32 | value), all kinds in one sorted pass.
KINDS = {
    "stage_id": 1,
    "user_id": 2,
    "team_id": 3,
    "partner_id": 4,
    "active": 5,
    "type": 6,
    "won_status": 7,
    "lost_reason_id": 8,
    "expected_revenue": 9,
}
TYPES = {"lead": 1, "opportunity": 2}
STATUSES = {"pending": 1, "won": 2, "lost": 3}
INTEGERS = {name: kind for name, kind in KINDS.items() if name != "expected_revenue"}


class CrmLeadPeriod(models.Model):
    _inherit = "crm.lead.period"

    @api.model
    def _sql_backfill_deals(self, lead_ids: SQL, source: str) -> SQL:
        """Return a SELECT of the deals to fill, with the state in which their filled history ends.

        Where live periods follow, that is the last filled period before them: what the deal says
        now is none of the back-fill's business, and a tracking after ``cut`` was recorded live.
        """
        return SQL(
            """
            WITH present AS (%(present)s),
                 first AS (
                     SELECT DISTINCT ON (origin_lead_id) id, origin_lead_id, date_from
                       FROM crm_lead_period
                      WHERE source <> %(source)s AND voided_at IS NULL
                   ORDER BY origin_lead_id, date_from, id),
                 filled AS (
                     SELECT period.origin_lead_id,
                            MAX(period.id) FILTER (WHERE period.date_to = first.date_from) AS id,
                            MAX(period.date_from) AS date_from,
                            MAX(period.stage_entered_at) AS stage_at,
                            MAX(period.date_from)
                                FILTER (WHERE period.outcome <> 'none') AS closed_at
                       FROM crm_lead_period AS period
                       JOIN first USING (origin_lead_id)
                      WHERE period.source = %(source)s
                        AND period.voided_at IS NULL
                        AND period.date_to <= first.date_from
                   GROUP BY period.origin_lead_id)
            SELECT lead.id AS lead_id,
                   LEAST(COALESCE(lead.create_date, lead.write_date, %(now)s), cut.at)
                       AS create_date,
                   lead.create_uid,
                   lead.write_uid,
                   CASE WHEN filled.id IS NULL THEN LEAST(lead.write_date, %(now)s)
                        ELSE cut.at END AS write_date,
                   CASE WHEN filled.id IS NULL THEN LEAST(lead.date_last_stage_update, %(now)s)
                        ELSE filled.stage_at END AS stage_at,
                   CASE WHEN filled.id IS NULL THEN LEAST(lead.date_closed, %(now)s)
                        ELSE filled.closed_at END AS closed_at,
                   first.date_from AS end_at,
                   cut.at AS cut,
                   first.id IS NULL OR filled.id IS NOT NULL AS is_end_known,
                   present.company_id,
                   present.currency_id,
                   %(facts)s
              FROM crm_lead AS lead
              JOIN present ON present.lead_id = lead.id
         LEFT JOIN first ON first.origin_lead_id = lead.id
         LEFT JOIN filled ON filled.origin_lead_id = lead.id
         LEFT JOIN crm_lead_period AS known ON known.id = COALESCE(filled.id, first.id)
        CROSS JOIN LATERAL (
                   SELECT CASE WHEN first.id IS NULL THEN %(now)s
                               WHEN filled.id IS NOT NULL THEN filled.date_from
                               -- the trackings of an event are a little older than its live period
                               ELSE first.date_from - INTERVAL '1 minute' END AS at) AS cut
             WHERE first.id IS NULL
                OR filled.origin_lead_id IS NOT NULL
                OR lead.create_date < first.date_from - INTERVAL '1 hour'
            """,
            present=self._sql_present(lead_ids),
            source=source,
            now=self._ledger_clock(),
            facts=SQL(", ").join(
                SQL(
                    "CASE WHEN first.id IS NULL THEN %s ELSE %s END AS %s",
                    SQL.identifier("present", name),
                    SQL.identifier("known", name),
                    SQL.identifier(name),
                )
                for name in (
                    *("origin_stage_id", "origin_user_id", "origin_team_id", "origin_client_id"),
                    *("is_archived", "deal_type", "won_status", "lost_reason_id"),
                    *("expected_revenue", "date_deadline", "probability", "is_probability_manual"),
                )
            ),
        )

    @api.model
    def _sql_backfill_changes(self) -> SQL:
        """Return a SELECT of the deals' own tracked changes, ranked in time per deal.

        A merge moves the other deal's messages here and gives them a subject; own ones have none.
        The labels of won status and type are in the language of whoever made the change.
        """
        return SQL(
            """
            WITH tracked AS (%(tracked)s),
                 label AS (%(labels)s)
            SELECT deal.lead_id,
                   tracked.kind,
                   message.id AS message_id,
                   message.author_id,
                   event.at,
                   event.at > deal.cut AS is_late,
                   event.real_at < deal.create_date - INTERVAL '1 second' AS is_early,
                   DENSE_RANK()
                       OVER (PARTITION BY deal.lead_id ORDER BY event.at, message.id) AS rank,
                   %(old)s,
                   %(new)s
              FROM tracked
              JOIN mail_tracking_value AS tracking ON tracking.field_id = tracked.id
              JOIN mail_message AS message
                ON message.id = tracking.mail_message_id
               AND message.model = 'crm.lead'
               AND COALESCE(message.subject, '') = ''
              JOIN ledger_deal AS deal ON deal.lead_id = message.res_id
         LEFT JOIN label AS old_label
                ON old_label.kind = tracked.kind AND old_label.name = tracking.old_value_char
         LEFT JOIN label AS new_label
                ON new_label.kind = tracked.kind AND new_label.name = tracking.new_value_char
        CROSS JOIN LATERAL (
                   SELECT LEAST(message.date, tracking.create_date) AS real_at,
                          LEAST(GREATEST(LEAST(message.date, tracking.create_date),
                              deal.create_date),
                                %(now)s) AS at) AS event
             WHERE tracked.kind NOT IN (%(type)s, %(won)s) OR new_label.value IS NOT NULL
            """,
            tracked=self._sql_values(
                ((self.env["ir.model.fields"]._get("crm.lead", name).id, kind))
                for name, kind in KINDS.items()
            ),
            labels=self._sql_backfill_labels(),
            old=self._sql_backfill_value("old"),
            new=self._sql_backfill_value("new"),
            now=self._ledger_clock(),
            type=KINDS["type"],
            won=KINDS["won_status"],
        )

    @api.model
    def _sql_values(self, rows) -> SQL:
        return SQL(
            "SELECT * FROM (VALUES %s) AS known (id, kind)",
            SQL(", ").join(SQL("(%s, %s)", *row) for row in rows),
        )

    @api.model
    def _sql_backfill_labels(self) -> SQL:
        """Return a SELECT ``kind, name, value``: the labels in every installed language."""
        return SQL(
            """
            SELECT DISTINCT ON (known.kind, label.name) known.kind, label.name, known.value
              FROM (VALUES %s) AS known (kind, field, code, value)
              JOIN ir_model_fields AS field
                ON field.model = 'crm.lead' AND field.name = known.field
              JOIN ir_model_fields_selection AS choice
                ON choice.field_id = field.id AND choice.value = known.code
        CROSS JOIN LATERAL (
                   SELECT names.value AS name FROM jsonb_each_text(choice.name) AS names
                    UNION SELECT known.code) AS label
          ORDER BY known.kind, label.name, known.value
            """,
            SQL(", ").join(
                SQL("(%s, %s, %s, %s)", KINDS[field], field, code, value)
                for field, codes in (("type", TYPES), ("won_status", STATUSES))
                for code, value in codes.items()
            ),
        )

    @api.model
    def _sql_backfill_value(self, side: str) -> SQL:
        """Return one side of a change: integer, amount, and the name of what is gone."""
        integer = SQL.identifier("tracking", side + "_value_integer")
        return SQL(
            """
            CASE WHEN tracked.kind IN (%(type)s, %(won)s) THEN %(label)s
                 WHEN tracked.kind = %(partner)s THEN COALESCE(%(client)s, %(integer)s, 0)
                 ELSE COALESCE(%(integer)s, 0)
             END AS %(value)s,
            CASE WHEN tracked.kind = %(revenue)s THEN COALESCE(%(float)s, 0) END AS %(amount)s,
            CASE WHEN tracked.kind = %(stage)s AND %(integer)s NOT IN (SELECT id FROM crm_stage)
                   OR tracked.kind = %(user)s AND %(integer)s NOT IN (SELECT id FROM res_users)
                   OR tracked.kind = %(team)s AND %(integer)s NOT IN (SELECT id FROM crm_team)
                 THEN NULLIF(%(char)s, '')
             END AS %(gone)s
            """,
            integer=integer,
            float=SQL.identifier("tracking", side + "_value_float"),
            char=SQL.identifier("tracking", side + "_value_char"),
            label=SQL.identifier(side + "_label", "value"),
            # looked up where a partner was tracked only: few changes are of that kind
            client=SQL("(SELECT commercial_partner_id FROM res_partner WHERE id = %s)", integer),
            value=SQL.identifier(side + "_value"),
            amount=SQL.identifier(side + "_amount"),
            gone=SQL.identifier(side + "_gone"),
            type=KINDS["type"],
            won=KINDS["won_status"],
            partner=KINDS["partner_id"],
            revenue=KINDS["expected_revenue"],
            stage=KINDS["stage_id"],
            user=KINDS["user_id"],
            team=KINDS["team_id"],
        )
