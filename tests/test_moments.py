"""Spans and moments as people write them."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.understanding.moments import moment, rest, span
from tests.season import ZONE

PIECES = [
    *"今明后大下本周月日号天点时分半刻到至早晚零一二三五九十百两:.-/ ",
    "上午",
    "下午",
    "凌晨",
    "24",
    "29",
    "31",
    "2028年",
    "2月",
]
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
        ("一个半小时", timedelta(minutes=90)),
        ("半小时", timedelta(minutes=30)),
        ("两天半", timedelta(days=2, hours=12)),
        ("两个礼拜", timedelta(weeks=2)),
        ("20日", timedelta(days=20)),
        ("到20日", None),
        ("至20日", None),
        ("-3天", None),
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
        ("1月20日24:00", "2027-01-21 00:00"),
        ("1月20日晚上12点", "2027-01-21 00:00"),
        ("今晚12点", "2026-12-21 00:00"),
        ("1月20日晚8点", "2027-01-20 20:00"),
        ("今晚8点", "2026-12-20 20:00"),
        ("明晚八点半", "2026-12-21 20:30"),
        ("明早9点", "2026-12-21 09:00"),
        ("1月20日傍晚6点", "2027-01-20 18:00"),
        ("1月20日夜里11点", "2027-01-20 23:00"),
        ("1月20日中午1点", "2027-01-20 13:00"),
        ("1月20日凌晨12点", "2027-01-20 00:00"),
        ("1月20日下午五点一刻", "2027-01-20 17:15"),
        ("1月20日9时30分", "2027-01-20 09:30"),
        ("1月20日9.30", "2027-01-20 09:30"),
        ("1月20日23:59:59", "2027-01-20 23:59"),
        ("大后天", "2026-12-23 17:30"),
        ("下下周五", "2027-01-01 17:30"),
        ("礼拜五", "2026-12-25 17:30"),
        ("20号", "2026-12-20 17:30"),
        ("到19号", "2027-01-19 17:30"),
        ("到31日", "2026-12-31 17:30"),
        ("1月20日下午", "2027-01-20 17:30"),
        ("1月20日晚上", None),  # no hour is known
        ("1月20日中午", None),
        ("1月20日25:00", None),
        ("1月20日晚上3点", None),
        ("1月20日2.5点", None),
        ("本周五", None),  # it is over
        ("9999年12月31日", None),
        ("0001年1月1日", None),
        ("随便", None),
    ],
)
def test_moments(said: str, at: str | None) -> None:
    found = moment(said, NOW, "Asia/Shanghai", usual=time(17, 30))
    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == at


def test_a_leap_day_that_is_over() -> None:
    assert moment("2月29日", datetime(2028, 3, 5, tzinfo=ZONE), "Asia/Shanghai", usual=time(17, 30)) is None


@given(st.lists(st.sampled_from(PIECES), max_size=7).map("".join), st.integers(0, 5000))
def test_whatever_is_said_makes_a_moment_or_none(said: str, days: int) -> None:
    here = NOW + timedelta(days=days)
    found, length = moment(said, here, "Asia/Shanghai", usual=time(17, 30)), span(said)
    assert found is None or 2000 <= found.year <= 2101
    assert length is None or timedelta(0) < length <= timedelta(days=400)
    assert set(rest(said)) <= set(said)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("三天 系统故障", "系统故障"),
        ("到1月20日17:30，因秘书生病", "秘书生病"),
        ("48小时", ""),
        ("到下周五", ""),
        ("到明晚8点 停电", "停电"),
    ],
)
def test_what_is_left_is_the_reason(said: str, reason: str) -> None:
    assert rest(said) == reason
