"""The second stage of projects: whoever was recognised and owes the report for the acceptance, until when, and in which words."""

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.projects import applications
from handlers.projects.applications import later_stage, live
from handlers.rounds import pinned
from storage.relations import APPLICATION, APPLICATION_EVENT, ENTRY, ROUND, Row

OF_STAGE = ":"  # acceptance:7d is a week before the end of that stage; 7d alone, before the round's deadline
RECOGNISED = "decided"


class Owed(NamedTuple):
    """What an entry still owes at the end of the second stage."""

    stage: str
    closes: datetime
    projects: tuple[str, ...]
    since: datetime  # when the last of them was recognised

    @property
    def version(self) -> int:
        """A day that was moved is a plan of its own: who was reminded of the old one is reminded of the new one."""
        return self.closes.date().toordinal()


def rounds(db: sa.Connection) -> list[Row]:
    """Rounds in which somebody was recognised."""
    joined = APPLICATION.join(ENTRY, ENTRY.c.id == APPLICATION.c.entry_id)
    chosen = sa.select(ENTRY.c.round_id).select_from(joined).where(APPLICATION.c.standing == RECOGNISED)
    return list(db.execute(sa.select(ROUND).where(ROUND.c.id.in_(chosen))))


def entries(db: sa.Connection, round: int) -> list[int]:
    """The entries of a round with a recognised project."""
    joined = APPLICATION.join(ENTRY, ENTRY.c.id == APPLICATION.c.entry_id)
    chosen = sa.select(ENTRY.c.id).select_from(joined).distinct()
    return list(db.scalars(chosen.where(ENTRY.c.round_id == round, APPLICATION.c.standing == RECOGNISED)))


def ends(db: sa.Connection, round: Row | Any) -> tuple[str, datetime] | None:
    """The second stage and its end; None where there is none, or no certain day."""
    stage = later_stage(round, pinned(db, round.rubric_sha256))
    if stage is None or stage.closes_at is None or stage.status == "contradictory":
        return None
    return stage.id, stage.closes_at


def owed(db: sa.Connection, round: Row | Any, entry: int) -> Owed | None:
    """The recognised projects without a report and without a finding of the experts; None where there is none, or no
    certain day to be reminded of."""
    end = ends(db, round)
    if end is None:
        return None
    without = tuple(
        one.section.title
        for one, row in live(db, pinned(db, round.rubric_sha256), entry)
        if row.standing == RECOGNISED and row.passed is None and not applications.reports(db, entry, one.id)
    )
    placed = (APPLICATION_EVENT.c.entry_id == entry, APPLICATION_EVENT.c.kind == "standing")
    since = db.scalar(sa.select(sa.func.max(APPLICATION_EVENT.c.at)).where(*placed))
    return Owed(*end, without, since) if without and since else None


def still(db: sa.Connection, row: Row, now: datetime) -> Owed | str:
    """What a queued reminder of the second stage is about now; or why it is of no use any more."""
    found = owed(db, row, row.entry_id) if row.entry_id is not None else None
    if found is None:
        return "done"
    if row.plan_version != found.version:
        return "the plan has changed"
    return found if now < found.closes else "after the deadline"


def said(row: Row, found: Owed, now: datetime) -> Reply:
    about = {"name": row.name, "title": row.title, "round": row.id, "zone": row.timezone}
    left = found.closes - now
    return phrasebook().reply(
        "reminder_report", {**about, "closes": found.closes, "left": left, "owed": found.projects}
    )
