"""More time for a society: one effective deadline drives everything, and she is told at once (R6, R13)."""

from datetime import datetime

import sqlalchemy as sa

from handlers import rounds
from handlers.notices.calling import Call, call, secretaries
from handlers.phrasebook import phrasebook
from storage import queries, seats
from storage.relations import ENTRY, Row


class NoExtension(Exception):
    """This moment can be no deadline; `why` is the message that says so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def over(db: sa.Connection, round: Row, society: Row, now: datetime) -> bool:
    """Whether its time has run out: what is over is opened again by two officers, never by more time."""
    here = (ENTRY.c.round_id == round.id, ENTRY.c.society_id == society.id)
    entry = db.execute(sa.select(ENTRY).where(*here)).one_or_none()
    return rounds.over(round, entry, now) or rounds.closed(round, entry)


def extend(
    db: sa.Connection,
    round: Row,
    society: Row,
    until: datetime,
    reason: str,
    now: datetime,
    *,
    by: int | None,
    receipt: str = "",
) -> datetime | None:
    """Give the society until this moment; its deadline of before, where one was known. Whoever answers for it is told;
    its reminders follow the new deadline. Raises NoExtension."""
    id = seats.entry_of(db, round.id, society.id)
    entry = db.execute(sa.select(ENTRY).where(ENTRY.c.id == id).with_for_update()).one()
    before = rounds.deadline(round, entry)
    if until <= now:
        raise NoExtension("extension_past")
    if before is not None and until <= before:
        raise NoExtension("extension_earlier")
    values = {"extended_to": until, "extended_at": now, "closed_at": None, "plan_version": entry.plan_version + 1}
    db.execute(sa.update(ENTRY).where(ENTRY.c.id == id).values(**values))
    details = {
        "old": before.isoformat() if before else "",
        "new": until.isoformat(),
        "reason": reason,
        "receipt": receipt,
    }
    queries.note_act(db, now, "extended", person=by, round=round.id, society=society.id, **details)
    about = {
        "title": round.title,
        "round": round.id,
        "until": until,
        "zone": round.timezone,
        "reason": reason,
        "left": until - now,
    }
    reply = phrasebook().reply("extended", about)
    for person in secretaries(db, society.id):
        cause = f"extension:{id}:{entry.plan_version + 1}:{person.id}"
        call(db, person.id, Call(cause, "notice", valid_until=until), reply, now)
    return before
