"""The sheets of an Excel workbook with merged cells resolved; a formula counts as the value that was saved with it."""

import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from rubrics.importing.findings import Refused
from rubrics.importing.grid import Cell, Grid, Row
from rubrics.importing.opening import Package

MOST_ROWS = 5000
MOST_COLUMNS = 200
MOST_MERGED = 100_000
# A cell that holds something. The reader makes room for all that lies between the first and the last of them.
FILLED = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>')
UNPLACED = re.compile(rb"<(?:\w+:)?c\b(?![^>]*\br=)")
ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="([0-9]{1,7})"')


def tables(package: Package) -> list[Grid]:
    """Every sheet that is shown, each as one table."""
    for name, part in package.parts.items():
        if name.startswith("xl/worksheets/") and name.endswith(".xml") and too_wide(part):
            raise Refused("sheet_too_large", rows=MOST_ROWS, columns=MOST_COLUMNS)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(package.data))
        shown = [
            one.name
            for one in book.sheets_metadata
            if one.visible == SheetVisibleEnum.Visible and one.typ == SheetTypeEnum.WorkSheet
        ]
        sheets = [book.get_sheet_by_name(name) for name in shown]
        return [Grid(number, rows(sheet), sheet=sheet.name) for number, sheet in enumerate(sheets, 1)]
    except (CalamineError, ValueError, OSError):
        raise Refused("damaged") from None


def too_wide(part: bytes) -> bool:
    """Whether a cell stands far out, where the dense grid of the reader would not fit into memory."""
    if not part.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return True
    if UNPLACED.search(part) and any(int(found[1]) > MOST_ROWS for found in ROW.finditer(part)):
        return True
    return any(int(found[2]) > MOST_ROWS or number(found[1]) > MOST_COLUMNS for found in FILLED.finditer(part))


def number(letters: bytes) -> int:
    """AA → 27."""
    total = 0
    for letter in letters:
        total = total * 26 + letter - ord("A") + 1
    return total


def rows(sheet: CalamineSheet) -> tuple[Row, ...]:
    """The rows from the first of the sheet, so that their numbers are the sheet's own."""
    raw = sheet.to_python(skip_empty_area=False)
    cells = [
        [Cell(written(value), row, column) for column, value in enumerate(values, 1)]
        for row, values in enumerate(raw, 1)
    ]
    room = sum(map(len, cells))  # merged cells never overlap, so together they cover no more than this
    for (top, left), (bottom, right) in merged(sheet):
        if top >= len(cells) or left >= len(cells[top]):
            continue
        room -= (min(bottom, len(cells) - 1) - top + 1) * (min(right, len(cells[top]) - 1) - left + 1)
        if room < 0:
            raise Refused("damaged")
        for row in cells[top : bottom + 1]:
            row[left : right + 1] = [cells[top][left]] * len(row[left : right + 1])
    return tuple(Row(tuple(row), number) for number, row in enumerate(cells, 1))


def merged(sheet: CalamineSheet) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    ranges = sheet.merged_cell_ranges or []
    if len(ranges) > MOST_MERGED:
        raise Refused("sheet_too_large", rows=MOST_ROWS, columns=MOST_COLUMNS)
    yield from ranges


def written(value: object) -> str:
    """A value as it is shown: 10 for 10.0, 0.1 for the float nearest to it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}" if value != 0 else "0"
    return value.isoformat() if isinstance(value, date) else str(value)
