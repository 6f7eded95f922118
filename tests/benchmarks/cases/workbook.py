"""The Excel report of 100 people, 40 indicators and 12 months."""

from clock import BenchmarkError, peak_memory, reset_peak_memory, timed
from table import limited

PEOPLE, INDICATORS, MONTHS = 100, 40, 12


def run(env, scale):
    # imported here: while that code is broken, this case fails and the others run
    from odoo.addons.sales_kpi.reports import kpi_workbook as workbook
    from odoo.addons.sales_kpi.reports.kpi_report_words import KpiReportWords

    report = _report(env, workbook, KpiReportWords)
    reset_peak_memory()
    before = peak_memory()
    files = []
    taken = timed(lambda: files.append(workbook.build_workbook(report)))
    if not files[0].startswith(b"PK"):
        raise BenchmarkError("the workbook is not a file of Excel's")
    return [
        limited("workbook, 100 people × 40 KPIs × 12 months", taken, 3),
        limited("workbook, extra peak memory", peak_memory() - before, 200, "MB"),
    ]


def _report(env, workbook, words):
    units = ("count", "money", "percent", "hours")
    indicators = [
        workbook.Indicator(
            name=f"Indicator {number}",
            category=f"Category {number // 8}",
            unit=units[number % 4],
            unit_label=units[number % 4],
            additivity="ratio" if units[number % 4] == "percent" else "sum",
        )
        for number in range(INDICATORS)
    ]
    subjects = [workbook.Subject(f"Salesperson {number}", "Team") for number in range(PEOPLE)]
    return workbook.Report(
        title="KPI report",
        company=env.company.name,
        period="2026",
        labels=_labels(env, words),
        indicators=indicators,
        subjects=subjects,
        months=[(202601 + month, f"Month {month + 1}") for month in range(MONTHS)],
        rows=_rows(workbook),
    )


def _labels(env, words) -> dict:
    """Return the labels of the report itself, which need no more than an environment."""
    report = words()
    report.env, report.company = env, env.company
    return report._labels()


def _rows(workbook) -> list:
    return [
        workbook.DataRow(
            subject=subject,
            indicator=indicator,
            scope=workbook.MONTH,
            period=f"Month {month + 1}",
            month=202601 + month,
            plan=100.0,
            numerator=float(subject + indicator + month),
            denominator=10.0 + month,
            fact=(subject + indicator + month) / (10.0 + month),
        )
        for subject in range(PEOPLE)
        for indicator in range(INDICATORS)
        for month in range(MONTHS)
    ]
