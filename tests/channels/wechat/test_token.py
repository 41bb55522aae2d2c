"""The access token: one fetch for everybody, one renewal, no loop; and what is told when there is none."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.house import House, open_house
from bot.wechat import channel
from bot.wechat.carrying import WeChatCarrier
from scheduler.delivery import Halted
from tests.channels.inside import settings_in
from tests.channels.wechat.conftest import Serve, Town, carried, ours, shown, until
from tests.fakes.wechat import SECRET, WeChat
from tests.schema import place

PARALLEL = 20


def fetched(fake: WeChat) -> int:
    return len(fake.record.of("stable_token"))


def house(fake: WeChat, folder: Path) -> House:
    place(folder / "data")
    return open_house(settings_in(folder, **ours(fake)))


async def at_once(carrier: WeChatCarrier) -> set[str]:
    calls = [carrier.api.call("/cgi-bin/clear_quota_of_nothing") for _ in range(PARALLEL)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    return {str(answer)[:14] for answer in answers}


def test_one_fetch_for_many_calls_and_processes(fake: WeChat, tmp_path: Path) -> None:
    fake.fault("stable_token", delay=0.3)
    houses = [house(fake, tmp_path) for _ in range(3)]
    with ThreadPoolExecutor(3) as processes:
        said = list(processes.map(lambda one: carried(one, at_once), houses))
    assert said == [{"errcode 40066:"}] * 3, "each call came through with a token that is right"
    assert fetched(fake) == 1
    fake.account.tokens.revoke()
    with ThreadPoolExecutor(3) as processes:
        list(processes.map(lambda one: carried(one, lambda carrier: carrier.invited_by("K7Q2M9XA", 60)), houses))
    assert fetched(fake) == 2, "one renewal for all of them"
    for one in houses:
        one.db.close()


def test_a_stale_token_is_renewed_once_and_the_message_comes(town: Town) -> None:
    user = town.joined("王老师")
    town.fake.account.tokens.revoke()
    town.owe(user, "通知1", cause="test:1")
    assert town.owed(user, "sent", len(town.rows(user)))
    assert user.sees[-1]["text"] == "通知1"
    assert [call.answer["errcode"] for call in town.fake.record.of("message/custom/send")] == [40001, 0]
    assert fetched(town.fake) == 2


def test_a_token_that_is_always_refused_makes_no_loop(town: Town) -> None:
    user = town.joined("王老师")
    fault = town.fake.fault("message/custom/send", body={"errcode": 40001, "errmsg": "invalid"}, times=1000)
    town.owe(user, "通知1", cause="test:1")
    until(lambda: town.channel != "on")
    assert "40001" in town.channel
    assert fault.times == 998
    assert fetched(town.fake) == 2
    assert [row.state for row in town.rows(user)][-1] == "pending", "it waits for the account to be well again"
    assert shown(user.says("分数")).startswith("通知1"), "or goes with an answer"


def test_media_with_a_stale_token(town: Town) -> None:
    user = town.joined("王老师")
    town.fake.account.tokens.revoke()
    assert "已收" in shown(user.sends_photo(b"\xff\xd8\xff\xe0"))


def test_a_token_near_its_end_is_renewed_before(town: Town) -> None:
    user = town.joined("王老师")
    town.passes(minutes=116)
    town.owe(user, "通知1", cause="test:1")
    until(lambda: town.rows(user)[-1].state == "sent")
    assert [call.answer["errcode"] for call in town.fake.record.of("message/custom/send")] == [0]


@pytest.mark.parametrize("code", [40164, 50001, 48004])
def test_a_refusal_that_settings_cause_stops_the_account_and_loses_nothing(
    fake: WeChat, tmp_path: Path, code: int
) -> None:
    one = house(fake, tmp_path)
    fake.fault("qrcode/create", body={"errcode": code, "errmsg": "no"})
    with pytest.raises(Halted, match=str(code)):
        carried(one, lambda carrier: carrier.invited_by("K7Q2M9XA", 60))
    one.db.close()


# Not well


def test_a_wrong_secret_is_told_and_she_is_heard_all_the_same(serve: Serve) -> None:
    town = serve(wechat_app_secret="CANARY-wrong-secret")
    until(lambda: "40125" in town.channel)
    assert SECRET not in town.channel
    assert "CANARY" not in town.channel
    user = town.joined("王老师")
    assert "已记：第1项 8分" in shown(user.says("8分"))
    town.owe(user, "通知1", cause="test:1")
    until(lambda: "40125" in str([row.error for row in town.rows(user, "pending")]))
    assert shown(user.says("分数")).startswith("通知1\n\n暂计")
    assert town.fake.faulty_answers == []


def test_an_api_that_is_not_reached_is_told_and_she_is_heard_all_the_same(serve: Serve) -> None:
    town = serve(wechat_api_base="http://127.0.0.1:9")
    until(lambda: "not reached" in town.channel)
    user = town.joined("王老师")
    assert "已记：第1项 8分" in shown(user.says("8分"))
    assert town.fake.faulty_answers == []


@pytest.mark.parametrize(
    "fault",
    [
        {"body": {}},
        {"body": {"access_token": "x"}},
        {"body": "<html>"},
        {"status": 503},
        {"body": "[]"},
        {"dropped": True},
    ],
    ids=str,
)
def test_the_connection_comes_back(
    serve: Serve, fake: WeChat, monkeypatch: pytest.MonkeyPatch, fault: dict[str, object]
) -> None:
    monkeypatch.setattr(channel, "RETRY_SECONDS", 0.2)
    fake.fault("stable_token", **fault, times=2)
    town = serve()
    town.connected()
    assert fetched(fake) == 3
