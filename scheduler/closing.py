"""The latch: closed once, whoever comes first; what was complete by then is handed in, not lost."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from handlers.answers.handing_in import complete_ones, hand_in
from handlers.rounds import awaited, latch, latch_entry, over
from storage.database import Database
from storage.relations import ENTRY, ROUND, Row

LOOKED_BACK = timedelta(days=60)  # a longer downtime is a matter for people


def close_due(db: Database, now: datetime) -> list[int]:
    """Close every round whose deadline has come; the ids of those closed now."""
    with db.read() as connection:
        longer = sa.exists().where(ENTRY.c.round_id == ROUND.c.id, ENTRY.c.extended_to > now - LOOKED_BACK)
        chosen = sa.select(ROUND).where(sa.or_(ROUND.c.closes_at > now - LOOKED_BACK, longer))
        recent = list(connection.execute(chosen))
        pressing = [round for round in recent if _pressing(connection, round, now)]
    return db.write(lambda connection: _close(connection, pressing, now)) if pressing else []


def _pressing(db: sa.Connection, round: Row, now: datetime) -> bool:
    """Whether a tick has anything to write: most have not."""
    if round.closed_at is None and over(round, None, now):
        return True
    until = now - timedelta(minutes=round.grace_minutes)
    given = sa.select(ENTRY.c.id).where(ENTRY.c.round_id == round.id, ENTRY.c.extended_to <= until)
    if db.scalar(given.where(ENTRY.c.closed_at.is_(None)).limit(1)) is not None:
        return True
    return over(round, None, now) and round.at_close == "submit" and bool(complete_ones(db, round, now))


def _close(db: sa.Connection, rounds: list[Row], now: datetime) -> list[int]:
    closed: list[int] = []
    for round in rounds:
        if over(round, None, now) and not awaited(db, round, None, now) and latch(db, round.id, round.closes_at):
            closed.append(round.id)
        grace = timedelta(minutes=round.grace_minutes)
        for entry in db.execute(
            sa.select(ENTRY).where(ENTRY.c.round_id == round.id, ENTRY.c.extended_to <= now - grace)
        ):
            if entry.society_id not in awaited(db, round, entry, now):
                latch_entry(db, entry.id, entry.extended_to)
        if round.at_close == "submit":
            for entry in complete_ones(db, round, now):
                if entry.society_id not in awaited(db, round, entry, now):
                    hand_in(db, round, entry, now)
    return closed
