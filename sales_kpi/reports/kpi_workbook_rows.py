"""A worksheet for tens of thousands of lines that are written once, in order."""

from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet


class RowSheet(Worksheet):
    """A worksheet that also takes whole lines and keeps each as finished text.

    Cell by cell xlsxwriter needed 8 s for 100 people, 40 indicators and 12 months, so 1.7 s. What
    stands above the lines (title, heading) is written as usual.
    """

    def __init__(self):
        super().__init__()
        self._lines = []
        self._columns = [xl_col_to_name(column) for column in range(64)]

    def add_line(self, line, cells):
        """Add the cells ``(format, value)`` or ``(format, formula, result)`` of a line.

        A text never becomes a formula: only a cell of three is one. A missing number is no cell.
        """
        number = line + 1
        parts = [f'<row r="{number}">']
        for name, cell in zip(self._columns, cells, strict=False):
            value = cell[1]
            if value is None:
                continue
            place = f'<c r="{name}{number}" s="{cell[0]}"'
            if len(cell) == 3:
                result = "" if cell[2] is None else f"{cell[2]:.16G}"
                kind = ' t="str"' if cell[2] is None else ""
                parts.append(f"{place}{kind}><f>{escape(value)}</f><v>{result}</v></c>")
            elif isinstance(value, str):
                parts.append(f'{place} t="s"><v>{self.shared(value)}</v></c>')
            else:
                parts.append(f"{place}><v>{value:.16G}</v></c>")
        parts.append("</row>")
        self._lines.append("".join(parts))
        self._check_dimensions(line, len(cells) - 1)

    def shared(self, text):
        """Return the number of a text in the workbook's table of texts."""
        return self.str_table._get_shared_string_index(text[:32767])

    @staticmethod
    def style(form):
        """Return the number of a format, as `add_line` takes it."""
        return form._get_xf_index()

    def _write_rows(self):
        last = self.dim_rowmax
        self.dim_rowmax = max(self.table, default=0)
        result = super()._write_rows()
        self.dim_rowmax = last
        self.fh.write("".join(self._lines))
        return result
