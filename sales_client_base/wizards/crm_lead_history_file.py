"""Reads a table out of a CSV or XLSX file."""

import csv
import io
from zipfile import BadZipFile

import openpyxl

DELIMITERS = ",;\t"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
ZIP = b"PK\x03\x04"  # an XLSX file is a ZIP file


class FileError(ValueError):
    """The file is no table that can be read."""


def read_file(content: bytes, headers: dict[str, str]) -> tuple[dict[str, str], list[dict]]:
    """Return the columns found and the rows, each with its ``line`` in the file.

    :param headers: ``{header in lower case: column}``; other columns of the file are left out
    :return: ``{header of the file: column, empty for one left out}``, rows by column
    """
    lines = _read_xlsx(content) if content.startswith(ZIP) else _read_csv(content)
    try:
        _line, first = next(lines, (1, []))
        titles = ["" if cell is None else str(cell).strip() for cell in first]
        columns = [headers.get(title.casefold(), "") for title in titles]
        rows = [
            {
                "line": line,
                **{column: cell for column, cell in zip(columns, cells, strict=False) if column},
            }
            for line, cells in lines
            if any(cell is not None and str(cell).strip() for cell in cells)
        ]
    except (csv.Error, ValueError, KeyError, BadZipFile) as error:
        raise FileError(str(error)) from error
    return {title: column for title, column in zip(titles, columns, strict=True) if title}, rows


def _read_csv(content: bytes):
    text = _decode(content)
    header = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1  # where the row begins; a quoted cell may hold line breaks
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def _decode(content: bytes) -> str:
    if content.startswith(UTF_16):  # Excel's "Unicode text"
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def _read_xlsx(content: bytes):
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise FileError(str(error)) from error
    sheet = book.worksheets[0]
    # Other programs' files may state a wrong size, which would cut the table off.
    sheet.reset_dimensions()
    yield from enumerate(sheet.iter_rows(values_only=True), 1)
