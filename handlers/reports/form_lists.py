"""A round's lists as a Word document: each list a table under its title, as it was printed."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, BinaryIO

import docx
import sqlalchemy as sa
from docx.document import Document as Paper
from docx.enum.section import WD_SECTION
from docx.oxml import parse_xml
from docx.shared import Mm, Pt
from docx.table import Table

from handlers.reports.fitting import shared
from handlers.reports.form import lay_out, number_pages, set_font, write_title
from handlers.reports.formtable import MARGINS, NAMESPACE
from handlers.reports.lists import tables
from storage.queries import Row

ROOM = 257  # millimetres between the margins
DIGIT = 1.77
LETTERS = Pt(10)


def write_document(db: sa.Connection, round: Row, out: BinaryIO) -> None:
    """On A4 across, each list on pages of its own; a line break within a cell is a paragraph, as Word has it."""
    paper = docx.Document()
    set_font(paper.styles["Normal"], LETTERS)
    paper.core_properties.title, paper.core_properties.author = round.title, ""
    for number, (title, rows) in enumerate(tables(db, round)):
        section = paper.sections[0] if number == 0 else paper.add_section(WD_SECTION.NEW_PAGE)
        lay_out(section)
        write_title(paper, title)
        _table(paper, rows)
    if paper.tables:
        number_pages(paper.sections[0].footer.paragraphs[0], "NUMPAGES")
    held = BytesIO()
    paper.save(held)
    out.write(held.getbuffer())


def _table(paper: Paper, rows: Sequence[Sequence[str]]) -> None:
    widths = [width * DIGIT for width in shared(rows, ROOM / DIGIT)]
    table = paper.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    table.autofit = False
    table._tbl.tblPr.append(parse_xml(f"<w:tblCellMar {NAMESPACE}>{MARGINS}</w:tblCellMar>"))
    for row in rows:
        for cell, text, width in zip(table.add_row().cells, row, widths, strict=True):
            cell.text, cell.width = text, Mm(width)
            for line in cell.paragraphs:
                line.paragraph_format.space_after = Pt(0)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    _head(table)


def _head(table: Table) -> None:
    """In bold, and again on every page; no row is cut by the end of one."""
    for cell in table.rows[0].cells:
        for run in (run for line in cell.paragraphs for run in line.runs):
            run.font.bold = True
    for number, row in enumerate(table.rows):
        properties: Any = row._tr.get_or_add_trPr()
        for name in ("cantSplit", *(("tblHeader",) if number == 0 else ())):
            properties.append(parse_xml(f"<w:{name} {NAMESPACE}/>"))
