from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.addons.sales_client_base.tests.common import LedgerCommon


class SalesKpiCommon(LedgerCommon):
    """The ledger's company, and a clock that a test sets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpis = cls.env["sales.kpi"]
        cls.env["resource.calendar.timeline"]._ensure(datetime.fromisoformat("2024-12-01"))
        cls.moment = datetime.fromisoformat("2025-01-01")
        ledger = type(cls.env["crm.lead.period"])
        cls.startClassPatcher(patch.object(ledger, "_ledger_clock", lambda _self: cls.moment))

    def at(self, text):
        """Write what happened so far, then set the clock (UTC)."""
        self.env.flush_all()
        self.env["crm.lead.period"].flush_model()
        type(self).moment = datetime.fromisoformat(text) + timedelta(microseconds=1)

    def refresh(self, date_from="2025-01-01", date_to="2025-12-31"):
        self.kpis.refresh_values(date_from, date_to)

    def value(self, code, date_from, subject=None, period_type="month", stage=None):
        """Return ``(numerator, denominator, value)`` of one indicator, or nothing."""
        subject = subject or self.company
        level = {"res.users": "user", "crm.team": "team", "res.company": "company"}[subject._name]
        found = self.record(code, date_from, subject, level, period_type, stage)
        return (
            tuple(round(found[name], 4) for name in ("numerator", "denominator", "value"))
            if found
            else None
        )

    def record(self, code, date_from, subject, level, period_type="month", stage=None):
        return self.env["sales.kpi.value"].search(
            [
                ("kpi_id.code", "=", code),
                ("date_from", "=", date_from),
                ("period_type", "=", period_type),
                ("level", "=", level),
                ("subject_id", "=", subject.id),
                ("company_id", "=", self.company.id),
                ("stage_id", "=", stage.id if stage else False),
            ]
        )
