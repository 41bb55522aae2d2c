"""A printed list in the round's own copy: the cells as they stand now, and how a record is told."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.understanding.numerals import fold
from rubrics.model import Rubric
from rubrics.programme import Table
from storage.relations import CELL_EDIT, Row

NUMBER, NAME = 0, 1  # the columns by which a row is known: 序号 is a print number and no rank (Q-HZ01)

SHORT = 12  # letters: cells that share a line


@dataclass(frozen=True)
class Listing:
    """One table as it stands now: the printed rows in their order, then the added ones; an added row without a name was
    taken back."""

    table: Table
    rows: tuple[tuple[str, ...], ...]

    @property
    def positions(self) -> tuple[int, ...]:
        """The rows that stand."""
        printed = len(self.table.rows)
        return tuple(at for at, row in enumerate(self.rows) if at < printed or row[NAME].strip())

    @property
    def standing(self) -> tuple[tuple[str, ...], ...]:
        return tuple(self.rows[at] for at in self.positions)

    @property
    def added(self) -> int:
        return len(self.positions) - len(self.table.rows)

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(one.replace("\n", "") for one in self.table.columns)


def listings(db: sa.Connection, round: int, rubric: Rubric) -> list[Listing]:
    """The round's own copy: what was printed, and every edit since."""
    edits = list(db.execute(sa.select(CELL_EDIT).where(CELL_EDIT.c.round_id == round).order_by(CELL_EDIT.c.id)))
    return [_folded(table, [one for one in edits if one.listing == table.id]) for table in rubric.tables]


def _folded(table: Table, edits: Sequence[Row]) -> Listing:
    rows = [list(row) for row in table.rows]
    for edit in edits:
        while len(rows) <= edit.row:
            rows.append([""] * len(table.columns))
        rows[edit.row][edit.column] = edit.new
    return Listing(table, tuple(map(tuple, rows)))


@dataclass(frozen=True)
class Book:
    """The lists of a round, before a member of the office."""

    office: Office
    lists: Sequence[Listing]
    at_hand: str | None  # the list that was looked at last

    def named(self, said: str) -> Listing | None:
        """By its title or a part of it; without a word the one at hand."""
        bare = fold(said).strip()
        return next(
            (one for one in self.lists if (bare in fold(one.table.title) if bare else one.table.id == self.at_hand)),
            None,
        )


def short(listing: Listing) -> str:
    """What is enough to name a list by: what stands between its number and its bracket."""
    return listing.table.title.split("、")[-1].split("（")[0].removeprefix("2020年度")


def record(listing: Listing, position: int) -> list[str]:
    """A record: its number and name, its short cells together, each long one on a line of its own; a blank cell says
    nothing (Q-HZ03). Line breaks within a cell are the paper's."""
    row = [cell.replace("\n", "") for cell in listing.rows[position]]
    cells = [(head, cell) for head, cell in zip(listing.heads[2:], row[2:], strict=True) if cell]
    brief = [(head, cell) for head, cell in cells if len(cell.strip()) <= SHORT]
    long = [(head, cell) for head, cell in cells if len(cell.strip()) > SHORT]
    about = {"number": row[NUMBER], "name": row[NAME], "brief": brief}
    lines = [phrasebook().text("list_record", about)]
    return lines + [phrasebook().text("list_cell", {"head": head, "cell": cell}) for head, cell in long]


def found(listing: Listing, said: str) -> int | None:
    """The row by its printed number or its full name: names are never evened out (Q-HZ09)."""
    plain = fold(said).strip(" 第条")
    return next(
        (at for at, row in enumerate(listing.rows) if row[NAME].strip() == said.strip() or row[NUMBER] == plain), None
    )
