"""What is said unasked or late: within what WeChat allows, never lost, put in front where it could not be sent."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from storage import allowances
from storage.database import Database
from tests.channels.wechat.conftest import PHOTO, Town, hasty, shown, texts, until
from tests.conftest import NEW_YEAR
from tests.fakes.wechat import User

AT = ("wechat", "wx", "o_she")


def sends(town: Town) -> list[Any]:
    """What the platform answered to customer messages."""
    answers = [call.answer for call in town.fake.record.of("message/custom/send")]
    return [answer["errcode"] if isinstance(answer, dict) else answer for answer in answers]


def noticed(town: Town, user: User, *numbers: int, state: str = "sent") -> None:
    """Notices, each settled before the next."""
    for number in numbers:
        _noticed(town, user, f"通知{number}", state)


def _noticed(town: Town, user: User, text: str, state: str) -> None:
    town.owe(user, text, cause=f"test:{text}")
    until(lambda: [row.state for row in town.rows(user) if row.text == text] == [state])


# The allowance


def test_a_notice_is_sent(town: Town) -> None:
    user = town.joined("王老师")
    noticed(town, user, 1)
    assert (user.sees[-1]["way"], user.sees[-1]["text"]) == ("custom", "通知1")


def test_five_after_a_message_and_the_last_is_kept_for_an_answer(town: Town) -> None:
    user = town.joined("王老师")
    noticed(town, user, 1, 2, 3, 4)
    noticed(town, user, 5, 6, state="held")
    assert texts(user.sees, "custom") == ["通知1", "通知2", "通知3", "通知4"]
    assert shown(user.says("分数")).startswith("通知5\n\n通知6\n\n暂计")
    noticed(town, user, 7, 8, 9, 10)
    before = len(user.sees)
    assert user.quota
    user.quota.left = 1  # what a slow answer of her last message may use
    town.fake.fault("media/get", until=(there := threading.Event()))
    with hasty():
        assert user.sends_photo(PHOTO) is None
    there.set()
    assert "已收" in user.waits_for(before + 1)[-1]["text"]
    assert set(sends(town)) == {0}, "the platform never had to refuse"


def test_three_in_a_minute_after_a_scan(town: Town) -> None:
    user = town.fake.user("王老师")
    shown(user.scans(town.invite()))
    noticed(town, user, 1, 2)
    noticed(town, user, 3, state="held")
    assert set(sends(town)) == {0}
    assert "通知3" in shown(user.clicks("进度"))
    town.passes(minutes=2)
    noticed(town, user, 4, state="held")
    assert len(sends(town)) == 2
    assert "通知4" in shown(user.says("分数"))


def test_two_days_after_her_last_message(town: Town) -> None:
    user = town.joined("王老师")
    town.passes(hours=47)
    noticed(town, user, 1)
    town.passes(hours=2)
    noticed(town, user, 2, state="held")
    assert len(sends(town)) == 1, "not even tried"
    assert shown(user.says("分数")).startswith("通知2\n\n")


LONG, SHORT = timedelta(hours=48), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("acts", "left"),
    [
        ([(5, LONG, 0)], 5),
        ([(5, LONG, 7)], 0),
        ([(3, SHORT, 0)], 0),
        ([(5, LONG, 0), (3, SHORT, 0)], 5),
        ([(5, LONG, 3), (3, SHORT, 0)], 3),
        ([(3, SHORT, 0), (5, LONG, 1)], 4),
        ([(5, LONG, 5), (5, LONG, 1)], 4),
    ],
    ids=str,
)
def test_what_is_left_an_hour_later(db: Database, acts: list[tuple[int, timedelta, int]], left: int) -> None:
    """A smaller grant never takes away what a larger one still leaves."""

    def work(connection: Any) -> int:
        for count, lasts, spent in acts:
            allowances.grant(connection, AT, count, lasts, NEW_YEAR)
            for _ in range(spent):
                allowances.spend(connection, AT)
        return allowances.left(connection, AT, NEW_YEAR + timedelta(hours=1))

    assert db.write(work) == left


# What the platform refuses


@pytest.mark.parametrize("code", [45015, 45047])
def test_a_closed_window_holds_it_until_she_writes(town: Town, code: int) -> None:
    user = town.joined("王老师")
    town.fake.fault("message/custom/send", body={"errcode": code, "errmsg": "closed"})
    noticed(town, user, 1, state="held")
    noticed(town, user, 2, state="held")
    assert len(sends(town)) == 1, "the second is not even tried"
    assert shown(user.says("分数")).startswith("通知1\n\n通知2\n\n暂计")
    until(lambda: not town.rows(user, "held", "pending"))
    noticed(town, user, 3)


def test_an_account_that_is_not_verified_loses_nothing(town: Town) -> None:
    town.fake.account.verified = False
    user = town.joined("王老师")
    user.says("8分")
    noticed(town, user, 1, state="held")
    town.fake.fault("media/get", until=(there := threading.Event()))
    with hasty():
        assert user.sends_photo(PHOTO) is None
    there.set()
    town.owed(user, "held", 2)
    said = shown(user.says("分数"))
    assert said.startswith("通知1\n\n已收：照片")
    assert "自评合计8分" in said
    assert texts(user.sees, "custom") == []
    assert town.channel == "on"


def test_who_left_is_unreachable_until_she_is_back(town: Town) -> None:
    user = town.joined("王老师")
    noticed(town, user, 1)
    user.unsubscribes()
    assert town.contact(user).unreachable_at is not None
    user.follows = True  # without telling us
    assert "【1/25】" in shown(user.says("继续"))
    assert town.contact(user).unreachable_at is None
    user.follows = False  # without telling us
    noticed(town, user, 2, state="unreachable")
    assert sends(town)[-1] == 43004
    until(lambda: town.contact(user).unreachable_at)
    assert shown(user.subscribes()).startswith("通知2\n\n")
    assert town.contact(user).unreachable_at is None
    noticed(town, user, 3)


def test_what_was_on_its_way_when_she_left(town: Town) -> None:
    user = town.joined("王老师")
    town.passes(hours=49)
    noticed(town, user, 1, state="held")
    user.unsubscribes()
    assert [row.text for row in town.rows(user, "unreachable")] == ["通知1"]
    assert shown(user.subscribes()).startswith("通知1\n\n")


def test_an_unknown_person_is_unreachable(town: Town) -> None:
    user = town.joined("王老师")
    town.fake.fault("message/custom/send", body={"errcode": 40003, "errmsg": "invalid openid"})
    noticed(town, user, 1, state="unreachable")


def test_what_can_never_be_sent_is_listed(town: Town) -> None:
    user = town.joined("王老师")
    town.fake.fault("message/custom/send", body={"errcode": 45002, "errmsg": "content size out of limit"})
    noticed(town, user, 1, state="failed")
    assert "45002" in town.rows(user, "failed")[0].error
    noticed(town, user, 2)


# What nobody knows


@pytest.mark.parametrize("fault", [{"body": {"errcode": -1}}, {"dropped": True}, {"body": "<html>ok?</html>"}], ids=str)
def test_a_notice_is_never_sent_blindly_again(town: Town, fault: dict[str, Any]) -> None:
    user = town.joined("王老师")
    town.fake.fault("message/custom/send", **fault)
    noticed(town, user, 1, state="uncertain")
    assert len(town.fake.record.of("message/custom/send")) == 1
    assert texts(user.sees, "custom").count("通知1") == (1 if "dropped" in fault else 0)


@pytest.mark.parametrize(
    "fault",
    [{"body": {"errcode": -1}}, {"dropped": True}, {"body": "<html>ok?</html>"}, {"status": 502}],
    ids=str,
)
def test_an_answer_is_sent_until_it_is_taken(town: Town, fault: dict[str, Any]) -> None:
    user = town.joined("王老师")
    town.fake.fault("media/get", until=(there := threading.Event()))
    town.fake.fault("message/custom/send", **fault)
    with hasty():
        assert user.sends_photo(PHOTO) is None
    there.set()
    until(lambda: "已收" in (last := town.rows(user)[-1]).text and last.state == "sent")
    came = [text for text in texts(user.sees, "custom") if "已收" in text]
    assert len(came) == (2 if "dropped" in fault else 1)
    assert len(set(came)) == 1, "the same receipt"
