"""Spans and moments as people write them: 三天, 48小时, 到1月20日17:30, 延到下周五."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from handlers.understanding.numerals import NUMBER, fold, number

UNITS = {"分钟": timedelta(minutes=1), "小时": timedelta(hours=1), "天": timedelta(days=1), "日": timedelta(days=1)}
UNITS |= {"周": timedelta(weeks=1), "星期": timedelta(weeks=1), "礼拜": timedelta(weeks=1)}
# «到20日» is a day of the month, «10-12日» are days; «一个半小时» and «两天半» are longer by a half.
SPAN = re.compile(
    rf"(?<![月\d到至\-−负])({NUMBER})\s{{0,3}}个?\s{{0,3}}(半)?(分钟|小时|天|日|周|星期|礼拜)(?!号|\d)(半(?![夜年个月天日]))?"
)
DAY = re.compile(rf"(?:(\d{{4}})年)?({NUMBER})月({NUMBER})[日号]|(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}})")
DAY_OF_MONTH = re.compile(rf"(?<![月\d\-])(?:[这本]个?月)?({NUMBER})号|(?:[到至]|[这本]个?月)({NUMBER})日")
PARTS = "凌晨|清晨|早上|早晨|早|上午|中午|正午|午后|下午|傍晚|晚上|晚间|晚|夜里|深夜|半夜|午夜"
CLOCK = re.compile(
    rf"({PARTS})?\s{{0,3}}(?:(\d{{1,2}}):(\d{{2}})(?::\d{{2}})?|(?<=[日号])\s{{0,3}}(\d{{1,2}})\.(\d{{2}})"
    rf"|({NUMBER})[点时](?!间|候)(?:整|(半)|([一三])刻|({NUMBER})分?)?)"
)
BARE = re.compile(rf"(?<=[日号天今明])({PARTS})")  # «1月20日中午»
NEAR = {"大后天": 3, "后天": 2, "明天": 1, "明日": 1, "今天": 0, "今日": 0}
NEAR |= {f"{day}{part}": days for day, days in (("今", 0), ("明", 1)) for part in ("早", "晨", "晚", "夜")}
WEEKDAY = re.compile(r"([这本]|下{1,2})?个?(?:周|星期|礼拜)([一二三四五六日天])")
LONGEST = timedelta(days=400)
YEARS = range(2000, 2100)
NOON = 12  # o'clock


def span(said: str) -> timedelta | None:
    """«三天», «48小时», «两周», «一个半小时»; None where there is none, or one longer than a year."""
    found = SPAN.search(fold(said))
    if found is None:
        return None
    value = number(found[1])
    if value is None:
        return None
    length = UNITS[found[3]] * float(value + (Decimal("0.5") if found[2] or found[4] else 0))
    return length if timedelta(0) < length <= LONGEST else None


def rest(said: str) -> str:
    """What is said besides the span or the moment: the reason."""
    folded = fold(said)
    left = said
    for pattern in (SPAN, re.compile("|".join(NEAR)), CLOCK, DAY, DAY_OF_MONTH, WEEKDAY):
        for found in reversed(list(pattern.finditer(folded))):
            left = left[: found.start()] + left[found.end() :]
            folded = folded[: found.start()] + folded[found.end() :]
    return left.strip(" ，,。:：;；、到至期为了因")


def moment(said: str, now: datetime, zone: str, *, usual: time) -> datetime | None:
    """«1月20日17:30», «明天», «下周五下午三点», «今晚12点»: the next such moment; a day without an hour means `usual`. An
    hour that can't be known («25:00», «晚上3点») makes no moment of it."""
    folded = fold(said)
    local = now.astimezone(ZoneInfo(zone))
    clock = CLOCK.search(folded)
    day, at = _day(folded, local.date()), _clock(clock) if clock else None
    if (day is None and at is None) or (clock and at is None):
        return None
    if clock is None and (bare := BARE.search(folded)) and not _within(bare[1], usual):
        return None
    if day is None:
        passed = at is not None and timedelta(hours=local.hour, minutes=local.minute, seconds=local.second) >= at
        day = local.date() + timedelta(days=int(passed))
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    return midnight + at if at is not None else datetime.combine(day, usual, ZoneInfo(zone))


