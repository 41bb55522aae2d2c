"""Getting in: one-time invitation codes, bound to a society and a role, stored hashed and slow to guess."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from handlers.phrasebook import phrasebook
from handlers.rights import Actor
from storage import queries, seats
from storage.relations import CONTACT, INVITATION, PERSON, SOCIETY, Row

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 8
LASTS = timedelta(days=30)
WRONG_CODES = 5
WITHIN = timedelta(minutes=10)


class Refused(Exception):
    """No way in; `why` is the message that says so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Address:
    """Where somebody is heard, and where her guesses are counted."""

    channel: str
    address: str
    source: str
    account: str = ""


def plain_code(text: str) -> str | None:
    """The code in what she typed, forgiving case, blanks and dashes; None where it can be none."""
    bare = re.sub(r"[\s\-—–－_·.。]", "", text).upper()
    return bare if len(bare) == LENGTH and set(bare) <= set(LETTERS + "01IO") else None


def code_hash(code: str) -> str:
    return hashlib.sha256(f"xuehui:{code}".encode()).hexdigest()


def invite(
    db: sa.Connection,
    *,
    society_id: int | None,
    role: str,
    name: str | None,
    now: datetime,
    person_id: int | None = None,
    lasts: timedelta = LASTS,
    by: int | None = None,
    replaces: list[int] | None = None,
) -> str:
    """A new code, shown once as XXXX-XXXX: 40 bits of chance, guarded by the limit on guesses. With `person_id` it
    brings somebody known in on another device; `replaces` are put out once it is used."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    whom = {"role": role, "society_id": society_id, "person_id": person_id, "name": name}
    row = {**whom, "created_at": now, "expires_at": now + lasts, "made_by": by, "replaces": replaces}
    db.execute(sa.insert(INVITATION).values(code_hash=code_hash(code), **row))
    queries.note_act(db, now, "invited", person=person_id or by, society=society_id, role=role)
    return f"{code[:4]}-{code[4:]}"


def opens(db: sa.Connection, said: str, known: seats.Known, now: datetime) -> bool:
    """Whether somebody known here sends a live code that would make her somebody else: another society's, a new role."""
    bare = plain_code(said)
    if bare is None:
        return False
    live = sa.select(INVITATION).where(INVITATION.c.code_hash == code_hash(bare), INVITATION.c.used_at.is_(None))
    found = db.execute(live.where(INVITATION.c.expires_at > now)).one_or_none()
    return found is not None and found.person_id != known.person_id


def redeem(db: sa.Connection, code: str, at: Address, now: datetime, *, name: str | None = None) -> Actor:
    """Bind this address to the person the code was made for. Raises Refused; a wrong guess is counted by the caller."""
    if queries.wrong_codes(db, at.source, now - WITHIN) >= WRONG_CODES:
        raise Refused("too_many_codes")
    bare = plain_code(code)
    chosen = sa.select(INVITATION).where(INVITATION.c.code_hash == code_hash(bare or "")).with_for_update()
    invitation = db.execute(chosen).one_or_none()
    if invitation is None or invitation.used_at is not None:
        raise Refused("wrong_code")
    if now >= invitation.expires_at:
        raise Refused("expired_code")
    person = _known(db, invitation)
    if person is None and invitation.person_id is not None:
        raise Refused("wrong_code")  # a code for somebody who is out by now
    person = person or _new(db, invitation, name, now)
    contact = _bind(db, person, at, now)
    used = sa.update(INVITATION).where(INVITATION.c.id == invitation.id).values(used_at=now, contact_id=contact)
    db.execute(used)
    queries.note_act(db, now, "joined", person=person, channel=at.channel, society=invitation.society_id)
    found = seats.who(db, at.channel, at.account, at.address)
    assert found is not None
    return actor(found)


def actor(row: seats.Known) -> Actor:
    return Actor(row.person_id, row.contact_id, row.name, row.role, row.society_id, row.society, row.kind)


def _known(db: sa.Connection, invitation: Row) -> int | None:
    """The person the code speaks of, if she is known: named by her own id, or by her name within her society. Who was
    put out is back when the office has made out a code to her name since."""
    people = sa.select(PERSON.c.id, PERSON.c.revoked_at).where(PERSON.c.role == invitation.role)
    if invitation.person_id is not None:
        mine = (PERSON.c.id == invitation.person_id, PERSON.c.revoked_at.is_(None))
        return cast("int | None", db.scalar(people.where(*mine)))
    if invitation.name is None or invitation.society_id is None:
        return None
    named = people.where(PERSON.c.society_id == invitation.society_id, PERSON.c.name == invitation.name)
    back = sa.or_(PERSON.c.revoked_at.is_(None), PERSON.c.revoked_at < invitation.created_at)
    found = db.execute(named.where(back).order_by(PERSON.c.revoked_at.is_(None).desc(), PERSON.c.id.desc()).limit(1))
    row = found.one_or_none()
    if row is not None and row.revoked_at is not None:
        db.execute(sa.update(PERSON).where(PERSON.c.id == row.id).values(revoked_at=None))
        queries.note_act(db, invitation.created_at, "readmitted", person=row.id, society=invitation.society_id)
    return None if row is None else int(row.id)


def _new(db: sa.Connection, invitation: Row, name: str | None, now: datetime) -> int:
    called = name or invitation.name or _unnamed(db, invitation.society_id)
    who = {"name": called, "role": invitation.role, "society_id": invitation.society_id, "created_at": now}
    person = int(db.execute(sa.insert(PERSON).values(**who).returning(PERSON.c.id)).scalar_one())
    seats.start_conversation(db, person, None)
    return person


def _unnamed(db: sa.Connection, society_id: int | None) -> str:
    """Somebody whose name nobody gave: told apart by number within her society."""
    society = db.scalar(sa.select(SOCIETY.c.name).where(SOCIETY.c.id == society_id))
    already = db.scalar(sa.select(sa.func.count()).where(PERSON.c.society_id == society_id)) or 0
    return phrasebook().text("unnamed_person", {"society": society, "number": already + 1})


def _bind(db: sa.Connection, person: int, at: Address, now: datetime) -> int:
    same = (CONTACT.c.channel == at.channel, CONTACT.c.account == at.account, CONTACT.c.address == at.address)
    db.execute(sa.update(CONTACT).where(*same, CONTACT.c.ended_at.is_(None)).values(ended_at=now))
    values = {"person_id": person, "channel": at.channel, "account": at.account, "address": at.address, "bound_at": now}
    return int(db.execute(sa.insert(CONTACT).values(**values).returning(CONTACT.c.id)).scalar_one())
