"""Saying something unasked: to each person once, where she was heard last and can be reached."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from handlers.messages import READ_BY_THEMSELVES, Reply, kept
from storage import outbox
from storage.relations import CONTACT, INBOUND, PERSON, Row


@dataclass(frozen=True)
class Call:
    """What is owed: its cause (unique for ever), its kind, and when it is of use."""

    cause: str
    kind: str  # notice, reminder, announcement
    not_before: datetime | None = None
    valid_until: datetime | None = None


def secretaries(db: sa.Connection, society: int) -> list[Row]:
    """Everybody who answers for a society now."""
    here = (PERSON.c.society_id == society, PERSON.c.role == "secretary", PERSON.c.revoked_at.is_(None))
    return list(db.execute(sa.select(PERSON).where(*here).order_by(PERSON.c.id)))


def line_of(db: sa.Connection, person: int) -> Row | None:
    """The contact by which to speak to somebody: one that can be reached before one that can't, a chat that rings
    before a page that has to be open, and of those where she was heard last. None where she is bound nowhere."""
    heard = sa.select(sa.func.max(INBOUND.c.id)).where(INBOUND.c.contact_id == CONTACT.c.id).scalar_subquery()
    rings = sa.case((CONTACT.c.channel.in_(READ_BY_THEMSELVES), 1), else_=0)
    lost = sa.case((CONTACT.c.unreachable_at.is_not(None), 1), else_=0)
    live = sa.select(CONTACT).where(CONTACT.c.person_id == person, CONTACT.c.ended_at.is_(None))
    return db.execute(live.order_by(lost, rings, heard.desc(), CONTACT.c.id.desc()).limit(1)).one_or_none()


def call(db: sa.Connection, person: int, call: Call, reply: Reply, now: datetime) -> str:
    """Owe it to this person; what may be said of it now: pending, sent (it stands on her page), unreachable, cancelled
    (she has been put out)."""
    line = line_of(db, person)
    if line is None:
        return "unreachable"
    out = db.scalar(sa.select(PERSON.c.revoked_at).where(PERSON.c.id == person)) is not None
    read = line.channel in READ_BY_THEMSELVES and call.not_before is None
    reached = "unreachable" if line.unreachable_at is not None else "sent" if read else "pending"
    state = "cancelled" if out else reached
    outbox.owe(
        db,
        {
            "cause": call.cause,
            "part": 0,
            "kind": call.kind,
            "person_id": person,
            "channel": line.channel,
            "account": line.account,
            "address": line.address,
            "text": reply.text,
            "choices": [kept(choice) for choice in reply.choices],
            "files": [vars(file) for file in reply.files],
            "state": state,
            "created_at": now,
            "not_before": call.not_before,
            "valid_until": call.valid_until,
            "settled_at": None if state == "pending" else now,
        },
    )
    return state
