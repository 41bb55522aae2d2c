"""Spans and moments as people write them: 三天, 48小时, 到1月20日17:30, 延到下周五."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.understanding.numerals import NUMBER, fold, number

UNITS = {"分钟": timedelta(minutes=1), "小时": timedelta(hours=1), "天": timedelta(days=1), "日": timedelta(days=1)}
UNITS |= {"周": timedelta(weeks=1), "星期": timedelta(weeks=1)}
SPAN = re.compile(rf"(?<![月\d])({NUMBER})\s*个?\s*(分钟|小时|天|日|周|星期)(?!号|\d)")
DAY = re.compile(rf"(?:(\d{{4}})年)?({NUMBER})月({NUMBER})[日号]|(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}})")
CLOCK = re.compile(rf"(上午|下午|晚上|中午)?\s*(?:(\d{{1,2}}):(\d{{2}})|({NUMBER})点(?:(半)|({NUMBER})分?)?)")
NEAR = {"今天": 0, "明天": 1, "后天": 2}
WEEKDAY = re.compile(r"(下)?(?:周|星期)([一二三四五六日天])")
LONGEST = timedelta(days=400)


def span(said: str) -> timedelta | None:
    """«三天», «48小时», «两周»; None where there is none, or one longer than a year."""
    found = SPAN.search(fold(said))
    value = number(found[1]) if found else None
    if found is None or value is None:
        return None
    length = UNITS[found[2]] * float(value)
    return length if timedelta(0) < length <= LONGEST else None


def rest(said: str) -> str:
    """What is said besides the span or the moment: the reason."""
    folded = fold(said)
    left = said
    for pattern in (SPAN, DAY, CLOCK, WEEKDAY, re.compile("|".join(NEAR))):
        for found in reversed(list(pattern.finditer(folded))):
            left = left[: found.start()] + left[found.end() :]
            folded = folded[: found.start()] + folded[found.end() :]
    return left.strip(" ，,。:：;；、到至期为了因")


def moment(said: str, now: datetime, zone: str, *, usual: time) -> datetime | None:
    """«1月20日17:30», «明天», «下周五下午三点»: the next such moment; a day without an hour means `usual`."""
    folded = fold(said)
    local = now.astimezone(ZoneInfo(zone))
    day, at = _day(folded, local.date()), _clock(folded)
    if day is None and at is None:
        return None
    if day is None:
        day = local.date() if at and at > local.time() else local.date() + timedelta(days=1)
    return datetime.combine(day, at or usual, ZoneInfo(zone))


def timed(said: str) -> bool:
    """Whether an hour is named."""
    return _clock(fold(said)) is not None


def _day(said: str, today: date) -> date | None:
    for word, days in NEAR.items():
        if word in said:
            return today + timedelta(days=days)
    if found := DAY.search(said):
        return _dated(found, today)
    if found := WEEKDAY.search(said):
        monday = today - timedelta(days=today.weekday())
        wanted = monday + timedelta(
            days="一二三四五六日".index(found[2].replace("天", "日")), weeks=1 if found[1] else 0
        )
        return wanted if wanted > today else wanted + timedelta(weeks=1)
    return None


def _dated(found: re.Match[str], today: date) -> date | None:
    try:
        if found[4]:
            return date(int(found[4]), int(found[5]), int(found[6]))
        month, day = number(found[2]), number(found[3])
        if month is None or day is None:
            return None
        year = int(found[1]) if found[1] else today.year
        made = date(year, int(month), int(day))
    except ValueError:
        return None
    return made if found[1] or made >= today else made.replace(year=year + 1)


def _clock(said: str) -> time | None:
    found = CLOCK.search(said)
    if found is None:
        return None
    hour = int(found[2]) if found[2] else int(number(found[4]) or 0)
    minute = int(found[3]) if found[3] else 30 if found[5] else int(number(found[6]) or 0) if found[6] else 0
    if found[1] in ("下午", "晚上") and hour < 12:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None
