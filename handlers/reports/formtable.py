"""The table of the printed form as WordprocessingML: merged 类别 and 项目, heads on every page, the sum below."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from handlers.cleaning import clean
from handlers.phrasebook import points
from handlers.reports.table import Line, labels

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TWIPS = 56.7  # a millimetre
WIDTHS = (12, 25, 18, 78, 14, 14, 78, 18)  # millimetres, in the order of the heads
# A row that may not break keeps an item together; one that is longer than a page must break.
LONGEST_UNBROKEN = 700  # letters
BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
MARGINS = '<w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/>'


def table_xml(heads: Sequence[str], lines: Sequence[Line], entry: Mapping[str, Any]) -> str:
    """The whole table of one society."""
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in WIDTHS)
    rows = [_row([_cell(head, column, bold=True) for column, head in enumerate(heads)], "<w:cantSplit/><w:tblHeader/>")]
    rows += [_line(lines, number) for number in range(len(lines))]
    rows.append(_total(entry))
    return (
        f'<w:tbl {NAMESPACE}><w:tblPr><w:tblW w:w="{sum(map(_twips, WIDTHS))}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{MARGINS}</w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _line(lines: Sequence[Line], number: int) -> str:
    line = lines[number]
    before = lines[number - 1] if number else None
    same = before is not None and before.item.section is line.item.section
    again = same and before is not None and before.item.heading is not None and before.heading == line.heading
    score = points(line.score) if isinstance(line.score, Decimal) else line.score or ""
    full = (
        ""
        if line.points is None
        else f"{labels().get(line.item.counts, '')}{points(line.points)}{labels()['points_suffix']}"
    )
    cells = (
        _cell(line.no, 0),
        _cell("" if same else line.section, 1, merge="continue" if same else "restart"),
        _cell("" if again else line.heading, 2, merge="continue" if again else "restart"),
        _cell(line.text, 3, left=True),
        _cell(full, 4),
        _cell(score, 5),
        _cell(line.basis, 6, left=True),
        _cell("", 7),
    )
    return _row(cells, "<w:cantSplit/>" if len(line.basis) <= LONGEST_UNBROKEN else "")


def _total(entry: Mapping[str, Any]) -> str:
    """总计; no sum where the document prints no points."""
    full = "" if entry["maximum"] is None else f"{entry['maximum']}{labels()['points_suffix']}"
    claimed = entry["claimed"] if entry["maximum"] is not None else ""
    texts = (labels()["total"], "", "", "", full, claimed, "", "")
    return _row([_cell(text, column, bold=True) for column, text in enumerate(texts)], "<w:cantSplit/>")


def _row(cells: Sequence[str], properties: str) -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(text: str, column: int, *, merge: str | None = None, left: bool = False, bold: bool = False) -> str:
    """In the order of the schema, which Word insists on: tcW, vMerge, vAlign."""
    merged = "" if merge is None else f'<w:vMerge w:val="{merge}"/>'
    looks = f'<w:spacing w:after="0"/><w:jc w:val="{"left" if left else "center"}"/>'
    weight = f'<w:rPr>{"<w:b/>" if bold else ""}<w:sz w:val="{20 if left else 21}"/></w:rPr>'
    runs = "".join(f"<w:r>{weight}{piece}</w:r>" for piece in _pieces(text))
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(WIDTHS[column])}" w:type="dxa"/>{merged}<w:vAlign w:val="center"/></w:tcPr>'
        f"<w:p><w:pPr>{looks}</w:pPr>{runs}</w:p></w:tc>"
    )


def _pieces(text: str) -> Iterator[str]:
    """Words, tabs and line breaks as Word writes them."""
    for number, line in enumerate(clean(text).split("\n") if text else ()):
        if number:
            yield "<w:br/>"
        for place, words in enumerate(line.split("\t")):
            if place:
                yield "<w:tab/>"
            if words:
                yield f'<w:t xml:space="preserve">{escape(words)}</w:t>'


def _twips(millimetres: int) -> int:
    return round(millimetres * TWIPS)
