from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import SalesKpiCommon

MODELS = ("sales.kpi.value", "sales.kpi.target")


@tagged("post_install", "-at_install", "sales_kpi")
class TestAccess(SalesKpiCommon):
    """Whose figures and plans each role reads: the same for both models."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carol = new_test_user(cls.env, "kpi_carol", "sales_team.group_sale_salesman")
        cls.everything = new_test_user(
            cls.env, "kpi_all", "sales_team.group_sale_salesman_all_leads"
        )
        cls.strangers = cls.env["crm.team"].create(
            {"name": "Strangers", "member_ids": [Command.link(cls.carol.id)]}
        )
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.env.user.company_ids = [Command.link(cls.elsewhere.id)]
        cls.kpi = cls.kpis.search([("code", "=", "new_inquiries")])
        cls.records = {model: cls.env[model] for model in MODELS}
        for level, subject, team in (
            ("user", cls.alice, cls.team),
            ("user", cls.bob, cls.team),
            ("user", cls.carol, cls.strangers),
            ("team", cls.team, cls.team),
            ("team", cls.strangers, cls.strangers),
            ("company", cls.company, False),
            ("company", cls.elsewhere, False),
        ):
            cls.add(level, subject, team)

    @classmethod
    def add(cls, level, subject, team):
        shared = {
            "kpi_id": cls.kpi.id,
            "period_type": "month",
            "date_from": "2031-01-01",
            "level": level,
            "user_id": subject.id if level == "user" else False,
            "team_id": team.id if team else False,
            "company_id": (cls.elsewhere if subject == cls.elsewhere else cls.company).id,
            "value": 5.0,
        }
        value = {"date_to": "2031-02-01", "subject_id": subject.id}
        cls.records["sales.kpi.value"] |= cls.env["sales.kpi.value"].create(shared | value)
        cls.records["sales.kpi.target"] |= cls.env["sales.kpi.target"].create(shared)

    def seen(self, model, user):
        """Return whose records the user finds, as they are called."""
        records = self.env[model].with_user(user).search([("date_from", "=", "2031-01-01")])
        found = (
            {"user": record.user_id, "team": record.team_id}.get(record.level, record.company_id)
            for record in records.sudo()
        )
        return {subject.name for subject in found}

    def test_each_role_sees_its_part(self):
        own_team = {self.alice.name, self.bob.name, self.team.name}
        whole = own_team | {self.carol.name, self.strangers.name, self.company.name}
        for user, expected in (
            (self.alice, {self.alice.name}),
            (self.carol, {self.carol.name}),
            (self.leader, own_team),
            (self.everything, whole),
            (self.head, whole),
        ):
            for model in MODELS:
                with self.subTest(user=user.login, model=model):
                    self.assertEqual(self.seen(model, user), expected)

    def test_what_is_not_theirs_cannot_be_read_by_its_number(self):
        for model, records in self.records.items():
            foreign = records.filtered(lambda record: record.user_id == self.carol)
            elsewhere = records.filtered(lambda record: record.company_id == self.elsewhere)
            for user, record in (
                (self.alice, foreign),
                (self.leader, foreign),
                (self.head, elsewhere),
            ):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    record.with_user(user).read(["value"])

    def test_nobody_writes_facts_and_only_the_head_plans(self):
        mine = {
            model: records.filtered(lambda record: record.user_id == self.alice)
            for model, records in self.records.items()
        }
        for user in (self.alice, self.leader, self.everything, self.head):
            value = mine["sales.kpi.value"].with_user(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                value.write({"value": 100.0})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                value.unlink()
        for user in (self.alice, self.leader, self.everything):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                mine["sales.kpi.target"].with_user(user).write({"value": 1.0})
        mine["sales.kpi.target"].with_user(self.head).write({"value": 7.0})
        self.assertEqual(mine["sales.kpi.target"].value, 7.0)
