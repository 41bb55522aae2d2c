"""The invariants, on live data: what must be true after every turn, whatever died in between (design R16)."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from handlers import belonging, rounds
from handlers.answers import folding
from handlers.answers.folding import Folded
from handlers.receipts import receipt
from handlers.review import returned, reviewed
from handlers.rounds import pinned
from rubrics.answers import Answer
from rubrics.scoring import standing
from storage.files import FileStore
from storage.relations import (
    ACT,
    ANSWER,
    ANSWER_EVENT,
    ENTRY,
    EVIDENCE,
    INBOUND,
    LATE_DECISION,
    OUTBOX,
    PAPER,
    ROUND,
    SENT_BACK,
    SOCIETY,
    SUBMISSION,
)

Broken = Iterator[str]


def check(db: sa.Connection, store: FileStore) -> list[str]:
    """Everything that is broken, one line each, beginning with the invariant's name; empty when all is well."""
    lines = [f"{name}: {line}" for name, invariant in INVARIANTS.items() for line in invariant(db)]
    return lines + [f"files: {line}" for line in belonging.files(db, store)]


def fold(db: sa.Connection) -> Broken:
    """Every answer is the fold of its events, late ones by what the office decided."""
    answers = {(row.entry_id, row.item): _kept(row) for row in db.execute(sa.select(ANSWER))}
    folded: dict[tuple[int, str], dict[str, Any]] = {}
    decisions = _decisions(db)
    pieces = {(row.inbound_id, row.ordinal): row.id for row in db.execute(sa.select(EVIDENCE))}
    ordered = sa.select(ANSWER_EVENT).order_by(ANSWER_EVENT.c.entry_id, ANSWER_EVENT.c.item, ANSWER_EVENT.c.version)
    for entry, events in groupby(db.execute(ordered), lambda event: event.entry_id):
        made = folding.fold(events, pieces, decisions[entry])
        folded.update({(entry, item): _of(one) for item, one in made.items()})
    for key in folded.keys() | answers.keys():
        if answers.get(key) != folded.get(key, _of(Folded())):
            yield f"entry {key[0]} {key[1]}: {folded.get(key)} but {answers.get(key)}"


def _decisions(db: sa.Connection) -> dict[int, list[Any]]:
    made: dict[int, list[Any]] = defaultdict(list)
    for row in db.execute(sa.select(LATE_DECISION).order_by(LATE_DECISION.c.number)):
        made[row.entry_id].append(row)
    return made


def _kept(row: Any) -> dict[str, Any]:
    kept = {"state": row.state, "score": row.self_score, "met": row.met, "reason": row.reason}
    return {**kept, "facts": row.facts, "evidence": row.evidence, "version": row.version}


def _of(one: Folded) -> dict[str, Any]:
    made = {"state": one.state, "score": one.score, "met": one.met, "reason": one.reason}
    return {**made, "facts": one.facts, "evidence": len(one.live), "version": one.version}


def versions(db: sa.Connection) -> Broken:
    """The versions of an answer's events run 1 … n without a hole."""
    counted = sa.select(
        ANSWER_EVENT.c.entry_id,
        ANSWER_EVENT.c.item,
        sa.func.count().label("events"),
        sa.func.max(ANSWER_EVENT.c.version).label("newest"),
    ).group_by(ANSWER_EVENT.c.entry_id, ANSWER_EVENT.c.item)
    for row in db.execute(counted):
        if row.events != row.newest:
            yield f"entry {row.entry_id} {row.item}: {row.events} events up to version {row.newest}"


def totals(db: sa.Connection) -> Broken:
    """The totals beside an entry equal a recount."""
    shas = {row.id: row.rubric_sha256 for row in db.execute(sa.select(ROUND))}
    answers: dict[int, dict[str, Answer]] = defaultdict(dict)
    for row in db.execute(sa.select(ANSWER)):
        answers[row.entry_id][row.item] = Answer(row.state, row.self_score, row.evidence, row.facts, None, row.met)
    kinds = {row.id: row.kind for row in db.execute(sa.select(SOCIETY))}
    for entry in db.execute(sa.select(ENTRY)):
        if entry.id not in answers:
            continue
        recount = standing(
            pinned(db, entry.own_rubric or shas[entry.round_id], kinds[entry.society_id]), answers[entry.id]
        )
        kept = (entry.claimed, entry.supported, entry.suggested, entry.complete)
        counted = (recount.claimed, recount.supported, recount.suggested, recount.complete)
        if kept != counted:
            yield f"entry {entry.id}: {kept} but recounted {counted}"


def evidence(db: sa.Connection) -> Broken:
    """Every answer counts its live evidence, and every piece has its event."""
    decisions = _decisions(db)
    pieces: dict[tuple[int, str], int] = defaultdict(int)
    joined = sa.select(EVIDENCE, ANSWER_EVENT.c.id.label("event")).join(ANSWER_EVENT, _came_by())
    for row in db.execute(joined.where(EVIDENCE.c.withdrawn_at.is_(None))):
        pieces[row.entry_id, row.item] += not row.late or bool(folding.ruling(decisions[row.entry_id], row.event))
    for row in db.execute(sa.select(ANSWER)):
        if row.evidence != pieces.pop((row.entry_id, row.item), 0):
            yield f"entry {row.entry_id} {row.item}: says {row.evidence}"
    yield from (f"entry {entry} {item}: {n} pieces without an answer" for (entry, item), n in pieces.items())
    lost = sa.select(EVIDENCE.c.id).outerjoin(ANSWER_EVENT, _came_by()).where(ANSWER_EVENT.c.id.is_(None))
    yield from (f"evidence {row.id} has no event" for row in db.execute(lost))


