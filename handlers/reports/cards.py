"""Cards to print and cut: eight to a page of A4, each with a picture to scan, a name, a code and how to use them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

ACROSS = 2
MARGIN = 10  # mm
PICTURE = (35, 31)  # mm: its cell, itself
TEXT = 60  # mm
HEIGHT = 67  # mm: four of them and a line behind fit a page
HEADING, BODY = "黑体", "宋体"
SIZES = ((13, 13), (26, 11), (60, 9))  # letters of a name, points it is set in
SMALLEST = 7


@dataclass(frozen=True)
class Card:
    name: str
    code: str
    lines: tuple[str, ...]
    picture: bytes  # PNG


def sheet_of_cards(cards: Sequence[Card]) -> bytes:
    """The .docx."""
    from docx import Document
    from docx.shared import Mm

    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(MARGIN))
    table = document.add_table(0, 2 * ACROSS)
    table.autofit = False
    for column, width in zip(table.columns, (PICTURE[0], TEXT) * ACROSS, strict=True):
        column.width = Mm(width)
    for first in range(0, len(cards), ACROSS):
        _row(table, cards[first : first + ACROSS])
    _end(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _row(table: Any, cards: Sequence[Card]) -> None:
    from docx.enum.table import WD_ROW_HEIGHT_RULE
    from docx.oxml import OxmlElement
    from docx.shared import Mm

    row = table.add_row()
    row.height, row.height_rule = Mm(HEIGHT), WD_ROW_HEIGHT_RULE.EXACTLY
    row._tr.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))
    cells = row.cells
    for column, cell in enumerate(cells):
        cell.width = Mm((PICTURE[0], TEXT)[column % 2])
        _borders(cell, inner="right" if column % 2 == 0 else "left")
    for number, card in enumerate(cards):
        _picture(cells[2 * number], card)
        _text(cells[2 * number + 1], card)


def _picture(cell: Any, card: Card) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    _centred(cell)
    cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    cell.paragraphs[0].add_run().add_picture(io.BytesIO(card.picture), width=Mm(PICTURE[1]))


def _text(cell: Any, card: Card) -> None:
    _centred(cell)
    size = next((size for letters, size in SIZES if len(card.name) <= letters), SMALLEST)
    _line(cell.paragraphs[0], card.name, HEADING, size, bold=True)
    _line(cell.add_paragraph(), card.code, "Consolas", 17, bold=True)
    for said in card.lines:
        _line(cell.add_paragraph(), said, BODY, 9)


def _line(paragraph: Any, said: str, font: str, size: int, *, bold: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph.paragraph_format.space_before = Pt(0)
    paragraph.paragraph_format.space_after = Pt(3)
    run = paragraph.add_run(said)
    run.font.name, run.font.size, run.bold = font, Pt(size), bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), HEADING if bold else BODY)


def _centred(cell: Any) -> None:
    from docx.enum.table import WD_ALIGN_VERTICAL

    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER


def _borders(cell: Any, *, inner: str) -> None:
    """Dashes to cut along; none between a picture and its text."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tcBorders")
    for side in ("top", "left", "bottom", "right"):  # the order that the schema wants
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), "nil" if side == inner else "dashed")
        line.set(qn("w:sz"), "4")
        line.set(qn("w:color"), "999999")
        borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)


def _end(document: Any) -> None:
    """The paragraph that Word wants behind a table, too small to begin a page."""
    from docx.shared import Pt

    last = document.add_paragraph()
    last.paragraph_format.space_after = Pt(0)
    last.paragraph_format.line_spacing = Pt(1)
    last.add_run().font.size = Pt(1)
