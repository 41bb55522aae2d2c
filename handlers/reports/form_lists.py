"""A round's lists as a Word document: each list a table under its title, as it was printed."""

from typing import BinaryIO

import docx
import sqlalchemy as sa
from docx.enum.section import WD_ORIENT

from handlers.reports.lists import tables
from storage.queries import Row


def write_document(db: sa.Connection, round: Row, out: BinaryIO) -> None:
    """On A4 across; a line break within a cell is a paragraph, as Word has it."""
    document = docx.Document()
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, page.page_height, page.page_width
    for title, rows in tables(db, round):
        document.add_heading(title, level=2)
        table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    document.save(out)
