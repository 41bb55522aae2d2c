"""Invariants of what belongs to a society: its answers and files, papers, proposals and applications (design R10, R16)."""

from collections import Counter
from collections.abc import Iterator

import sqlalchemy as sa

from handlers import rounds
from handlers.receipts import receipt
from handlers.rounds import pinned
from rubrics.projects import project, quotas
from storage.files import FileStore
from storage.relations import (
    APPLICATION,
    APPLICATION_EVENT,
    ENTRY,
    EVIDENCE,
    HANDOUT,
    INBOUND,
    PAPER,
    PERSON,
    PROPOSAL,
    ROUND,
    SOCIETY,
)

Broken = Iterator[str]


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
    for sha256 in [one for one in hashes if not store.intact(one)]:
        whose = EVIDENCE.join(ENTRY, ENTRY.c.id == EVIDENCE.c.entry_id).join(
            SOCIETY, SOCIETY.c.id == ENTRY.c.society_id
        )
        pieces = sa.select(SOCIETY.c.name, EVIDENCE.c.item, EVIDENCE.c.name.label("file")).select_from(whose)
        told = [f"{row.name} {row.item} {row.file}" for row in db.execute(pieces.where(EVIDENCE.c.sha256 == sha256))]
        yield f"{sha256} is missing or damaged{': ' if told else ''}{', '.join(told)}"


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
