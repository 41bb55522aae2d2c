"""Reminders: due by the plan, by day, once; never to who is done, after the deadline, or on an old plan."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from handlers.late import extending
from handlers.notices.quiet import allowed, next_allowed
from handlers.notices.reminding import calendar, newest
from handlers.rounds import open_round
from rubrics.reading import catalog
from scheduler.closing import close_due
from scheduler.preparing import prepared
from scheduler.reminders import queue_due
from storage import outbox, queries
from storage.relations import OUTBOX, REMINDER, SOCIETY, Row
from tests.season import CLOSES, ZONE, Season

ZONE_NAME = "Asia/Shanghai"
PLAN = ("30d", "14d", "7d", "3d", "1d", "4h")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "moved"),
    [
        ("2026-12-21 09:00", "2026-12-21 09:00"),
        ("2026-12-21 21:00", "2026-12-22 08:00"),
        ("2026-12-21 07:59", "2026-12-21 08:00"),
        ("2026-12-25 22:00", "2026-12-28 08:00"),  # a Friday night
        ("2026-12-26 10:00", "2026-12-28 08:00"),
        ("2027-01-01 10:00", "2027-01-04 08:00"),  # New Year's day by law, then a weekend
        ("2026-02-14 10:00", "2026-02-14 10:00"),  # a Saturday worked for Spring Festival
        ("2026-02-16 10:00", "2026-02-24 08:00"),  # Spring Festival
    ],
)
def test_nobody_is_disturbed_at_night_or_on_holidays(moment: str, moved: str) -> None:
    assert next_allowed(at(moment), ZONE_NAME) == at(moved)
    assert allowed(at(moved), ZONE_NAME)


def test_the_usual_plan_before_the_fifteenth_of_january() -> None:
    due = {one.stage.name: f"{one.at.astimezone(ZONE):%m-%d %H:%M}" for one in calendar(PLAN, CLOSES, ZONE_NAME)}
    assert due == {
        "30d": "12-16 17:30",
        "14d": "01-04 08:00",  # New Year's day
        "7d": "01-08 17:30",
        "3d": "01-12 17:30",
        "1d": "01-14 17:30",
        "4h": "01-15 13:30",
    }


def test_a_stage_moved_to_where_the_next_one_speaks_is_left_out() -> None:
    # A deadline on a Monday morning: one day before is a Sunday.
    due = calendar(("3d", "1d", "4h"), at("2026-12-28 09:00"), ZONE_NAME)
    assert [(one.stage.name, one.at) for one in due] == [
        ("3d", at("2026-12-25 09:00")),
        ("4h", at("2026-12-28 08:00")),
    ]


def test_after_a_silence_only_the_newest_is_spoken_of() -> None:
    due = calendar(PLAN, CLOSES, ZONE_NAME)
    found = newest(due, at("2027-01-13 09:00"), at("2026-12-20 09:00"))
    assert found
    assert found.stage.name == "3d"
    assert newest(due, at("2027-01-13 09:00"), at("2027-01-12 18:00")) is None


def owed(season: Season, kind: str = "reminder") -> list[Row]:
    with season.db.read() as connection:
        return list(connection.execute(sa.select(OUTBOX).where(OUTBOX.c.kind == kind).order_by(OUTBOX.c.id)))


@pytest.fixture
def begun(season: Season) -> Season:
    """王老师 has begun on Telegram; 李老师 of the same society on the web."""
    season.join("王老师", "telegram")
    season.say("王老师", "开始", channel="telegram")
    season.say("王老师", "8分，承办年会1场", channel="telegram")
    season.join("李老师", "web")
    return season


def test_each_person_is_reminded_once_of_each_stage(begun: Season) -> None:
    begun.clock("2027-01-08 18:00")
    assert queue_due(begun.db, begun.now) == 2
    assert queue_due(begun.db, begun.now) == 0
    states = {row.channel: row.state for row in owed(begun)}
    assert states == {"telegram": "pending", "web": "sent"}
    text = owed(begun)[0].text
    assert "7天" in text or "6天" in text
    assert "王老师" in text
    begun.clock("2027-01-12 18:00")
    assert queue_due(begun.db, begun.now) == 2
    # The one that never went is overtaken, not sent beside.
    assert [row.state for row in owed(begun) if row.channel == "telegram"] == ["cancelled", "pending"]


def test_downtime_over_several_stages_sends_one(begun: Season) -> None:
    begun.clock("2027-01-14 18:00")
    assert queue_due(begun.db, begun.now) == 2
    with begun.db.read() as connection:
        assert set(connection.scalars(sa.select(REMINDER.c.stage))) == {"1d"}


def test_not_at_night_and_not_after_the_deadline(begun: Season) -> None:
    begun.clock("2027-01-08 22:00")
    assert queue_due(begun.db, begun.now) == 0
    begun.clock("2027-01-15 17:30")
    assert queue_due(begun.db, begun.now) == 0


def test_who_is_done_is_left_in_peace_even_while_it_is_under_way(begun: Season) -> None:
    begun.clock("2027-01-08 18:00")
    queue_due(begun.db, begun.now)
    begun.say("李老师", "提交", channel="web")
    begun.say("李老师", "确认提交", channel="web")
    assert told(begun) == ("cancelled", "done")
    begun.clock("2027-01-12 18:00")
    assert queue_due(begun.db, begun.now) == 0


def told(season: Season) -> tuple[str, str | None]:
    """What becomes of the newest reminder on Telegram when the sender comes to it now."""
    row = [row for row in owed(season) if row.channel == "telegram"][-1]

    def work(connection: sa.Connection) -> Row | None:
        replies = sa.update(OUTBOX).where(OUTBOX.c.kind != "reminder", OUTBOX.c.state == "pending")
        connection.execute(replies.values(state="sent"))
        claimed = outbox.claim(connection, "telegram", "", lease="x", now=season.now, limit=9)
        return next((prepared(connection, one, season.now) for one in claimed if one.id == row.id), None)

    ready = season.db.write(work)
    after = next(one for one in owed(season) if one.id == row.id)
    return ("ready", ready.text) if ready else (after.state, after.error)


def test_a_reminder_says_what_is_true_when_it_is_sent(begun: Season) -> None:
    begun.clock("2027-01-08 18:00")
    queue_due(begun.db, begun.now)
    begun.clock("2027-01-08 20:30")
    begun.say("李老师", "第2项 5分", channel="web")
    state, text = told(begun)
    assert state == "ready"
    assert text is not None
    assert "6天" in text


def test_at_night_it_waits_until_morning(begun: Season) -> None:
    begun.clock("2027-01-08 20:59")
    queue_due(begun.db, begun.now)
    begun.clock("2027-01-08 21:00")
    assert told(begun)[0] == "pending"
    begun.clock("2027-01-11 08:00")
    assert told(begun)[0] == "ready"


def test_an_extension_makes_a_new_plan_and_is_told(begun: Season) -> None:
    begun.clock("2027-01-14 18:00")
    queue_due(begun.db, begun.now)
    begun.clock("2027-01-15 16:40")

    def extend(connection: sa.Connection) -> None:
        society = connection.execute(sa.select(SOCIETY).where(SOCIETY.c.name == "浙江省示例学会")).one()
        round = queries.round_of(connection, begun.round)
        extending.extend(connection, round, society, CLOSES + timedelta(days=3), "系统故障", begun.now, by=None)

    begun.db.write(extend)
    assert [(row.channel, row.state) for row in owed(begun, "notice")] == [("telegram", "pending"), ("web", "sent")]
    assert told(begun) == ("cancelled", "the plan has changed")
    begun.clock("2027-01-15 17:31")
    taken = begun.say("王老师", "下一项", channel="telegram")
    assert "逾期" not in taken.replies[-1].text
    # Three days before the new deadline; what the new plan had before the extension is not caught up with.
    assert queue_due(begun.db, begun.now) == 2
    begun.clock("2027-01-18 13:31")
    assert queue_due(begun.db, begun.now) == 2
    begun.clock("2027-01-18 17:30")
    assert begun.say("王老师", "截止", channel="telegram").replies
    late = begun.say("王老师", "第3项 3分", channel="telegram")
    assert "逾期" in late.replies[0].text


def test_today_no_more(begun: Season) -> None:
    begun.clock("2027-01-08 09:00")
    begun.say("王老师", "今天别再提醒", channel="telegram")
    begun.clock("2027-01-08 18:00")
    assert queue_due(begun.db, begun.now) == 1  # 李老师
    begun.clock("2027-01-11 08:01")
    assert queue_due(begun.db, begun.now) == 1


def test_never_again(begun: Season) -> None:
    begun.say("王老师", "不再提醒", channel="telegram")
    begun.clock("2027-01-08 18:00")
    assert queue_due(begun.db, begun.now) == 1
    begun.say("王老师", "恢复提醒", channel="telegram")
    assert queue_due(begun.db, begun.now) == 1


def test_who_can_not_be_reached_is_on_record(begun: Season) -> None:
    begun.db.write(lambda connection: outbox.lose_touch(connection, "telegram", "", "王老师", begun.now))
    begun.clock("2027-01-08 18:00")
    queue_due(begun.db, begun.now)
    with begun.db.read() as connection:
        states = sorted(connection.scalars(sa.select(REMINDER.c.state)))
    assert states == ["queued", "unreachable"]


def given_time(season: Season, until: datetime) -> None:
    def extend(connection: sa.Connection) -> None:
        society = connection.execute(sa.select(SOCIETY).where(SOCIETY.c.name == "浙江省示例学会")).one()
        round = queries.round_of(connection, season.round)
        extending.extend(connection, round, society, until, "系统故障", season.now, by=None)

    season.db.write(extend)


def test_more_time_is_reminded_of_also_when_the_round_is_closed(begun: Season) -> None:
    begun.clock("2027-01-15 16:40")
    given_time(begun, CLOSES + timedelta(days=4))
    begun.clock("2027-01-15 17:30")
    assert close_due(begun.db, begun.now) == [begun.round]
    begun.clock("2027-01-19 13:30")
    assert queue_due(begun.db, begun.now) == 2
    state, text = told(begun)
    assert state == "ready"
    assert "1月19日" in (text or "")


def test_a_reminder_of_one_round_does_not_push_out_another_rounds(begun: Season) -> None:
    def second(connection: sa.Connection) -> None:
        source, closes = catalog()["zhejiang-2020"], CLOSES + timedelta(hours=1)
        name = "zhejiang-2020.yaml"
        open_round(connection, source, name, title="第二轮", closes_at=closes, zone=ZONE_NAME, now=begun.now)

    begun.db.write(second)
    begun.clock("2027-01-08 18:31")
    assert queue_due(begun.db, begun.now) == 4
    assert [row.state for row in owed(begun) if row.channel == "telegram"] == ["pending", "pending"]
