"""What is asked of the database, by name: Core statements on the tables, built once."""

from collections import namedtuple
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from storage.prepared import Prepared
from storage.relations import (
    ACT,
    ANSWER,
    ANSWER_EVENT,
    APPLICATION_EVENT,
    ENTRY,
    EVIDENCE,
    LATE_DECISION,
    PAPER,
    PERSON,
    ROUND,
    RUBRIC_TEXT,
    SUBMISSION,
    WRONG_CODE,
    Row,
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


def wrong_codes(db: sa.Connection, source: str, since: datetime) -> int:
    counted = sa.select(sa.func.count()).where(WRONG_CODE.c.source == source, WRONG_CODE.c.at > since)
    return int(db.scalar(counted) or 0)


def note_wrong_code(db: sa.Connection, source: str, at: datetime) -> None:
    db.execute(sa.insert(WRONG_CODE).values(source=source, at=at))
    db.execute(sa.delete(WRONG_CODE).where(WRONG_CODE.c.at < at - timedelta(days=1)))
