"""The people behind a society or in the office: who they are, by which channels they come, and putting somebody out."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.phrasebook import pages, phrasebook
from handlers.rights import OFFICE, Actor
from handlers.societies import roster
from storage import queries
from storage.relations import CONTACT, PERSON, SOCIETY, Row


def of_society(db: sa.Connection, society: int | None, *, out: bool = False) -> list[Row]:
    """Everybody of a society (None: of the office) who is not out, in the order they came; with `out` those too."""
    belongs = PERSON.c.society_id == society if society is not None else PERSON.c.society_id.is_(None)
    chosen = sa.select(PERSON).where(belongs).order_by(PERSON.c.id)
    return list(db.execute(chosen if out else chosen.where(PERSON.c.revoked_at.is_(None))))


def left_office(db: sa.Connection, person: int) -> bool:
    """Whether somebody is an officer no more: put out, or of another role."""
    row = db.execute(sa.select(PERSON.c.role, PERSON.c.revoked_at).where(PERSON.c.id == person)).one()
    return row.role not in OFFICE or row.revoked_at is not None


def channels(db: sa.Connection, person: int) -> list[str]:
    """Where the person is bound, in words; where the platform can't reach her it says so."""
    live = sa.select(CONTACT.c.channel, CONTACT.c.unreachable_at).where(CONTACT.c.person_id == person)
    rows = db.execute(live.where(CONTACT.c.ended_at.is_(None)).order_by(CONTACT.c.channel, CONTACT.c.id)).all()
    return list(dict.fromkeys(_channel(row) for row in rows))


def _channel(row: Row) -> str:
    return phrasebook().text("channel", {"channel": row.channel, "reachable": row.unreachable_at is None})


def revoke(db: sa.Connection, person: int, now: datetime, *, by: int | None) -> Row | None:
    """Put somebody out: from her next message on she is told so, and nothing is sent to her unasked. None where there
    is nobody to put out. What she filled in stays."""
    row = db.execute(sa.select(PERSON).where(PERSON.c.id == person).with_for_update()).one_or_none()
    if row is None or row.revoked_at is not None:
        return None
    db.execute(sa.update(PERSON).where(PERSON.c.id == person).values(revoked_at=now))
    queries.note_act(db, now, "revoked", person=by, society=row.society_id, revoked=person)
    return row


def listed(db: sa.Connection, said: str) -> list[Reply]:
    """«联系人 医学会»: the people of one society. Raises roster.Unsure."""
    society = roster.one(db, said)
    lines = [_line(db, row) for row in of_society(db, society.id, out=True)]
    texts = pages(lines, phrasebook().text("people", {"society": society.name, "any": bool(lines)}))
    return [Reply(text) for text in texts]


def _line(db: sa.Connection, row: Row) -> str:
    return phrasebook().text("person_line", told(db, row))


def told(db: sa.Connection, row: Row) -> dict[str, object]:
    """A person as lists show her."""
    out = row.revoked_at is not None
    return {"id": row.id, "name": row.name, "role": row.role, "revoked": out, "channels": channels(db, row.id)}


def doubted(db: sa.Connection, said: str) -> list[Reply]:
    """«停用 王老师», «停用 编号17»: who is meant, to be confirmed."""
    found = list(_named(db, said.strip()))
    return [phrasebook().reply("revoke_whom", {"said": said, "people": found[:8], "more": len(found) > 8})]


def _named(db: sa.Connection, said: str) -> Iterable[Row]:
    chosen = sa.select(PERSON, SOCIETY.c.name.label("society")).outerjoin(SOCIETY).where(PERSON.c.revoked_at.is_(None))
    number = said.removeprefix("编号").strip("#＃号 ")
    if number.isascii() and number.isdigit() and len(number) < 10:
        return db.execute(chosen.where(PERSON.c.id == int(number)))
    words = said.split()
    rows = db.execute(chosen.order_by(PERSON.c.id)).all()
    return [row for row in rows if words and all(word in f"{row.society or ''} {row.name}" for word in words)]


def put_out(db: sa.Connection, actor: Actor, number: int, now: datetime) -> list[Reply]:
    """«确认停用 17»."""
    if number == actor.person_id:
        return [phrasebook().reply("revoke_oneself", {})]
    row = revoke(db, number, now, by=actor.person_id)
    name = row.name if row else None
    return [phrasebook().reply("person_revoked", {"number": number, "name": name})]
