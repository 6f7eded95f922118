from odoo.tests import HttpCase, tagged

from .report_common import KpiReportMixin


@tagged("post_install", "-at_install", "sales_kpi")
class TestKpiReportDownload(KpiReportMixin, HttpCase):
    """The file as each role downloads it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_report()

    def download(self, user, report=None):
        self.authenticate(f"report_{user}", f"report_{user}")
        report = report or self.make_report(user)
        return self.url_open(report.action_export()["params"]["url"])

    def subjects(self, response):
        self.assertEqual(response.status_code, 200)
        self.assertIn("KPI%20report%202026-08.xlsx", response.headers["Content-Disposition"])
        book = self.open_book(response.content, data_only=True)
        return {row[0] for row in self.lines(book.worksheets[0])}

    def test_head_gets_all(self):
        everybody = {"Report Company", "+Team", "=anna()", "@boris"}
        self.assertEqual(self.subjects(self.download("head")), everybody)

    def test_leader_gets_the_team(self):
        self.assertEqual(self.subjects(self.download("leader")), {"+Team", "=anna()", "@boris"})

    def test_salesperson_gets_their_own(self):
        self.assertEqual(self.subjects(self.download("anna")), {"=anna()"})

    def test_the_report_of_another_is_not_found(self):
        response = self.download("anna", self.make_report("head"))
        self.assertIn(response.status_code, (403, 404))

    def test_a_stranger_is_asked_to_log_in(self):
        report = self.make_report("head")
        self.authenticate(None, None)
        response = self.url_open(report.action_export()["params"]["url"], allow_redirects=False)
        self.assertEqual(response.status_code, 303)
