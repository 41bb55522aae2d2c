"""From the rows of all tables to lines of a questionnaire: heads found, torn rows put straight, totals told apart."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from rubrics.importing import heads as heading_row
from rubrics.importing.findings import Finding, Refused
from rubrics.importing.fitting import NOTHING, aligned, fits, shift_of, shifts, usual_shift
from rubrics.importing.grid import Cell, Grid, Row, Spot
from rubrics.importing.heads import Heads
from rubrics.importing.wording import SUBTOTALS, TOTALS, is_category, key, points

LONGEST_CELL = 20_000
MOST_LINES = 2000
EXTRA = ("加分", "扣分", "加减分")
SINGLE = ("no", "category", "category_points", "heading", "points", "evidence", "note")
Kind = Literal["item", "more", "category", "total", "subtotal"]


@dataclass(frozen=True, slots=True)
class Line:
    """A row in the words of the field. `shifted` names the column a torn row has lost; `torn`: a page begins here."""

    kind: Kind
    grid: Grid
    row: int
    cells: dict[str, Cell]
    texts: tuple[Cell, ...] = ()
    standards: tuple[tuple[str, Cell], ...] = ()
    torn: bool = False
    shifted: str | None = None

    def cell(self, role: str) -> Cell:
        return self.cells.get(role, NOTHING)

    def spot(self, role: str | None = None) -> Spot:
        """Where the line, or its cell of that role, stands."""
        cell = self.cells.get(role or "")
        return self.grid.spot(self.row, cell.column if cell and cell.column else None)

    def own(self, cell: Cell) -> bool:
        """Whether a cell begins in this very row and says something."""
        return cell.row == self.row and bool(cell.text.strip())


@dataclass
class Tables:
    """All lines of a file in order, and what was seen on the way that is no line."""

    lines: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    first: Grid | None = None
    before: tuple[str, ...] = ()

    @property
    def numbered(self) -> bool:
        """Whether there is a column of printed numbers."""
        return any("no" in line.cells for line in self.lines)


def lines(grids: list[Grid]) -> Tables:
    """The lines of every table that has a head or goes on with the one before; `first` stays None where none has."""
    tables = Tables()
    known: Heads | None = None
    for grid in grids:
        found = heading_row.heads(grid)
        if found is not None:
            known = found
            tables.findings += unused(grid, found)
            if tables.first is None:
                tables.first, tables.before = grid, titles(grid, found)
        if known is None:
            continue
        if found is None and not goes_on(known, grid):
            tables.findings.append(Finding("table_unused", grid.spot(1)))
            continue
        start = found.last + 1 if found else 0
        tables.lines += [*captions(grid), *read(grid, known, start, tables.findings, torn=grid is not tables.first)]
        if len(tables.lines) > MOST_LINES:
            raise Refused("too_many_lines", limit=MOST_LINES)
    return tables


def unused(grid: Grid, found: Heads) -> Iterator[Finding]:
    """The columns whose heads we make nothing of."""
    for column, word in found.unknown:
        yield Finding("column_unused", grid.spot(found.last + 1, column + 1), {"head": word})
    for column, word in enumerate(found.words):
        rows = (row.cells[column].text for row in grid.rows[found.last + 1 :] if column < len(row.cells))
        if key(word) in EXTRA and found.columns[column] == "kept" and any(text.strip() for text in rows):
            yield Finding("extra_column", grid.spot(found.last + 1, column + 1), {"head": word})


def titles(grid: Grid, found: Heads) -> tuple[str, ...]:
    """The lines of text above the head, the nearest last."""
    rows = grid.rows[: found.first]
    return (*grid.above, *(row.fresh[0].text.strip() for row in rows if len(row.fresh) == 1))


def captions(grid: Grid) -> Iterator[Line]:
    """A category that stands above its own table."""
    if grid.above and is_category(grid.above[-1]):
        yield Line("category", grid, 0, {"category": Cell(grid.above[-1], 0, 0)})


def goes_on(heads: Heads, grid: Grid) -> bool:
    """Whether a table without a head is the next page of the one before: its rows have points where they belong."""
    if not heads.of("points"):
        return bool(grid.rows) and len(grid.rows[0].cells) == len(heads.columns)
    return any(fits(row, shift, heads) for row in grid.rows for shift in shifts(row, heads))


def read(grid: Grid, heads: Heads, start: int, findings: list[Finding], *, torn: bool) -> Iterator[Line]:
    """The lines below a head; `start` is the index of the first row, `torn` whether another table went before."""
    usual = usual_shift(grid.rows[start:], heads)
    for row in grid.rows[start:]:
        for cell in row.fresh:
            if len(cell.text) > LONGEST_CELL:
                raise Refused("cell_too_long", grid.spot(cell.row, cell.column), limit=LONGEST_CELL)
        if not row.fresh:
            torn = torn or not any(cell.text.strip() for cell in row.cells)
        elif heading_row.repeats(heads, row):
            torn = True
        else:
            line = told(grid, row, heads, usual, torn=torn or row.torn)
            torn = False
            if line is None:
                findings.append(Finding("row_unused", grid.spot(row.number), {"found": words(row)}))
            else:
                yield line


def words(row: Row) -> str:
    return " ".join(cell.text for cell in row.fresh)


def told(grid: Grid, row: Row, heads: Heads, usual: str | None, *, torn: bool) -> Line | None:
    """What a row is; None where it is nothing that we know."""
    first = row.fresh[0]
    if key(first.text) in TOTALS | SUBTOTALS:
        worth = next((cell for cell in row.fresh[1:] if points(cell.text) is not None), NOTHING)
        kind: Kind = "total" if key(first.text) in TOTALS else "subtotal"
        return Line(kind, grid, row.number, {"points": worth, "category": first})
    line = put(grid, row, shift_of(row, heads, usual), heads, torn=torn)
    if len(row.fresh) == 1 and not line.own(line.cell("text")):
        alone = {one for one in line.cells.values() if one.text.strip()} <= {first}
        if is_category(first.text) and (alone or len(set(row.cells)) == 1):
            return Line("category", grid, row.number, {"category": first}, torn=torn)
        return None if not line.own(line.cell("heading")) or not heads.of("points") else line
    if control := category_row(row, heads):
        return Line("category", grid, row.number, {"category": first, "category_points": control}, torn=torn)
    if len(set(row.cells)) == 1:
        return Line("category", grid, row.number, {"category": first}) if is_category(first.text) else None
    if not any(cell.text.strip() for cell in (*line.texts, line.cell("heading"), line.cell("points"))):
        return None
    return continued(line, heads)


def category_row(row: Row, heads: Heads) -> Cell | None:
    """The control sum of a row that holds nothing but a category and its points."""
    if len(row.fresh) != 2 or not is_category(row.fresh[0].text) or points(row.fresh[1].text) is None:
        return None
    under = {row.cells[column] for column in heads.of("points") if column < len(row.cells)}
    return row.fresh[1] if row.fresh[1] in under else None


def continued(line: Line, heads: Heads) -> Line:
    """A row that only says more: no number, project or points of its own where rows have them."""
    asks = any(line.own(line.cell(role)) for role in ("no", "heading", "category", "points"))
    if asks or not heads.of("points") or not any(line.own(text) for text in line.texts):
        return line
    return Line("more", line.grid, line.row, line.cells, line.texts, line.standards, line.torn)


def put(grid: Grid, row: Row, shift: str | None, heads: Heads, *, torn: bool) -> Line:
    cells = aligned(row, shift, heads)
    named = {role: cells[heads.of(role)[0]] for role in SINGLE if heads.of(role)}
    texts = tuple(dict.fromkeys(cells[column] for column in heads.of("text")))
    standards = {cells[column]: heads.words[column] for column in heads.of("standard")}
    told = tuple((word, cell) for cell, word in standards.items())
    named["text"] = next((cell for cell in texts if cell.text.strip()), NOTHING)
    return Line("item", grid, row.number, named, texts, told, torn, shift)
