"""The season's own idea of time, apart from the code it judges: nights, working days and when each stage is due."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

ZONE = ZoneInfo("Asia/Shanghai")
CLOSES = datetime(2027, 1, 15, 17, 30, tzinfo=ZONE).astimezone(UTC)
MORNING, EVENING = time(8), time(21)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
PLAN = {"30d": 30 * DAY, "14d": 14 * DAY, "7d": 7 * DAY, "3d": 3 * DAY, "1d": DAY, "4h": 4 * HOUR}
RANK = {stage: rank for rank, stage in enumerate(PLAN)}


def works(day: date) -> bool:
    """2027 is not yet in the published calendar: its weekdays, but for New Year's day."""
    if day.year >= 2027:
        return day.weekday() < 5 and (day.month, day.day) != (1, 1)
    return bool(chinese_calendar.is_workday(day))


def quiet(at: datetime) -> bool:
    """Whether nobody may be reminded then."""
    local = at.astimezone(ZONE)
    return not works(local.date()) or not MORNING <= local.time() < EVENING


def stages(deadline: datetime) -> dict[str, datetime]:
    """When each stage that is of use is due, the earliest first."""
    found: list[tuple[str, datetime]] = []
    before = deadline
    for stage, span in sorted(PLAN.items(), key=lambda one: one[1]):
        at = deadline - span
        while quiet(at):
            local = at.astimezone(ZONE)
            day = local.date() + (DAY if local.time() >= MORNING else timedelta())
            at = datetime.combine(day, MORNING, ZONE).astimezone(UTC)
        if at < before:
            found.insert(0, (stage, at))
            before = at
    return dict(found)


def edges(start: datetime, end: datetime, *, daily: bool) -> list[datetime]:
    """The moments at which something changes, with those just before and just after: a clock stops at each.
    Mornings and evenings only where it goes in small steps."""
    days = [start + number * DAY for number in range((end - start).days + 1)]
    turns = [
        datetime.combine(day.astimezone(ZONE).date(), at, ZONE) for day in days for at in (MORNING, EVENING) if daily
    ]
    turns += [*stages(CLOSES).values(), CLOSES]
    around = (-MINUTE, timedelta(), MINUTE)
    return sorted({(turn + shift).astimezone(UTC) for turn in turns for shift in around if start < turn + shift < end})
