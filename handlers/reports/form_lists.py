"""A round's lists as a Word document: each list a table under its title, as it was printed."""

from io import BytesIO
from typing import BinaryIO

import docx
import sqlalchemy as sa
from docx.enum.section import WD_SECTION
from docx.shared import Pt

from handlers.reports.fitting import shared
from handlers.reports.form import lay_out, number_pages, set_font, write_title
from handlers.reports.formgrid import write_grid
from handlers.reports.formtable import DIGIT
from handlers.reports.lists import tables
from storage.relations import Row

ROOM = 257  # millimetres between the margins
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
        write_grid(paper, rows, [width * DIGIT for width in shared(rows, ROOM / DIGIT)])
    if paper.tables:
        number_pages(paper.sections[0].footer.paragraphs[0], "NUMPAGES")
    held = BytesIO()
    paper.save(held)
    out.write(held.getbuffer())
