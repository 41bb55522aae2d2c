"""Columns put right of a sheet's table, in the looks of the last one, so that what was answered has a place."""

import re
from collections.abc import Mapping

from rubrics.filled.book import OF_SHEET, Book, within
from rubrics.filled.cells import Cells
from rubrics.filled.looks import span
from rubrics.filled.parts import Element
from rubrics.filled.placing import Widened
from rubrics.importing import word
from rubrics.importing.findings import letters

WIDTHS = {"score": 9.0, "basis": 36.0}  # digits
END = re.compile(r"\$([A-Z]{1,3})\$(\d+)$")


def widen(book: Book, cells: Cells, wide: Widened, words: Mapping[str, str]) -> None:
    """Heads, borders, widths and print area for the new columns; what lies across the whole table goes on over them."""
    if not wide.roles:
        return
    last = wide.at + len(wide.roles) - 1
    for row in range(wide.first or 1, len(wide.grid.rows) + 1):
        for column in range(wide.at, last + 1):
            cells.write(row, column, None, cells.style(row, wide.at - 1))
    for row in (wide.first, *wide.again):
        for number, role in enumerate(wide.roles):
            if row:
                cells.write(row, wide.at + number, words[role])
    for number, role in enumerate(wide.roles):
        _width(cells, wide.at + number, WIDTHS[role])
    _merges(cells, wide, last)
    _printed(book, wide, last)
    _one_page_wide(cells)


def _merges(cells: Cells, wide: Widened, last: int) -> None:
    """A title or a category over all columns reaches over the new ones too; a head of two storeys stands in both."""
    merges = word.child(cells.sheet, "mergeCells")
    for one in [] if merges is None else merges:
        (top, left), (bottom, right) = span(one.get("ref", ""))
        if left == 1 and right == wide.at - 1:
            one.set("ref", f"A{top}:{letters(last)}{bottom}")
    if wide.first < wide.last:
        merges = within(cells.sheet, "mergeCells", OF_SHEET)
        for column in range(wide.at, last + 1):
            name = letters(column)
            merges.append(
                merges.makeelement(f"{cells.space}mergeCell", {"ref": f"{name}{wide.first}:{name}{wide.last}"})
            )
    if merges is not None:
        merges.set("count", str(len(merges)))
    dimension = word.child(cells.sheet, "dimension")
    if dimension is not None:
        cells.sheet.remove(dimension)


def _width(cells: Cells, column: int, width: float) -> None:
    """A column of its own width; what was said of several with it still holds for the others."""
    cols = within(cells.sheet, "cols", OF_SHEET)
    for one in list(cols):
        first, last = int(one.get("min")), int(one.get("max"))
        if first <= column <= last:
            parts = [(first, column - 1), (column + 1, last)]
            for low, high in parts:
                if low <= high:
                    _said(cols, one, low, high)
            cols.remove(one)
    _said(cols, None, column, column).attrib.update({"width": f"{width}", "customWidth": "1"})
    cols[:] = sorted(cols, key=lambda one: int(one.get("min")))


def _said(cols: Element, like: Element | None, first: int, last: int) -> Element:
    made = cols.makeelement(f"{cols.tag.rpartition('}')[0]}}}col", {} if like is None else dict(like.attrib))
    made.set("min", str(first))
    made.set("max", str(last))
    cols.append(made)
    return made


def _printed(book: Book, wide: Widened, last: int) -> None:
    """A print area that ends with the table ends with the new columns."""
    names = word.child(book.root, "definedNames")
    sheet = str(book.index(wide.grid.sheet or ""))
    for one in [] if names is None else names:
        mine = one.get("name") == "_xlnm.Print_Area" and one.get("localSheetId") == sheet
        area = one.text or ""
        found = END.search(area) if mine else None
        if found and span(f"{found[1]}1")[0][1] < last:
            one.text = f"{area[: found.start()]}${letters(last)}${found[2]}"


def _one_page_wide(cells: Cells) -> None:
    """More columns than before still print on one sheet of paper beside each other."""
    head = within(cells.sheet, "sheetPr", OF_SHEET)
    fit = word.child(head, "pageSetUpPr")
    if fit is None:
        fit = head.makeelement(f"{cells.space}pageSetUpPr")
        head.append(fit)
    fit.set("fitToPage", "1")
    page = within(cells.sheet, "pageSetup", OF_SHEET)
    page.attrib.pop("scale", None)
    page.set("fitToWidth", "1")
    page.set("fitToHeight", "0")
