"""An Excel table filled in where it stands: scores as numbers, words as words, all else as the office made it."""

from collections.abc import Mapping
from decimal import Decimal

from rubrics.filled.book import Book
from rubrics.filled.cells import Cells
from rubrics.filled.formulas import forgotten
from rubrics.filled.looks import Looks, heighten
from rubrics.filled.placing import Known, NoLayout, Said, Widened, places, widened
from rubrics.filled.rows import FilledRow, total_cell
from rubrics.filled.widening import widen
from rubrics.importing import excel
from rubrics.importing.opening import Package, opened
from rubrics.model import Rubric

RISKY = tuple("=+-@\t＝＋－＠")
Place = tuple[str, int, int]  # sheet, row, column


class Workbook:
    """An xlsx that is being filled in."""

    def __init__(self, package: Package, words: Mapping[str, str]) -> None:
        self.book = Book(package)
        self.wide = {one.grid.number: one for one in widened(excel.tables(package), dict(words))}
        self.cells = {name: Cells(self.book.sheet(name)) for name in self.book.sheets if self._used(name)}
        self.looks = Looks(self.book.styles())
        self.written: set[Place] = set()
        self.added: set[Place] = set()  # places for words that were put right of the table

    def _used(self, name: str) -> bool:
        return any(one.grid.sheet == name for one in self.wide.values())

    def _words(self, sheet: str, row: int) -> dict[int, str]:
        """By column what stands in the cells of a row that belong to it alone and wrap their lines."""
        grid = next(one.grid for one in self.wide.values() if one.grid.sheet == sheet)
        below = grid.rows[row].cells if row < len(grid.rows) else ()
        alone = (cell for cell in grid.rows[row - 1].fresh if cell not in below)
        wrapping = (cell for cell in alone if self.looks.wraps(self.cells[sheet].style(row, cell.column)))
        return {cell.column: cell.text for cell in wrapping}

    def all_cells(self) -> list[Cells]:
        """Of every sheet, those without a table and those that are not shown too."""
        others = (self.book.sheet(name) for name in self.book.worksheets if name not in self.cells)
        return [*self.cells.values(), *map(Cells, others)]

    def place(self, row: FilledRow, role: str) -> Place:
        """Where the score or the basis of a row stands."""
        wide = self.wide[row.spot.table]
        sheet = wide.grid.sheet or ""
        if role in wide.roles:
            added = sheet, row.spot.row, wide.at + wide.roles.index(role)
            self.added |= {added} if role == "basis" else set()
            return added
        cell = row.score_at if role == "score" else row.basis_at
        assert cell is not None, "looked at before"
        return sheet, cell.row, cell.column

    def write(self, place: Place, value: Decimal | str | None) -> None:
        sheet, row, column = place
        cells = self.cells[sheet]
        style = None
        if isinstance(value, str) and value:
            quoted, left = value.lstrip().startswith(RISKY), place in self.added
            style = self.looks.wrapped(cells.style(row, column), quoted=quoted, left=left)
        cells.write(row, column, value, style)
        if isinstance(value, str) and value:
            heighten(cells, self.looks, row, column, self._words(sheet, row) | {column: value})
        self.written.add(place)


def filled(
    data: bytes,
    rubric: Rubric,
    said: Mapping[str, Said],
    total: Decimal | None,
    *,
    words: Mapping[str, str],
    known: Known | None = None,
) -> bytes:
    """The file with the answers in it; `words` are the heads of score and basis where the table has no such column,
    `known` are the rows of which it is on record what they are. Raises NoLayout where an item has no row of its own, and Refused."""
    package = opened(data)
    if package.kind != "excel":
        raise NoLayout("column")
    sheet = Workbook(package, words)
    grids = [one.grid for one in sheet.wide.values()]
    rows = places(grids, rubric, known or {})
    _refuse_formulas(sheet, rows, rubric)
    for wide in sheet.wide.values():
        widen(sheet.book, sheet.cells[wide.grid.sheet or ""], wide, words)
    for id, row in rows.items():
        sheet.write(sheet.place(row, "score"), said[id].score)
        if row.basis_at is not None:
            sheet.write(sheet.place(row, "basis"), said[id].basis)
        for cell in row.rest:
            sheet.write((row.spot.sheet or "", cell.row, cell.column), None)
    kept = _sum(sheet, list(sheet.wide.values()), said, total)
    written = {(row, column) for _, row, column in sheet.written}
    forgotten(sheet.book, sheet.all_cells(), written, kept)
    return sheet.book.saved()


def _refuse_formulas(sheet: Workbook, rows: Mapping[str, FilledRow], rubric: Rubric) -> None:
    """Where the office reckons a score itself nothing is written over its formula."""
    wrong = []
    for item in rubric.items:
        for role in ("score", "basis"):
            if role == "basis" and rows[item.id].basis_at is None:
                continue
            name, row, column = sheet.place(rows[item.id], role)
            if sheet.cells[name].formula(row, column) is not None:
                wrong.append(item.position)
    if wrong:
        raise NoLayout("formula", sorted(set(wrong)))


def _sum(sheet: Workbook, wide: list[Widened], said: Mapping[str, Said], total: Decimal | None) -> set[tuple[int, int]]:
    """The total in the row for it; a formula of the office stays where it gives the same."""
    found = total_cell([one.grid for one in wide])
    if found is None:
        return set()
    number, cell = found
    there = sheet.wide[number]
    name = there.grid.sheet or ""
    column = there.at + there.roles.index("score") if "score" in there.roles else cell.column
    cells = sheet.cells[name]
    plain = sum((one.score for one in said.values() if isinstance(one.score, Decimal)), Decimal(0))
    formula = cells.formula(cell.row, column)
    if formula is None:
        sheet.write((name, cell.row, column), total)
        return set()
    if total is not None and plain != total:
        sheet.write((name, cell.row, column), total)
        sheet.book.drop_chain()
        return set()
    cells.write(cell.row, column, total)
    cells.at(cell.row, column).insert(0, formula)
    sheet.written.add((name, cell.row, column))
    return {(cell.row, column)}
