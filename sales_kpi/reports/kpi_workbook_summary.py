"""The summary: a line per subject and indicator, formulas over the Data sheet."""

from xlsxwriter.utility import xl_rowcol_to_cell

PREVIOUS = 2  # the scope of the period before, as in kpi_workbook
HEADER_ROW = 3
SUMMARY_HEADERS = (
    "subject", "team", "category", "indicator", "unit",
    "plan", "fact", "achievement", "previous", "trend",
)  # fmt: skip
SUMMARY_WIDTHS = (26, 18, 16, 46, 9, 14, 14, 14, 18, 13)
THRESHOLDS = (1.0, 0.8)  # green from, amber from; of the plan
PLAN, FACT, ACHIEVEMENT, BEFORE, TREND = range(5, 10)


def write_summary(book, sheet):
    """Write a line per subject and indicator: plan, fact, achievement, previous period, trend."""
    book.write_title(sheet)
    sheet.set_row(HEADER_ROW, 18)
    for column, (name, width) in enumerate(zip(SUMMARY_HEADERS, SUMMARY_WIDTHS, strict=True)):
        sheet.write_string(HEADER_ROW, column, book.labels[name], book.header_format)
        sheet.set_column(column, column, width)
    book.summary_lines = {}
    line = HEADER_ROW
    for subject, indicator in summary_pairs(book):
        line += 1
        book.summary_lines[subject, indicator] = line
        write_summary_line(book, sheet, line, subject, indicator)
    if line == HEADER_ROW:
        line += 1
        empty = sheet.style(book.format(italic=True))
        sheet.add_line(line, [(empty, book.labels["no_data"])])
    sheet.autofilter(HEADER_ROW, 0, line, len(SUMMARY_HEADERS) - 1)
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    colour_achievement(book, sheet, line)
    book.set_up_page(sheet, HEADER_ROW, len(SUMMARY_HEADERS))


def summary_pairs(book):
    """Return the pairs that have something to show, in the order of the report."""
    return sorted({(row.subject, row.indicator) for row in book.report.rows})


def write_summary_line(book, sheet, line, subject, indicator):
    who, what = book.report.subjects[subject], book.report.indicators[indicator]
    strong = {"bold": True} if who.level != "user" else {}
    text = sheet.style(book.format(**strong))
    form = sheet.style(book.number_format(what.unit, **strong))
    plan = book.plan_of(subject, indicator)
    fact = book.fact_of(subject, indicator, book.current_scope(indicator))
    before = book.fact_of(subject, indicator, PREVIOUS)
    achievement = achievement_of(line, what, plan[1], fact[1])
    trend, trend_format = trend_of(book, line, what, fact[1], before[1])
    cells = [
        (text, value) for value in (who.name, who.team, what.category, what.name, what.unit_label)
    ]
    cells += [(form, *plan), (form, *fact)]
    cells.append((sheet.style(book.format(num_format="0%", **strong)), *achievement))
    cells.append((form, *before))
    cells.append((sheet.style(book.format(num_format=trend_format, **strong)), *trend))
    sheet.add_line(line, cells)


def achievement_of(line, what, plan, fact):
    """Return formula and result: 100 % and more is good, whichever direction is."""
    top, bottom, above, below = FACT, PLAN, fact, plan
    if what.direction == "down":
        top, bottom, above, below = PLAN, FACT, plan, fact
    top, bottom = xl_rowcol_to_cell(line, top), xl_rowcol_to_cell(line, bottom)
    formula = f'IF(OR({top}="",{bottom}="",N({bottom})=0),"",{top}/{bottom})'
    return formula, above / below if above is not None and below else None


def trend_of(book, line, what, fact, before):
    """Return formula, result and format: a share changes by points, the rest by per cent."""
    now, then = xl_rowcol_to_cell(line, FACT), xl_rowcol_to_cell(line, BEFORE)
    known = fact is not None and before is not None
    if what.unit == "percent":
        points = book.labels["points"].replace('"', "")
        formula = f'IF(OR({now}="",{then}=""),"",({now}-{then})*100)'
        form = f'+0.0" {points}";-0.0" {points}";0.0" {points}"'
        return (formula, (fact - before) * 100 if known else None), form
    formula = f'IF(OR({now}="",{then}="",N({then})=0),"",{now}/{then}-1)'
    return (formula, fact / before - 1 if known and before else None), "+0%;-0%;0%"


def colour_achievement(book, sheet, last):
    """Colour achievement by the indicator's own thresholds, the usual ones in one rule each."""
    usual = THRESHOLDS
    for (_subject, number), line in book.summary_lines.items():
        own = book.report.indicators[number].thresholds
        if own != usual:
            colour(book, sheet, (line, line), own)
    colour(book, sheet, (HEADER_ROW + 1, last), usual)


def colour(book, sheet, lines, thresholds):
    """Colour the achievement of some lines; an empty text compares greater than any number."""
    first = xl_rowcol_to_cell(lines[0], ACHIEVEMENT)
    green, amber = thresholds
    rules = (
        (f"AND(ISNUMBER({first}),{first}>={green:g})", "#D9F2E3", "#0B6B38"),
        (f"AND(ISNUMBER({first}),{first}>={amber:g},{first}<{green:g})", "#FFF2CC", "#7F6000"),
        (f"AND(ISNUMBER({first}),{first}<{amber:g})", "#FBE0E2", "#9C1C28"),
    )
    for criteria, background, ink in rules:
        form = book.book.add_format({"bg_color": background, "font_color": ink})
        # the rule of a single line comes before the usual one
        rule = {"type": "formula", "criteria": f"={criteria}", "format": form, "stop_if_true": True}
        sheet.conditional_format(lines[0], ACHIEVEMENT, lines[1], ACHIEVEMENT, rule)
