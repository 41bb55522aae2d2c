"""Seats of a project that stay empty: quotas are a maximum, and a reason may be put on record (Q-YZ23)."""

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.projects.applications import named
from handlers.projects.bench import Bench, no_project
from rubrics.projects import projects
from storage.relations import ACT


def empty(bench: Bench, what: str, reason: str) -> list[Reply]:
    """«空缺 项目 原因»: quotas are a maximum, seats may stay empty (Q-YZ23)."""
    found = named(bench.rubric, [what])
    if len(found.projects) != 1:
        return no_project(found, what)
    bench.note("seats_left_empty", project=found.projects[0].id, reason=reason)
    about = {"project": found.projects[0], "placed": len(bench.placed_in(found.projects[0].section))}
    return [phrasebook().reply("staff_empty_noted", {**about, "reason": reason, "receipt": bench.office.receipt})]


def empty_seats(db: sa.Connection, round: int) -> dict[str, str]:
    """Why seats of a project stay empty, as it was said last."""
    noted = sa.select(ACT.c.details).where(ACT.c.round_id == round, ACT.c.act == "seats_left_empty")
    return {row["project"]: row["reason"] for row in db.scalars(noted.order_by(ACT.c.id))}


def unfilled(bench: Bench) -> list[str]:
    """Projects with seats left and no word why."""
    reasons, found = empty_seats(bench.office.db, bench.office.round.id), []
    for one in projects(bench.rubric):
        placed = len(bench.placed_in(one.section))
        if one.section.quota is not None and placed < one.section.quota and one.id not in reasons:
            found.append(f"{one.section.title} {placed}/{one.section.quota}")
    return found
