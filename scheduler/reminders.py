"""Which reminders are due now: each made once for a person, a stage and a plan, whoever ticks and however often."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices import reports_due
from handlers.notices.calling import Call, call
from handlers.notices.quiet import allowed
from handlers.notices.reminding import Due, calendar, newest, words
from handlers.rounds import closed, deadline
from storage.database import Database
from storage.relations import CONTACT, ENTRY, INSERT, OUTBOX, PERSON, REMINDER, ROUND, Row


def queue_due(db: Database, now: datetime) -> int:
    """Owe every reminder whose time has come; how many."""
    with db.read() as connection:
        wanted = [one for round in _rounds(connection, now) for one in _wanted(connection, round, now)]
        wanted += [one for round in reports_due.rounds(connection) for one in _reports(connection, round, now)]
    return db.write(lambda connection: _queued(connection, wanted, now)) if wanted else 0


def _rounds(db: sa.Connection, now: datetime) -> Iterable[Row]:
    """Rounds that somebody still has time in."""
    longer = sa.exists().where(ENTRY.c.round_id == ROUND.c.id, ENTRY.c.extended_to > now)
    return list(db.execute(sa.select(ROUND).where(sa.or_(ROUND.c.closes_at > now, longer))))


def _wanted(db: sa.Connection, round: Row, now: datetime) -> Iterable[dict[str, Any]]:
    """A row of `reminder` for everybody who is due one that she has not got."""
    if not allowed(now, round.timezone):
        return
    latest = _latest(db, round.id)
    for row in db.execute(_people(round.id)):
        entry = row if row.entry_id is not None else None
        if (
            row.status in ("submitted", "returned")
            or closed(round, entry)
            or (row.quiet_until and now < row.quiet_until)
        ):
            continue
        closes = deadline(round, entry)
        if closes is None or now >= closes or (round.voluntary and entry is None):
            continue
        due = newest(
            _calendar(tuple(round.reminders), closes, round.timezone),
            now,
            max(filter(None, (round.opens_at, row.extended_at, row.joined_at))),
        )
        version = row.plan_version or 1
        if due and latest.get((row.person_id, version), due.at) <= due.at:
            if latest.get((row.person_id, version)) == due.at:
                continue
            yield {
                "round_id": round.id,
                "society_id": row.society_id,
                "person_id": row.person_id,
                "stage": due.stage.name,
                "plan_version": version,
                "due_at": due.at,
                "valid_until": closes,
            }


def _latest(db: sa.Connection, round: int) -> dict[tuple[int, int], datetime]:
    """By person and version of the plan: when the newest reminder that she was given was due."""
    had = sa.select(REMINDER.c.person_id, REMINDER.c.plan_version, sa.func.max(REMINDER.c.due_at).label("due_at"))
    rows = db.execute(had.where(REMINDER.c.round_id == round).group_by(REMINDER.c.person_id, REMINDER.c.plan_version))
    return {(row.person_id, row.plan_version): row.due_at for row in rows}


def _reports(db: sa.Connection, round: Row, now: datetime) -> Iterable[dict[str, Any]]:
    """The same for whoever owes the report of a recognised project: by the round's plan, before the end of that stage."""
    end = reports_due.ends(db, round)
    if end is None or now >= end[1] or not allowed(now, round.timezone):
        return
    owing = {entry: owed for entry in reports_due.entries(db, round.id) if (owed := reports_due.owed(db, round, entry))}
    latest = _latest(db, round.id)
    for row in db.execute(_people(round.id).where(ENTRY.c.id.in_(owing))):
        owed = owing[row.entry_id]
        if row.quiet_until and now < row.quiet_until:
            continue
        plan = _calendar(tuple(round.reminders), owed.closes, round.timezone)
        due = newest(plan, now, max(filter(None, (owed.since, row.joined_at))))
        had = latest.get((row.person_id, owed.version))
        if due is None or (had is not None and had >= due.at):
            continue
        yield {
            "round_id": round.id,
            "society_id": row.society_id,
            "person_id": row.person_id,
            "stage": f"{owed.stage}{reports_due.OF_STAGE}{due.stage.name}",
            "plan_version": owed.version,
            "due_at": due.at,
            "valid_until": owed.closes,
        }


@lru_cache(maxsize=256)
def _calendar(plan: tuple[str, ...], closes: datetime, zone: str) -> tuple[Due, ...]:
    return tuple(calendar(plan, closes, zone))


def _people(round: int) -> sa.Select[Any]:
    """Everybody who answers for a society and wants to be reminded, with the society's entry in the round."""
    joined = sa.select(sa.func.min(CONTACT.c.bound_at)).where(CONTACT.c.person_id == PERSON.c.id).scalar_subquery()
    return (
        sa.select(
            PERSON.c.id.label("person_id"),
            PERSON.c.society_id,
            PERSON.c.quiet_until,
            joined.label("joined_at"),
            ENTRY.c.id.label("entry_id"),
            ENTRY.c.status,
            ENTRY.c.extended_to,
            ENTRY.c.extended_at,
            ENTRY.c.closed_at,
            ENTRY.c.plan_version,
        )
        .outerjoin(ENTRY, sa.and_(ENTRY.c.society_id == PERSON.c.society_id, ENTRY.c.round_id == round))
        .where(PERSON.c.role == "secretary", PERSON.c.revoked_at.is_(None), PERSON.c.unreminded.is_(False))
        .order_by(PERSON.c.id)
    )


def _queued(db: sa.Connection, wanted: Iterable[dict[str, Any]], now: datetime) -> int:
    count = 0
    for one in wanted:
        values = {name: value for name, value in one.items() if name != "valid_until"}
        insert = INSERT[db.dialect.name](REMINDER).values(**values, state="queued", made_at=now)
        key = ["round_id", "society_id", "stage", "plan_version", "person_id"]
        id = db.execute(insert.on_conflict_do_nothing(index_elements=key).returning(REMINDER.c.id)).scalar()
        if id is not None:
            count += 1
            _owe(db, int(id), one, now)
    return count


def _owe(db: sa.Connection, id: int, one: dict[str, Any], now: datetime) -> None:
    """Its words are put together when it is sent; one that has not got through by now has been overtaken."""
    cause = f"reminder:{id}"
    said = words(db, cause, now)
    if not isinstance(said, Reply):
        db.execute(sa.update(REMINDER).where(REMINDER.c.id == id).values(state="skipped"))
        return
    hers = (REMINDER.c.person_id == one["person_id"], REMINDER.c.round_id == one["round_id"], REMINDER.c.id != id)
    before = sa.select(sa.literal("reminder:") + sa.cast(REMINDER.c.id, sa.String)).where(*hers)
    open_ones = (OUTBOX.c.person_id == one["person_id"], OUTBOX.c.state.in_(("pending", "held", "unreachable")))
    older = sa.update(OUTBOX).where(*open_ones, OUTBOX.c.kind == "reminder", OUTBOX.c.cause.in_(before))
    db.execute(older.values(state="cancelled", settled_at=now, error="a later reminder speaks"))
    state = call(db, one["person_id"], Call(cause, "reminder", valid_until=one["valid_until"]), said, now)
    if state == "unreachable":
        db.execute(sa.update(REMINDER).where(REMINDER.c.id == id).values(state="unreachable"))
