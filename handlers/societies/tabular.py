"""A table of text as it was read: its rows, what merged cells repeat, and why a file may not be one."""

from dataclasses import dataclass, field

MOST_ROWS = 6_000  # with something in them
MOST_COLUMNS = 100  # what stands further right is no list of societies
LONGEST_CELL = 2_000


class Unreadable(Exception):
    """No table can be read from this file; `why` is the message that says so, with what it is about."""

    def __init__(self, why: str, **about: object) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


class NoNames(Unreadable):
    """A table, but no list of societies."""


@dataclass
class Sheet:
    name: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)  # by number from 1 and column from 0; no blank cells
    repeated: set[tuple[int, int]] = field(default_factory=set)  # cells that a merged cell above or beside covers
    unreckoned: set[tuple[int, int]] = field(default_factory=set)  # a formula whose value is not in the file


def keep(sheet: Sheet, number: int, cells: dict[int, str]) -> None:
    """One row, without its blank cells. Raises Unreadable where there are too many."""
    told = {
        column: text for column, cell in cells.items() if (text := cell[:LONGEST_CELL].strip().strip("\ufeff\u200b"))
    }
    if told:
        sheet.rows[number] = told
    if len(sheet.rows) > MOST_ROWS:
        raise Unreadable("sheet_too_long", limit=MOST_ROWS)
