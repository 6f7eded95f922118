"""What each role may and may not do, tried over RPC as a browser would."""

from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

SALESMAN = "sales_team.group_sale_salesman"
ACCESS_ERROR = "odoo.exceptions.AccessError"


@tagged("post_install", "-at_install", "project")
class TestAccessRpc(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.users = {
            login: new_test_user(cls.env, f"rpc_{login}", groups)
            for login, groups in {
                "alice": SALESMAN,
                "bob": SALESMAN,
                "carol": SALESMAN,
                "leader": SALESMAN,
                "all": "sales_team.group_sale_salesman_all_leads",
                "head": "sales_team.group_sale_manager",
                "nobody": "base.group_user",
            }.items()
        }
        team = cls.env["crm.team"].create({"name": "RPC", "user_id": cls.users["leader"].id})
        other_team = cls.env["crm.team"].create({"name": "RPC other"})
        cls.deals = {
            login: cls.env["crm.lead"].create(
                {
                    "name": f"Deal of {login}",
                    "type": "opportunity",
                    "user_id": cls.users[login].id,
                    "team_id": team.id if login != "carol" else other_team.id,
                }
            )
            for login in ("alice", "bob", "carol")
        }
        cls.env["crm.lead.period"].flush_model()

    def call(self, login, model, method, *args, **kwargs):
        self.authenticate(f"rpc_{login}", f"rpc_{login}")
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def assert_refused(self, login, model, method, *args, **kwargs):
        with (
            self.subTest(login=login, model=model, method=method),
            mute_logger("odoo.http"),
            self.assertRaises(JsonRpcException) as caught,
        ):
            self.call(login, model, method, *args, **kwargs)
        self.assertIn(ACCESS_ERROR, str(caught.exception))

    def seen(self, login, model, field, domain=()):
        rows = self.call(login, model, "search_read", list(domain), fields=[field])
        return {row[field][0] if isinstance(row[field], list) else row[field] for row in rows}

    def test_ledger_is_read_by_role(self):
        ids = {login: deal.id for login, deal in self.deals.items()}
        domain = [("origin_lead_id", "in", list(ids.values()))]
        expected = {
            "alice": {ids["alice"]},
            "leader": {ids["alice"], ids["bob"]},
            "all": set(ids.values()),
            "head": set(ids.values()),
        }
        for login, deals in expected.items():
            with self.subTest(login=login):
                self.assertEqual(
                    self.seen(login, "crm.lead.period", "origin_lead_id", domain), deals
                )
        self.assert_refused("nobody", "crm.lead.period", "search_read", domain)

    def test_history_stays_with_the_deal(self):
        deal = self.deals["bob"]
        deal.user_id = self.users["alice"]
        self.env["crm.lead.period"].flush_model()
        owners = self.seen(
            "alice", "crm.lead.period", "user_id", [("origin_lead_id", "=", deal.id)]
        )
        self.assertEqual(owners, {self.users["alice"].id, self.users["bob"].id})

    def test_leader_reads_and_writes_the_deals_of_the_team_only(self):
        self.call("leader", "crm.lead", "write", self.deals["alice"].ids, {"priority": "2"})
        self.assert_refused("leader", "crm.lead", "write", self.deals["carol"].ids, {"name": "X"})
        self.assert_refused("leader", "crm.lead", "unlink", self.deals["alice"].ids)
        self.assert_refused("alice", "crm.lead", "write", self.deals["bob"].ids, {"name": "X"})

    def test_nobody_edits_the_ledger(self):
        period = self.deals["alice"].period_ids[0].id
        row = {"origin_lead_id": 1, "deal_type": "lead", "date_from": "2031-01-01 00:00:00"}
        for login in ("alice", "leader", "all", "head"):
            self.assert_refused(login, "crm.lead.period", "write", [period], {"won_status": "won"})
            self.assert_refused(login, "crm.lead.period", "unlink", [period])
            self.assert_refused(login, "crm.lead.period", "create", row)

    def test_private_methods_are_not_reachable(self):
        for method, args in (
            ("_record", ["SELECT 1", "live"]),
            ("_backfill", []),
            ("_mark_merged", [[1], 2]),
            ("flush_model", []),
        ):
            self.assert_refused("head", "crm.lead.period", method, *args)

    def test_history_is_imported_by_the_head_of_sales_only(self):
        for login in ("alice", "leader", "all", "nobody"):
            self.assert_refused(login, "crm.lead.history.import", "load_rows", [], dry_run=True)
        answer = self.call("head", "crm.lead.history.import", "load_rows", [], dry_run=True)
        self.assertEqual(answer["created"], 0)

    def test_other_company_stays_unseen(self):
        company = self.env["res.company"].create({"name": "RPC elsewhere"})
        deal = self.env["crm.lead"].create(
            {"name": "Elsewhere", "company_id": company.id, "user_id": False, "team_id": False}
        )
        self.env["crm.lead.period"].flush_model()
        domain = [("origin_lead_id", "=", deal.id)]
        self.assertFalse(self.seen("head", "crm.lead.period", "origin_lead_id", domain))

    def test_values_and_targets_by_role(self):
        self.env["sales.kpi"].refresh_values("2020-01-01", "2040-01-01")
        user_level = [
            ("level", "=", "user"),
            ("user_id", "in", [user.id for user in self.users.values()]),
        ]
        ids = {login: user.id for login, user in self.users.items()}
        for login, expected in {
            "alice": {ids["alice"]},
            "leader": {ids["alice"], ids["bob"]},
            "all": {ids["alice"], ids["bob"], ids["carol"]},
            "head": {ids["alice"], ids["bob"], ids["carol"]},
        }.items():
            with self.subTest(login=login):
                self.assertEqual(
                    self.seen(login, "sales.kpi.value", "user_id", user_level), expected
                )
        kpi = self.env["sales.kpi"].search([], limit=1)
        target = {"kpi_id": kpi.id, "period_type": "month", "date_from": "2031-01-01", "value": 5}
        for login in ("alice", "leader", "all", "nobody"):
            self.assert_refused(login, "sales.kpi.target", "create", target)
            self.assert_refused(login, "sales.kpi", "refresh_values", "2031-01-01", "2031-02-01")
        for login in ("alice", "leader", "all", "head"):
            self.assert_refused(login, "sales.kpi.value", "create", {"kpi_id": kpi.id})
            self.assert_refused(login, "sales.kpi.touch", "search_read", [])
