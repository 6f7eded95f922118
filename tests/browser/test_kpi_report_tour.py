"""The head of sales and the KPI report, in Chromium, in the demo company."""

import tempfile
import time
from pathlib import Path
from unittest.mock import patch

import openpyxl

from odoo.tests import HttpCase, tagged
from odoo.tests.common import ChromeBrowser
from odoo.tools import date_utils

DOWNLOAD_SECONDS = 30


@tagged("post_install", "-at_install", "sales_kpi")
class TestKpiReportTour(HttpCase):
    """From a figure to its deals, and the file as the browser got it."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        start_browser, stop_browser = ChromeBrowser.__init__, ChromeBrowser.stop

        def start(browser, *args, **kwargs):
            start_browser(browser, *args, **kwargs)
            # Odoo's browser refuses downloads
            browser._websocket_request(
                "Browser.setDownloadBehavior",
                params={"behavior": "allow", "downloadPath": folder.name},
            )

        def stop(browser):
            deadline = time.monotonic() + DOWNLOAD_SECONDS
            while not self.downloads() and time.monotonic() < deadline:
                time.sleep(0.1)
            stop_browser(browser)

        self.startPatcher(patch.object(ChromeBrowser, "__init__", start))
        self.startPatcher(patch.object(ChromeBrowser, "stop", stop))

    def downloads(self):
        return list(self.folder.glob("*.xlsx"))

    def test_head_opens_the_deals_of_a_figure_and_exports_the_report(self):
        self.env["sales.kpi"]._refresh_all()
        action = self.env.ref("sales_kpi.sales_kpi_value_action")
        self.start_tour(f"/odoo/action-{action.id}", "sales_kpi_head_report", login="head")
        [path] = self.downloads()
        today = self.env.cr.now().date()
        start, _end = date_utils.get_quarter(today)
        self.assertEqual(path.name, f"KPI report {start.year}-Q{(start.month + 2) // 3}.xlsx")
        self.assert_equals_the_database(path, start)

    def assert_equals_the_database(self, path, quarter):
        """Compare every line of the quarter and of its months with the stored values."""
        data = openpyxl.load_workbook(path, data_only=True).worksheets[-1]
        written = {"Month": [], "Whole period": []}
        for row in data.iter_rows(min_row=2, values_only=True):
            _key, scope, _period, month, subject, indicator, unit, _plan, *figures = row
            if scope in written and figures[-1] is not None:
                scale = 100.0 if unit == "%" else 1.0
                figures = (figures[0], figures[1] or 0.0, figures[2] * scale)
                written[scope].append(self.line(month, subject, indicator, *figures))
        for scope, period_type in (("Month", "month"), ("Whole period", "quarter")):
            stored = [self.stored_line(value) for value in self.values(period_type, quarter)]
            self.assertTrue(stored)
            self.assertEqual(sorted(written[scope]), sorted(stored))

    def values(self, period_type, quarter):
        return self.env["sales.kpi.value"].search(
            [
                ("company_id", "=", self.env.ref("base.main_company").id),
                ("period_type", "=", period_type),
                ("date_from", ">=", quarter),
                ("date_from", "<", date_utils.add(quarter, months=3)),
            ]
        )

    def stored_line(self, value):
        day = value.date_from
        month = day.year * 100 + day.month if value.period_type == "month" else 0
        subject = {"user": value.user_id, "team": value.team_id}.get(value.level, value.company_id)
        indicator = value.kpi_id.name
        if value.stage_id:
            indicator = f"{indicator}: {value.stage_id.name}"
        figures = value.numerator, value.denominator, value.value
        return self.line(month, subject.name, indicator, *figures)

    @staticmethod
    def line(month, subject, indicator, *figures):
        texts = [f"{figure:.4f}" for figure in figures]
        return " | ".join([str(month or 0), subject, indicator, *texts])
