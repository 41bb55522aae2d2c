"""The latch: a round whose deadline has passed is closed once, whoever comes first."""

from datetime import datetime

import sqlalchemy as sa

from handlers.rounds import latch
from storage.database import Database
from storage.queries import ROUND


def close_due(db: Database, now: datetime) -> list[int]:
    """Close every round whose deadline has come; the ids of those closed now."""

    def work(connection: sa.Connection) -> list[int]:
        due = sa.select(ROUND.c.id, ROUND.c.closes_at).where(ROUND.c.closed_at.is_(None), ROUND.c.closes_at <= now)
        rows = connection.execute(due.with_for_update()).all()
        return [row.id for row in rows if latch(connection, row.id, row.closes_at)]

    return db.write(work)
