"""Rounds: which one a society answers, whether it is still open at this moment, and the latch that closes it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers import stages
from handlers.phrasebook import phrasebook
from rubrics.model import Rubric
from rubrics.reading import read
from rubrics.units import fitted
from storage import arrivals, queries, seats
from storage.relations import ENTRY, ROUND, RUBRIC_TEXT, SOCIETY, Row

# Nobody is reminded of what nobody asked her to do (domain.md Q-WZ30).
VOLUNTARY = ("standard", "projects", "list", "work_plan")
WHOLE = "*"  # no id of a kind
USUAL_REMINDERS = ("30d", "14d", "7d", "3d", "1d", "4h")

MIDSUMMER = 6  # a month
ARRIVALS_TAKE = timedelta(hours=1)  # so long the latch waits for what a platform has not handed out yet


@dataclass(frozen=True)
class Season:
    """A round as a turn sees it."""

    id: int
    title: str
    rubric: Rubric
    closes_at: datetime | None  # this society's own deadline, exclusive: this very instant is late; None: not known
    timezone: str
    late: bool
    year: int  # the year that is evaluated
    rubric_sha256: str
    stages: Sequence[Mapping[str, Any]] = ()  # its calendar, as it is stored


class OwnTime(NamedTuple):
    """A society's own deadline and its latch, as its entry has them."""

    extended_to: datetime | None
    closed_at: datetime | None


def season(
    db: sa.Connection, row: Row | Any, now: datetime, entry: Row | Any | None = None, *, kind: str | None = None
) -> Season:
    """The round at `now`, for the society of this entry and this kind of unit; the first look after the deadline
    latches it, so that a backward clock can't reopen it."""
    closes_at = deadline(row, entry)
    passed = over(row, entry, now)
    if passed and entry is not None and entry.extended_to is not None:
        if entry.closed_at is None and entry.society_id not in awaited(db, row, entry, now):
            latch_entry(db, entry.id, entry.extended_to)
    elif passed and row.closed_at is None and not awaited(db, row, None, now):
        latch(db, row.id, row.closes_at)
    rubric = pinned(db, version(row, entry), kind)
    year = evaluated_year(rubric, row.closes_at or row.opens_at)
    late = passed or closed(row, entry)
    return Season(row.id, row.title, rubric, closes_at, row.timezone, late, year, version(row, entry), row.stages)


def deadline(row: Row | Any, entry: Row | Any | None) -> datetime | None:
    """The one effective deadline of a society (R6): its own where it has been given more time; None while the round's
    is not known."""
    if entry is not None and entry.extended_to is not None:
        return cast("datetime", entry.extended_to)
    return cast("datetime | None", row.closes_at)


def over(row: Row | Any, entry: Row | Any | None, now: datetime) -> bool:
    """Whether a society's time has run out, with the minutes that nobody is told of."""
    closes_at = deadline(row, entry)
    return closes_at is not None and now >= closes_at + timedelta(minutes=row.grace_minutes)


def closed(row: Row | Any, entry: Row | Any | None) -> bool:
    """Whether the latch has fallen. A round that the office closed early is closed for everybody."""
    if row.closed_at is not None and (row.closes_at is None or row.closed_at < row.closes_at):
        return True
    if entry is not None and entry.extended_to is not None:
        return entry.closed_at is not None
    return row.closed_at is not None


def awaited(db: sa.Connection, row: Row | Any, entry: Row | Any | None, now: datetime) -> set[int]:
    """The societies of whom something came before this deadline and could not be taken yet: it is in time, so nothing is
    closed to them before it has been taken."""
    ends = deadline(row, entry)
    if ends is None or now >= ends + ARRIVALS_TAKE:
        return set()
    return arrivals.societies_before(db, ends + timedelta(minutes=row.grace_minutes))


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


def version(row: Row | Any, entry: Row | Any | None) -> str:
    """The sha256 of the rubric that an entry answers: the round's, but what was handed in before that was changed stays
    with the one it was answered by."""
    own = None if entry is None else entry.own_rubric
    return cast("str", own or row.rubric_sha256)


def pinned(db: sa.Connection, sha256: str, kind: str | None = WHOLE) -> Rubric:
    """The rubric that a round was opened with: the whole document, or as this kind of unit is asked it; None is the
    document's first kind."""
    rubric = _read.get((sha256, kind))
    if rubric is None and kind == WHOLE:
        row = queries.rubric_text(db, sha256)
        rubric = _read[sha256, kind] = read(row.source, row.name)
    elif rubric is None:
        rubric = _read[sha256, kind] = fitted(pinned(db, sha256), kind)
    return rubric


def answered(db: sa.Connection, round: Row | Any, entry: Row | Any) -> Rubric:
    """The rubric that an entry is read by: of the version it answers, as that kind of unit is asked it."""
    kind = db.scalar(sa.select(SOCIETY.c.kind).where(SOCIETY.c.id == entry.society_id))
    return pinned(db, version(round, entry), kind)


_read: dict[tuple[str, str | None], Rubric] = {}


