"""Motions of officers end by themselves after a week, or once what they are about has changed; everybody is told."""

from datetime import datetime

from handlers.review import unmoved
from storage.database import Database


def expire_due(db: Database, now: datetime) -> list[int]:
    """End whatever is due; the motions that ended by this."""
    with db.read() as connection:
        if not unmoved.waiting(connection):
            return []
    return db.write(lambda connection: unmoved.expire(connection, now))
