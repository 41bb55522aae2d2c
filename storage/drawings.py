"""Pictures that are owed: asked for in a turn, drawn after it, and then said as one more part of its answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import outbox
from storage.relations import CONTACT, DRAWING, OUTBOX, PERSON, Row

# The very words of the partial index, else SQLite does not use it.
WAITING = sa.text("drawn_at IS NULL")


def want(db: sa.Connection, inbound: int, about: Mapping[str, Any], now: datetime) -> None:
    """Pictures are to follow the answer to this message."""
    db.execute(sa.insert(DRAWING).values(inbound_id=inbound, about=dict(about), asked_at=now))


def waiting(db: sa.Connection, limit: int) -> list[Row]:
    """What is still to be drawn, oldest first."""
    return list(db.execute(sa.select(DRAWING).where(WAITING).order_by(DRAWING.c.inbound_id).limit(limit)))


def finish(db: sa.Connection, inbound: int, now: datetime) -> bool:
    """Drawn, or given up; True for the one who did it."""
    here = sa.update(DRAWING).where(DRAWING.c.inbound_id == inbound, DRAWING.c.drawn_at.is_(None))
    return bool(db.execute(here.values(drawn_at=now)).rowcount)


def follow(
    db: sa.Connection,
    inbound: int,
    text: str,
    files: list[dict[str, Any]],
    now: datetime,
    *,
    read_there: tuple[str, ...],
) -> bool:
    """One more part of the answer, with what it offered, to where the question came from; False where she is not there
    any more. What is
    `read_there` by its page is delivered by standing in the outbox."""
    last = sa.select(OUTBOX).where(OUTBOX.c.cause == f"inbound:{inbound}").order_by(OUTBOX.c.part.desc()).limit(1)
    row = db.execute(last).one()
    if not _there(db, row):
        return False
    state = "sent" if row.channel in read_there else "pending"
    where = {name: row._mapping[name] for name in ("cause", "person_id", "channel", "account", "address", "choices")}
    said = {"part": row.part + 1, "kind": "reply", "text": text, "files": files, "state": state, "created_at": now}
    return outbox.owe(db, {**where, **said})


def _there(db: sa.Connection, row: Row) -> bool:
    here = (CONTACT.c.channel == row.channel, CONTACT.c.account == row.account, CONTACT.c.address == row.address)
    live = sa.select(CONTACT.c.id).join(PERSON, PERSON.c.id == CONTACT.c.person_id)
    hers = live.where(*here, PERSON.c.id == row.person_id, PERSON.c.revoked_at.is_(None))
    return db.scalar(hers.where(CONTACT.c.ended_at.is_(None)).limit(1)) is not None
