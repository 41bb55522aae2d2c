"""When nobody is disturbed: at night and on days that are no working days in China, moved ones included."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

MORNING, EVENING = time(8, 0), time(21, 0)
# 全国年节及纪念日放假办法: what does not follow the moon.
FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
LONGEST_HOLIDAY = 20  # days to look ahead


def working(day: date) -> bool:
    """A working day by the State Council's calendar; of years it has not been published for, by the week and the
    holidays that have a fixed day by law."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in FIXED


def allowed(at: datetime, zone: str) -> bool:
    """Whether somebody may be reminded at this moment."""
    local = at.astimezone(ZoneInfo(zone))
    return working(local.date()) and MORNING <= local.time() < EVENING


def next_allowed(at: datetime, zone: str) -> datetime:
    """This moment, or the next at which somebody may be reminded."""
    local = at.astimezone(ZoneInfo(zone))
    if allowed(local, zone):
        return at
    day = local.date()
    if local.time() >= MORNING or not working(day):
        day += timedelta(days=1)
    for _ in range(LONGEST_HOLIDAY):
        if working(day):
            break
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, ZoneInfo(zone))
