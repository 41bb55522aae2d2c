"""A round's lists as an Excel workbook: a sheet for each list, every cell a text as it was printed."""

from typing import BinaryIO

import sqlalchemy as sa
from xlsxwriter import Workbook

from handlers.reports.lists import tables
from handlers.reports.tabs import Tabs
from storage.queries import Row

OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
WIDTHS = (5, 24, 9, 9, 9, 9, 9, 9, 36, 60)


def write_workbook(db: sa.Connection, round: Row, out: BinaryIO) -> None:
    """The title in the first row, the heads in the second, then the rows in their order."""
    with Workbook(out, OPTIONS) as book:
        boxed = book.add_format({"border": 1, "valign": "top", "text_wrap": True})
        bold = book.add_format({"bold": True})
        tabs = Tabs()
        for title, rows in tables(db, round):
            sheet = book.add_worksheet(tabs.name(title, title))
            sheet.write_string(0, 0, title, bold)
            for at, row in enumerate(rows, 1):
                for column, cell in enumerate(row):
                    sheet.write_string(at, column, cell, boxed)
            for column, width in enumerate(WIDTHS):
                sheet.set_column(column, column, width)
