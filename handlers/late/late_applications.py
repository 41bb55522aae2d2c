"""What came late of a society's applications, and what the office's word makes of it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from handlers.projects.applications import PLACED, Trace, store
from storage.relations import APPLICATION, APPLICATION_EVENT, Row

ABOUT = ("applied", "withdrawn")


def came_late(db: sa.Connection, entry: int) -> list[Row]:
    """Every late application, and every late wish to withdraw one, oldest first."""
    late = (APPLICATION_EVENT.c.entry_id == entry, APPLICATION_EVENT.c.late, APPLICATION_EVENT.c.kind.in_(ABOUT))
    return list(db.execute(sa.select(APPLICATION_EVENT).where(*late).order_by(APPLICATION_EVENT.c.id)))


def placed(db: sa.Connection, entry: int, came: Sequence[Row], *, counts: bool) -> str | None:
    """A project whose place is published or recognised by now, which this word would take away behind its back."""
    for project, last in _last(came).items():
        row = _row(db, entry, project)
        frees = last.kind == "withdrawn" if counts else row.late
        if frees and row.standing in PLACED[1:]:
            return project
    return None


def rule(
    db: sa.Connection, entry: int, came: Sequence[Row], now: datetime, *, counts: bool, by: int | None, receipt: str
) -> None:
    """Counted, a late application is taken and a late withdrawal carried out; else what was in time stands."""
    for project, last in _last(came).items():
        row = _row(db, entry, project)
        fold: dict[str, object] = {"counts": counts if row.late else None}
        if last.kind == "withdrawn":
            fold["state"] = "withdrawn" if counts else "applied"
        if (last.kind == "withdrawn" and counts) or (row.late and not counts):
            fold |= {"standing": "none", "place": None}
        store(db, entry, project, "ruled", Trace(now, by, receipt), fold=fold)


def _last(came: Sequence[Row]) -> dict[str, Row]:
    """What was said last of each project."""
    return {row.project: row for row in came}


def _row(db: sa.Connection, entry: int, project: str) -> Row:
    here = (APPLICATION.c.entry_id == entry, APPLICATION.c.project == project)
    return db.execute(sa.select(APPLICATION).where(*here).with_for_update()).one()
