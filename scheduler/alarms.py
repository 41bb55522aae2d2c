"""When the office is told that something is wrong: messages in doubt, messages that wait too long, little disk left."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers.notices import alarming
from handlers.notices.quiet import EVENING, MORNING
from storage import outbox
from storage.database import Database

MAX_OUTBOX_LAG = 600.0  # seconds
LOW_DISK = 500 << 20  # bytes


@dataclass(frozen=True)
class Watch:
    """What is watched besides the database: the office's day, and the bytes that are free where files are kept."""

    zone: str
    free: Callable[[], int]


class Alarm(NamedTuple):
    kind: str
    person: int
    about: dict[str, Any]


def alarm_due(db: Database, watch: Watch, now: datetime) -> int:
    """Tell everybody of the office who has not heard of it today; how many messages."""
    local = now.astimezone(ZoneInfo(watch.zone))
    if not MORNING <= local.time() < EVENING:
        return 0
    with db.read() as connection:
        found = [] if outbox.paused(connection) else list(_alarms(connection, watch, local.date(), now))
    if not found:
        return 0

    def work(connection: sa.Connection) -> int:
        for one in found:
            alarming.alarm(connection, one.kind, one.person, one.about, local.date(), now)
        return len(found)

    return db.write(work)


def _alarms(db: sa.Connection, watch: Watch, today: date, now: datetime) -> Iterable[Alarm]:
    days = [today - timedelta(days=back) for back in range(alarming.LOOKED_BACK)]
    waits = outbox.lag(db, now)
    free = watch.free()
    for person in alarming.officers(db):
        for kind, wrong in (("lag", waits >= MAX_OUTBOX_LAG), ("disk", free < LOW_DISK)):
            if wrong and alarming.told(db, kind, person, days[:1]) is None:
                yield Alarm(kind, person, {"minutes": int(waits // 60), "free": free, "count": 0})
        if alarming.told(db, "doubt", person, days[:1]) is None:
            since = alarming.told(db, "doubt", person, days[1:]) or now - timedelta(days=alarming.LOOKED_BACK)
            if count := outbox.troubled(db, since):
                yield Alarm("doubt", person, {"minutes": 0, "free": free, "count": count})
