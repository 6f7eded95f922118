"""A page for each category of indicators: facts by subject, by month, and native charts."""

from xlsxwriter.utility import xl_rowcol_to_cell

from .kpi_workbook_summary import FACT, HEADER_ROW

MONTH = 0  # the scope of a month, as in kpi_workbook
CHART_ROWS = 16
COLORS = ("#714B67", "#017E84", "#E99D00", "#5B8DEF", "#D6455D", "#6AAB4A")


def write_category(book, sheet, numbers):
    """Write one category: its facts by subject, by month, and a chart of each indicator."""
    book.write_title(sheet)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, max(len(numbers), 8), 17)
    pairs = book.summary_lines
    subjects = sorted({subject for subject, indicator in pairs if indicator in set(numbers)})
    people = write_subjects(book, sheet, numbers, subjects)
    months = write_months(book, sheet, numbers, subjects, people + 2)
    charts = add_charts(book, sheet, numbers, people, months)
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    book.set_up_page(sheet, HEADER_ROW, max(len(numbers) + 1, 8))
    sheet.print_area(0, 0, charts, max(len(numbers), 8))


def write_header(book, sheet, line, first, numbers):
    sheet.set_row(line, 45)
    sheet.write_string(line, 0, first, book.header_format)
    for column, number in enumerate(numbers, 1):
        indicator = book.report.indicators[number]
        title = f"{indicator.name}, {indicator.unit_label}"
        sheet.write_string(line, column, title, book.header_format)


def write_subjects(book, sheet, numbers, subjects):
    """Write the facts of the whole period, taken from the summary; return the last line."""
    write_header(book, sheet, HEADER_ROW, book.labels["subject"], numbers)
    line = HEADER_ROW
    for subject in subjects:
        line += 1
        who = book.report.subjects[subject]
        strong = {"bold": True} if who.level != "user" else {}
        sheet.write_string(line, 0, who.name, book.format(**strong))
        for column, number in enumerate(numbers, 1):
            if (subject, number) in book.summary_lines:
                cell = xl_rowcol_to_cell(book.summary_lines[subject, number], FACT)
                fact = book.fact_of(subject, number, book.current_scope(number))[1]
                form = book.number_format(book.report.indicators[number].unit, **strong)
                book.write_formula(sheet, line, column, f"'{book.summary_name}'!{cell}", fact, form)
    return line


def write_months(book, sheet, numbers, subjects, start):
    """Write the months of the first (widest) subject; return the lines of the table."""
    if not subjects:
        return start, start
    leader = subjects[0]
    title = f"{book.labels['by_month']}: {book.report.subjects[leader].name}"
    sheet.write_string(start, 0, title, book.format(bold=True, font_size=12))
    write_header(book, sheet, start + 1, book.labels["period"], numbers)
    for line, (month, name) in enumerate(book.report.months, start + 2):
        sheet.write_string(line, 0, name, book.format())
        for column, number in enumerate(numbers, 1):
            formula, result = month_of(book, leader, number, month)
            form = book.number_format(book.report.indicators[number].unit)
            if result is None:
                # an empty text would be drawn as zero
                sheet.write_blank(line, column, None, form)
            else:
                book.write_formula(sheet, line, column, formula, result, form)
    return start + 2, start + 1 + len(book.report.months)


def month_of(book, subject, indicator, month):
    """Return the formula of one month's fact and its result, which is stored, not derived."""
    key = (subject * 1000 + indicator) * 10 + MONTH
    keys, months, facts = (book.data_range(name) for name in ("key", "month", "fact"))
    where = f"{keys},{key},{months},{month}"
    formula = f'IF(COUNTIFS({where},{facts},"<>")=0,"",SUMIFS({facts},{where}))'
    found = [row.fact for row in book.by_key.get(key, ()) if row.month == month]
    return formula, found[0] if found else None


def add_charts(book, sheet, numbers, people, months):
    """Add, for each indicator, its months and its people; return the last line they cover."""
    top = months[1] + 2
    for position, number in enumerate(numbers):
        column = position + 1
        line = top + position * CHART_ROWS
        color = COLORS[position % len(COLORS)]
        by_month = chart(book, sheet, number, "line", (months[0], months[1], column), color)
        sheet.insert_chart(line, 0, by_month, {"x_offset": 4, "y_offset": 4})
        # one bar says nothing: people are compared only where there are several
        if people - HEADER_ROW > 1:
            bars = (HEADER_ROW + 1, people, column)
            by_person = chart(book, sheet, number, "column", bars, color)
            sheet.insert_chart(line, 4, by_person, {"x_offset": 4, "y_offset": 4})
    return top + len(numbers) * CHART_ROWS


def chart(book, sheet, number, kind, where, color):
    """Return a native chart of one column of the sheet, its gaps left as gaps."""
    first, last, column = where
    indicator, name = book.report.indicators[number], sheet.get_name()
    drawing = book.book.add_chart({"type": kind})
    # a cell, not its text: a text such as "=A1" would be taken as a reference
    heading = [name, first - 1, column]
    style = {"line": {"color": color, "width": 2.25}} if kind == "line" else {}
    if kind == "line":
        style["marker"] = {"type": "circle", "size": 5, "fill": {"color": color}}
    drawing.add_series(
        {
            "name": heading,
            "categories": [name, first, 0, last, 0],
            "values": [name, first, column, last, column],
            **(style or {"fill": {"color": color}, "gap": 60}),
        }
    )
    drawing.set_title({"name": heading, "name_font": {"size": 11, "bold": True}})
    drawing.set_legend({"none": True})
    grid = {"visible": True, "line": {"color": "#E6E6E6"}}
    drawing.set_y_axis({"major_gridlines": grid, "num_format": axis_format(indicator.unit)})
    drawing.set_x_axis({"num_font": {"size": 8}})
    drawing.show_blanks_as("gap")
    drawing.set_size({"width": 560, "height": 300})
    return drawing


def axis_format(unit):
    return "0%" if unit == "percent" else "#,##0"
