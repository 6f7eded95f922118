"""The KPI report as a workbook: plain Python over plain data, no environment.

A Data sheet holds every figure; the other sheets are formulas over it, written together with their
results, so that a reader without a calculator sees the same numbers.
"""

import io
from collections import defaultdict
from dataclasses import dataclass, field

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from . import kpi_workbook_pages as pages
from . import kpi_workbook_summary as summary
from .kpi_workbook_rows import RowSheet

# What a row of the Data sheet covers; the last digit of its key.
MONTH, WHOLE, PREVIOUS = 0, 1, 2
DATA_HEADERS = (
    "key", "scope", "period", "month", "subject", "indicator", "unit",
    "plan", "numerator", "denominator", "fact",
)  # fmt: skip
DATA_WIDTHS = (9, 16, 16, 9, 26, 40, 10, 14, 14, 14, 14)
NUMBER_FORMATS = {
    "count": "#,##0",
    "percent": "0.0%",
    "money": "#,##0",
    "hours": "#,##0.0",
    "days": "#,##0.0",
}


@dataclass(frozen=True)
class Indicator:
    """One indicator, or one stage of a stage indicator: a column of its category's sheet."""

    name: str
    category: str
    unit: str  # count, percent, money, hours, days
    unit_label: str
    additivity: str  # sum, ratio, last, none
    direction: str = "up"
    thresholds: tuple = (1.0, 0.8)  # parts of the plan: green from, amber from


@dataclass(frozen=True)
class Subject:
    """Somebody measured: the company, a team or a person."""

    name: str
    team: str = ""
    level: str = "user"


@dataclass(frozen=True)
class DataRow:
    """One figure: of a month, of the whole period, or of the period before it."""

    subject: int
    indicator: int
    scope: int
    period: str
    month: int | None = None  # 202611
    plan: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    fact: float | None = None

    @property
    def key(self):
        return data_key(self.subject, self.indicator, self.scope)


@dataclass
class Report:
    """All that is printed, translated; rows name subjects and indicators by their position."""

    title: str
    company: str
    period: str
    labels: dict
    indicators: list
    subjects: list
    months: list  # (202611, "November 2026")
    rows: list
    has_whole: bool = False  # the period is one stored bucket: its own figures beat sums of months
    plan_whole: set = field(default_factory=set)  # (subject, indicator) with a plan of its own


def data_key(subject, indicator, scope):
    """Return the number that ties a formula to its rows.

    A number, not names: SUMIFS reads a criterion such as ``=Ann`` or ``A*`` as an expression.
    """
    return (subject * 1000 + indicator) * 10 + scope


def build_workbook(report):
    """Return the bytes of the workbook of ``report``."""
    output = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(output, options) as book:
        book.set_properties({"title": report.title, "company": report.company})
        KpiWorkbook(book, report).write_sheets()
    return output.getvalue()


