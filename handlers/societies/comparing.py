"""What importing a list of societies would do: who is new, who is there, and who may be there by another spelling."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from handlers.societies import kinds, likeness, roster
from handlers.societies.roster_file import Line, Roster
from storage import queries
from storage.relations import Row


@dataclass(frozen=True)
class Doubt:
    """A name that may be a slip for another, of the roster or of the same list."""

    line: Line
    near: str


@dataclass(frozen=True)
class Comparison:
    new: tuple[Line, ...]
    known: tuple[str, ...]
    changed: tuple[tuple[Line, str | None], ...]  # known, but somebody else is to be invited: with who was before
    doubtful: tuple[Doubt, ...]

    def taken(self, numbers: Iterable[int]) -> set[str]:
        """The doubtful names of these numbers, which begin at 1."""
        return {self.doubtful[number - 1].line.name for number in numbers if 1 <= number <= len(self.doubtful)}

    def adding(self, also: Collection[str]) -> list[Line]:
        """The new ones and, of the doubtful, those of these names."""
        return [*self.new, *(doubt.line for doubt in self.doubtful if doubt.line.name in also)]

    def count(self, also: Collection[str]) -> int:
        """The number that confirms it: of the societies to be added, else of the changes."""
        return len(self.adding(also)) or len(self.changed)


def compare(db: sa.Connection, found: Roster) -> Comparison:
    """A list with the roster as it is now; nothing is changed."""
    there: dict[str, Row] = {row.name: row for row in roster.societies(db)}
    known = likeness.places([*there, *found.names])
    neighbours = likeness.Neighbours(there, known)
    new: list[Line] = []
    doubtful: list[Doubt] = []
    changed: list[tuple[Line, str | None]] = []
    for line in found.lines:
        if row := there.get(line.name):
            if line.contact and line.contact != row.contact:
                changed.append((line, row.contact))
        elif near := neighbours.of(line.name):
            doubtful.append(Doubt(line, near))
        else:
            new.append(line)
            neighbours.add(line.name)
    return Comparison(tuple(new), tuple(one for one in found.names if one in there), tuple(changed), tuple(doubtful))


def enrol(
    db: sa.Connection, compared: Comparison, also: Collection[str], now: datetime, *, by: int | None
) -> list[str]:
    """Add the new ones and those taken besides, and note who is to be invited; the names added."""
    lines = compared.adding(also)
    add = partial(roster.add_society, db, now=now)
    added = [one.name for one in lines if add(one.name, kind=_kind(db, one.kind), contact=one.contact)]
    for line, _ in compared.changed:
        roster.expect(db, line.name, line.contact)
    queries.note_act(db, now, "enrolled", person=by, added=len(added), changed=len(compared.changed))
    return added


def _kind(db: sa.Connection, said: str | None) -> str | None:
    """The kind of unit that the list names; what the document has no word for is the usual one."""
    try:
        return kinds.kind_of(db, said) if said else None
    except kinds.NoSuchKind:
        return None
