"""The projects of a round in the export: quotas and who has their places, and each society's applications."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from handlers.projects import applications
from handlers.projects.seats import empty_seats
from handlers.reports.writing import Written
from rubrics.projects import open_to, projects
from storage import queries
from storage.relations import APPLICATION, APPLICATION_EVENT, ENTRY, PAPER, SOCIETY, Row


def awards(db: sa.Connection, write: Written) -> list[dict[str, Any]]:
    """Every project with its number of places; `tied` is empty, for nothing here is ranked."""
    joined = APPLICATION.join(ENTRY, ENTRY.c.id == APPLICATION.c.entry_id).join(SOCIETY)
    chosen = sa.select(APPLICATION, SOCIETY.c.name.label("society")).select_from(joined).order_by(SOCIETY.c.id)
    rows = db.execute(chosen.where(ENTRY.c.round_id == write.round.id, APPLICATION.c.state == "applied")).all()
    reasons = empty_seats(db, write.round.id)
    made: list[dict[str, Any]] = []
    for one in projects(write.rubric) if write.rubric.kind == "projects" else ():
        mine = [row for row in rows if row.project == one.id]
        named = {
            standing: [row.society for row in mine if row.standing == standing] for standing in applications.PLACED
        }
        made.append(
            {
                "name": one.section.title,
                "quota": one.section.quota,
                "proposed": named["proposed"],
                "tied": [],
                "decided": named["decided"],
                "id": one.id,
                "published": named["published"],
                "applied": [row.society for row in mine],
                "empty_seats": reasons.get(one.id),
            }
        )
    return made


def applied(
    db: sa.Connection, write: Written, society: Row, entry: Row | None, people: Mapping[int, str]
) -> dict[str, Any]:
    """The key `applications` of an entry, for a round of projects only."""
    if write.rubric.kind != "projects" or entry is None:
        return {}
    facts = applications.facts_of(db, entry.id)
    known = {one.id: one for one in projects(write.rubric)}
    came = sa.select(PAPER).where(PAPER.c.entry_id == entry.id).order_by(PAPER.c.id)
    return {
        "applications": [
            {
                "project": row.project,
                "title": known[row.project].section.title,
                "state": row.state,
                "standing": row.standing,
                "place": row.place,
                "passed": row.passed,
                "late": row.late,
                "counts": row.counts,
                "applicant_named": open_to(write.rubric, known[row.project], society.kind),
                "requirements": [
                    {"id": one.id, "standing": standing, "facts": dict(facts.get(one.id, {}))}
                    for one, standing in applications.case(write.rubric, known[row.project], society.kind, facts).asked
                ],
                "events": [_event(write, one, people) for one in _events(db, entry.id, row.project)],
            }
            for row in applications.of_entry(db, entry.id)
        ],
        "papers": [
            {"id": one.deliverable, "name": one.name, "sha256": one.sha256, "late": one.late, "receipt": one.receipt}
            for one in db.execute(came)
        ],
        "requirement_evidence": [
            {"requirement": one.item, "kind": one.kind, "text": one.text, "name": one.name, "sha256": one.sha256}
            for one in queries.pieces(db, entry.id, [row.item for row in queries.answers(db, entry.id)])
        ],
    }


def _events(db: sa.Connection, entry: int, project: str) -> list[Row]:
    mine = (APPLICATION_EVENT.c.entry_id == entry, APPLICATION_EVENT.c.project == project)
    return list(db.execute(sa.select(APPLICATION_EVENT).where(*mine).order_by(APPLICATION_EVENT.c.version)))


def _event(write: Written, row: Row, people: Mapping[int, str]) -> dict[str, Any]:
    by = people.get(row.person_id)  # None: a command
    about = {"kind": row.kind, "old": row.old, "new": row.new, "at": write.moment(row.at), "by": by}
    said = {"text": row.text, "name": row.name, "sha256": row.sha256, "size": row.size}
    return {**about, **said, "late": row.late, "via": row.channel or None, "receipt": row.receipt}
