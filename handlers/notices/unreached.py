"""Who has to be telephoned in a round: whom a message could not reach, and societies that nobody is bound for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from handlers.notices.reminding import calendar, newest
from handlers.notices.reports_due import OF_STAGE
from handlers.rounds import closed, deadline
from storage.overviews import HANDED_IN
from storage.relations import ACT, ANNOUNCEMENT, CONTACT, ENTRY, INBOUND, OUTBOX, PERSON, REMINDER, SOCIETY, TARGET, Row

HELD_TOO_LONG = timedelta(days=1)
LOST = ("uncertain", "failed", "unreachable", "held")
ENDED = ("uncertain", "failed")  # nobody tries it again by itself


class Missed(NamedTuple):
    """A message that has not arrived for certain: a reminder by its stage, an announcement by its number and words."""

    kind: str
    name: str
    text: str


@dataclass
class Lost:
    """Somebody who could not be reached; `why` is the state of what was sent, or: unbound, absent (nobody was there)."""

    person: str | None
    why: str
    missed: list[Missed] = field(default_factory=list)


@dataclass
class Silent:
    """A society to be telephoned."""

    id: int
    name: str
    status: str
    closes: datetime | None
    bound: bool  # somebody can come for it
    entered: bool  # it takes part, where that is of its own will
    late: bool  # its time is over
    people: list[Lost] = field(default_factory=list)
    since: datetime | None = None  # of the newest message that was lost


class _Trouble(NamedTuple):
    society: int
    person: str | None
    why: str
    missed: Missed
    at: datetime


def unreached(db: sa.Connection, round: Row, now: datetime) -> list[Silent]:
    """Societies that somebody has to telephone, by name, without those that were telephoned since."""
    entries = {row.society_id: row for row in db.execute(sa.select(ENTRY).where(ENTRY.c.round_id == round.id))}
    bound = set(db.scalars(_BOUND))
    called = contacted(db, round.id)
    found: dict[int, Silent] = {}
    for row in db.execute(sa.select(SOCIETY)):
        entry = entries.get(row.id)
        status = entry.status if entry else "not_started"
        closes = deadline(round, entry)
        late = closed(round, entry) or (closes is not None and now >= closes)
        about: dict[str, Any] = {"bound": row.id in bound, "entered": bool(entry), "late": late}
        found[row.id] = Silent(row.id, row.name, status, closes, **about)
    for trouble in _troubles(db, round, now):
        society, last = found[trouble.society], called.get(trouble.society)
        table = trouble.missed.kind == "reminder" and OF_STAGE not in trouble.missed.name
        if table and society.status in HANDED_IN:
            continue
        if last is None or trouble.at > last.at:
            _add(society, trouble)
    for society in found.values():
        if not society.bound and _wanted(round, society, called.get(society.id), now) and not society.people:
            society.people.append(Lost(None, "unbound"))
    return sorted((one for one in found.values() if one.people), key=lambda one: one.name)


# Societies that a live secretary can be heard for now.
_BOUND = (
    sa.select(PERSON.c.society_id)
    .join(CONTACT, CONTACT.c.person_id == PERSON.c.id)
    .where(PERSON.c.role == "secretary", PERSON.c.revoked_at.is_(None), CONTACT.c.ended_at.is_(None))
    .distinct()
)


def contacted(db: sa.Connection, round: int) -> dict[int, Row]:
    """When each society was telephoned last, and by whom."""
    calls = sa.select(ACT.c.society_id, ACT.c.at, PERSON.c.name.label("by")).outerjoin(
        PERSON, PERSON.c.id == ACT.c.person_id
    )
    chosen = calls.where(ACT.c.act == "contacted", ACT.c.round_id == round).order_by(ACT.c.id)
    return {row.society_id: row for row in db.execute(chosen)}


def _wanted(round: Row, society: Silent, last: Row | None, now: datetime) -> bool:
    """Whether a society without anybody is to be telephoned: until it was, and again at each stage of the reminders."""
    if society.status in HANDED_IN or (round.voluntary and not society.entered):
        return False
    if last is None or society.closes is None:
        return last is None
    return newest(calendar(tuple(round.reminders), society.closes, round.timezone), now, last.at) is not None


def _add(society: Silent, trouble: _Trouble) -> None:
    society.since = max(filter(None, (society.since, trouble.at)))
    for known in society.people:
        if (known.person, known.why) == (trouble.person, trouble.why):
            if trouble.missed not in known.missed:
                known.missed.append(trouble.missed)
            return
    society.people.append(Lost(trouble.person, trouble.why, [trouble.missed]))


def _troubles(db: sa.Connection, round: Row, now: datetime) -> Iterable[_Trouble]:
    yield from _undelivered(db, round, now)
    yield from _reminders_to_nobody(db, round.id)
    yield from _announcements_to_nobody(db, round.id, now)


def _undelivered(db: sa.Connection, round: Row, now: datetime) -> Iterable[_Trouble]:
    """Messages of this round that were owed to somebody and have not arrived for certain."""
    stages = dict(db.execute(sa.select(REMINDER.c.id, REMINDER.c.stage).where(REMINDER.c.round_id == round.id)).all())
    targets = {row.id: row for row in db.execute(_targets(round.id))}
    for row in db.execute(_LOST.where(OUTBOX.c.created_at >= round.opens_at)):
        at = row.settled_at or row.created_at
        if row.state == "held":
            at = row.created_at + HELD_TOO_LONG
            if at > now:
                continue
        number = int(row.cause.split(":")[1]) if row.kind in ("reminder", "announcement") else 0
        missed: Missed | None = Missed("notice", "", row.text)
        if row.kind == "reply":
            missed = Missed("reply", "", "")
        elif row.kind == "reminder":
            missed = Missed("reminder", stages[number], "") if number in stages else None
        elif row.kind == "announcement":
            target: Any = targets.get(number)
            known = target is not None and target.acked_at is None
            missed = Missed("announcement", str(target.announcement_id), target.text) if known else None
        heard = row.heard_at is not None and row.heard_at > at
        # Who has come since knows where she stands, whether that reminder arrived or not.
        if missed and not (heard and row.state in ENDED and row.kind in ("reminder", "reply")):
            yield _Trouble(row.society_id, row.name, row.state, missed, at)


_LOST = (
    sa.select(
        *(OUTBOX.c[name] for name in ("cause", "kind", "state", "text", "created_at", "settled_at")),
        PERSON.c.society_id,
        PERSON.c.name,
        sa.select(sa.func.max(INBOUND.c.received_at))
        .where(INBOUND.c.person_id == PERSON.c.id)
        .scalar_subquery()
        .label("heard_at"),
    )
    .join(PERSON, PERSON.c.id == OUTBOX.c.person_id)
    .where(
        OUTBOX.c.state.in_(LOST),
        # A reply that waits goes before the next answer anyway.
        sa.or_(OUTBOX.c.kind != "reply", OUTBOX.c.state.in_(ENDED)),
        PERSON.c.role == "secretary",
        PERSON.c.revoked_at.is_(None),
    )
    .order_by(OUTBOX.c.id)
)


def _targets(round: int) -> sa.Select[Any]:
    """Everybody that the announcements of a round were meant for."""
    joined = TARGET.join(ANNOUNCEMENT, ANNOUNCEMENT.c.id == TARGET.c.announcement_id)
    columns = (TARGET, ANNOUNCEMENT.c.text, ANNOUNCEMENT.c.made_at, ANNOUNCEMENT.c.send_at)
    here = (ANNOUNCEMENT.c.round_id == round, ANNOUNCEMENT.c.withdrawn_at.is_(None))
    return sa.select(*columns).select_from(joined).where(*here).order_by(TARGET.c.id)


def _reminders_to_nobody(db: sa.Connection, round: int) -> Iterable[_Trouble]:
    """Reminders to somebody who was bound nowhere: nothing could even be owed."""
    cause = sa.literal("reminder:") + sa.cast(REMINDER.c.id, sa.String)
    chosen = (
        sa.select(REMINDER, PERSON.c.name)
        .join(PERSON, PERSON.c.id == REMINDER.c.person_id)
        .outerjoin(OUTBOX, sa.and_(OUTBOX.c.cause == cause, OUTBOX.c.part == 0))
        .where(REMINDER.c.round_id == round, REMINDER.c.state == "unreachable", OUTBOX.c.id.is_(None))
        .where(PERSON.c.revoked_at.is_(None))
        .order_by(REMINDER.c.id)
    )
    for row in db.execute(chosen):
        yield _Trouble(row.society_id, row.name, "unbound", Missed("reminder", row.stage, ""), row.made_at)


def _announcements_to_nobody(db: sa.Connection, round: int, now: datetime) -> Iterable[_Trouble]:
    """Announcements to a society that nobody had joined for, or to somebody who was bound nowhere."""
    people = {row.id: row for row in db.execute(sa.select(PERSON.c.id, PERSON.c.name, PERSON.c.revoked_at))}
    for row in db.execute(_targets(round).where(ANNOUNCEMENT.c.send_at <= now)):
        missed = Missed("announcement", str(row.announcement_id), row.text)
        person = people.get(row.person_id)
        if person is None:
            yield _Trouble(row.society_id, None, "absent", missed, row.send_at)
        elif row.channel == "none" and person.revoked_at is None and row.acked_at is None:
            yield _Trouble(row.society_id, person.name, "unbound", missed, row.send_at)
