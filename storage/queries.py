"""What is asked of the database, by name: Core statements on the tables, built once."""

from collections import namedtuple
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from storage.prepared import Prepared
from storage.relations import (
    ACT,
    ANSWER,
    ANSWER_EVENT,
    APPLICATION_EVENT,
    CONTACT,
    CONVERSATION,
    ENTRY,
    EVIDENCE,
    INSERT,
    LATE_DECISION,
    PAPER,
    PERSON,
    ROUND,
    RUBRIC_TEXT,
    SOCIETY,
    SUBMISSION,
    WRONG_CODE,
    Row,
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
_ANSWERS = Prepared(lambda _: sa.select(ANSWER).where(ANSWER.c.entry_id == bindparam("entry")))
_PIECES = (
    sa.select(EVIDENCE)
    .where(
        EVIDENCE.c.entry_id == bindparam("entry"),
        EVIDENCE.c.item.in_(bindparam("items", expanding=True)),
        EVIDENCE.c.withdrawn_at.is_(None),
    )
    .order_by(EVIDENCE.c.id)
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
    return found._replace(round=round_of(db, found.entry.round_id))  # the lock's wait left it as it had been before


def hold_conversation(db: sa.Connection, person: int) -> None:
    """Until the turn ends she is answered on one of her channels at a time."""
    db.execute(sa.select(CONVERSATION.c.person_id).where(CONVERSATION.c.person_id == person).with_for_update())


def hold_entries(db: sa.Connection, round: int) -> None:
    """Whoever is at one of them is waited for, and nobody else is until the turn ends. Her conversation comes first: every
    turn locks in the order conversation, entry, round (design R1), and whoever does otherwise waits in a circle."""
    within = sa.select(ENTRY.c.id).where(ENTRY.c.round_id == round)
    theirs = sa.select(CONVERSATION.c.person_id).join(PERSON, PERSON.c.id == CONVERSATION.c.person_id)
    theirs = theirs.where(PERSON.c.role == "secretary", CONVERSATION.c.entry_id.in_(within))
    db.execute(theirs.order_by(CONVERSATION.c.person_id).with_for_update(of=CONVERSATION))
    db.execute(within.order_by(ENTRY.c.id).with_for_update())


def place_at(db: sa.Connection, person: int, entry: int) -> Place:
    """The person with another's entry before her; the entry is locked until the turn ends."""
    row = db.execute(sa.select(ENTRY).where(ENTRY.c.id == entry).with_for_update()).one()
    mine = db.execute(sa.select(CONVERSATION).where(CONVERSATION.c.person_id == person)).one()
    values = (mine, row, round_of(db, row.round_id))
    return Place(*(kind._make(one) for (kind, _), one in zip(_PARTS, values, strict=True)))


def round_of(db: sa.Connection, id: int) -> Row:
    return db.execute(sa.select(ROUND).where(ROUND.c.id == id)).one()


_Answer = namedtuple("_Answer", ANSWER.c.keys())  # type: ignore[misc]  # the table knows its columns


def answers(db: sa.Connection, entry: int) -> list[Any]:
    """What counts now, item by item, with the columns of the table."""
    return [_Answer._make(row) for row in _ANSWERS.run(db, {"entry": entry})]


def pieces(db: sa.Connection, entry: int, items: Iterable[str]) -> list[Row]:
    """The live evidence of some items, oldest first."""
    return list(db.execute(_PIECES, {"entry": entry, "items": list(items)}))


def add_evidence(db: sa.Connection, row: Mapping[str, Any]) -> None:
    db.execute(sa.insert(EVIDENCE), row)


def withdraw_evidence(db: sa.Connection, id: int, at: datetime | None) -> None:
    """Take a piece out of what counts, or (None) put it back."""
    db.execute(sa.update(EVIDENCE).where(EVIDENCE.c.id == id).values(withdrawn_at=at))


def last_changes(db: sa.Connection, entry: int, person: int) -> list[Row]:
    """The events of this person's latest message that changed something."""
    latest = (
        sa.select(sa.func.max(ANSWER_EVENT.c.inbound_id))
        .where(ANSWER_EVENT.c.entry_id == entry, ANSWER_EVENT.c.person_id == person)
        .scalar_subquery()
    )
    chosen = sa.select(ANSWER_EVENT).where(ANSWER_EVENT.c.entry_id == entry, ANSWER_EVENT.c.inbound_id == latest)
    return list(db.execute(chosen.order_by(ANSWER_EVENT.c.ordinal)))


def late_facts(db: sa.Connection, entry: int) -> list[Row]:
    """The events by which facts were said after the deadline, oldest first."""
    late = (ANSWER_EVENT.c.entry_id == entry, ANSWER_EVENT.c.kind == "fact", ANSWER_EVENT.c.late)
    return list(db.execute(sa.select(ANSWER_EVENT).where(*late).order_by(ANSWER_EVENT.c.id)))


def evidence_of_message(db: sa.Connection, inbound: int) -> dict[int, int]:
    """Evidence ids by their ordinal in the message they came with."""
    rows = db.execute(sa.select(EVIDENCE.c.ordinal, EVIDENCE.c.id).where(EVIDENCE.c.inbound_id == inbound))
    return {row.ordinal: row.id for row in rows}


def people_of(db: sa.Connection, society: int) -> dict[int, str]:
    rows = db.execute(sa.select(PERSON.c.id, PERSON.c.name).where(PERSON.c.society_id == society))
    return {row.id: row.name for row in rows}


def names(db: sa.Connection, people: Iterable[int | None]) -> dict[int, str]:
    """What these people are called; who is of the office answers on behalf of a society."""
    wanted = [one for one in people if one is not None]
    rows = db.execute(sa.select(PERSON.c.id, PERSON.c.name).where(PERSON.c.id.in_(wanted))) if wanted else ()
    return {row.id: row.name for row in rows}


def end_contact(db: sa.Connection, contact: int, at: datetime) -> None:
    """The binding ends; from its next message on this address is unknown."""
    db.execute(sa.update(CONTACT).where(CONTACT.c.id == contact).values(ended_at=at))


def stored_bytes(db: sa.Connection, society: int) -> int:
    """Bytes of all live evidence files of a society, of the papers that it handed in, and of its reports on projects."""
    total = sa.select(sa.func.coalesce(sa.func.sum(EVIDENCE.c.size), 0)).select_from(EVIDENCE.join(ENTRY))
    evidence = db.scalar(total.where(ENTRY.c.society_id == society, EVIDENCE.c.withdrawn_at.is_(None)))
    kept = sa.select(sa.func.coalesce(sa.func.sum(PAPER.c.size), 0)).select_from(PAPER.join(ENTRY))
    papers = db.scalar(kept.where(ENTRY.c.society_id == society))
    signed = sa.case(
        (APPLICATION_EVENT.c.kind == "taken_back", -APPLICATION_EVENT.c.size), else_=APPLICATION_EVENT.c.size
    )
    told = sa.select(sa.func.coalesce(sa.func.sum(signed), 0)).select_from(APPLICATION_EVENT.join(ENTRY))
    reports = db.scalar(told.where(ENTRY.c.society_id == society))
    return int(evidence or 0) + int(papers or 0) + int(reports or 0)


def newest_open_round(db: sa.Connection) -> Row | None:
    return db.execute(
        sa.select(ROUND).where(ROUND.c.closed_at.is_(None)).order_by(ROUND.c.id.desc()).limit(1)
    ).one_or_none()


def newest_round(db: sa.Connection) -> Row | None:
    return db.execute(sa.select(ROUND).order_by(ROUND.c.id.desc()).limit(1)).one_or_none()


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


def rubric_text(db: sa.Connection, sha256: str) -> Row:
    return db.execute(sa.select(RUBRIC_TEXT).where(RUBRIC_TEXT.c.sha256 == sha256)).one()


def live_submission(db: sa.Connection, entry: int) -> Row | None:
    """What stands handed in: the society's own, or the one by which the office counts what came late."""
    joined = SUBMISSION.join(ENTRY, ENTRY.c.submission_id == SUBMISSION.c.id)
    return db.execute(sa.select(SUBMISSION).select_from(joined).where(ENTRY.c.id == entry)).one_or_none()


def submissions(db: sa.Connection, entry: int, *, up_to: int | None = None) -> int:
    """How often the entry was handed in, in time or by the office's leave; with `up_to` the number of that one."""
    allowed = sa.select(LATE_DECISION.c.submission_id).where(LATE_DECISION.c.entry_id == entry)
    counts = sa.or_(SUBMISSION.c.late.is_(False), SUBMISSION.c.id.in_(allowed))
    counted = sa.select(sa.func.count()).where(SUBMISSION.c.entry_id == entry, counts)
    return int(db.scalar(counted if up_to is None else counted.where(SUBMISSION.c.id <= up_to)) or 0)


def late_decisions(db: sa.Connection, entry: int) -> list[Row]:
    """What the office decided about the entry's late input, oldest first."""
    chosen = sa.select(LATE_DECISION).where(LATE_DECISION.c.entry_id == entry)
    return list(db.execute(chosen.order_by(LATE_DECISION.c.number)))


def note_act(
    db: sa.Connection,
    at: datetime,
    act: str,
    *,
    person: int | None = None,
    channel: str = "",
    round: int | None = None,
    society: int | None = None,
    **details: Any,
) -> None:
    """A line in the record of what people did."""
    db.execute(
        sa.insert(ACT).values(
            at=at, act=act, person_id=person, channel=channel, round_id=round, society_id=society, details=details
        )
    )


def set_question(db: sa.Connection, person: int, reply: int) -> None:
    """The reply that showed the open question first (R4)."""
    db.execute(sa.update(CONVERSATION).where(CONVERSATION.c.person_id == person).values(question_id=reply))


def wrong_codes(db: sa.Connection, source: str, since: datetime) -> int:
    counted = sa.select(sa.func.count()).where(WRONG_CODE.c.source == source, WRONG_CODE.c.at > since)
    return int(db.scalar(counted) or 0)


def note_wrong_code(db: sa.Connection, source: str, at: datetime) -> None:
    db.execute(sa.insert(WRONG_CODE).values(source=source, at=at))
    db.execute(sa.delete(WRONG_CODE).where(WRONG_CODE.c.at < at - timedelta(days=1)))