class KpiWorkbook:
    """What the sheets share: formats, print set-up and the figures behind the formulas."""

    def __init__(self, book, report):
        self.book = book
        self.report = report
        self.labels = report.labels
        self._formats = {}
        self._sheet_names = set()
        self.by_key = defaultdict(list)
        for row in report.rows:
            self.by_key[row.key].append(row)

    def write_sheets(self):
        first = self.add_sheet(self.labels["summary"], RowSheet)
        by_category = {}
        for number, indicator in enumerate(self.report.indicators):
            by_category.setdefault(indicator.category, []).append(number)
        categories = [(self.add_sheet(name), numbers) for name, numbers in by_category.items()]
        data = self.add_sheet(self.labels["data"], RowSheet)
        self.summary_name, self.data_name = first.get_name(), data.get_name()
        self.write_data(data)
        summary.write_summary(self, first)
        for sheet, numbers in categories:
            pages.write_category(self, sheet, numbers)

    # shared by the sheets
    def add_sheet(self, name, worksheet_class=None):
        """Add a sheet under a name that Excel accepts: 31 characters, no []:*?/\\, unique."""
        clean = "".join(" " if char in "[]:*?/\\'" else char for char in name).strip()[:28]
        clean = clean or "KPI"
        unique, number = clean, 2
        while unique.lower() in self._sheet_names or unique.lower() == "history":
            unique, number = f"{clean[:25]} {number}", number + 1
        self._sheet_names.add(unique.lower())
        return self.book.add_worksheet(unique, worksheet_class=worksheet_class)

    def format(self, **properties):
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": "Calibri", "font_size": 10, "valign": "vcenter"}
            self._formats[key] = self.book.add_format(base | properties)
        return self._formats[key]

    def number_format(self, unit, **properties):
        return self.format(num_format=NUMBER_FORMATS.get(unit, "#,##0.00"), **properties)

    @property
    def header_format(self):
        return self.format(
            bold=True, bg_color="#714B67", font_color="#FFFFFF", text_wrap=True, border=1,
            border_color="#D8DADD",
        )  # fmt: skip

    def set_up_page(self, sheet, header_row, column_count):
        """Landscape A4, one page wide, the heading repeated; company and period on each page."""

        def escape(text):
            return text.replace("&", "&&")

        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.6)
        sheet.repeat_rows(header_row)
        sheet.print_area(0, 0, max(sheet.dim_rowmax or 0, header_row), column_count - 1)
        # Excel takes at most 255 characters; a name that begins with a digit would join a font size
        company, period = escape(self.report.company)[:100], escape(self.report.period)[:60]
        sheet.set_header(f"&L {company}&C {escape(self.report.title)[:80]}&R {period}")
        sheet.set_footer("&L&A&R&P / &N")

    def write_title(self, sheet):
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, self.report.title, self.format(bold=True, font_size=16))
        subtitle = f"{self.report.company} · {self.report.period}"
        sheet.write_string(1, 0, subtitle, self.format(font_color="#5F636F"))

    # the Data sheet
    def write_data(self, sheet):
        headers = [self.labels[name] for name in DATA_HEADERS]
        for column, (header, width) in enumerate(zip(headers, DATA_WIDTHS, strict=True)):
            sheet.write_string(0, column, header, self.header_format)
            sheet.set_column(column, column, width)
        self._write_data_rows(sheet)
        self.data_last = max(len(self.report.rows), 1) + 1
        sheet.autofilter(0, 0, self.data_last - 1, len(headers) - 1)
        sheet.freeze_panes(1, 6)
        self.set_up_page(sheet, 0, len(headers))

    def _write_data_rows(self, sheet):
        scopes = [self.labels[f"scope_{name}"] for name in ("month", "whole", "previous")]
        indicators, subjects = self.report.indicators, self.report.subjects
        text, plain = sheet.style(self.format()), sheet.style(self.format(num_format="#,##0.00"))
        by_unit = {item.unit: sheet.style(self.number_format(item.unit)) for item in indicators}
        for line, row in enumerate(self.report.rows, 1):
            indicator = indicators[row.indicator]
            form = by_unit[indicator.unit]
            cells = (
                (text, row.key),
                (text, scopes[row.scope]),
                (text, row.period),
                (text, row.month),
                (text, subjects[row.subject].name),
                (text, indicator.name),
                (text, indicator.unit_label),
                (form, row.plan),
                (plain, row.numerator),
                (plain, row.denominator),
                (form, row.fact),
            )
            sheet.add_line(line, cells)

    # formulas over it
    def data_range(self, name):
        column = xl_col_to_name(DATA_HEADERS.index(name))
        return f"'{self.data_name}'!${column}$2:${column}${self.data_last}"

    def lookup(self, name, key):
        """Return a SUMIFS over a column of the Data sheet; Excel indexes the key column once."""
        return f"SUMIFS({self.data_range(name)},{self.data_range('key')},{key})"

    def sum_of(self, name, key):
        """Return the result of `lookup`, or None where the column has nothing for the key."""
        found = [getattr(row, name) for row in self.by_key.get(key, ())]
        found = [figure for figure in found if figure is not None]
        return sum(found) if found else None

    def if_any(self, name, key):
        """Return a formula that is empty, not zero, where there is no figure."""
        count = f'COUNTIFS({self.data_range("key")},{key},{self.data_range(name)},"<>")'
        return f'IF({count}=0,"",{self.lookup(name, key)})'

    def fact_of(self, subject, indicator, scope):
        """Return the formula of a fact and its result; a ratio is a ratio of sums."""
        key = data_key(subject, indicator, scope)
        # a stored value stands as it is; months of a ratio are put together by their parts
        if self.report.indicators[indicator].additivity != "ratio" or scope != MONTH:
            return self.if_any("fact", key), self.sum_of("fact", key)
        parts = self.lookup("numerator", key), self.lookup("denominator", key)
        formula = f'IF({parts[1]}=0,"",{parts[0]}/{parts[1]})'
        numerator, denominator = self.sum_of("numerator", key), self.sum_of("denominator", key)
        return formula, (numerator or 0.0) / denominator if denominator else None

    def plan_of(self, subject, indicator):
        """Return the formula of a plan and its result."""
        own = (subject, indicator) in self.report.plan_whole
        key = data_key(subject, indicator, WHOLE if own else MONTH)
        return self.if_any("plan", key), self.sum_of("plan", key)

    def current_scope(self, indicator):
        """Return which rows hold the period's own figure: months add up only where they may."""
        additive = self.report.indicators[indicator].additivity in {"sum", "ratio"}
        return MONTH if additive and not self.report.has_whole else WHOLE

    def write_formula(self, sheet, line, column, formula, result, form):
        """Write a formula with its result: without it, readers that don't calculate see 0."""
        sheet.write_formula(line, column, f"={formula}", form, "" if result is None else result)
