"""The cells of one sheet: found by row and column, written as numbers and as texts that no program takes for a formula."""

from collections.abc import Iterator
from decimal import Decimal

from rubrics.filled.book import OF_SHEET, space, within
from rubrics.filled.parts import Element
from rubrics.importing import word
from rubrics.importing.excel import number
from rubrics.importing.findings import letters

LONGEST = 32_767  # characters in a cell, by Excel's own limit
CUT = "…"
RAW = "{http://www.w3.org/XML/1998/namespace}space"


class Cells:
    """A sheet's cells; a cell that is not there yet is made at its place, in the looks of its row or column."""

    def __init__(self, sheet: Element) -> None:
        self.sheet = sheet
        self.space = space(sheet)
        self.data = within(sheet, "sheetData", OF_SHEET)
        self.rows = dict(_counted(self.data))
        self.known = {(at, column): cell for at, row in self.rows.items() for column, cell in _columns(row)}

    def at(self, row: int, column: int) -> Element:
        found = self.known.get((row, column))
        return self._made(row, column) if found is None else found

    def style(self, row: int, column: int) -> int:
        """The number of the looks of a place, whether or not it has a cell."""
        cell = self.known.get((row, column))
        if cell is not None:
            return int(cell.get("s", "0"))
        line = self.rows.get(row)
        if line is not None and line.get("s"):
            return int(line.get("s"))
        wide = next((one for one in self.columns() if int(one.get("min")) <= column <= int(one.get("max"))), None)
        return int(wide.get("style", "0")) if wide is not None else 0

    def columns(self) -> list[Element]:
        """What is said of the columns, their widths and looks."""
        cols = word.child(self.sheet, "cols")
        return [] if cols is None else list(cols)

    def write(self, row: int, column: int, value: Decimal | str | None, style: int | None = None) -> None:
        """Nothing, a number, or a text letter by letter: what begins like a formula is none."""
        cell = self.at(row, column)
        for one in list(cell):
            cell.remove(one)
        for name in ("t", "cm", "vm"):
            cell.attrib.pop(name, None)
        if style is not None:
            cell.set("s", str(style))
        if isinstance(value, Decimal):
            self._add(cell, "v").text = f"{value:f}"
        elif value:
            cell.set("t", "inlineStr")
            text = self._add(self._add(cell, "is"), "t")
            text.text = value if len(value) <= LONGEST else value[: LONGEST - len(CUT)] + CUT
            text.set(RAW, "preserve")

    def formula(self, row: int, column: int) -> Element | None:
        cell = self.known.get((row, column))
        return None if cell is None else word.child(cell, "f")

    def _add(self, parent: Element, name: str) -> Element:
        made = parent.makeelement(f"{self.space}{name}")
        parent.append(made)
        return made

    def _made(self, row: int, column: int) -> Element:
        line = self.rows.get(row)
        if line is None:
            line = self.data.makeelement(f"{self.space}row", {"r": str(row)})
            self.data.insert(sum(at < row for at in self.rows), line)
            self.rows[row] = line
        line.attrib.pop("spans", None)
        cell = line.makeelement(f"{self.space}c", {"r": f"{letters(column)}{row}"})
        if looks := self.style(row, column):
            cell.set("s", str(looks))
        line.insert(sum(there < column for there, _ in _columns(line)), cell)
        self.known[row, column] = cell
        return cell


def _counted(data: Element) -> Iterator[tuple[int, Element]]:
    """Every row by its number; one that names none follows the one above it."""
    at = 0
    for row in word.inside(data, "row"):
        at = int(row.get("r", at + 1))
        yield at, row


def _columns(row: Element) -> Iterator[tuple[int, Element]]:
    at = 0
    for cell in word.inside(row, "c"):
        name = cell.get("r", "").rstrip("0123456789")
        at = number(name.encode()) if name else at + 1
        yield at, cell
