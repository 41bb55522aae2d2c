"""Reminders: who is due which, as a pure plan, and their words as they are true at the moment of sending."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from handlers.answers.lasthours import LAST_HOURS
from handlers.messages import Reply
from handlers.notices import reports_due
from handlers.notices.quiet import next_allowed
from handlers.papers import papers
from handlers.phrasebook import phrasebook
from handlers.rounds import OwnTime, closed, deadline, pinned
from rubrics.answers import Answer
from rubrics.missing import Gap
from rubrics.scoring import Standing, standing
from storage import queries
from storage.relations import ENTRY, PERSON, REMINDER, ROUND, SOCIETY, Row

STAGE = re.compile(r"(\d{1,3})([dh])")
UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}
FIRST_GAPS = 3


@dataclass(frozen=True)
class Stage:
    """One step of a plan: so long before the deadline."""

    name: str  # 7d, 4h
    before: timedelta


@dataclass(frozen=True)
class Due:
    stage: Stage
    at: datetime


def stages(plan: Sequence[str]) -> list[Stage]:
    """The plan's stages, the earliest first. Raises ValueError for one that is none."""
    found: list[Stage] = []
    for name in plan:
        match = STAGE.fullmatch(name)
        if match is None or not int(match[1]):
            raise ValueError(name)
        found.append(Stage(name, UNITS[match[2]] * int(match[1])))
    return sorted(found, key=lambda stage: stage.before, reverse=True)


def calendar(plan: Sequence[str], deadline: datetime, zone: str) -> list[Due]:
    """When each stage is due: by day, on working days, moved later where it must be but never to where it is of no
    use: past the deadline, or to where the next stage speaks anyway."""
    made: list[Due] = []
    for stage in reversed(stages(plan)):
        at = next_allowed(deadline - stage.before, zone)
        if at < (made[0].at if made else deadline):
            made.insert(0, Due(stage, at))
    return made


def newest(due: Sequence[Due], now: datetime, since: datetime) -> Due | None:
    """The stage to speak of now: after a silence over several only the newest; none from before `since`."""
    come = [one for one in due if since < one.at <= now]
    return come[-1] if come else None


def words(db: sa.Connection, cause: str, now: datetime) -> Reply | datetime | str:
    """What a queued reminder says if it is sent at this moment; or when it may be; or why it is of no use any more."""
    row = db.execute(_ABOUT, {"id": int(cause.removeprefix("reminder:"))}).one()
    found = reports_due.still(db, row, now) if reports_due.OF_STAGE in row.stage else _still(row, now)
    if isinstance(found, str):
        return found
    closes = found if isinstance(found, datetime) else found.closes
    if row.unreminded or row.revoked_at is not None:
        return "not wanted"
    at = max(next_allowed(now, row.timezone), row.quiet_until or now)
    if at > now:
        return at if at < closes else "too late"
    if not isinstance(found, datetime):
        return reports_due.said(row, found, now)
    rubric = pinned(db, row.rubric_sha256, row.kind)
    owing = papers.owing(papers.of_entry(db, rubric, row.kind, row.entry_id))
    if not rubric.items:
        said = {"name": row.name, "title": row.title, "closes": closes, "zone": row.timezone, "left": closes - now}
        name = "reminder_projects" if rubric.kind == "projects" else "reminder_papers"
        return phrasebook().reply(name, {**said, "owing": owing})
    answers = {
        one.item: Answer(one.state, one.self_score, one.evidence, one.facts, None, one.met)
        for one in (queries.answers(db, row.entry_id) if row.entry_id else ())
    }
    totals = standing(rubric, answers)
    worth = about(totals, closes - now, closes, row.timezone, name=row.name, title=row.title, round=row.id)
    return phrasebook().reply("reminder", {**worth, "owing": owing})


def _still(row: Row, now: datetime) -> datetime | str:
    """The deadline that a queued reminder is about; or why it is of no use any more."""
    entry = OwnTime(row.extended_to, row.entry_closed_at) if row.plan is not None else None
    closes = deadline(row, entry)
    if row.status in ("submitted", "returned"):
        return "done"
    if closes is None or now >= closes or closed(row, entry):
        return "after the deadline"
    return closes if row.plan_version == (row.plan or 1) else "the plan has changed"


_ABOUT = (
    sa.select(
        REMINDER.c.plan_version,
        REMINDER.c.stage,
        ROUND,
        ENTRY.c.id.label("entry_id"),
        ENTRY.c.status,
        ENTRY.c.extended_to,
        ENTRY.c.closed_at.label("entry_closed_at"),  # ROUND has a latch of the same name
        ENTRY.c.plan_version.label("plan"),
        PERSON.c.name,
        PERSON.c.unreminded,
        PERSON.c.revoked_at,
        PERSON.c.quiet_until,
        SOCIETY.c.kind,
    )
    .select_from(
        REMINDER.join(ROUND, ROUND.c.id == REMINDER.c.round_id)
        .join(PERSON, PERSON.c.id == REMINDER.c.person_id)
        .join(SOCIETY, SOCIETY.c.id == REMINDER.c.society_id)
        .outerjoin(ENTRY, sa.and_(ENTRY.c.round_id == ROUND.c.id, ENTRY.c.society_id == REMINDER.c.society_id))
    )
    .where(REMINDER.c.id == sa.bindparam("id"))
)


def about(
    totals: Standing, left: timedelta, closes: datetime, zone: str, *, name: str, title: str, round: int
) -> dict[str, Any]:
    """What a reminder says: how much is left, and the gaps that are worth most."""
    worth: list[Gap] = [gap for gap in totals.gaps if gap.points or totals.maximum is None][:FIRST_GAPS]
    return {
        "name": name,
        "title": title,
        "round": round,
        "closes": closes,
        "zone": zone,
        "left": left,
        "near": left <= LAST_HOURS,
        "standing": totals,
        "gaps": worth,
        "more": sum((gap.points or 0 for gap in totals.gaps), 0),
    }
