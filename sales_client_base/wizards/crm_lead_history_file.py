"""Reads a table out of a CSV or XLSX file."""

import csv
import io
from zipfile import BadZipFile

import openpyxl

DELIMITERS = ",;\t"
ZIP = b"PK\x03\x04"  # an XLSX file is a ZIP file


class FileError(ValueError):
    """The file is no table that can be read."""


def read_file(content: bytes, headers: dict[str, str]) -> tuple[set[str], list[dict]]:
    """Return the columns found and the rows, each with its ``line`` in the file.

    :param headers: ``{header in lower case: column}``; other columns of the file are left out
    """
    lines = _read_xlsx(content) if content.startswith(ZIP) else _read_csv(content)
    try:
        _line, first = next(lines, (1, []))
        columns = [headers.get(str(cell or "").strip().casefold()) for cell in first]
        rows = [
            {
                "line": line,
                **{column: cell for column, cell in zip(columns, cells, strict=False) if column},
            }
            for line, cells in lines
            if any(cell not in (None, "") for cell in cells)
        ]
    except (csv.Error, ValueError, KeyError, BadZipFile) as error:
        raise FileError(str(error)) from error
    return {column for column in columns if column}, rows


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
