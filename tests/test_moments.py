"""Spans and moments as people write them."""

from datetime import datetime, time, timedelta

import pytest

from handlers.understanding.moments import moment, rest, span
from tests.season import ZONE

NOW = datetime(2026, 12, 20, 9, 0, tzinfo=ZONE)  # a Sunday


@pytest.mark.parametrize(
    ("said", "length"),
    [
        ("三天", timedelta(days=3)),
        ("３ 天", timedelta(days=3)),
        ("48小时 系统故障", timedelta(hours=48)),
        ("两周", timedelta(weeks=2)),
        ("一个星期", timedelta(weeks=1)),
        ("30分钟", timedelta(minutes=30)),
        ("1月1日", None),
        ("一会儿", None),
        ("九百天", None),
        ("", None),
    ],
)
def test_spans(said: str, length: timedelta | None) -> None:
    assert span(said) == length


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("1月20日17:30", "2027-01-20 17:30"),
        ("12月31日", "2026-12-31 17:30"),
        ("2027年2月1日中午12点", "2027-02-01 12:00"),
        ("2027-01-18 08:05", "2027-01-18 08:05"),
        ("明天下午三点半", "2026-12-21 15:30"),
        ("下周五", "2026-12-25 17:30"),
        ("今天18:00", "2026-12-20 18:00"),
        ("18:00", "2026-12-20 18:00"),
        ("8:00", "2026-12-21 08:00"),
        ("13月40日", None),
        ("随便", None),
    ],
)
def test_moments(said: str, at: str | None) -> None:
    found = moment(said, NOW, "Asia/Shanghai", usual=time(17, 30))
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == at


@pytest.mark.parametrize(
    ("said", "reason"),
    [("三天 系统故障", "系统故障"), ("到1月20日17:30，因秘书生病", "秘书生病"), ("48小时", ""), ("到下周五", "")],
)
def test_what_is_left_is_the_reason(said: str, reason: str) -> None:
    assert rest(said) == reason