def open_round(
    db: sa.Connection,
    source: str,
    name: str,
    *,
    title: str | None,
    closes_at: datetime | None,
    zone: str,
    now: datetime,
    given: Mapping[str, str] | None = None,
    by: int | None = None,
    voluntary: bool | None = None,
) -> int:
    """Open a round on a rubric's text, which is kept with it; its calendar is the document's, but for the dates given.
    Without `closes_at` the deadline is the end of the stage that papers are due in, or not known where that is not
    certain. Societies join by choice or are all expected, by its kind unless `voluntary` says which. Raises Faulty where
    the text has faults, and BadStage."""
    rubric = read(source, name)
    calendar = stages.coming(rubric, now, zone, given)
    if closes_at is not None and calendar:
        due, local = stages.driving(calendar, rubric), closes_at.astimezone(ZoneInfo(zone))
        calendar = stages.settled(calendar, due, f"{local:%Y-%m-%dT%H:%M}", now, zone)
    closes_at = closes_at or stages.deadline(calendar, rubric)
    year = evaluated_year(rubric, closes_at or stages.about(calendar, rubric) or now)
    sha256 = pin(db, source, name)
    values = {
        "rubric": rubric.id,
        "rubric_sha256": sha256,
        "title": title or titled(rubric, year),
        "opens_at": now,
        "closes_at": closes_at,
        "timezone": zone,
        "reminders": list(USUAL_REMINDERS),
        "stages": stages.kept(calendar),
        "voluntary": rubric.kind in VOLUNTARY if voluntary is None else voluntary,
        "created_at": now,
    }
    id = int(db.execute(sa.insert(ROUND).values(**values).returning(ROUND.c.id)).scalar_one())
    queries.note_act(db, now, "round_opened", person=by, round=id, title=values["title"])
    return id


def titled(rubric: Rubric, year: int) -> str:
    """What a round of that year is called; a document without a title (Q-HZ12) by its region and kind, or by its number
    where nothing is known of it."""
    if rubric.title:
        return dated(rubric.title, rubric, year)
    if not rubric.region:
        return dated(rubric.id, rubric, year)
    return phrasebook().text("round_untitled", {"region": rubric.region, "kind": rubric.kind, "year": year})


def pin(db: sa.Connection, source: str, name: str) -> str:
    """Keep a rubric's text; its sha256."""
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    known = db.execute(sa.select(RUBRIC_TEXT.c.sha256).where(RUBRIC_TEXT.c.sha256 == sha256)).all()
    if not known:
        db.execute(sa.insert(RUBRIC_TEXT).values(sha256=sha256, name=name, source=source))
    return sha256


def settle_stage(
    db: sa.Connection, row: Row, stage: str, said: str, now: datetime, *, by: int | None
) -> datetime | None:
    """The office says when a stage ends: 2027-01-15T17:30, 2027-04-20, 2027-06 or tba; the deadline that follows.
    Raises BadStage, also where the round's deadline stands already: that is moved by reopening or extending."""
    row = db.execute(sa.select(ROUND).where(ROUND.c.id == row.id).with_for_update(key_share=True)).one()
    rubric = pinned(db, row.rubric_sha256)
    calendar = stages.settled(stages.stored(row.stages), stage, said, now, row.timezone)
    closes_at = stages.deadline(calendar, rubric)
    if row.closes_at is not None and closes_at != row.closes_at:
        raise stages.BadStage("stage_decided", said)
    values = {"stages": stages.kept(calendar), "closes_at": closes_at}
    db.execute(sa.update(ROUND).where(ROUND.c.id == row.id).values(**values))
    queries.note_act(db, now, "stage_settled", person=by, round=row.id, stage=stage, date=said)
    return closes_at


def reopen(
    db: sa.Connection,
    round: int,
    closes_at: datetime,
    now: datetime,
    *,
    by: int | None = None,
    moved_by: int | None = None,
) -> None:
    """People's decision, in the chat of two of them; the new deadline lies ahead. Whoever has no deadline of her own is
    reminded of it anew."""
    db.execute(sa.update(ROUND).where(ROUND.c.id == round).values(closed_at=None, closes_at=closes_at))
    if not queries.round_of(db, round).voluntary:
        for society in list(db.scalars(sa.select(SOCIETY.c.id))):
            seats.entry_of(db, round, society)  # an entry has the plan's version
    by_the_round = sa.update(ENTRY).where(ENTRY.c.round_id == round, ENTRY.c.extended_to.is_(None))
    db.execute(by_the_round.values(plan_version=ENTRY.c.plan_version + 1))
    about: dict[str, Any] = {"closes_at": closes_at.isoformat(), "moved_by": moved_by}
    queries.note_act(db, now, "round_reopened", person=by, round=round, **about)


def evaluated_year(rubric: Rubric, at: datetime) -> int:
    """The document closes the year 2020 in January 2021: the same distance holds for later rounds. Where no deadline is
    printed, a table for 2027 is closed in 2027 or in the year after."""
    printed = next((stage.closes_at for stage in rubric.stages if stage.closes_at), None)
    if rubric.year is None or printed is None:
        return rubric.year if rubric.year in {at.year, at.year - 1} else at.year
    later = printed.year - rubric.year
    early = at.month > MIDSUMMER >= printed.month  # closed before its year is over: that very year is evaluated
    return at.year - (later - early if later else 0)


def dated(title: str, rubric: Rubric, year: int) -> str:
    """A title with the evaluated year in place of the printed one."""
    return title.replace(str(rubric.year), str(year)) if rubric.year else title
