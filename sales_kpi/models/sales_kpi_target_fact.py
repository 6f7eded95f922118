from odoo import api, fields, models


class SalesKpiTarget(models.Model):
    _inherit = "sales.kpi.target"

    @api.depends(
        "kpi_id", "period_type", "date_from", "level", "user_id", "team_id", "company_id", "value"
    )
    def _compute_fact(self):
        facts, today = self._facts(), fields.Date.context_today(self)
        for target in self:
            fact = facts.get(target._fact_key())
            has_begun = target.date_from and target.date_from <= today
            if fact is None and has_begun and target.kpi_id.additivity == "sum":
                fact = 0.0  # what is counted and never happened has no row
            target.has_fact = fact is not None
            target.fact_value = fact or 0.0
            target.achievement = target._achievement(fact)

    def _achievement(self, fact):
        """Return what part of the plan is reached, in per cent; 100 and more is good."""
        reached, planned = fact, self.value
        if self.kpi_id.direction == "down":
            reached, planned = planned, reached
            if fact == 0.0:
                return 100.0
        return 100.0 * reached / planned if fact is not None and planned else 0.0

    def _fact_key(self):
        subject = {"user": self.user_id, "team": self.team_id}.get(self.level, self.company_id)
        where = self.company_id._origin.id, self.level, subject._origin.id
        return self.kpi_id._origin.id, self.period_type, self.date_from, *where

    def _facts(self):
        """Return the values that the targets are measured by: one query for all."""
        kpis, companies = self.kpi_id._origin.ids, self.company_id._origin.ids
        domain = [
            ("kpi_id", "in", kpis),
            ("company_id", "in", companies),
            ("date_from", "in", [day for day in self.mapped("date_from") if day]),
            ("stage_id", "=", False),
        ]
        names = ["kpi_id", "period_type", "date_from", "company_id", "level", "subject_id", "value"]
        values = self.env["sales.kpi.value"].search_fetch(domain, names)
        return {
            (
                value.kpi_id.id,
                value.period_type,
                value.date_from,
                value.company_id.id,
                value.level,
                value.subject_id,
            ): value.value
            for value in values
        }
