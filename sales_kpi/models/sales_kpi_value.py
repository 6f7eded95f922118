from odoo import api, fields, models
from odoo.tools import SQL

from ..measures import FAMILY_OF
from ..measures.statement import counted_rows, wanted

PERIOD_TYPES = [("week", "Week"), ("month", "Month"), ("quarter", "Quarter"), ("year", "Year")]
LEVELS = [("user", "Salesperson"), ("team", "Sales Team"), ("company", "Company")]


class SalesKpiValue(models.Model):
    """A fact: what an indicator came to, in one period, for one salesperson, team or company."""

    _name = "sales.kpi.value"
    _description = "Sales KPI Value"
    _order = "date_from desc, kpi_id, level, id"
    _rec_name = "kpi_id"
    _log_access = False

    kpi_id = fields.Many2one(
        "sales.kpi", string="KPI", required=True, readonly=True, ondelete="cascade"
    )
    unit = fields.Selection(related="kpi_id.unit")
    category = fields.Selection(related="kpi_id.category")
    # period
    period_type = fields.Selection(PERIOD_TYPES, string="Period", required=True, readonly=True)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date(
        "To", required=True, readonly=True, help="The first day after the period."
    )
    is_closed = fields.Boolean(
        "Closed", readonly=True, help="The period is over and counted out; see the settings."
    )
    # whose
    level = fields.Selection(LEVELS, required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Salesperson", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        help="Of a salesperson: the team they last worked for in the period.",
    )
    subject_id = fields.Integer(
        readonly=True,
        required=True,
        aggregator=None,
        help="The number of the salesperson, team or company, by level.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", readonly=True)
    stage_id = fields.Many2one(
        "crm.stage", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    # result
    numerator = fields.Float(readonly=True)
    denominator = fields.Float(readonly=True)
    value = fields.Float(readonly=True, help="Percentages stand between 0 and 100.")

    _value_uniq = models.UniqueIndex(
        "(kpi_id, period_type, date_from, company_id, level, subject_id, stage_id)"
        " NULLS NOT DISTINCT",
        "An indicator has one value per period and person.",
    )
    _date_idx = models.Index("(date_from, period_type, level)")

    def action_open_records(self):
        """Open exactly the records that this value counts."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.kpi_id.name,
            "res_model": "crm.lead.period",
            "views": [
                (self.env.ref(f"sales_kpi.crm_lead_period_view_{kind}_counted").id, kind)
                for kind in ("list", "kanban")
            ],
            "domain": [("id", "in", self._counted_ids())],
            "mobile_view_mode": "kanban",
            "context": {"create": False},
        }

    @api.private
    def _counted_ids(self) -> list[int]:
        """Return the ledger rows that this value counts, as its formula finds them now."""
        family = FAMILY_OF.get(self.kpi_id.code)
        if not family:
            return []
        # The formula reads the whole ledger; the list shows what the reader's rules let them see.
        kpis = self.env["sales.kpi"].sudo()
        self.env.flush_all()
        self.env["crm.lead.period"].flush_model()
        context = kpis._measure_context([self.date_from], [self.date_to])
        periods = wanted([self.period_type], [self.date_from], [self.company_id.id])
        query = counted_rows(family, self.kpi_id.code, context, periods)
        conditions = SQL(
            "%s AND (%s OR seen.user_id = %s) AND (%s OR seen.team_id = %s)"
            " AND seen.stage_id IS NOT DISTINCT FROM %s",
            query.condition,
            self.level != "user",
            self.user_id.id or None,
            self.level != "team",
            self.team_id.id or None,
            self.stage_id.id or None,
        )
        if family.has_exits and self.level != "user":
            conditions = SQL("%s AND seen.is_last", conditions)
        rows = self.env.execute_query(
            SQL("%s WHERE %s ORDER BY seen.row_id", query.select, conditions)
        )
        return [row_id for (row_id,) in rows]
