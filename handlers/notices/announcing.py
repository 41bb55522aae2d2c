"""Announcements: to exactly those who were shown and counted, once each, with a record of who has read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from handlers.messages import Outgoing, Reply
from handlers.notices.calling import Call, call, line_of, secretaries
from handlers.phrasebook import phrasebook
from storage.relations import ANNOUNCEMENT, OUTBOX, PERSON, SOCIETY, TARGET, Row

UNDO = timedelta(seconds=60)
AT_ONCE = 200  # recipients owed in one transaction
STATES = ("pending", "sent", "uncertain", "failed", "unreachable", "cancelled")
# What the outbox calls it → what the office reads.
READ_AS = {"on_wire": "pending", "held": "pending", "expired": "unreachable"}


@dataclass(frozen=True)
class Reach:
    """Whom an announcement would reach now."""

    societies: int
    people: tuple[tuple[int, int], ...]  # (society, person)
    empty: tuple[str, ...]  # societies that nobody has joined for


def reach(db: sa.Connection, societies: Sequence[Row]) -> Reach:
    people: list[tuple[int, int]] = []
    empty: list[str] = []
    for society in societies:
        found = [person.id for person in secretaries(db, society.id)]
        people += [(society.id, person) for person in found]
        if not found:
            empty.append(society.name)
    return Reach(len(societies), tuple(people), tuple(empty))


def announce(
    db: sa.Connection,
    round: int | None,
    text: str,
    audience: str,
    societies: Sequence[Row],
    now: datetime,
    *,
    by: int | None,
    send_at: datetime | None = None,
    files: Sequence[Mapping[str, Any]] = (),
) -> int:
    """Fix the recipients; it goes out at `send_at` with its `files` (name, held, size in bytes), and until then it can
    be taken back. The announcement's number."""
    at = send_at or now + UNDO
    row = {"round_id": round, "person_id": by, "text": text, "audience": audience, "made_at": now, "send_at": at}
    made = (
        sa.insert(ANNOUNCEMENT)
        .values(**row, files=[dict(file) for file in files], nudges=0)
        .returning(ANNOUNCEMENT.c.id)
    )
    id = int(db.execute(made).scalar_one())
    found = reach(db, societies)
    whom: list[tuple[int, int | None]] = [*found.people]
    whom += [(one.id, None) for one in societies if one.name in found.empty]
    rows = [{"announcement_id": id, "society_id": one, "person_id": person, "channel": ""} for one, person in whom]
    if rows:
        db.execute(sa.insert(TARGET), rows)
    return id


def withdraw(db: sa.Connection, id: int, now: datetime) -> bool:
    """Take it back before it goes out; False where it is too late. What has gone out stays so when the clock goes back."""
    db.execute(sa.select(ANNOUNCEMENT.c.id).where(ANNOUNCEMENT.c.id == id).with_for_update())
    gone = sa.exists().where(TARGET.c.announcement_id == id, TARGET.c.channel != "")
    here = sa.update(ANNOUNCEMENT).where(ANNOUNCEMENT.c.id == id, ANNOUNCEMENT.c.send_at > now, ~gone)
    return bool(db.execute(here.where(ANNOUNCEMENT.c.withdrawn_at.is_(None)).values(withdrawn_at=now)).rowcount)


def due(db: sa.Connection, now: datetime, *, hold: bool = False) -> list[Row]:
    """Targets whose announcement goes out now and that nothing is owed to yet; `hold` it until they are told, so that it
    is either taken back or goes out."""
    said = sa.select(TARGET, ANNOUNCEMENT.c.text, ANNOUNCEMENT.c.files)
    waiting = said.join(ANNOUNCEMENT, ANNOUNCEMENT.c.id == TARGET.c.announcement_id)
    here = (ANNOUNCEMENT.c.send_at <= now, ANNOUNCEMENT.c.withdrawn_at.is_(None), TARGET.c.channel == "")
    chosen = waiting.where(*here, TARGET.c.person_id.is_not(None)).order_by(TARGET.c.id).limit(AT_ONCE)
    return list(db.execute(chosen.with_for_update(of=ANNOUNCEMENT) if hold else chosen))


def send(db: sa.Connection, targets: Sequence[Row], now: datetime) -> None:
    """Owe it to each of them, once for ever (the outbox's cause is unique)."""
    for target in targets:
        line = line_of(db, target.person_id)
        channel = line.channel if line else "none"
        db.execute(sa.update(TARGET).where(TARGET.c.id == target.id).values(channel=channel))
        call(db, target.person_id, Call(f"announcement:{target.id}", "announcement"), _worded(target), now)


