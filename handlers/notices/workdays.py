"""Working days from now on: how long an item sent back stays open, and a window for objections."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.notices.quiet import working

END_OF_DAY = time(17, 30)


def after(now: datetime, days: int, zone: str) -> datetime:
    """The end of the so-manieth working day after today."""
    day = now.astimezone(ZoneInfo(zone)).date()
    while days > 0:
        day += timedelta(days=1)
        days -= working(day)
    return datetime.combine(day, END_OF_DAY, ZoneInfo(zone))
