from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, date_utils


class SalesKpiValue(models.Model):
    _inherit = "sales.kpi.value"

    def action_refresh_current(self):
        """Count what changed, and the current month, again; a button of the head of sales."""
        if not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(self.env._("Only the head of sales refreshes indicators."))
        today = fields.Date.context_today(self)
        start, end = date_utils.get_month(today)
        kpis = self.env["sales.kpi"]
        kpis.refresh_values(start, date_utils.add(end, days=1))
        # sudo: indicators are counted for everybody, as refresh_values does
        kpis.sudo()._refresh_touched()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _read_group_select(self, aggregate_spec, query):
        """Total values as their indicator allows; a total that can't be right is empty.

        A ratio is a ratio of sums; a state of a day adds up over people, not days; a median, or
        several indicators, levels, lengths of period or currencies, have no total.
        """
        if aggregate_spec not in {"value:sum", "value:avg"}:
            return super()._read_group_select(aggregate_spec, query)
        names = "kpi_id", "level", "period_type", "currency_id", "date_from"
        names += "value", "numerator", "denominator"
        column = {name: self._field_to_sql(query.table, name, query) for name in names}
        of_kpi = "(SELECT k.%s FROM sales_kpi AS k WHERE k.id = MIN(%s))"
        additivity = SQL(of_kpi, SQL.identifier("additivity"), column["kpi_id"])
        unit = SQL(of_kpi, SQL.identifier("unit"), column["kpi_id"])
        mixed = SQL(
            """COUNT(DISTINCT %(kpi_id)s) > 1 OR COUNT(DISTINCT %(level)s) > 1
            OR COUNT(DISTINCT %(period_type)s) > 1 OR COUNT(DISTINCT %(currency_id)s) > 1""",
            **column,
        )
        return SQL(
            """CASE WHEN COUNT(*) = 1 THEN MIN(%(value)s)
                    WHEN %(mixed)s THEN NULL
                    WHEN %(additivity)s = 'sum' THEN SUM(%(value)s)
                    WHEN %(additivity)s = 'last' AND COUNT(DISTINCT %(date_from)s) = 1
                         THEN SUM(%(value)s)
                    WHEN %(additivity)s = 'ratio'
                         THEN SUM(%(numerator)s) / NULLIF(SUM(%(denominator)s), 0)
                              * CASE WHEN %(unit)s = 'percent' THEN 100.0 ELSE 1.0 END
               END""",
            mixed=mixed,
            additivity=additivity,
            unit=unit,
            **{name: column[name] for name in ("value", "date_from", "numerator", "denominator")},
        )