def _came_by() -> sa.ColumnElement[bool]:
    """The event by which a piece of evidence came."""
    return sa.and_(
        ANSWER_EVENT.c.inbound_id == EVIDENCE.c.inbound_id,
        ANSWER_EVENT.c.ordinal == EVIDENCE.c.ordinal,
        ANSWER_EVENT.c.kind == "evidence",
    )


def deadline(db: sa.Connection) -> Broken:
    """Nothing that came at or after the deadline counts by itself."""
    joined = ANSWER_EVENT.join(ENTRY, ENTRY.c.id == ANSWER_EVENT.c.entry_id).join(ROUND, ROUND.c.id == ENTRY.c.round_id)
    wrong = sa.select(
        *(ANSWER_EVENT.c.id, ANSWER_EVENT.c.at, ANSWER_EVENT.c.entry_id, ANSWER_EVENT.c.item),
        *(ENTRY.c.extended_to, ROUND.c.closes_at, ROUND.c.grace_minutes),
    )
    back = _sent_back(db)
    for row in db.execute(wrong.select_from(joined).where(ANSWER_EVENT.c.late.is_(False))):
        if rounds.over(row, row, row.at) and not returned.was_open(back[row.entry_id], row.at, row.item):
            yield f"event {row.id} counts after the deadline"


def in_time(db: sa.Connection) -> Broken:
    """No submission that came at or after the deadline stands as made in time."""
    joined = SUBMISSION.join(ENTRY, ENTRY.c.id == SUBMISSION.c.entry_id).join(ROUND, ROUND.c.id == ENTRY.c.round_id)
    others = sa.select(LATE_DECISION.c.submission_id).where(LATE_DECISION.c.submission_id.is_not(None))
    hers = (SUBMISSION.c.late.is_(False), SUBMISSION.c.automatic.is_(False), SUBMISSION.c.id.not_in(others))
    mine = (SUBMISSION.c.id, SUBMISSION.c.at, SUBMISSION.c.entry_id)
    rows = sa.select(*mine, ENTRY.c.extended_to, ROUND.c.closes_at, ROUND.c.grace_minutes)
    back = _sent_back(db)
    for row in db.execute(rows.select_from(joined).where(*hers)):
        if rounds.over(row, row, row.at) and not returned.was_open(back[row.entry_id], row.at):
            yield f"submission {row.id} was made after the deadline"


def handed_in(db: sa.Connection) -> Broken:
    """What stands handed in are the figures that count now; what was taken back or replaced stands no more."""
    joined = ENTRY.join(ROUND, ROUND.c.id == ENTRY.c.round_id).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    joined = joined.outerjoin(SUBMISSION, SUBMISSION.c.id == ENTRY.c.submission_id)
    rows = sa.select(
        *(ENTRY, ROUND.c.rubric_sha256, SOCIETY.c.kind, SUBMISSION.c.id.label("handed"), SUBMISSION.c.withdrawn_at),
        *(SUBMISSION.c.claimed.label("handed_claimed"), SUBMISSION.c.supported.label("handed_supported")),
    )
    for row in db.execute(rows.select_from(joined)):
        if not rounds.pinned(db, row.own_rubric or row.rubric_sha256, row.kind).items:
            continue  # a unit that owes no table hands in papers alone
        if (row.status in ("submitted", "returned")) != (row.handed is not None) or row.withdrawn_at is not None:
            yield f"entry {row.id} is {row.status} by submission {row.handed}"
        elif (
            row.handed
            and row.status == "submitted"
            and (row.claimed, row.supported) != (row.handed_claimed, row.handed_supported)
        ):
            yield f"entry {row.id}: {row.claimed}, {row.supported} but handed in {row.handed_claimed}"


def _sent_back(db: sa.Connection) -> dict[int, list[Any]]:
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in db.execute(sa.select(SENT_BACK)):
        rows[row.entry_id].append(row)
    return rows


def receipts(db: sa.Connection) -> Broken:
    """A receipt names the message that it was given for, and that message stored something."""
    stored = set(db.scalars(sa.select(ANSWER_EVENT.c.inbound_id).distinct()))
    stored |= set(db.scalars(sa.select(PAPER.c.inbound_id).distinct()))
    acts = {details.get("receipt") for details in db.scalars(sa.select(ACT.c.details))}
    for row in db.execute(sa.select(INBOUND.c.id, INBOUND.c.receipt).where(INBOUND.c.receipt.is_not(None))):
        if row.receipt != receipt(row.id):
            yield f"message {row.id} has the receipt of another: {row.receipt}"
        elif row.id not in stored and row.receipt not in acts:
            yield f"message {row.id}: receipt {row.receipt} for nothing"


def answered(db: sa.Connection) -> Broken:
    """Every message that was taken has an answer."""
    causes = set(db.scalars(sa.select(OUTBOX.c.cause).where(OUTBOX.c.part == 0)))
    for id in db.scalars(sa.select(INBOUND.c.id)):
        if f"inbound:{id}" not in causes:
            yield f"message {id} was never answered"


INVARIANTS: dict[str, Callable[[sa.Connection], Broken]] = {
    "fold": fold,
    "versions": versions,
    "totals": totals,
    "evidence": evidence,
    "deadline": deadline,
    "in time": in_time,
    "handed in": handed_in,
    "receipts": receipts,
    "answered": answered,
    "tenants": belonging.tenants,
    "papers": belonging.papers,
    "proposals": belonging.proposals,
    "applications": belonging.applications,
    "reviews": reviewed.folded,
    "reviewed": reviewed.totals,
    "sent back": reviewed.sent_back,
}
