"""The invariants, on live data: what must be true after every turn, whatever died in between (design R16)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from handlers import rounds
from handlers.answers import folding
from handlers.answers.folding import Folded
from handlers.receipts import receipt
from handlers.review import returned, reviewed
from handlers.rounds import pinned
from rubrics.answers import Answer
from rubrics.projects import project, quotas
from rubrics.scoring import standing
from storage.files import FileStore
from storage.relations import (
    ACT,
    ANSWER,
    ANSWER_EVENT,
    APPLICATION,
    APPLICATION_EVENT,
    ENTRY,
    EVIDENCE,
    HANDOUT,
    INBOUND,
    LATE_DECISION,
    OUTBOX,
    PAPER,
    PERSON,
    PROPOSAL,
    ROUND,
    SENT_BACK,
    SOCIETY,
    SUBMISSION,
)

Broken = Iterator[str]


def check(db: sa.Connection, store: FileStore) -> list[str]:
    """Everything that is broken, one line each, beginning with the invariant's name; empty when all is well."""
    lines = [f"{name}: {line}" for name, invariant in INVARIANTS.items() for line in invariant(db)]
    return lines + [f"files: {line}" for line in files(db, store)]


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


def tenants(db: sa.Connection) -> Broken:
    """Every answer was given by one of the society's own people, or on its behalf by somebody of the office."""
    from_others = sa.text(
        "SELECT e.id FROM answer_event e JOIN entry n ON n.id = e.entry_id JOIN person p ON p.id = e.person_id "
        "WHERE p.society_id <> n.society_id OR p.role = 'reviewer'"
    )
    yield from (f"event {row.id} is of another society" for row in db.execute(from_others))


def files(db: sa.Connection, store: FileStore) -> Broken:
    """Every file that a row speaks of is there, whole."""
    held = (EVIDENCE, PAPER, HANDOUT, PROPOSAL, APPLICATION_EVENT)
    named = (sa.select(table.c.sha256).where(table.c.sha256.is_not(None)) for table in held)
    hashes = db.scalars(sa.union(*named))
    yield from (f"{sha256} is missing or damaged" for sha256 in hashes if not store.intact(sha256))


def papers(db: sa.Connection) -> Broken:
    """Every paper is one that the document names; a file came from the society itself, by the message whose receipt it
    has, and counts only where it came in time."""
    joined = PAPER.join(ENTRY, ENTRY.c.id == PAPER.c.entry_id).join(ROUND, ROUND.c.id == ENTRY.c.round_id)
    about = (ENTRY.c.society_id, ENTRY.c.extended_to, ROUND.c.closes_at, ROUND.c.grace_minutes, ROUND.c.rubric_sha256)
    chosen = sa.select(PAPER, *about, PERSON.c.society_id.label("of"))
    for row in db.execute(chosen.select_from(joined.outerjoin(PERSON, PERSON.c.id == PAPER.c.person_id))):
        if row.deliverable not in {one.id for one in pinned(db, row.rubric_sha256).deliverables}:
            yield f"paper {row.id} is a {row.deliverable} that nobody owes"
        if row.sha256 is None:
            continue
        if row.withdrawn or row.of != row.society_id:
            yield f"paper {row.id} is not of the society that it counts for"
        if row.receipt != receipt(row.inbound_id):
            yield f"paper {row.id} has the receipt of another: {row.receipt}"
        if not row.late and rounds.over(row, row, row.at):
            yield f"paper {row.id} counts after the deadline"


def proposals(db: sa.Connection) -> Broken:
    """What was read out of a society's own table counts only by the message in which one of its people confirmed it."""
    of = PERSON.join(INBOUND, INBOUND.c.person_id == PERSON.c.id)
    joined = PROPOSAL.join(ENTRY, ENTRY.c.id == PROPOSAL.c.entry_id).join(of, INBOUND.c.id == PROPOSAL.c.settled_by)
    about = (PROPOSAL.c.id, PROPOSAL.c.doubt, PROPOSAL.c.value, PERSON.c.society_id, ENTRY.c.society_id.label("of"))
    for row in db.execute(sa.select(*about).select_from(joined)):
        if row.society_id != row.of:
            yield f"proposal {row.id} was confirmed by another society"
        elif not row.value or row.doubt in ("none", "above", "step", "unread", "reason", "long"):
            yield f"proposal {row.id} was confirmed though it can be no answer: {row.doubt}"


def applications(db: sa.Connection) -> Broken:
    """Every application is where its events have led it, no project has more places than its quota, and nothing counts
    as applied for in time that was not."""
    counted = sa.select(APPLICATION_EVENT.c.entry_id, APPLICATION_EVENT.c.project, sa.func.count().label("events"))
    grouped = counted.group_by(APPLICATION_EVENT.c.entry_id, APPLICATION_EVENT.c.project)
    events = {(row.entry_id, row.project): row.events for row in db.execute(grouped)}
    about = (ENTRY.c.round_id, ENTRY.c.extended_to, ROUND.c.closes_at, ROUND.c.grace_minutes, ROUND.c.rubric_sha256)
    joined = APPLICATION.join(ENTRY, ENTRY.c.id == APPLICATION.c.entry_id).join(ROUND, ROUND.c.id == ENTRY.c.round_id)
    places: Counter[tuple[int, str]] = Counter()
    quota: dict[tuple[int, str], int] = {}
    for row in db.execute(sa.select(APPLICATION, *about).select_from(joined)):
        if events.get((row.entry_id, row.project)) != row.version:
            yield f"entry {row.entry_id} {row.project}: version {row.version} but {events.get((row.entry_id, row.project))}"
        if not row.late and rounds.over(row, row, row.applied_at):
            yield f"entry {row.entry_id} {row.project} was applied for after the deadline"
        if row.state == "applied" and row.standing != "none":
            for section in quotas(project(pinned(db, row.rubric_sha256), row.project), row.place):
                places[row.round_id, section.id] += 1
                quota[row.round_id, section.id] = section.quota or 0
    for (round, place), taken in places.items():
        if taken > quota[round, place]:
            yield f"round {round} {place}: {taken} places of {quota[round, place]}"


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
    "tenants": tenants,
    "papers": papers,
    "proposals": proposals,
    "applications": applications,
    "reviews": reviewed.folded,
    "reviewed": reviewed.totals,
    "sent back": reviewed.sent_back,
}
