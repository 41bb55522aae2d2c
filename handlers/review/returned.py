"""Items that were sent back: open to the society until they are handed in again or their time is over, then locked."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from handlers.answers import handing_in
from handlers.notices.calling import Call, call
from handlers.phrasebook import phrasebook
from handlers.rights import Actor
from storage import queries
from storage.relations import ENTRY, SENT_BACK, SUBMISSION, Row


def open_ones(db: sa.Connection, entry: int) -> list[Row]:
    """The items that were sent back and not handed in again, whether their time is over or not."""
    mine = sa.select(SENT_BACK).where(SENT_BACK.c.entry_id == entry, SENT_BACK.c.closed_at.is_(None))
    return list(db.execute(mine.order_by(SENT_BACK.c.id)))


def in_time(db: sa.Connection, entry: int, now: datetime) -> list[Row]:
    """Those that may be changed now."""
    return [one for one in open_ones(db, entry) if now < one.until]


def was_open(rows: Sequence[Row], at: datetime, item: str | None = None) -> bool:
    """Whether the item (or any) was open for the society at that moment, of all that was ever sent back."""
    return any(
        one.at <= at < one.until and (one.closed_at is None or at <= one.closed_at) and item in (None, one.item)
        for one in rows
    )


def lapse(db: sa.Connection, entry: Row, now: datetime) -> bool:
    """Lock the entry again once the time of everything sent back is over; what was changed in time is handed in. Whether
    it was this call that did it."""
    same = sa.select(ENTRY).where(ENTRY.c.id == entry.id, ENTRY.c.status == "returned")
    current = db.execute(same.with_for_update()).one_or_none()
    if current is None or in_time(db, entry.id, now):
        return False
    before = queries.live_submission(db, current.id)
    round = queries.round_of(db, current.round_id)
    assert before is not None, "only what was handed in is sent back"
    changed = current.touched_at is not None and current.touched_at > before.at
    if changed:
        handing_in.hand_in(db, round, current, now, said="handed_in_returned")
        made = sa.select(ENTRY.c.submission_id).where(ENTRY.c.id == current.id).scalar_subquery()
        replaced = {"withdrawn_at": now, "replaced_by": made}
        db.execute(sa.update(SUBMISSION).where(SUBMISSION.c.id == before.id).values(**replaced))
    db.execute(sa.update(ENTRY).where(ENTRY.c.id == current.id).values(status="submitted"))
    _close(db, current.id, now, queries.live_submission(db, current.id) if changed else None)
    at = {"round": round.id, "society": current.society_id}
    queries.note_act(db, now, "locked_again", **at, changed=changed)
    return True


def answered(db: sa.Connection, actor: Actor, entry: int, title: str, now: datetime) -> None:
    """The society has handed in again: nothing stays open, and whoever sent it back is told."""
    submission = queries.live_submission(db, entry)
    rows = open_ones(db, entry)
    _close(db, entry, now, submission)
    for person in {row.person_id for row in rows}:
        mine = [row for row in rows if row.person_id == person]
        reply = phrasebook().reply("sent_back_answered", {"society": actor.society, "title": title, "count": len(mine)})
        call(db, person, Call(f"sent_back_answered:{mine[0].id}", "notice"), reply, now)


def _close(db: sa.Connection, entry: int, now: datetime, submission: Row | None) -> None:
    mine = sa.update(SENT_BACK).where(SENT_BACK.c.entry_id == entry, SENT_BACK.c.closed_at.is_(None))
    db.execute(mine.values(closed_at=now, submission_id=submission.id if submission else None))


def due(db: sa.Connection, now: datetime) -> list[Row]:
    """The returned entries in which nothing may be changed any more."""
    still = sa.exists().where(
        SENT_BACK.c.entry_id == ENTRY.c.id, SENT_BACK.c.closed_at.is_(None), SENT_BACK.c.until > now
    )
    return list(db.execute(sa.select(ENTRY).where(ENTRY.c.status == "returned", ~still)))


def latest(db: sa.Connection, entry: int, item: str) -> Row | None:
    """The last time this item was sent back, if ever."""
    mine = sa.select(SENT_BACK).where(SENT_BACK.c.entry_id == entry, SENT_BACK.c.item == item)
    return db.execute(mine.order_by(SENT_BACK.c.id.desc()).limit(1)).one_or_none()
