"""A line that has ended: what was certainly not said on it is said on another of hers, once; never what may have arrived."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices.announcing import targets
from handlers.notices.calling import Call, call
from handlers.notices.redirecting import astray, redirect
from scheduler.announcements import announce_due
from scheduler.preparing import prepared
from scheduler.reminders import queue_due
from scheduler.ticking import Ticker
from storage import outbox
from storage.relations import OUTBOX, PERSON, Row
from tests.season import Season


@pytest.fixture
def her(season: Season) -> Season:
    """王老师 on Telegram, and on the web besides; what is owed to her goes to Telegram, which rings."""
    season.join("王老师", "telegram")
    season.join("王老师", "web")
    season.clock("2026-12-21 09:00")
    return season


def owe(season: Season, cause: str = "extension:1:2:1", **more: object) -> None:
    def work(connection: sa.Connection) -> None:
        call(connection, 1, Call(cause, "notice"), Reply("延期到周五"), season.now)
        connection.execute(sa.update(OUTBOX).where(OUTBOX.c.cause == cause).values(**more) if more else sa.select(1))

    season.db.write(work)


def rows(season: Season, kind: str = "notice") -> list[Row]:
    with season.db.read() as connection:
        return list(connection.execute(sa.select(OUTBOX).where(OUTBOX.c.kind == kind).order_by(OUTBOX.c.id)))


def moved(season: Season) -> int:
    return season.db.write(lambda connection: redirect(connection, astray(connection), season.now))


def states(season: Season, kind: str = "notice") -> list[tuple[str, str]]:
    return [(row.channel, row.state) for row in rows(season, kind)]


def logs_out(season: Season, channel: str = "telegram") -> None:
    season.say("王老师", "退出登录", channel=channel)


@pytest.mark.parametrize("state", ["pending", "held", "unreachable"])
def test_what_was_not_said_goes_to_the_other_line_once(her: Season, state: str) -> None:
    owe(her, state=state)
    assert moved(her) == 0
    logs_out(her)
    assert moved(her) == 1
    assert states(her) == [("telegram", "cancelled"), ("web", "sent")]
    old, new = rows(her)
    assert (new.cause, new.text) == ("extension:1:2:1", "延期到周五")
    assert "web" in old.error
    assert moved(her) == 0
    owe(her)
    assert len(rows(her)) == 2


@pytest.mark.parametrize(
    "fate",
    [
        {"state": "uncertain"},
        {"state": "on_wire"},
        {"state": "sent"},
        {"state": "failed"},
        {"attempts": 1},
        {"done": 1},
        {"valid_until": "past"},
    ],
)
def test_what_may_have_arrived_or_is_of_no_use_stays(her: Season, fate: dict[str, object]) -> None:
    values = {"valid_until": her.now} if "valid_until" in fate else fate
    owe(her, **values)
    logs_out(her)
    assert moved(her) == 0
    assert len(rows(her)) == 1


def test_who_can_not_be_reached_on_one_line_is_told_on_the_other(her: Season) -> None:
    owe(her)
    her.db.write(lambda db: outbox.lose_touch(db, "telegram", "", "王老师", her.now))
    assert states(her) == [("telegram", "unreachable")]
    assert moved(her) == 1
    assert states(her) == [("telegram", "cancelled"), ("web", "sent")]


def test_a_line_that_comes_later_gets_what_the_old_one_could_not_say(season: Season) -> None:
    season.join("王老师", "telegram")
    owe(season)
    logs_out(season)
    assert moved(season) == 0
    season.join("王老师", "wecom")
    assert moved(season) == 1
    assert states(season) == [("telegram", "cancelled"), ("wecom", "pending")]


def test_who_was_put_out_hears_no_more(her: Season) -> None:
    owe(her)
    logs_out(her)
    her.db.write(lambda db: db.execute(sa.update(PERSON).where(PERSON.c.id == 1).values(revoked_at=her.now)))
    assert moved(her) == 0


def test_the_sender_that_comes_first_leaves_it_for_the_other_line(her: Season) -> None:
    owe(her)
    logs_out(her)

    def work(connection: sa.Connection) -> list[Row | None]:
        replies = sa.update(OUTBOX).where(OUTBOX.c.kind == "reply", OUTBOX.c.state == "pending")
        connection.execute(replies.values(state="sent"))
        claimed = outbox.claim(connection, "telegram", "", lease="x", now=her.now, limit=9)
        return [prepared(connection, one, her.now) for one in claimed]

    assert her.db.write(work) == [None]
    assert states(her) == [("telegram", "unreachable")]
    assert moved(her) == 1
    assert states(her)[-1] == ("web", "sent")


def test_a_reminder_that_moves_says_what_is_true_then(her: Season) -> None:
    her.clock("2027-01-08 18:00")
    assert queue_due(her.db, her.now) == 1
    logs_out(her)
    her.clock("2027-01-08 22:00")
    assert moved(her) == 0
    her.clock("2027-01-11 09:00")
    assert moved(her) == 1
    assert "还有4天" in rows(her, "reminder")[-1].text
    assert queue_due(her.db, her.now) == 0


def test_a_reminder_of_who_is_done_does_not_move(her: Season) -> None:
    her.clock("2027-01-08 18:00")
    queue_due(her.db, her.now)
    her.say("王老师", "提交", channel="web")
    her.say("王老师", "确认提交", channel="web")
    logs_out(her)
    assert moved(her) == 0


def test_an_announcement_that_moves_is_counted_where_it_went(her: Season) -> None:
    her.join("staff")
    her.say("staff", "给示例学会发通知：测试")
    her.say("staff", "1")
    her.now += timedelta(minutes=2)
    announce_due(her.db, her.now)
    logs_out(her)
    assert moved(her) == 1
    with her.db.read() as connection:
        assert [one.state for one in targets(connection, 1)] == ["sent"]
    assert "已记下" in her.say("王老师", "收到", channel="web").replies[-1].text


def test_the_tick_does_it(her: Season) -> None:
    owe(her)
    logs_out(her)
    for _ in range(2):
        Ticker(her.db, lambda: her.now, 1).tick()
    assert states(her) == [("telegram", "cancelled"), ("web", "sent")]
