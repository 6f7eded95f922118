"""How planned history is written: deals by ``create``, their facts and times by SQL."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from .crm_lead_history_ledger import sql_rows
from .crm_lead_history_load import MODULE
from .crm_lead_history_rows import Plan

BATCH = 2000  # deals
PROBABILITY = {"won": 100.0, "lost": 0.0}


class CrmLeadHistoryImport(models.TransientModel):
    _inherit = "crm.lead.history.import"

    @api.model
    def _write_plans(self, plans: list[Plan]):
        first = min(plan.added[0].date_from for plan in plans)
        self.env["resource.calendar.timeline"]._ensure(date_from=first)
        self._make_named(plans, "client", "res.partner", {"is_company": True})
        self._make_named(plans, "lost_reason", "crm.lost.reason", {})
        self._remember_names(plans)
        for batch in split_every(BATCH, plans, list):
            fresh = [plan for plan in batch if not plan.lead_id]
            partners = self._read_partners(batch)
            self._create_leads(fresh)
            self.env.flush_all()
            self._correct_ledger(batch)
            self._stamp_leads(batch)
            self._insert_periods(batch)
            self.env.invalidate_all(flush=False)
            self._follow_partners(batch, partners)
            self.env.flush_all()
            self.env.invalidate_all(flush=False)
        if len(plans) >= BATCH / 4:
            # The rest of this transaction would be planned as if the tables were still small.
            self.env.cr.execute(SQL("ANALYZE crm_lead, crm_lead_period, res_partner"))
        self._touch(first)

    @api.model
    def _make_named(self, plans: list[Plan], attribute: str, model: str, values: dict):
        """Make the clients or lost reasons that are new, and put their ids into the plans."""
        places = [
            period
            for plan in plans
            for period in plan.added
            if isinstance(getattr(period, attribute), str)
        ]
        names = list(dict.fromkeys(getattr(period, attribute) for period in places))
        ids = {}
        for batch in split_every(BATCH, names, list):
            records = self.env[model].create([{**values, "name": name} for name in batch])
            ids.update(zip(batch, records.ids, strict=True))
        for period in places:
            setattr(period, attribute, ids[getattr(period, attribute)])

    @api.model
    def _create_leads(self, plans: list[Plan]):
        """Create the deals as they are at the end of their history."""
        leads = self.env["crm.lead"].create([self._lead_values(plan) for plan in plans])
        for plan, lead in zip(plans, leads, strict=True):
            plan.lead_id = lead.id
        # Only the system may write external ids; these are of deals just created.
        self.env["ir.model.data"].sudo()._update_xmlids(
            [
                {"xml_id": f"{MODULE}.{plan.external_id}", "record": lead, "noupdate": True}
                for plan, lead in zip(plans, leads, strict=True)
            ]
        )

    @api.model
    def _lead_values(self, plan: Plan) -> dict:
        last = plan.added[-1]
        # Everything that Odoo would otherwise compute deal by deal is given.
        probability = PROBABILITY.get(last.status, 0.0)
        return {
            "name": plan.name,
            "type": "opportunity",
            "company_id": self.env.company.id,
            "stage_id": last.stage,
            "user_id": last.user or False,
            "team_id": last.team or False,
            "partner_id": last.client or False,
            "active": last.status != "lost",
            "lost_reason_id": last.lost_reason or False,
            "expected_revenue": last.revenue,
            "date_deadline": last.deadline or False,
            "probability": probability,
            "automated_probability": probability,
            "date_closed": last.date_from if last.status != "pending" else False,
        }

    @api.model
    def _read_partners(self, plans: list[Plan]) -> dict[int, int]:
        """Return ``{deal id: contact id}`` of the deals to be updated."""
        leads = self.env["crm.lead"].with_context(active_test=False)
        domain = Domain("id", "in", [plan.lead_id for plan in plans if plan.lead_id])
        return {lead.id: lead.partner_id.id for lead in leads.search_fetch(domain, ["partner_id"])}

    @api.model
    def _follow_partners(self, plans: list[Plan], partners: dict[int, int]):
        """Let Odoo bring addresses up to the new client of updated deals."""
        changed = [
            plan.lead_id
            for plan in plans
            if plan.lead_id in partners and partners[plan.lead_id] != plan.added[-1].client
        ]
        self.env["crm.lead"].browse(changed).modified(["partner_id"])

    @api.model
    def _stamp_leads(self, plans: list[Plan]):
        """Give the deals the facts and times of their history; the ORM would take the present."""
        columns = [
            *("id int4", "stage_id int4", "user_id int4", "team_id int4"),
            *("partner_id int4", "won_status varchar", "lost_reason_id int4"),
            *("expected_revenue numeric", "date_deadline date", "probability float8"),
            *("create_date timestamp", "date_open timestamp", "date_closed timestamp"),
            "date_last_stage_update timestamp",
        ]
        score = self._scores(plans)
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_lead AS lead
                   SET stage_id = new.stage_id,
                       user_id = new.user_id,
                       team_id = new.team_id,
                       partner_id = CASE WHEN person.commercial_partner_id = new.partner_id
                                         THEN lead.partner_id ELSE new.partner_id END,
                       won_status = new.won_status,
                       active = new.won_status != 'lost',
                       lost_reason_id = new.lost_reason_id,
                       expected_revenue = new.expected_revenue,
                       prorated_revenue = ROUND(
                           new.expected_revenue * new.probability::numeric / 100, 2),
                       date_deadline = new.date_deadline,
                       probability = new.probability,
                       automated_probability = new.probability,
                       create_date = new.create_date,
                       date_open = new.date_open,
                       date_closed = new.date_closed,
                       date_last_stage_update = new.date_last_stage_update,
                       day_open = FLOOR(
                           EXTRACT(EPOCH FROM new.date_open - new.create_date) / 86400),
                       day_close = FLOOR(
                           EXTRACT(EPOCH FROM new.date_closed - new.create_date) / 86400),
                       write_uid = %(uid)s,
                       write_date = %(now)s
                  FROM (%(new)s) AS new
             LEFT JOIN crm_lead AS old ON old.id = new.id
             LEFT JOIN res_partner AS person ON person.id = old.partner_id
                 WHERE lead.id = new.id
                """,
                uid=self.env.uid,
                now=self.env.cr.now(),
                new=sql_rows(columns, [_stamp(plan, score.get(plan.lead_id)) for plan in plans]),
            )
        )

    @api.model
    def _scores(self, plans: list[Plan]) -> dict[int, float]:
        """Return Odoo's own probability of the open deals, of all at once."""
        ids = [plan.lead_id for plan in plans if plan.added[-1].status == "pending"]
        if not ids:
            return {}
        scores, _ = (
            self.env["crm.lead"].browse(ids)._pls_get_naive_bayes_probabilities(batch_mode=True)
        )
        return scores


def _stamp(plan: Plan, score: float | None) -> tuple:
    """Return the deal's facts and times: when made, given to its owner, closed, moved."""
    history, last = plan.history(), plan.added[-1]
    owned = closed = last
    for period in reversed(history):
        if period.user != last.user:
            break
        owned = period
    for period in reversed(history):
        if period.status != last.status:
            break
        closed = period
    probability = PROBABILITY.get(last.status, score or 0.0)
    return (
        *(plan.lead_id, last.stage, last.user, last.team, last.client, last.status),
        *(last.lost_reason, last.revenue, last.deadline, probability),
        *(history[0].date_from, owned.date_from if last.user else None),
        *(closed.date_from if last.status != "pending" else None, last.stage_entered_at),
    )
