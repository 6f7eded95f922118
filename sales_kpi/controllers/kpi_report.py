from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class KpiReportController(http.Controller):
    """Sends the KPI report as a file, with what the current user may see and nothing else."""

    @http.route("/sales_kpi/report/<int:report_id>", type="http", auth="user", readonly=True)
    def download(self, report_id, **_browser):
        report = request.env["sales.kpi.report"].with_context(lang=request.env.user.lang)
        report = report.search([("id", "=", report_id)])
        if not report:
            raise request.not_found()
        name, content = report._workbook()
        headers = [
            ("Content-Type", XLSX),
            ("Content-Length", len(content)),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "no-store"),
        ]
        return request.make_response(content, headers=headers)
