"""The table of the printed form as WordprocessingML: merged 类别 and 项目, heads on every page, the sum below."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from handlers.cleaning import clean
from handlers.phrasebook import points
from handlers.reports.fitting import lines_in
from handlers.reports.table import BASIS, TEXT, Line, columns, labels, lines, table_heads
from rubrics.model import Rubric

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TWIPS = 56.7  # a millimetre
WIDTHS = (12, 25, 18, 78, 14, 14, 78, 18)  # millimetres, in the order of the heads
DIGIT = 1.77  # millimetres, half a Chinese letter of 10 points
# A row that may not break keeps an item together; one that is longer than a page must break.
MOST_UNBROKEN = 20  # lines
BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
MARGINS = "".join(
    f'<w:{side} w:w="{width}" w:type="dxa"/>'
    for side, width in (("top", 40), ("left", 57), ("bottom", 40), ("right", 57))
)


def table_xml(rubric: Rubric, entry: Mapping[str, Any]) -> str:
    """The whole table of one society."""
    widths = _widths(columns(rubric))
    table = _Table(widths)
    printed = list(lines(rubric, entry))
    head = [table.cell(text, column, bold=True) for column, text in enumerate(table_heads(rubric))]
    rows = [table.row(head, "<w:cantSplit/><w:tblHeader/>")]
    rows += [_line(table, printed, number) for number in range(len(printed))]
    rows += _total(table, entry)
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in widths.values())
    return (
        f'<w:tbl {NAMESPACE}><w:tblPr><w:tblW w:w="{sum(map(_twips, widths.values()))}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{MARGINS}</w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _widths(shown: Sequence[int]) -> dict[int, float]:
    """By column, in millimetres; what a column that is not printed leaves goes to the two with long texts."""
    left = sum(width for column, width in enumerate(WIDTHS) if column not in shown) / 2
    return {column: WIDTHS[column] + (left if column in (TEXT, BASIS) else 0) for column in shown}


def _line(table: "_Table", printed: Sequence[Line], number: int) -> str:
    line = printed[number]
    before = printed[number - 1] if number else None
    same = before is not None and before.item.section is line.item.section
    again = same and before is not None and before.item.heading is not None and before.heading == line.heading
    score = points(line.score) if isinstance(line.score, Decimal) else line.score or ""
    full = (
        ""
        if line.points is None
        else f"{labels().get(line.item.counts, '')}{points(line.points)}{labels()['points_suffix']}"
    )
    cells = (
        table.cell(line.no, 0),
        table.cell("" if same else line.section, 1, merge="continue" if same else "restart"),
        table.cell("" if again else line.heading, 2, merge="continue" if again else "restart"),
        table.cell(line.text, 3, left=True),
        table.cell(full, 4),
        table.cell(score, 5),
        table.cell(line.basis, 6, left=True),
        table.cell("", 7),
    )
    return table.row(cells, "<w:cantSplit/>" if table.lines(line) <= MOST_UNBROKEN else "")


def _total(table: "_Table", entry: Mapping[str, Any]) -> list[str]:
    """总计; no line where the document prints no points."""
    if entry["maximum"] is None:
        return []
    full = f"{entry['maximum']}{labels()['points_suffix']}"
    texts = (labels()["total"], "", "", "", full, entry["claimed"], "", "")
    return [table.row([table.cell(text, column, bold=True) for column, text in enumerate(texts)], "<w:cantSplit/>")]


class _Table:
    """Rows and cells of the columns that are printed; those of the others are nothing."""

    def __init__(self, widths: Mapping[int, float]) -> None:
        self.widths = widths

    def lines(self, line: Line) -> int:
        """How many lines of text the row is high."""
        texts = ((line.text, TEXT), (line.basis, BASIS))
        return max(lines_in(text, self.widths[column] / DIGIT) for text, column in texts)

    def row(self, cells: Sequence[str], properties: str) -> str:
        return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"

    def cell(self, text: str, column: int, *, merge: str | None = None, left: bool = False, bold: bool = False) -> str:
        """In the order of the schema, which Word insists on: tcW, vMerge, vAlign."""
        if column not in self.widths:
            return ""
        merged = "" if merge is None else f'<w:vMerge w:val="{merge}"/>'
        looks = f'<w:spacing w:after="0"/><w:jc w:val="{"left" if left else "center"}"/>'
        weight = f'<w:rPr>{"<w:b/>" if bold else ""}<w:sz w:val="{20 if left else 21}"/></w:rPr>'
        runs = "".join(f"<w:r>{weight}{piece}</w:r>" for piece in _pieces(text))
        width = f'<w:tcW w:w="{_twips(self.widths[column])}" w:type="dxa"/>'
        return (
            f'<w:tc><w:tcPr>{width}{merged}<w:vAlign w:val="center"/></w:tcPr>'
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


def _twips(millimetres: float) -> int:
    return round(millimetres * TWIPS)
