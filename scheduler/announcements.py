"""Announcements whose moment has come: owed to each recipient, some hundred at a time."""

from datetime import datetime

import sqlalchemy as sa

from handlers.notices.announcing import due, send
from storage.database import Database


def announce_due(db: Database, now: datetime) -> int:
    """Owe what goes out now; to how many."""
    with db.read() as connection:
        if not due(connection, now):
            return 0

    def work(connection: sa.Connection) -> int:
        targets = due(connection, now, hold=True)
        send(connection, targets, now)
        return len(targets)

    return db.write(work)
