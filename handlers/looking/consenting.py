"""A society lets the office read its text before it hands in, takes that back, or says no when it is asked."""

from typing import Any

import sqlalchemy as sa

from handlers.answers.submitting import note
from handlers.desk import Desk
from handlers.looking import consent
from handlers.messages import Reply
from handlers.notices.calling import Call, call
from handlers.phrasebook import phrasebook
from storage.relations import CONSENT, CONSENT_REQUEST, INSERT, Row

Granted = tuple[list[Reply], str | None]


def give(desk: Desk) -> Granted:
    """«同意科协查看»"""
    values = {"round_id": desk.season.id, "society_id": desk.entry.society_id, "person_id": desk.actor.person_id}
    insert = INSERT[desk.db.dialect.name](CONSENT).values(**values, at=desk.now, receipt=desk.receipt)
    made = desk.db.execute(insert.on_conflict_do_nothing().returning(CONSENT.c.id)).one_or_none()
    if made is None:
        return _said(desk, "consent_before", row=_live(desk))
    _noted(desk, "consent_given")
    _answer(desk, "given")
    return _said(desk, "consent_given")


def end(desk: Desk) -> Granted:
    """«不再同意查看»: from now on the office sees figures only, as before."""
    row = _live(desk)
    if row is None:
        return _said(desk, "consent_none")
    ended = {"ended_at": desk.now, "ended_by": desk.actor.person_id, "ended_receipt": desk.receipt}
    desk.db.execute(sa.update(CONSENT).where(CONSENT.c.id == row.id).values(**ended))
    _noted(desk, "consent_ended")
    return _said(desk, "consent_ended")


def refuse(desk: Desk) -> Granted:
    """«不同意科协查看»: the answer to who asked; where there is a consent, its end."""
    if _live(desk) is not None:
        return end(desk)
    if not _answer(desk, "refused"):
        return _said(desk, "consent_none")
    _noted(desk, "consent_refused")
    return _said(desk, "consent_refused")


def _live(desk: Desk) -> Row | None:
    return consent.live(desk.db, desk.season.id, desk.entry.society_id)


def _said(desk: Desk, name: str, **about: Any) -> Granted:
    known = {"title": desk.season.title, "zone": desk.season.timezone, "receipt": desk.receipt}
    submitted = desk.status in ("submitted", "returned")
    return [phrasebook().reply(name, {**known, **about, "submitted": submitted})], None


def _noted(desk: Desk, act: str) -> None:
    note(desk, act)
    desk.noted = True


def _answer(desk: Desk, answer: str) -> bool:
    """Close what the office asked, and tell whoever did; whether anybody had."""
    here = (CONSENT_REQUEST.c.round_id == desk.season.id, CONSENT_REQUEST.c.society_id == desk.entry.society_id)
    mine = sa.update(CONSENT_REQUEST).where(*here, CONSENT_REQUEST.c.answer.is_(None))
    told = {"answer": answer, "answered_by": desk.actor.person_id, "answered_at": desk.now}
    asked = desk.db.execute(mine.values(**told).returning(CONSENT_REQUEST)).all()
    about = {"society": desk.actor.society, "title": desk.season.title, "answer": answer}
    reply = phrasebook().reply("consent_answered", about)
    for person, id in {row.person_id: row.id for row in asked}.items():
        call(desk.db, person, Call(f"consent:{id}:{answer}", "notice"), reply, desk.now)
    return bool(asked)
