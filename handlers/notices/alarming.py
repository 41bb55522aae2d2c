"""What is wrong with the bot itself, told to the office: one message for each kind of trouble, person and day."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from handlers.notices.calling import Call, call
from handlers.phrasebook import phrasebook
from handlers.rights import OFFICE
from storage.relations import CONTACT, OUTBOX, PERSON

USEFUL = timedelta(days=1)
LOOKED_BACK = 3  # days


def told(db: sa.Connection, kind: str, person: int, days: Iterable[date]) -> datetime | None:
    """When this person was last told of such a trouble on one of these days."""
    causes = [_cause(kind, day, person) for day in days]
    newest: datetime | None = db.scalar(sa.select(sa.func.max(OUTBOX.c.created_at)).where(OUTBOX.c.cause.in_(causes)))
    return newest


def officers(db: sa.Connection) -> list[int]:
    """Everybody of the office who can be told anything; reviewers are not bothered."""
    live = sa.exists().where(CONTACT.c.person_id == PERSON.c.id, CONTACT.c.ended_at.is_(None))
    here = (PERSON.c.role.in_(OFFICE), PERSON.c.revoked_at.is_(None), live)
    return list(db.scalars(sa.select(PERSON.c.id).where(*here).order_by(PERSON.c.id)))


def alarm(db: sa.Connection, kind: str, person: int, about: dict[str, Any], day: date, now: datetime) -> None:
    """Tell her, once on this day."""
    reply = phrasebook().reply("alarm", {"kind": kind, **about})
    call(db, person, Call(_cause(kind, day, person), "notice", valid_until=now + USEFUL), reply, now)


def _cause(kind: str, day: date, person: int) -> str:
    return f"alarm:{kind}:{day.isoformat()}:{person}"
