"""A table as a grid: every place has its cell, and a merged cell stands at all the places it covers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands in the office's file, counted from 1."""

    table: int
    row: int
    column: int | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """The words of a cell as they stand, a line for each paragraph; compared by identity: a merged cell is one."""

    text: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `torn` where a page begins with it."""

    cells: tuple[Cell, ...]
    number: int
    torn: bool = False

    @property
    def fresh(self) -> tuple[Cell, ...]:
        """The cells with words that begin in this row, each once."""
        begun = (cell for cell in self.cells if cell.row == self.number and cell.text.strip())
        return tuple(dict.fromkeys(begun))


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of a document or a sheet; `above` are the lines of text between it and the table before."""

    number: int
    rows: tuple[Row, ...]
    sheet: str | None = None
    above: tuple[str, ...] = ()

    def spot(self, row: int, column: int | None = None) -> Spot:
        return Spot(self.number, row, column, self.sheet)
