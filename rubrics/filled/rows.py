"""What a society has written into its own table, row by row, whatever the order of the columns."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from rubrics.filled.columns import columns
from rubrics.importing import heads as heading
from rubrics.importing.fitting import aligned, fits, shift_of, shifts, usual_shift
from rubrics.importing.grid import Cell, Grid, Row, Spot
from rubrics.importing.heads import Heads
from rubrics.importing.wording import SUBTOTALS, TOTALS, key, plain, points, tight

MOST_ROWS = 400


@dataclass(frozen=True, slots=True)
class FilledRow:
    """One line of the table as it stands on paper."""

    spot: Spot
    no: str
    heading: str
    text: str
    points: Decimal | None
    score: str
    basis: str
    score_at: Cell | None = field(default=None, compare=False)
    basis_at: Cell | None = field(default=None, compare=False)
    rest: tuple[Cell, ...] = field(default=(), compare=False)  # where the rest stands of what a page break has cut


class Rest(NamedTuple):
    """What goes on with the line above it."""

    text: str
    score: str
    basis: str
    cells: tuple[Cell, ...]


def filled_rows(grids: Sequence[Grid]) -> list[FilledRow]:
    """The lines of every table with a column to write in, and of those that go on with one; none where a file has more
    lines than any such table."""
    found: list[FilledRow] = []
    known: Heads | None = None
    for grid in grids:
        own = columns(grid)
        if own is None and (known is None or not _goes_on(known, grid)):
            continue
        known = own or known
        assert known is not None
        for row in _lines(grid, known, own.last + 1 if own else 0):
            if isinstance(row, FilledRow):
                found.append(row)
            elif found:
                found[-1] = _longer(found[-1], row)
        if len(found) > MOST_ROWS:
            return []
    return found


def _goes_on(known: Heads, grid: Grid) -> bool:
    """Whether a table without a head is the next page of the one before."""
    if not known.of("points") or not known.of("text"):
        return bool(grid.rows) and len(grid.rows[0].cells) == len(known.columns)
    return any(fits(row, shift, known) for row in grid.rows for shift in shifts(row, known))


def _lines(grid: Grid, known: Heads, start: int) -> Iterator[FilledRow | Rest]:
    """Lines, and what only goes on with the line above it."""
    usual = usual_shift(grid.rows[start:], known)
    lines = [row for row in grid.rows[start:] if row.fresh and not _no_line(row, known)]
    told = {role for role in ("no", "points") if _told(lines, known, role)}
    for row in lines:
        cells = aligned(row, shift_of(row, known, usual), known)
        own = {role: _said(cells, known, role, row) for role in ("no", "text", "points", "score", "basis", "heading")}
        if len(row.fresh) == 1 and len(set(row.cells)) <= 2 and not (own["text"] or own["basis"]):
            continue  # a category above its rows
        if len(set(row.cells)) == 1:
            continue
        if _begins(own, known, told):
            yield _line(grid, row, cells, known, own)
        elif own["text"] or own["basis"] or own["score"]:
            there = (_own_cell(cells, known, role, row) for role in ("score", "basis"))
            yield Rest(own["text"], own["score"], own["basis"], tuple(cell for cell in there if cell))


def _no_line(row: Row, known: Heads) -> bool:
    """Whether it is the head again, or a sum."""
    return heading.repeats(known, row) or key(row.fresh[0].text) in TOTALS | SUBTOTALS


def _told(rows: Sequence[Row], known: Heads, role: str) -> bool:
    """Whether anything stands under the heads of a role; a standard has the columns and neither numbers nor points."""
    return any(row.cells[column].text.strip() for row in rows for column in known.of(role) if column < len(row.cells))


def _begins(own: dict[str, str], known: Heads, told: Set[str]) -> bool:
    """Whether a row asks something of its own; else a page break or a wish for more lines has split the one above."""
    if "no" in told:
        return bool(own["no"]) or bool(own["text"] and (own["points"] or (own["score"] and not known.of("points"))))
    if "points" in told:
        return bool(own["points"])
    return bool(own["text"] or (own["heading"] and not known.of("text")))


def _line(grid: Grid, row: Row, cells: Sequence[Cell], known: Heads, own: dict[str, str]) -> FilledRow:
    return FilledRow(
        spot=grid.spot(row.number),
        no=plain(tight(own["no"])).strip("()、. "),
        heading="".join(tight(cells[column].text) for column in known.of("heading") if column < len(cells)),
        text=own["text"],
        points=points(own["points"]),
        score=own["score"],
        basis=own["basis"],
        score_at=_own_cell(cells, known, "score", row),
        basis_at=_own_cell(cells, known, "basis", row),
    )


def _own_cell(cells: Sequence[Cell], known: Heads, role: str, row: Row) -> Cell | None:
    """The first cell of this very row under a head of the role: where a society writes."""
    there = (cells[column] for column in known.of(role) if column < len(cells))
    return next((cell for cell in there if cell.row == row.number), None)


def total_cell(grids: Sequence[Grid]) -> tuple[int, Cell] | None:
    """In which table and cell the sum of the self-scores belongs; None where no row is for it."""
    known: Heads | None = None
    for grid in grids:
        known = columns(grid) or known
        if known is None or not known.of("score"):
            continue
        for row in grid.rows:
            if row.fresh and key(row.fresh[0].text) in TOTALS and (cell := _own_cell(row.cells, known, "score", row)):
                return None if cell is row.fresh[0] else (grid.number, cell)
    return None


def _said(cells: Sequence[Cell], known: Heads, role: str, row: Row) -> str:
    """What begins in this very row under the heads of a role."""
    found = dict.fromkeys(cells[column] for column in known.of(role) if column < len(cells))
    return "\n".join(cell.text.strip() for cell in found if cell.row == row.number and cell.text.strip())


def _longer(row: FilledRow, more: Rest) -> FilledRow:
    basis = "\n".join(filter(None, (row.basis, more.basis)))
    score, rest = f"{row.score}{more.score}", row.rest + more.cells
    return replace(row, text=row.text + more.text, score=score, basis=basis, rest=rest)