def timed(said: str) -> bool:
    """Whether an hour is named."""
    found = CLOCK.search(fold(said))
    return found is not None and _clock(found) is not None


def _day(said: str, today: date) -> date | None:
    for word, days in NEAR.items():
        if word in said:
            return today + timedelta(days=days)
    if found := DAY.search(said):
        return _dated(found, today)
    if found := DAY_OF_MONTH.search(said):
        return _of_month(number(found[1] or found[2]), today)
    found = WEEKDAY.search(said)
    return _weekday(found, today) if found else None


def _weekday(found: re.Match[str], today: date) -> date | None:
    monday = today - timedelta(days=today.weekday())
    weeks = (found[1] or "").count("下")
    wanted = monday + timedelta(days="一二三四五六日".index(found[2].replace("天", "日")), weeks=weeks)
    if wanted > today:
        return wanted
    return None if found[1] else wanted + timedelta(weeks=1)  # «本周一» on a Friday is over


def _of_month(day: Decimal | None, today: date) -> date | None:
    """The next day of that number."""
    try:
        made = today.replace(day=int(day or 0))
        following = (today.replace(day=1) + timedelta(days=31)).replace(day=int(day or 0))
    except ValueError:
        return None
    return made if made >= today else following


def _dated(found: re.Match[str], today: date) -> date | None:
    try:
        if found[4]:
            made = date(int(found[4]), int(found[5]), int(found[6]))
        else:
            month, day = number(found[2]), number(found[3])
            if month is None or day is None:
                return None
            made = date(int(found[1]) if found[1] else today.year, int(month), int(day))
        made = made if found[1] or found[4] or made >= today else made.replace(year=today.year + 1)
    except ValueError:  # there is no such day, or not in the next year
        return None
    return made if made.year in YEARS else None


def _clock(found: re.Match[str]) -> timedelta | None:
    """So long after midnight; 24:00 is the end of the day. None where the hour can't be known."""
    part, hour_said = found[1] or "", found[2] or found[4] or found[6]
    value = number(hour_said)
    if value is None or value != int(value):
        return None
    minutes = found[3] or found[5]
    minute = int(minutes) if minutes else _minute(found)
    hour = _of_day(part, int(value))
    if hour is None or minute is None or minute > 59 or hour * 60 + minute > 24 * 60:
        return None
    return timedelta(hours=hour, minutes=minute)


def _minute(found: re.Match[str]) -> int | None:
    if found[7] or found[8]:
        return 30 if found[7] else {"一": 15, "三": 45}[found[8]]
    value = number(found[9]) if found[9] else Decimal(0)
    return None if value is None or value != int(value) else int(value)


def _within(part: str, usual: time) -> bool:
    """Whether the usual hour lies in this part of the day; of another no hour is known."""
    if part[0] in "早上清":
        return usual.hour < NOON
    return part in ("下午", "午后") and NOON <= usual.hour < NOON + 6


def _of_day(part: str, hour: int) -> int | None:
    """The hour of 24 that «晚上8点» is; «晚上12点» ends the day, and «晚上2点» may be of this day or of the next."""
    if not part or hour > NOON:
        return hour
    if part[0] in "晚夜深半" or part == "午夜":
        return {NOON: 24}.get(hour, hour + NOON if hour > 4 else None)
    if part in ("下午", "午后", "傍晚"):
        return hour + NOON if hour < NOON else hour
    if part in ("中午", "正午"):
        return hour + NOON if hour < 3 else hour if hour > 10 else None
    return 0 if part == "凌晨" and hour == NOON else hour
