"""The whole round as data, in the shape of contract.md; one snapshot, exact decimals as strings."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from handlers import rounds
from handlers.papers.papers import of_round
from handlers.reports.awards import applied, awards
from handlers.reports.entries import whole_entry
from handlers.reports.gathered import in_batches
from handlers.reports.lists import listed
from handlers.reports.notes import noted
from handlers.reports.papers import deliverables
from handlers.reports.said import announcements, reminders
from handlers.reports.writing import Written
from handlers.rounds import pinned
from handlers.societies.roster import former_names
from handlers.standards import awarding
from storage.relations import CONTACT, CONVERSATION, ENTRY, PERSON, SOCIETY, Row


def export(db: sa.Connection, round: Row, *, society: int | None = None) -> dict[str, Any]:
    """Everything known of a round, or of one society in it; figures that the document does not print are null."""
    rubric = pinned(db, round.rubric_sha256)
    write = Written(round, rubric)
    due = {one.id: matrix for one, matrix in of_round(db, round)}
    people = {row.id: row.name for row in db.execute(sa.select(PERSON.c.id, PERSON.c.name))}
    chosen = sa.select(SOCIETY).order_by(SOCIETY.c.id)
    societies = db.execute(chosen.where(SOCIETY.c.id == society) if society else chosen).all()
    entries = {row.society_id: row for row in db.execute(sa.select(ENTRY).where(ENTRY.c.round_id == round.id))}
    former = former_names(db)
    return {
        "round": {
            "id": str(round.id),
            "rubric": round.rubric,
            "title": round.title,
            "opens_at": write.moment(round.opens_at),
            "closes_at": write.moment(round.closes_at),
            "timezone": round.timezone,
            "rubric_sha256": round.rubric_sha256,
            "closed_at": write.moment(round.closed_at),
        },
        "entries": [
            whole_entry(gathered, write, one, entries.get(one.id), people)
            | deliverables(write, due[one.id], people)
            | noted(db, write, entries.get(one.id), people)
            | applied(db, write, one, entries.get(one.id), people)
            | {"former_names": former.get(one.id, [])}
            for one, gathered in in_batches(db, societies, entries)
            if one.id in entries or not round.voluntary
        ],
        "people": _people(db, write, round.id, society),
        "announcements": announcements(db, write, round.id),
        "reminders": reminders(db, write, round.id),
        "awards": awards(db, write) if rubric.kind == "projects" else awarding.exported(db, round),
        **listed(db, write),
    }


def _people(db: sa.Connection, write: Written, round: int, society: int | None) -> list[dict[str, Any]]:
    """Everybody who is bound, and which question is open to her."""
    channels: dict[int, list[str]] = defaultdict(list)
    live = sa.select(CONTACT.c.person_id, CONTACT.c.channel).where(CONTACT.c.ended_at.is_(None)).distinct()
    for row in db.execute(live.order_by(CONTACT.c.channel)):
        channels[row.person_id].append(row.channel)
    chosen = (
        sa.select(
            *(PERSON, SOCIETY.c.name.label("society"), CONVERSATION),
            *(ENTRY.c.round_id.label("at_round"), ENTRY.c.status, ENTRY.c.supplementing, ENTRY.c.own_rubric),
            SOCIETY.c.kind,
        )
        .select_from(
            PERSON.outerjoin(SOCIETY).outerjoin(CONVERSATION).outerjoin(ENTRY, ENTRY.c.id == CONVERSATION.c.entry_id)
        )
        .order_by(PERSON.c.id)
    )
    if society:
        chosen = chosen.where(PERSON.c.society_id == society)
    return [
        {
            "name": row.name,
            "role": row.role,
            "revoked": row.revoked_at is not None,
            "society": row.society,
            "channels": channels[row.id],
            "asking": _asking(db, write, row) if row.at_round == round and row.role == "secretary" else None,
        }
        for row in db.execute(chosen)
    ]


def _asking(db: sa.Connection, write: Written, row: Row) -> dict[str, Any] | None:
    rubric = pinned(db, rounds.version(write.round, row), row.kind)
    if row.item not in {item.id for item in rubric.items} or (row.status == "submitted" and not row.supplementing):
        return None
    found = next((one for one in rubric.items if one.id == row.item), None)  # a requirement of projects has no position
    return {"position": found.position, "field": row.field} if found else None
