"""The list of societies: added and renamed by name, and found again as people write them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from handlers.societies import likeness
from handlers.societies.roster_file import LONGEST_NAME
from storage import queries
from storage.relations import ACT, CONTACT, PERSON, SOCIETY, Row

MOST_OFFERED = 8
SHORTEST_WITHIN = 4  # letters of a name within a sentence


class Unsure(Exception):
    """It is not certain which society is meant; somebody must choose, be it from a list of one."""

    def __init__(self, said: str, names: tuple[str, ...]) -> None:
        super().__init__(said)
        self.said = said
        self.names = names


class Taken(Exception):
    """A society of that name is there already, or the name can be none."""


@dataclass(frozen=True)
class Meant:
    """The society that words certainly mean; else those that they may mean, the likeliest first."""

    certain: Row | None
    offered: tuple[Row, ...] = ()


def add_society(
    db: sa.Connection, name: str, now: datetime, *, kind: str | None = None, contact: str | None = None
) -> bool:
    """Add a society by its full name; False where it is there already. The name is kept as it is written."""
    known = db.execute(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == name)).all()
    if not known:
        db.execute(sa.insert(SOCIETY).values(name=name, kind=kind, created_at=now, contact=contact))
    return not known


def expect(db: sa.Connection, name: str, contact: str | None) -> None:
    """Who is to be invited for a society, as a list of the office says."""
    db.execute(sa.update(SOCIETY).where(SOCIETY.c.name == name).values(contact=contact))


def rename(db: sa.Connection, society: Row, name: str, now: datetime, *, by: int | None) -> None:
    """A new name; the old one stays on record. Raises Taken."""
    same = db.scalar(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == name))
    if same is not None or not 2 <= len(name) <= LONGEST_NAME:
        raise Taken
    db.execute(sa.update(SOCIETY).where(SOCIETY.c.id == society.id).values(name=name))
    queries.note_act(db, now, "renamed", person=by, society=society.id, old=society.name, new=name)


def former_names(db: sa.Connection) -> dict[int, list[str]]:
    """What societies were called before, by their ids, the oldest first."""
    found: dict[int, list[str]] = {}
    acts = sa.select(ACT.c.society_id, ACT.c.details).where(ACT.c.act == "renamed").order_by(ACT.c.id)
    for row in db.execute(acts):
        found.setdefault(row.society_id, []).append(row.details["old"])
    return found


def societies(db: sa.Connection) -> list[Row]:
    return list(db.execute(sa.select(SOCIETY).order_by(SOCIETY.c.id)))


def bound(db: sa.Connection) -> dict[int, int]:
    """How many people come for each society over a live contact; societies with nobody are left out."""
    live = (PERSON.c.revoked_at.is_(None), CONTACT.c.ended_at.is_(None), PERSON.c.society_id.is_not(None))
    counted = sa.select(PERSON.c.society_id, sa.func.count(PERSON.c.id.distinct()).label("people"))
    rows = db.execute(counted.select_from(PERSON.join(CONTACT)).where(*live).group_by(PERSON.c.society_id))
    return {row.society_id: row.people for row in rows}


def meant(db: sa.Connection, said: str) -> Meant:
    """By its full name, or by a short form that only one society has; parts, first letters, slips of the pen and
    former names are offered, never acted on."""
    everybody = societies(db)
    wanted = likeness.key(said)
    exact = [row for row in everybody if row.name == said.strip()]
    exact = exact or [row for row in everybody if wanted and likeness.key(row.name) == wanted]
    if not exact and wanted:
        known = likeness.places(row.name for row in everybody)
        exact = [row for row in everybody if wanted in likeness.short_forms(row.name, known)]
    if len(exact) == 1:
        return Meant(exact[0])
    return Meant(None, tuple(exact[:MOST_OFFERED] or _likely(db, said, everybody)))


def _likely(db: sa.Connection, said: str, everybody: list[Row]) -> list[Row]:
    former = former_names(db)
    called = {old: row for row in everybody for old in former.get(row.id, ())} | {row.name: row for row in everybody}
    found = {called[name].id: called[name] for name in likeness.likely(said, list(called))}
    return list(found.values())[:MOST_OFFERED]


def within(db: sa.Connection, said: str) -> Row | None:
    """The only society whose name, or a short form of it, stands in a sentence: «茶叶学会填到哪了»."""
    everybody = societies(db)
    known = likeness.places(row.name for row in everybody)
    plain = likeness.key(said)
    named = [
        row
        for row in everybody
        if any(len(form) >= SHORTEST_WITHIN and form in plain for form in likeness.short_forms(row.name, known))
    ]
    return named[0] if len(named) == 1 else None


def one(db: sa.Connection, said: str) -> Row:
    """The society meant. Raises Unsure, never guesses."""
    found = meant(db, said)
    if found.certain is None:
        raise Unsure(said.strip(), tuple(row.name for row in found.offered))
    return found.certain


def find(db: sa.Connection, said: str) -> list[Row]:
    """The society meant, alone; else all whose name contains the words. A single one of these is nobody's certain choice
    and left out."""
    found = meant(db, said)
    if found.certain is not None:
        return [found.certain]
    parts = [row for row in societies(db) if said and likeness.key(said) in likeness.key(row.name)]
    return parts if len(parts) > 1 else []
