"""A round's lists as an Excel workbook: a sheet for each list, every cell a text as it was printed."""

from collections.abc import Sequence
from typing import BinaryIO

import sqlalchemy as sa
from xlsxwriter import Workbook

from handlers.reports.fitting import lines_in, shared
from handlers.reports.lists import tables
from handlers.reports.pen import OPTIONS, Pen, print_set_up
from handlers.reports.tabs import Tabs
from storage.relations import Row

ROOM = 150  # digits across a page of A4


def write_workbook(db: sa.Connection, round: Row, out: BinaryIO) -> None:
    """The title in the first row, the heads in the second, then the rows in their order."""
    with Workbook(out, OPTIONS) as book:
        pen, tabs = Pen(book), Tabs()
        for title, rows in tables(db, round):
            _list(pen, tabs.name(title, title), title, rows)


def _list(pen: Pen, tab: str, title: str, rows: Sequence[Sequence[str]]) -> None:
    sheet, widths = pen.book.add_worksheet(tab), shared(rows, ROOM)
    print_set_up(sheet, title, widths, top=1)
    pen.top(sheet, title)
    pen.heads(sheet, 1, rows[0], widths)
    sheet.freeze_panes(2, 0)
    for at, row in enumerate(rows[1:], 2):
        pen.room(sheet, at, max(map(lines_in, row, widths)))
        for column, cell in enumerate(row):
            pen.text(sheet, at, column, cell, "wrapped")
