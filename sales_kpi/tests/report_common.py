import io
from datetime import date

import openpyxl

from odoo import Command
from odoo.tests import new_test_user

JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)


class KpiReportMixin:
    """A head, a leader and two salespeople of one team, with values and targets of 2026."""

    @classmethod
    def set_up_report(cls):
        cls.company = cls.env["res.company"].create({"name": "Report Company"})
        people = {
            "head": "sales_team.group_sale_manager",
            "leader": "sales_team.group_sale_salesman",
            "anna": "sales_team.group_sale_salesman",
            "boris": "sales_team.group_sale_salesman",
        }
        cls.people = {
            name: new_test_user(
                cls.env,
                login=f"report_{name}",
                name=f"={name}()" if name == "anna" else f"@{name}",
                groups=group,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for name, group in people.items()
        }
        cls.team = cls.env["crm.team"].create(
            {
                "name": "+Team",
                "user_id": cls.people["leader"].id,
                "company_id": cls.company.id,
                "member_ids": [Command.set([cls.people["anna"].id, cls.people["boris"].id])],
            }
        )
        cls.kpi_won = cls.env["sales.kpi"].search([("code", "=", "deals_won")])
        cls.kpi_rate = cls.env["sales.kpi"].search([("code", "=", "win_rate")])
        cls.add_figures()

    @classmethod
    def add_figures(cls):
        anna, boris = cls.people["anna"], cls.people["boris"]
        for day, won, lost in ((JULY, 4, 4), (AUGUST, 6, 2), (SEPTEMBER, 10, 10)):
            cls.add_value(cls.kpi_won, day, won, user=anna)
            cls.add_value(cls.kpi_rate, day, won, won + lost, user=anna)
        cls.add_value(cls.kpi_won, AUGUST, 1, user=boris)
        cls.add_value(cls.kpi_won, AUGUST, 7, team=cls.team)
        cls.add_value(cls.kpi_won, AUGUST, 7)
        cls.env["sales.kpi.target"].create(
            {
                "kpi_id": cls.kpi_won.id,
                "date_from": AUGUST,
                "user_id": anna.id,
                "company_id": cls.company.id,
                "value": 8,
            }
        )

    @classmethod
    def add_value(cls, kpi, day, numerator, denominator=0, user=None, team=None):
        level = "user" if user else "team" if team else "company"
        cls.env["sales.kpi.value"].create(
            {
                "kpi_id": kpi.id,
                "period_type": "month",
                "date_from": day,
                "date_to": day.replace(month=day.month + 1),
                "level": level,
                "user_id": user.id if user else False,
                "team_id": cls.team.id if user or team else False,
                "subject_id": (user or team or cls.company).id,
                "company_id": cls.company.id,
                "numerator": numerator,
                "denominator": denominator,
                "value": 100.0 * numerator / denominator if denominator else numerator,
            }
        )

    def make_report(self, user="head", **values):
        person = self.people[user]
        reports = self.env["sales.kpi.report"].with_user(person).with_company(self.company)
        values = {"date_from": AUGUST, "company_id": self.company.id} | values
        return reports.with_context(lang=person.lang).create(values)

    @staticmethod
    def open_book(content, **options):
        return openpyxl.load_workbook(io.BytesIO(content), **options)

    @staticmethod
    def lines(sheet, first=5):
        """Return the rows by their first cell and KPI, or as they are."""
        return [row for row in sheet.iter_rows(min_row=first, values_only=True) if row[0]]
