"""What the reminders of a round will do as things stand, and what became of those that were made."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import READ_BY_THEMSELVES
from handlers.notices import reports_due
from handlers.notices.reminding import calendar
from handlers.rounds import closed, deadline
from storage.overviews import HANDED_IN
from storage.relations import CONTACT, ENTRY, OUTBOX, PERSON, REMINDER, SOCIETY, Row

FATES = ("sent", "page", "pending", "held", "uncertain", "failed", "unreachable", "skipped")
# What the outbox calls it → what a plan says.
SAID_AS = {"on_wire": "pending", "cancelled": "skipped", "expired": "skipped"}


@dataclass(frozen=True)
class Coming:
    """A stage that is still to come, for those who share a deadline."""

    stage: str
    at: datetime
    societies: int
    people: int


@dataclass(frozen=True)
class Went:
    """A stage that reminders were made for, and how many ended how."""

    stage: str
    first_at: datetime
    fates: dict[str, int]


@dataclass(frozen=True)
class Said:
    """One reminder that was made."""

    stage: str
    made_at: datetime
    person: str
    channel: str | None
    fate: str


def coming(db: sa.Connection, round: Row, now: datetime, *, society: int | None = None) -> list[Coming]:
    """The stages to come, the next first, with how many societies and people would be reminded as things stand."""
    societies: dict[tuple[datetime, str], set[int]] = {}
    people: Counter[tuple[datetime, str]] = Counter()
    chosen = _reachable(round.id)
    for row in db.execute(chosen if society is None else chosen.where(PERSON.c.society_id == society)):
        entry = row if row.entry_id is not None else None
        for closes, prefix in _ends(db, round, row, entry):
            for due in calendar(tuple(round.reminders), closes, round.timezone):
                if due.at > now and not (row.quiet_until and due.at < row.quiet_until):
                    societies.setdefault((due.at, prefix + due.stage.name), set()).add(row.society_id)
                    people[due.at, prefix + due.stage.name] += 1
    return [Coming(stage, at, len(societies[at, stage]), people[at, stage]) for at, stage in sorted(societies)]


def _ends(db: sa.Connection, round: Row, row: Row, entry: Row | None) -> Iterable[tuple[datetime, str]]:
    """What this society is reminded of: the deadline of its table, the end of the stage in which it owes a report."""
    closes = deadline(round, entry)
    over = row.status in HANDED_IN or closed(round, entry) or (round.voluntary and entry is None)
    if closes is not None and not over:
        yield closes, ""
    if entry is not None and (owed := reports_due.owed(db, round, entry.entry_id)):
        yield owed.closes, owed.stage + reports_due.OF_STAGE


def _reachable(round: int) -> sa.Select[Any]:
    """Everybody who wants to be reminded and can be, with the society's entry."""
    line = sa.exists().where(
        CONTACT.c.person_id == PERSON.c.id, CONTACT.c.ended_at.is_(None), CONTACT.c.unreachable_at.is_(None)
    )
    hers = (ENTRY.c.status, ENTRY.c.extended_to, ENTRY.c.closed_at)
    return (
        sa.select(PERSON.c.society_id, PERSON.c.quiet_until, ENTRY.c.id.label("entry_id"), *hers)
        .outerjoin(ENTRY, sa.and_(ENTRY.c.society_id == PERSON.c.society_id, ENTRY.c.round_id == round))
        .where(PERSON.c.role == "secretary", PERSON.c.revoked_at.is_(None), PERSON.c.unreminded.is_(False), line)
    )


def went(db: sa.Connection, round: Row) -> list[Went]:
    """Every stage that spoke, the first first."""
    first: dict[str, datetime] = {}
    fates: dict[str, Counter[str]] = {}
    for one in said(db, round):
        first.setdefault(one.stage, one.made_at)
        fates.setdefault(one.stage, Counter())[one.fate] += 1
    return [Went(stage, at, {fate: fates[stage][fate] for fate in FATES}) for stage, at in first.items()]


def said(db: sa.Connection, round: Row, *, society: int | None = None) -> list[Said]:
    """Every reminder that was made, the first first."""
    cause = sa.literal("reminder:") + sa.cast(REMINDER.c.id, sa.String)
    joined = (
        REMINDER.join(SOCIETY, SOCIETY.c.id == REMINDER.c.society_id)
        .join(PERSON, PERSON.c.id == REMINDER.c.person_id)
        .outerjoin(OUTBOX, sa.and_(OUTBOX.c.cause == cause, OUTBOX.c.part == 0))
    )
    columns = (REMINDER, PERSON.c.name, OUTBOX.c.state.label("fate"), OUTBOX.c.channel)
    chosen = sa.select(*columns).select_from(joined).where(REMINDER.c.round_id == round.id).order_by(REMINDER.c.id)
    rows = db.execute(chosen if society is None else chosen.where(REMINDER.c.society_id == society))
    return [Said(row.stage, row.made_at, row.name, row.channel, _fate(row)) for row in rows]


def _fate(row: Row) -> str:
    if row.fate is None:
        return "pending" if row.state == "queued" else str(row.state)
    if row.fate == "sent" and row.channel in READ_BY_THEMSELVES:
        return "page"
    return SAID_AS.get(row.fate, str(row.fate))
