"""The looks of what is written: lines that wrap, text that stays text when it is edited, rows as high as their words."""

import math
import unicodedata
from collections.abc import Mapping
from copy import deepcopy

from rubrics.filled.book import space
from rubrics.filled.cells import Cells
from rubrics.filled.parts import Element
from rubrics.importing import word
from rubrics.importing.excel import number

TYPICAL = 11.0  # points: the size of letters where a file says none
USUAL_WIDTH = 8.43  # digits: the width of a column where a file says none
LINE = 1.4  # the height of a line in its letters' size
HIGHEST = 409.0  # points: Excel's own limit


class Looks:
    """The styles of a workbook; one that is changed is a new one, so that no other cell changes with it."""

    def __init__(self, styles: Element | None) -> None:
        self.formats = word.child(styles, "cellXfs")
        self.fonts = word.child(styles, "fonts")
        self.made: dict[tuple[int, bool, bool], int] = {}

    def wrapped(self, style: int, *, quoted: bool, left: bool = False) -> int:
        """The same looks with lines that wrap; `quoted`: what begins like a formula stays text when it is edited;
        `left`: the looks are those of another column, which may be centred."""
        if self.formats is None:
            return style
        if (style, quoted, left) not in self.made:
            looks = deepcopy(self.formats[style])
            alignment = word.child(looks, "alignment")
            if alignment is None:
                alignment = looks.makeelement(f"{space(looks)}alignment", {"vertical": "center"})
                looks.insert(0, alignment)
            alignment.set("wrapText", "1")
            alignment.attrib.pop("shrinkToFit", None)
            if left:
                alignment.set("horizontal", "left")
            looks.set("applyAlignment", "1")
            if quoted:
                looks.set("quotePrefix", "1")
            self.formats.append(looks)
            self.formats.set("count", str(len(self.formats)))
            self.made[style, quoted, left] = len(self.formats) - 1
        return self.made[style, quoted, left]

    def wraps(self, style: int) -> bool:
        """Whether its lines wrap."""
        if self.formats is None or style >= len(self.formats):
            return False
        return word.value(word.child(self.formats[style], "alignment"), "wrapText") in ("1", "true")

    def size(self, style: int) -> float:
        """Of its letters, in points."""
        if self.formats is None or self.fonts is None or style >= len(self.formats):
            return TYPICAL
        font = self.fonts[int(self.formats[style].get("fontId", "0"))]
        return float(word.value(word.child(font, "sz")) or TYPICAL)


def heighten(cells: Cells, looks: Looks, row: int, column: int, texts: Mapping[int, str]) -> None:
    """A row grows until the words of that column fit, as far as Excel lets it; where the file leaves its height open,
    until those of the other columns fit too (`texts`, by column), for not every program fits it by itself."""
    left, bottom, right = _covered(cells, row, column)
    heights, usual = [_height(cells, one) for one in range(row, bottom + 1)], _usual(cells)
    needed = _needed(cells, looks, row, (left, right), texts[column])
    if heights[0] is None:
        others = [_needed(cells, looks, row, (one, one), text) for one, text in texts.items() if one != column]
        needed = max([needed, *others])
    lacking = needed - sum(usual if one is None else one for one in heights)
    if lacking > 0:
        line = cells.rows[row]
        line.set("ht", f"{min((heights[0] or usual) + lacking, HIGHEST):.1f}")
        line.set("customHeight", "1")


def _needed(cells: Cells, looks: Looks, row: int, columns: tuple[int, int], text: str) -> float:
    """How high a cell over these columns must be for its words."""
    size = looks.size(cells.style(row, columns[0]))
    width = sum(_width(cells, one) for one in range(columns[0], columns[1] + 1)) * TYPICAL / size
    return sum(max(math.ceil(_letters(line) / max(width - 1, 1)), 1) for line in text.split("\n")) * size * LINE + 4


def _letters(line: str) -> int:
    """How wide a line is, in digits: a hanzi takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in line)


def _covered(cells: Cells, row: int, column: int) -> tuple[int, int, int]:
    """The left column, the bottom row and the right column of the merged cell that begins here, or of the one cell."""
    merges = word.child(cells.sheet, "mergeCells")
    for one in [] if merges is None else merges:
        (top, left), (bottom, right) = span(one.get("ref", ""))
        if (top, left) == (row, column):
            return left, bottom, right
    return column, row, column


def span(reference: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """B2:C4 as (2, 2), (4, 3); absolute or not."""
    ends = [_place(one) for one in reference.replace("$", "").split(":")]
    return ends[0], ends[-1]


def _place(name: str) -> tuple[int, int]:
    column = name.rstrip("0123456789")
    return int(name[len(column) :] or 0), number(column.encode())


def _width(cells: Cells, column: int) -> float:
    found = next((one for one in cells.columns() if int(one.get("min")) <= column <= int(one.get("max"))), None)
    form = word.child(cells.sheet, "sheetFormatPr")
    usual = form.get("defaultColWidth", USUAL_WIDTH) if form is not None else USUAL_WIDTH
    return float(usual if found is None else found.get("width", usual))


def _usual(cells: Cells) -> float:
    form = word.child(cells.sheet, "sheetFormatPr")
    return float(form.get("defaultRowHeight", "15") if form is not None else 15)


def _height(cells: Cells, row: int) -> float | None:
    line = cells.rows.get(row)
    return None if line is None or line.get("ht") is None else float(line.get("ht"))
