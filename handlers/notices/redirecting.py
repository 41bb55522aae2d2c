"""A line that has ended: what has certainly not been said on it goes to another line of the same person, once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import READ_BY_THEMSELVES, Reply, kept
from handlers.notices import reminding
from handlers.notices.calling import line_of
from storage.outbox import OWED, WAITING
from storage.relations import CONTACT, OUTBOX, PERSON, TARGET, Row

UNSAID = ("pending", "held", "unreachable")


def astray(db: sa.Connection) -> list[Row]:
    """What is owed unasked at an address where its person can't be heard any more, while she can elsewhere. What has
    been tried is left alone: it may have arrived."""
    # Asked for in order, SQLite would walk the whole table instead of the partial indexes.
    found = [row for part in (OWED, WAITING) for row in db.execute(_ASTRAY.where(part))]
    return sorted(found, key=lambda row: row.id)


def _live(*where: Any) -> sa.Exists:
    here = (CONTACT.c.person_id == OUTBOX.c.person_id, CONTACT.c.ended_at.is_(None), CONTACT.c.unreachable_at.is_(None))
    return sa.exists().where(*here, *where)


_ASTRAY = (
    sa.select(OUTBOX)
    .join(PERSON, PERSON.c.id == OUTBOX.c.person_id)
    .where(
        OUTBOX.c.kind != "reply",
        OUTBOX.c.state.in_(UNSAID),
        OUTBOX.c.attempts == 0,
        OUTBOX.c.done == 0,
        PERSON.c.revoked_at.is_(None),
        _live(),
        ~_live(*(CONTACT.c[name] == OUTBOX.c[name] for name in ("channel", "account", "address"))),
    )
)


def redirect(db: sa.Connection, found: Iterable[Row], now: datetime) -> int:
    """Owe each of these anew on another line; how many."""
    return sum(_moved(db, row, now) for row in found)


def _moved(db: sa.Connection, row: Row, now: datetime) -> bool:
    """The old message keeps its place, as cancelled; the new one has its cause, which is owed once for ever."""
    line = line_of(db, row.person_id)
    said = _said(db, row, now)
    if line is None or said is None:
        return False
    old = sa.update(OUTBOX).where(OUTBOX.c.id == row.id, OUTBOX.c.state.in_(UNSAID), OUTBOX.c.attempts == 0)
    gone = {"state": "cancelled", "settled_at": now, "error": f"she is on {line.channel} now"}
    if not db.execute(old.values(cause=f"{row.cause}>{row.id}", **gone)).rowcount:
        return False
    read = line.channel in READ_BY_THEMSELVES
    anew = {
        **{name: getattr(row, name) for name in ("cause", "part", "kind", "person_id", "files", "valid_until")},
        "channel": line.channel,
        "account": line.account,
        "address": line.address,
        **said,
        "state": "sent" if read else "pending",
        "created_at": now,
        "settled_at": now if read else None,
        "not_before": None if read else row.not_before,
        "attempts": 0,
        "done": 0,
    }
    db.execute(sa.insert(OUTBOX).values(**anew))
    if row.kind == "announcement":
        target = int(row.cause.split(":")[1])
        db.execute(sa.update(TARGET).where(TARGET.c.id == target).values(channel=line.channel))
    return True


def _said(db: sa.Connection, row: Row, now: datetime) -> dict[str, Any] | None:
    """The words as they are true now; None where they are of no use, or not at this hour."""
    if row.valid_until and row.valid_until <= now:
        return None
    if row.kind != "reminder":
        return {"text": row.text, "choices": row.choices}
    said = reminding.words(db, row.cause, now)
    return {"text": said.text, "choices": [kept(one) for one in said.choices]} if isinstance(said, Reply) else None
