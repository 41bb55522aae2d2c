"""Where in a brought table the answers belong: the row of every item, and what to do where a column is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from rubrics.filled.columns import columns
from rubrics.filled.matching import matched
from rubrics.filled.rows import FilledRow, filled_rows
from rubrics.importing import heads as heading
from rubrics.importing.grid import Cell, Grid
from rubrics.importing.grid import Row as GridRow
from rubrics.importing.heads import Heads
from rubrics.model import Rubric


class Said(NamedTuple):
    """What goes into the two cells of one item; `score` is a number, or the word for one that has none."""

    score: Decimal | str | None
    basis: str


class NoLayout(Exception):
    """Filled in it would be less than what was answered. `why`: column (none to write in), rows (of these items none was
    found, by their positions) or formula (it stands where these items' scores belong)."""

    def __init__(self, why: str, positions: Sequence[int] = ()) -> None:
        super().__init__(why)
        self.why = why
        self.positions = tuple(positions)


Known = Mapping[tuple[int, int], str]  # by table and row the item that was read there when the file was brought


def places(grids: Sequence[Grid], rubric: Rubric, known: Known) -> dict[str, FilledRow]:
    """By item its row, with a cell for its score: the row it was read from, else the one that is like it. Raises
    NoLayout."""
    if not rubric.items:
        return {}
    found = filled_rows(grids)
    if not any(row.score_at for row in found):
        raise NoLayout("column")
    read = {known[at]: row for row in found if (at := (row.spot.table, row.spot.row)) in known}
    alike = [one for one in matched(found, rubric) if not one.doubt and one.row not in read.values()]
    rows = {one.item.id: one.row for one in alike if one.item} | read
    lost = [item.position for item in rubric.items if item.id not in rows or rows[item.id].score_at is None]
    if lost:
        raise NoLayout("rows", lost)
    return {item.id: rows[item.id] for item in rubric.items}


class Widened(NamedTuple):
    """A sheet with columns put right of its table: in which column the first of them stands, and above which rows."""

    grid: Grid
    at: int  # counted from 1
    first: int  # the rows of the head, as the sheet counts them
    last: int
    roles: tuple[str, ...]
    again: tuple[int, ...]  # rows that repeat the head


def widened(grids: Sequence[Grid], words: dict[str, str]) -> list[Widened]:
    """Every sheet that has a table, with a column for what it has none of. `words`: the heads of score and basis."""
    made: list[Widened] = []
    known: Heads | None = None
    for grid in grids:
        own = columns(grid) or heading.heads(grid)
        known = own or known
        if known is not None:
            roles = tuple(role for role in words if not known.of(role))
            at = (len(own.columns) if own else made[-1].at - 1) + 1
            made.append(_wider(grid, own, known, at, [(role, words[role]) for role in roles]))
    return made


def _wider(grid: Grid, own: Heads | None, known: Heads, at: int, added: Sequence[tuple[str, str]]) -> Widened:
    first, last = (own.first, own.last) if own else (-1, -1)
    again = tuple(row.number for row in grid.rows[last + 1 :] if heading.repeats(known, row))
    number = grid.rows[first].number if own else 0
    heads = [Cell(word, number, at + n) for n, (_, word) in enumerate(added)]
    rows: list[GridRow] = []
    for index, row in enumerate(grid.rows):
        cells = [*row.cells[: at - 1], *(Cell("", row.number, n) for n in range(len(row.cells) + 1, at))]
        below = [Cell("", row.number, at + n) for n in range(len(added))]
        rows.append(replace(row, cells=(*cells, *(heads if first <= index <= last and own else below))))
    last_row = grid.rows[last].number if own else 0
    return Widened(replace(grid, rows=tuple(rows)), at, number, last_row, tuple(role for role, _ in added), again)
