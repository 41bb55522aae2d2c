"""Rounds: which one a society answers, whether it is still open at this moment, and the latch that closes it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from rubrics.model import Rubric
from rubrics.reading import read
from storage import queries
from storage.queries import ENTRY, ROUND, RUBRIC_TEXT, SOCIETY, Row

USUAL_REMINDERS = ("30d", "14d", "7d", "3d", "1d", "4h")


@dataclass(frozen=True)
class Season:
    """A round as a turn sees it."""

    id: int
    title: str
    rubric: Rubric
    closes_at: datetime  # this society's own deadline, exclusive: this very instant is late
    timezone: str
    late: bool
    year: int  # the year that is evaluated


def season(db: sa.Connection, row: Row | Any, now: datetime, entry: Row | Any | None = None) -> Season:
    """The round at `now`, for the society of this entry; the first look after the deadline latches it, so that a
    backward clock can't reopen it."""
    closes_at = deadline(row, entry)
    late = closed(row, entry) or now >= closes_at + timedelta(minutes=row.grace_minutes)
    if late and entry is not None and entry.extended_to is not None and entry.closed_at is None:
        latch_entry(db, entry.id, closes_at)
    elif late and row.closed_at is None and (entry is None or entry.extended_to is None):
        latch(db, row.id, closes_at)
    rubric = pinned(db, row.rubric_sha256)
    return Season(row.id, row.title, rubric, closes_at, row.timezone, late, evaluated_year(rubric, row.closes_at))


def deadline(row: Row | Any, entry: Row | Any | None) -> datetime:
    """The one effective deadline of a society (R6): its own where it has been given more time."""
    if entry is not None and entry.extended_to is not None:
        return cast("datetime", entry.extended_to)
    return cast("datetime", row.closes_at)


def closed(row: Row | Any, entry: Row | Any | None) -> bool:
    """Whether the latch has fallen. A round that the office closed early is closed for everybody."""
    if row.closed_at is not None and row.closed_at < row.closes_at:
        return True
    if entry is not None and entry.extended_to is not None:
        return entry.closed_at is not None
    return row.closed_at is not None


def latch_entry(db: sa.Connection, entry: int, at: datetime) -> bool:
    """Close the time that one society was given besides; True for the one who did it."""
    closing = sa.update(ENTRY).where(ENTRY.c.id == entry, ENTRY.c.closed_at.is_(None)).values(closed_at=at)
    return bool(db.execute(closing).rowcount)


def latch(db: sa.Connection, round: int, at: datetime, *, person: int | None = None) -> bool:
    """Close the round once; True for the one who did it."""
    closing = sa.update(ROUND).where(ROUND.c.id == round, ROUND.c.closed_at.is_(None)).values(closed_at=at)
    closed = bool(db.execute(closing.returning(ROUND.c.id)).all())
    if closed:
        queries.note_act(db, at, "round_closed", person=person, round=round)
    return closed


def pinned(db: sa.Connection, sha256: str) -> Rubric:
    """The rubric that a round was opened with."""
    rubric = _read.get(sha256)
    if rubric is None:
        row = queries.rubric_text(db, sha256)
        rubric = _read[sha256] = read(row.source, row.name)
    return rubric


_read: dict[str, Rubric] = {}


def open_round(
    db: sa.Connection, source: str, name: str, *, title: str | None, closes_at: datetime, zone: str, now: datetime
) -> int:
    """Open a round on a rubric's text, which is kept with it. Raises Faulty where the text has faults."""
    rubric = read(source, name)
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    known = db.execute(sa.select(RUBRIC_TEXT.c.sha256).where(RUBRIC_TEXT.c.sha256 == sha256)).all()
    if not known:
        db.execute(sa.insert(RUBRIC_TEXT).values(sha256=sha256, name=name, source=source))
    values = {
        "rubric": rubric.id,
        "rubric_sha256": sha256,
        "title": title or dated(rubric.title or rubric.id, rubric, evaluated_year(rubric, closes_at)),
        "opens_at": now,
        "closes_at": closes_at,
        "timezone": zone,
        "reminders": list(USUAL_REMINDERS),
        "created_at": now,
    }
    id = int(db.execute(sa.insert(ROUND).values(**values).returning(ROUND.c.id)).scalar_one())
    queries.note_act(db, now, "round_opened", round=id, title=values["title"])
    return id


def reopen(db: sa.Connection, round: int, closes_at: datetime, now: datetime) -> None:
    """A person's decision; the new deadline lies ahead. Whoever has no deadline of her own is reminded of it anew."""
    db.execute(sa.update(ROUND).where(ROUND.c.id == round).values(closed_at=None, closes_at=closes_at))
    for society in list(db.scalars(sa.select(SOCIETY.c.id))):
        queries.entry_of(db, round, society)  # an entry has the plan's version
    by_the_round = sa.update(ENTRY).where(ENTRY.c.round_id == round, ENTRY.c.extended_to.is_(None))
    db.execute(by_the_round.values(plan_version=ENTRY.c.plan_version + 1))
    queries.note_act(db, now, "round_reopened", round=round, closes_at=closes_at.isoformat())


def usual_closing(rubric: Rubric, now: datetime, zone: str) -> datetime | None:
    """The printed month, day and minute, at its next coming; None where the document prints no certain day."""
    printed = next((stage.closes_at for stage in rubric.stages if stage.closes_at), None)
    if printed is None:
        return None
    local = printed.astimezone(ZoneInfo(zone))
    today = now.astimezone(ZoneInfo(zone))
    coming = local.replace(year=today.year)
    return coming if coming > today else coming.replace(year=today.year + 1)


def evaluated_year(rubric: Rubric, closes_at: datetime) -> int:
    """The document closes the year 2020 in January 2021: the same distance holds for later rounds."""
    printed = next((stage.closes_at for stage in rubric.stages if stage.closes_at), None)
    if printed is None or rubric.year is None:
        return closes_at.year
    return closes_at.year - (printed.year - rubric.year)


def dated(title: str, rubric: Rubric, year: int) -> str:
    """A title with the evaluated year in place of the printed one."""
    return title.replace(str(rubric.year), str(year)) if rubric.year else title
