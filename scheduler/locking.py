"""Items that were sent back lock by themselves once their time is over; what was changed in time is handed in."""

from datetime import datetime

from handlers.review import returned
from storage.database import Database


def lock_due(db: Database, now: datetime) -> list[int]:
    """Lock whatever is due; the entries that were locked by this."""
    with db.read() as connection:
        found = returned.due(connection, now)
    if not found:
        return []
    return db.write(lambda connection: [row.id for row in found if returned.lapse(connection, row, now)])
