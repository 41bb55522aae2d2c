"""What is said unasked is looked at once more when it is sent: still wanted, allowed now, and true (design R7)."""

from datetime import datetime

import sqlalchemy as sa

from handlers.messages import Reply, kept
from handlers.notices import reminding
from storage import outbox
from storage.relations import OUTBOX, PERSON, Row


def prepared(db: sa.Connection, row: Row, now: datetime) -> Row | None:
    """The message as it is to be sent now; None where it has been settled otherwise."""
    if row.kind == "reply":
        return row
    if not outbox.still_wanted(db, row):
        _left(db, row, now)
        return None
    if row.kind != "reminder" or row.done:
        return row
    said = reminding.words(db, row.cause, now)
    if isinstance(said, Reply):
        words = {"text": said.text, "choices": [kept(choice) for choice in said.choices]}
        db.execute(sa.update(OUTBOX).where(OUTBOX.c.id == row.id).values(**words))
        return outbox.rows(db, [row.id])[0]
    if isinstance(said, datetime):
        outbox.settle(db, [row.id], "pending", now, not_before=said)
    else:
        outbox.settle(db, [row.id], "cancelled", now, error=said)
    return None


def _left(db: sa.Connection, row: Row, now: datetime) -> None:
    """Who has been put out hears no more; who has only left this line hears it on another, unless it may have arrived."""
    if db.scalar(sa.select(PERSON.c.revoked_at).where(PERSON.c.id == row.person_id)) is not None:
        outbox.settle(db, [row.id], "cancelled", now, error="nobody is there any more")
        return
    tried = row.attempts or row.done
    outbox.settle(db, [row.id], "uncertain" if tried else "unreachable", now, error="the line has ended")