def _worded(row: Row) -> Reply:
    reply = phrasebook().reply("announcement", {"text": row.text})
    return replace(reply, files=tuple(Outgoing(file["name"], file["held"]) for file in row.files))


def announcement(db: sa.Connection, id: int) -> Row | None:
    return db.execute(sa.select(ANNOUNCEMENT).where(ANNOUNCEMENT.c.id == id)).one_or_none()


def nudge(db: sa.Connection, id: int, now: datetime) -> int | None:
    """Once more to those who got it and have not said that they read it; how many. None where there is no such
    announcement."""
    db.execute(sa.update(ANNOUNCEMENT).where(ANNOUNCEMENT.c.id == id).values(nudges=ANNOUNCEMENT.c.nudges + 1))
    row = announcement(db, id)
    if row is None:
        return None
    unread = [target for target in targets(db, id) if target.state == "sent" and target.acked_at is None]
    for target in unread:
        cause = f"announcement:{target.id}:{row.nudges}"
        assert target.person_id is not None, "it was sent to somebody"
        call(db, target.person_id, Call(cause, "announcement"), _worded(row), now)
    return len(unread)


def acknowledge(db: sa.Connection, person: int, now: datetime) -> Row | None:
    """«收到»: the newest announcement this person got and has not acknowledged; None where there is none."""
    waiting = sa.select(TARGET.c.id, ANNOUNCEMENT.c.text).join(
        ANNOUNCEMENT, ANNOUNCEMENT.c.id == TARGET.c.announcement_id
    )
    mine = (TARGET.c.person_id == person, TARGET.c.acked_at.is_(None), TARGET.c.channel != "")
    found = db.execute(waiting.where(*mine).order_by(TARGET.c.id.desc()).limit(1)).one_or_none()
    if found is not None:
        db.execute(sa.update(TARGET).where(TARGET.c.id == found.id).values(acked_at=now))
    return found


@dataclass(frozen=True)
class Told:
    """One recipient and what became of it."""

    id: int
    society: str
    person_id: int | None
    person: str | None
    state: str
    acked_at: datetime | None


def targets(db: sa.Connection, id: int) -> list[Told]:
    """Every recipient of an announcement, each in exactly one state."""
    cause = sa.literal("announcement:") + sa.cast(TARGET.c.id, sa.String)
    chosen = (
        sa.select(
            TARGET,
            SOCIETY.c.name.label("society"),
            PERSON.c.name.label("person"),
            PERSON.c.revoked_at,
            OUTBOX.c.state,
            ANNOUNCEMENT.c.withdrawn_at,
        )
        .select_from(
            TARGET.join(SOCIETY, SOCIETY.c.id == TARGET.c.society_id)
            .join(ANNOUNCEMENT, ANNOUNCEMENT.c.id == TARGET.c.announcement_id)
            .outerjoin(PERSON, PERSON.c.id == TARGET.c.person_id)
            .outerjoin(OUTBOX, sa.and_(OUTBOX.c.cause == cause, OUTBOX.c.part == 0))
        )
        .where(TARGET.c.announcement_id == id)
        .order_by(TARGET.c.id)
    )
    return [
        Told(row.id, row.society, row.person_id, row.person, _state(row), row.acked_at) for row in db.execute(chosen)
    ]


def _state(row: Row) -> str:
    if row.withdrawn_at is not None:
        return "cancelled"
    if row.state is not None:
        return READ_AS.get(row.state, str(row.state))
    if row.revoked_at is not None:
        return "cancelled"
    return "unreachable" if row.person_id is None or row.channel == "none" else "pending"


def nobody_joined(told: Sequence[Told]) -> list[str]:
    """The societies among them that nobody is there for."""
    return [one.society for one in told if one.person_id is None and one.state != "cancelled"]


def joined_later(db: sa.Connection, id: int) -> list[str]:
    """Societies that came to the roster after the recipients were fixed: they are not among them."""
    made = sa.select(ANNOUNCEMENT.c.made_at).where(ANNOUNCEMENT.c.id == id).scalar_subquery()
    return list(db.scalars(sa.select(SOCIETY.c.name).where(SOCIETY.c.created_at > made).order_by(SOCIETY.c.id)))
