"""What a platform handed us and still waits to be taken, in order for each chat."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.relations import ARRIVAL, CONTACT, INSERT, PERSON, Row

# The very words of the partial index: SQLite uses it only where the query says the same, without parameters.
WAITING = sa.text("state = 'waiting'")


def add(db: sa.Connection, row: Mapping[str, Any]) -> bool:
    """Keep it; False where this delivery is known already."""
    whole = {"group": None, "state": "waiting", "attempts": 0, **row}
    insert = INSERT[db.dialect.name](ARRIVAL).values(**whole)
    made = insert.on_conflict_do_nothing(index_elements=["channel", "account", "key"]).returning(ARRIVAL.c.id)
    return db.execute(made).scalar() is not None


def waiting(db: sa.Connection, channel: str, account: str, address: str) -> bool:
    """Whether something of this chat has not been taken yet: what comes after it must wait behind it."""
    here = (ARRIVAL.c.channel == channel, ARRIVAL.c.account == account, ARRIVAL.c.address == address)
    return db.scalar(sa.select(ARRIVAL.c.id).where(*here, WAITING).limit(1)) is not None


def societies_before(db: sa.Connection, at: datetime) -> set[int]:
    """Of whom something was here before that instant and has not been taken yet."""
    same = [ARRIVAL.c[name] == CONTACT.c[name] for name in ("channel", "account", "address")]
    theirs = ARRIVAL.join(CONTACT, sa.and_(*same, CONTACT.c.ended_at.is_(None)))
    theirs = theirs.join(PERSON, sa.and_(PERSON.c.id == CONTACT.c.person_id, PERSON.c.society_id.is_not(None)))
    found = sa.select(PERSON.c.society_id).select_from(theirs)
    return set(db.scalars(found.where(WAITING, ARRIVAL.c.received_at < at)))


def heads(db: sa.Connection, channel: str, account: str) -> list[Row]:
    """The oldest waiting arrival of every chat."""
    mine = (ARRIVAL.c.channel == channel, ARRIVAL.c.account == account, WAITING)
    first = sa.select(sa.func.min(ARRIVAL.c.id)).where(*mine).group_by(ARRIVAL.c.address)
    return list(db.execute(sa.select(ARRIVAL).where(ARRIVAL.c.id.in_(first)).order_by(ARRIVAL.c.id)))


def together(db: sa.Connection, head: Row) -> list[Row]:
    """The arrivals that are taken with this one: all of its album that have come so far. From here on no other joins
    them, so that a second try is about the same ones."""
    if head.group is None:
        return [head]
    same = [ARRIVAL.c[name] == getattr(head, name) for name in ("channel", "account", "address", "group")]
    album = (*same, WAITING)
    rows = list(db.execute(sa.select(ARRIVAL).where(*album).order_by(ARRIVAL.c.id)))
    if not head.group.startswith("closed:"):
        ids = [row.id for row in rows]
        closed = sa.update(ARRIVAL).where(ARRIVAL.c.id.in_(ids))
        db.execute(closed.values(group=f"closed:{head.id}"))
    return rows


def tried(db: sa.Connection, id: int) -> None:
    db.execute(sa.update(ARRIVAL).where(ARRIVAL.c.id == id).values(attempts=ARRIVAL.c.attempts + 1))


def finish(db: sa.Connection, ids: Iterable[int]) -> None:
    """They have been taken."""
    db.execute(sa.update(ARRIVAL).where(ARRIVAL.c.id.in_(list(ids))).values(state="taken"))
