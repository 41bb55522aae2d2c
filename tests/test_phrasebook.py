"""The words: every message that code asks for is there, every one that is there is asked for, and none is too long."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from handlers.phrasebook import Phrasebook, clock, cut, excerpt, fits, minute, pages, phrasebook, points, size, spans
from handlers.wording import LOSING, TWIN

HOME = Path(__file__).parent.parent
ASKED = re.compile(
    r"(?:words|phrasebook\(\)\.(?:text|reply|choices)|wording\.reply|worded|Say|refuse|ask_back|plainly|Problem|_finding|Refused|Unreadable)\(\s*"
    r'(?:scene, |desk, |"[✓!✗]", |\d+, )*f?"(?P<name>[a-z_{}.]+)"'
)


def code() -> str:
    rooms = ("handlers", "bot", "scheduler")
    return "\n".join(path.read_text(encoding="utf-8") for room in rooms for path in (HOME / room).rglob("*.py"))


def test_every_message_asked_for_is_there() -> None:
    asked = {name for name in ASKED.findall(code()) if "{" not in name}
    prefixes = ("doctor_", "backup_", "settings_")
    known = set(phrasebook().messages)
    missing = {name for name in asked if name not in known and not any(f"{one}{name}" in known for one in prefixes)}
    assert missing == set()


def test_every_message_compiles() -> None:
    book = phrasebook()
    for name in book.messages:
        assert book.environment.get_template(name)
        assert book.environment.get_template(f"{name}--")


def test_no_message_is_without_use() -> None:
    source = code()
    words = "".join(phrasebook().messages.values())  # some are parts of others
    composed = ("puzzled_", "score_", "help_", "doctor_", "backup_", "settings_", "office_")
    unused = [
        name
        for name in phrasebook().messages
        if f'"{name.removesuffix(TWIN).removesuffix(LOSING)}"' not in source
        and f'"{name}"' not in source
        and f'include "{name}"' not in words
        and not name.startswith(composed)
    ]
    assert unused == []


def test_every_twin_has_a_message_with_points() -> None:
    alone = [name for name in phrasebook().messages if name.endswith(TWIN) and f'"{name}"' not in code()]
    assert [name for name in alone if name.removesuffix(TWIN) not in phrasebook().messages] == []


def test_no_two_files_have_a_message_of_the_same_name() -> None:
    folder = HOME / "handlers" / "words" / "zh_CN"
    names = [name for path in folder.glob("*.txt") for name in cut(path.read_text(encoding="utf-8"))]
    assert len(names) == len(set(names))


def test_a_variable_that_is_missing_is_a_fault_and_not_a_blank() -> None:
    with pytest.raises(UndefinedError):
        Phrasebook({"x": "== hi ==\n{{ name }}\n--\n"}).text("hi", {})


def test_what_people_wrote_is_never_a_template() -> None:
    book = Phrasebook({"x": '== hi ==\n{{ said }}\n--\n[{{ said|tojson }}, "ok"]\n'})
    hostile = '{{ 7*7 }} {% raw %} "]\n["x"'
    assert book.text("hi", {"said": hostile}) == hostile
    assert [choice.label for choice in book.choices("hi", {"said": hostile})] == [hostile]


@pytest.mark.parametrize(
    ("value", "said"),
    [("8", "8"), ("8.50", "8.5"), ("10", "10"), ("100", "100"), ("1E+1", "10"), ("0", "0"), ("0.5", "0.5")],
)
def test_points(value: str, said: str) -> None:
    assert points(Decimal(value)) == said


def test_numbers_in_a_row_are_a_span() -> None:
    assert spans([3, 5, 6, 7, 12]) == "3、5–7、12"


@pytest.mark.parametrize(("count", "said"), [(None, ""), (12, "0.1 KB"), (2048, "2.0 KB"), (20 << 20, "20.0 MB")])
def test_sizes(count: int | None, said: str) -> None:
    assert size(count) == said


def test_an_excerpt_is_one_line_and_shows_where_it_was_cut() -> None:
    assert excerpt("一二\n三四五", 4) == "一二 …"


def test_pages_fit_and_lose_nothing() -> None:
    lines = [f"{number}. " + "会" * 90 for number in range(30)]
    texts = pages(lines, "开头")
    assert all(fits(text) for text in texts)
    assert "\n".join(texts).split("\n") == ["开头", *lines]


def test_the_end_of_a_day_is_its_own_and_not_the_next_ones_beginning() -> None:
    midnight = datetime(2026, 12, 15, 16, 0, tzinfo=UTC)
    assert minute(midnight, "Asia/Shanghai") == "12月15日（周二）24:00"
    assert minute(midnight + timedelta(minutes=1), "Asia/Shanghai") == "12月16日（周三）00:01"
    assert clock(midnight, "Asia/Shanghai") == "24:00"
