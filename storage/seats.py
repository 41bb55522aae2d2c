"""Who is at an address, where she stands in a round, and what is held for her until her turn ends."""

from collections import namedtuple
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from storage import queries
from storage.prepared import Prepared
from storage.relations import (
    CONTACT,
    CONVERSATION,
    ENTRY,
    INSERT,
    PERSON,
    ROUND,
    SOCIETY,
)

_KNOWN = {
    "contact_id": CONTACT.c.id,
    "person_id": PERSON.c.id,
    "name": PERSON.c.name,
    "role": PERSON.c.role,
    "revoked_at": PERSON.c.revoked_at,
    "unreachable_at": CONTACT.c.unreachable_at,
    "society_id": PERSON.c.society_id,
    "society": SOCIETY.c.name,
    "kind": SOCIETY.c.kind,
}

# Asked in every turn.
_WHO = Prepared(
    lambda _: (
        sa.select(*(column.label(name) for name, column in _KNOWN.items()))
        .select_from(CONTACT.join(PERSON, PERSON.c.id == CONTACT.c.person_id).outerjoin(SOCIETY))
        .where(
            CONTACT.c.channel == bindparam("channel"),
            CONTACT.c.account == bindparam("account"),
            CONTACT.c.address == bindparam("address"),
            CONTACT.c.ended_at.is_(None),
        )
    )
)

_PLACE = Prepared(
    lambda _: (
        sa.select(CONVERSATION, ENTRY, ROUND)
        .select_from(
            CONVERSATION.join(ENTRY, ENTRY.c.id == CONVERSATION.c.entry_id).join(ROUND, ROUND.c.id == ENTRY.c.round_id)
        )
        .where(CONVERSATION.c.person_id == bindparam("person"))
        .with_for_update(of=[CONVERSATION, ENTRY])
    )
)


class Known(NamedTuple):
    """Who is at an address, and of which society."""

    contact_id: int
    person_id: int
    name: str
    role: str
    revoked_at: datetime | None
    unreachable_at: datetime | None
    society_id: int | None
    society: str | None
    kind: str | None


def who(db: sa.Connection, channel: str, account: str, address: str) -> Known | None:
    """The person behind a live contact."""
    found = _WHO.run(db, {"channel": channel, "account": account, "address": address})
    return Known._make(found[0]) if found else None


class Place(NamedTuple):
    """A person's conversation with the entry and the round it is about; each part has the columns of its table."""

    conversation: Any
    entry: Any
    round: Any


_PARTS: list[tuple[Any, int]] = [
    (namedtuple(part.name, part.c.keys()), len(part.c)) for part in (CONVERSATION, ENTRY, ROUND)
]


def place(db: sa.Connection, person: int) -> Place | None:
    """Where the person stands; conversation and entry are locked, in this order, until the turn ends. The round needs
    no lock: a turn is as early as its own `now`, and who ends or changes it holds its entries."""
    rows = _PLACE.run(db, {"person": person})
    if not rows:
        return None
    values = iter(rows[0])
    found = Place(*(kind._make(islice(values, width)) for kind, width in _PARTS))
    if db.dialect.name == "sqlite":
        return found
    return found._replace(
        round=queries.round_of(db, found.entry.round_id)
    )  # the lock's wait left it as it had been before


def hold_conversation(db: sa.Connection, person: int) -> None:
    """Until the turn ends she is answered on one of her channels at a time."""
    db.execute(sa.select(CONVERSATION.c.person_id).where(CONVERSATION.c.person_id == person).with_for_update())


def hold_entries(db: sa.Connection, round: int) -> None:
    """Whoever is at one of them is waited for, and nobody else is until the turn ends."""
    db.execute(sa.select(ENTRY.c.id).where(ENTRY.c.round_id == round).order_by(ENTRY.c.id).with_for_update())


def place_at(db: sa.Connection, person: int, entry: int) -> Place:
    """The person with another's entry before her; the entry is locked until the turn ends."""
    row = db.execute(sa.select(ENTRY).where(ENTRY.c.id == entry).with_for_update()).one()
    mine = db.execute(sa.select(CONVERSATION).where(CONVERSATION.c.person_id == person)).one()
    values = (mine, row, queries.round_of(db, row.round_id))
    return Place(*(kind._make(one) for (kind, _), one in zip(_PARTS, values, strict=True)))


def end_contact(db: sa.Connection, contact: int, at: datetime) -> None:
    """The binding ends; from its next message on this address is unknown."""
    db.execute(sa.update(CONTACT).where(CONTACT.c.id == contact).values(ended_at=at))


def entry_of(db: sa.Connection, round: int, society: int) -> int:
    """The id of the society's entry in the round, made when there is none."""
    found = sa.select(ENTRY.c.id).where(ENTRY.c.round_id == round, ENTRY.c.society_id == society)
    known = db.scalar(found)
    if known is None:
        fresh = {"round_id": round, "society_id": society, "status": "not_started", "complete": 0, "late": False}
        insert = INSERT[db.dialect.name](ENTRY).values(**fresh)
        db.execute(insert.on_conflict_do_nothing(index_elements=["round_id", "society_id"]))
        known = db.execute(found).scalar_one()
    return int(known)


def start_conversation(db: sa.Connection, person: int, entry: int | None) -> None:
    """Begin (or move to another round's entry): nothing is asked yet; files that wait for their item go on waiting."""
    fresh: dict[str, Any] = {
        "entry_id": entry,
        "item": None,
        "field": None,
        "fact": None,
        "version": 0,
        "question_id": 0,
        "last_item": None,
        "pending": None,
    }
    insert = INSERT[db.dialect.name](CONVERSATION).values(person_id=person, tray=[], **fresh)
    db.execute(insert.on_conflict_do_update(index_elements=["person_id"], set_=fresh))


def set_question(db: sa.Connection, person: int, reply: int) -> None:
    """The reply that showed the open question first (R4)."""
    db.execute(sa.update(CONVERSATION).where(CONVERSATION.c.person_id == person).values(question_id=reply))
