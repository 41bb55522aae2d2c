"""Every word the bot says: messages by name from handlers/words, each with its choices below a line of two dashes."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from handlers.messages import Choice, Reply

LANGUAGE = "zh_CN"
WEEKDAYS = "一二三四五六日"
TEMPLATE = re.compile(r"\{[{%#]")
BLANK_LINES = re.compile(r"\n{2,}")
HEADING = re.compile(r"^== (\w+) ==\n", re.MULTILINE)
# A phone screen, and the bytes of a WeChat message.
LONGEST_CHARACTERS = 600
LONGEST_BYTES = 2000


class Phrasebook:
    """Messages, each compiled when it is first said; user text is only ever a variable of them."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.messages = {name: body for text in sources.values() for name, body in cut(text).items()}
        loader: dict[str, str] = {}
        self.fixed: dict[str, tuple[Choice, ...]] = {}  # where the choices are always the same
        for name, body in self.messages.items():
            loader[name], _, loader[f"{name}--"] = body.partition("\n--\n")
            if not TEMPLATE.search(loader[f"{name}--"]):
                self.fixed[name] = _choices(loader[f"{name}--"])
        self.environment = ImmutableSandboxedEnvironment(
            loader=DictLoader(loader),
            auto_reload=False,
            cache_size=-1,
            undefined=StrictUndefined,
            lstrip_blocks=True,
            autoescape=False,
        )
        self.environment.filters.update(FILTERS)

    def text(self, name: str, about: Mapping[str, Any]) -> str:
        """The words of a message, without blank lines at its ends or doubled inside."""
        said = self.environment.get_template(name).render(about)
        return BLANK_LINES.sub("\n", said).strip()

    def choices(self, name: str, about: Mapping[str, Any]) -> tuple[Choice, ...]:
        fixed = self.fixed.get(name)
        return _choices(self.environment.get_template(f"{name}--").render(about)) if fixed is None else fixed

    def reply(self, name: str, about: Mapping[str, Any]) -> Reply:
        return Reply(self.text(name, about), self.choices(name, about))


def cut(text: str) -> dict[str, str]:
    """A file of messages into its messages."""
    pieces = HEADING.split(text)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def fits(text: str) -> bool:
    return len(text) <= LONGEST_CHARACTERS and len(text.encode()) <= LONGEST_BYTES


def pages(lines: list[str], head: str = "") -> list[str]:
    """Lines as as few texts as fit a phone screen, cut only between lines."""
    texts = [head]
    for line in filter(None, lines):
        longer = f"{texts[-1]}\n{line}" if texts[-1] else line
        if fits(longer):
            texts[-1] = longer
        else:
            texts.append(line)
    return texts


def _choices(lines: str) -> tuple[Choice, ...]:
    return tuple(_choice(json.loads(line)) for line in lines.splitlines() if line.strip())


def _choice(parts: list[str] | dict[str, str]) -> Choice:
    """["label", "words", "keys"…], or {"upload": "label"}."""
    if isinstance(parts, dict):
        return Choice(parts["upload"], parts["upload"], upload=True)
    label, words, *keys = parts if len(parts) > 1 else [parts[0], parts[0]]
    return Choice(label, words, tuple(keys))


def points(value: Decimal | None) -> str:
    """8, 8.5; never 8.50 nor 1E+1."""
    return "—" if value is None else f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def minute(at: datetime, zone: str) -> str:
    """1月15日（周五）17:30; the end of a day is its 24:00, not the next one's 00:00."""
    local = at.astimezone(ZoneInfo(zone))
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        ended = local - timedelta(days=1)
        return f"{ended.month}月{ended.day}日（周{WEEKDAYS[ended.weekday()]}）24:00"
    return f"{local.month}月{local.day}日（周{WEEKDAYS[local.weekday()]}）{local:%H:%M}"


def clock(at: datetime, zone: str) -> str:
    """17:30; 24:00 at the end of a day."""
    said = f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
    return "24:00" if said == "00:00" else said


def day(at: datetime, zone: str) -> str:
    """1月15日"""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.month}月{local.day}日"


def second(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def clock_second(at: datetime, zone: str) -> str:
    """17:28:41"""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M:%S}"


def countdown(span: timedelta) -> str:
    """1小时2分; in the last hour to the second."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    if minutes >= 60:
        return f"{minutes // 60}小时{minutes % 60}分"
    return f"{minutes}分{seconds}秒" if minutes else f"{seconds}秒"


def remaining(span: timedelta) -> str:
    """还有26天 in the largest unit that says something."""
    if span >= timedelta(days=2):
        return f"{span.days}天"
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    if not hours:
        return f"{max(minutes, 1)}分钟"
    return f"{hours}小时{minutes}分" if minutes else f"{hours}小时"


def excerpt(text: str, longest: int = 24) -> str:
    """The beginning of what she wrote, on one line, marked where it is cut."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def size(count: int | None) -> str:
    """Bytes as people read them."""
    if count is None:
        return ""
    return f"{count / (1 << 20):.1f} MB" if count >= 1 << 20 else f"{max(count / 1024, 0.1):.1f} KB"


def item_title(item: Any) -> str:
    """The printed heading, with our short name where several items stand under it."""
    if not item.heading or item.heading == item.name:
        return str(item.name)
    siblings = sum(other.heading == item.heading for other in item.section.items)
    return f"{item.heading}·{item.name}" if siblings > 1 else str(item.heading)


def item_worth(item: Any) -> str:
    """Full points, or how many it adds or takes off at most."""
    return phrasebook().text("item_worth", {"item": item})


def spans(numbers: Iterable[int]) -> str:
    """3、5–8、12"""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "、".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def printed(when: str) -> str:
    """A moment of a calendar as exact as it is known: 2027年6月, 2027年6月3日, 2027年6月3日 17:30."""
    day, _, hour = when.partition("T")
    named = "".join(f"{int(one)}{unit}" for one, unit in zip(day.split("-"), "年月日", strict=False))
    return f"{named} {hour}" if hour else named


def grouped(value: Decimal) -> str:
    """50,000: an amount that was typed as 5万 is read back in full (domain.md Q-WZ25)."""
    return f"{value:,f}"


FILTERS: dict[str, Callable[..., object]] = {
    "points": points,
    "minute": minute,
    "second": second,
    "clock": clock,
    "clock_second": clock_second,
    "countdown": countdown,
    "day": day,
    "remaining": remaining,
    "excerpt": excerpt,
    "size": size,
    "title": item_title,
    "worth": item_worth,
    "spans": spans,
    "printed": printed,
    "grouped": grouped,
}


@cache
def phrasebook() -> Phrasebook:
    folder = files("handlers") / "words" / LANGUAGE
    return Phrasebook(
        {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.name.endswith(".txt")}
    )
