"""The words of the KPI report, in the user's language."""

from dateutil.relativedelta import relativedelta

from odoo.tools import format_date


class KpiReportWords:
    """Labels, units and names of periods."""

    def _months(self, start=None):
        start = start or self.date_from
        return [start + relativedelta(months=number) for number in range(self.month_count)]

    def _month_name(self, day):
        return format_date(self.env, day, date_format="LLL yyyy")

    def period_name(self, start=None, end=None):
        """Return a name that sorts well in a folder: 2026-11, 2026-Q4, 2026."""
        start, end = start or self.date_from, end or self.date_to
        last = end - relativedelta(months=1)
        if self.kind == "year":
            return f"{start:%Y}"
        if self.kind == "quarter":
            return self.env._(
                "%(year)s-Q%(quarter)s", year=start.year, quarter=(start.month + 2) // 3
            )
        return f"{start:%Y-%m}" if last == start else f"{start:%Y-%m} – {last:%Y-%m}"

    def file_name(self):
        return self.env._("KPI report %(period)s.xlsx", period=self.period_name())

    def _units(self):
        return {
            "count": self.env._("pcs"),
            "money": self.company.currency_id.name,
            "percent": "%",
            "hours": self.env._("working h"),
            "days": self.env._("days"),
        }

    def _labels(self):
        return {
            "summary": self.env._("Summary"),
            "data": self.env._("Data"),
            "key": self.env._("Key"),
            "scope": self.env._("Covers"),
            "scope_month": self.env._("Month"),
            "scope_whole": self.env._("Whole period"),
            "scope_previous": self.env._("Previous period"),
            "period": self.env._("Period"),
            "month": self.env._("Month No."),
            "subject": self.env._("Person or team"),
            "team": self.env._("Team"),
            "category": self.env._("Category"),
            "indicator": self.env._("KPI"),
            "unit": self.env._("Unit"),
            "plan": self.env._("Plan"),
            "fact": self.env._("Fact"),
            "achievement": self.env._("Achievement"),
            "previous": self.env._("Previous period"),
            "trend": self.env._("Change"),
            "points": self.env._("pts"),
            "numerator": self.env._("Numerator"),
            "denominator": self.env._("Denominator"),
            "by_month": self.env._("By month"),
            "no_data": self.env._("No data for this choice."),
        }
