"""Members of a corp talk to the running server: all that WeCom does on a bad day included."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.relations import ARRIVAL, CONTACT, INBOUND, OUTBOX
from tests.browser.running import Running
from tests.channels.wecom.conftest import Office, served
from tests.fakes.serving import Fault
from tests.fakes.wecom import WeCom
from tests.fakes.wecom_push import Delivery
from tests.fakes.wecom_user import JPEG, User


def to(user: User, kind: str | None = None) -> Any:
    """Picks the calls that are for this member."""
    return lambda given: given.get("touser") == user.userid and given.get("msgtype") == (kind or given.get("msgtype"))


def refused(office: Office, user: User, errcode: int, times: int = 1) -> None:
    body = {"errcode": errcode, "errmsg": "no"}
    office.fake.record.faults.append(Fault("message/send", times=times, body=body, only=to(user)))


def state(server: Running) -> str:
    with urllib.request.urlopen(f"{server.address}/readyz") as answer:
        return str(json.loads(answer.read())["channels"]["wecom"])


def settled(office: Office, user: User, state: str, seconds: float = 60.0) -> None:
    """Until the last message owed to her is in this state."""
    last = sa.select(OUTBOX.c.state).where(OUTBOX.c.address == user.userid).order_by(OUTBOX.c.id.desc()).limit(1)

    def holds() -> bool:
        with office.db.read() as db:
            return bool(db.scalar(last) == state)

    _until(holds, seconds)


def test_a_conversation(office: Office) -> None:
    user = office.member()
    assert user.enters().arrived
    assert "邀请码" in user.waits_for(1)[0]["text"]
    user.enters()
    user.says(office.server.invite(name="李秘书").lower())
    assert [label for label, _ in user.waits_for(2)[1]["buttons"]] == ["开始", "说明"]
    user.taps("开始")
    assert user.waits_for(3)[2]["text"].startswith("【1/25】")
    user.waits_until(lambda sees: sees[1]["replaced_by"] == "开始")
    user.says("8分，承办全国年会1场")
    assert "已记：第1项 8分；依据1条。回执" in user.waits_for(4)[3]["text"]
    user.sends_photo()
    assert "已收：照片" in user.waits_for(5)[4]["text"]
    user.clicks("还缺什么")
    assert "离满分还差" in user.waits_for(6)[5]["text"]
    user.enters()
    user.sends_voice(b"#!AMR\n" + bytes(600))
    assert "语音" in user.waits_for(7)[6]["text"]
    user.sends_video()
    assert "视频" in user.waits_for(8)[7]["text"]
    user.sends_location()
    assert "看不了" in user.waits_for(9)[8]["text"]


def test_a_file_goes_out_as_a_file(office: Office) -> None:
    user = office.secretary("开始")
    user.sends_photo(JPEG + b"one")
    user.waits_for(3)
    user.says("看依据")
    entries = user.waits_for(5)
    assert (entries[3]["kind"], entries[4]["kind"]) == ("text", "file")
    assert entries[4]["data"] == JPEG + b"one"
    assert entries[4]["name"].startswith("照片")
    assert "<a" not in entries[3]["text"].partition("可回")[0]


def test_the_same_card_twice_is_recognised(office: Office) -> None:
    user = office.secretary()
    user.taps("开始")
    user.waits_until(lambda sees: sees[0]["replaced_by"] and len(sees) == 2)
    user.taps("开始", card={**user.sees[0], "buttons": [("开始", _key(office, user))]})
    assert user.waits_for(3)[2]["text"].startswith("【1/25】")


def _key(office: Office, user: User) -> str:
    with office.db.read() as db:
        welcome = db.scalar(sa.select(sa.func.min(OUTBOX.c.id)).where(OUTBOX.c.address == user.userid))
    return f"{welcome}-0"


@pytest.mark.parametrize("kind", ["text", "photo", "tap", "click"])
def test_what_comes_five_times_more_at_once_has_one_effect(office: Office, kind: str) -> None:
    user = office.secretary("开始")
    acts: dict[str, Callable[[], Delivery]] = {
        "text": lambda: user.says("8分，年会"),
        "photo": user.sends_photo,
        "tap": lambda: user.taps("什么算依据"),
        "click": lambda: user.clicks("进度"),
    }
    assert acts[kind]().arrived
    assert all(done.arrived and done.tries == 1 for done in office.fake.deliver_again(user, threads=5))
    user.waits_for(3)
    settled(office, user, "sent")
    user.says("进度")
    user.waits_for(4)
    with office.db.read() as db:
        owed = db.scalar(sa.select(sa.func.count()).where(OUTBOX.c.address == user.userid))
        once = sa.select(sa.func.count()).where(ARRIVAL.c.address == user.userid)
        assert (owed, db.scalar(once)) == (4, int(kind == "photo"))
    assert len(user.sees) == 4


@pytest.mark.parametrize(("kind", "words"), [("text", "提交吗"), ("template_card", "第2项"), ("file", "看依据")])
def test_an_answer_that_is_lost_does_not_double_the_message(office: Office, kind: str, words: str) -> None:
    user = office.secretary("开始")
    user.sends_photo()
    count = len(user.waits_for(3)) + (2 if kind == "file" else 1)
    swallowed = len(office.fake.swallowed)
    office.fake.record.faults.append(Fault("message/send", dropped=True, only=to(user)))
    if kind == "file":
        office.fake.record.faults[-1].only = to(user, "file")
    user.says(words)
    user.waits_for(count)
    settled(office, user, "sent")
    assert len(office.fake.swallowed) == swallowed + 1
    user.says("进度")
    assert len(user.waits_for(count + 1)) == count + 1


def test_a_forgotten_token_is_fetched_once_for_all(office: Office) -> None:
    members = [office.secretary() for _ in range(4)]
    fetched = len(office.fake.record.of("gettoken"))
    office.fake.forget_tokens()
    saying = [threading.Thread(target=user.says, args=("开始",)) for user in members]
    for one in saying:
        one.start()
    for one in saying:
        one.join()
    for user in members:
        user.waits_for(2)
    assert len(office.fake.record.of("gettoken")) == fetched + 1


def test_busy_and_too_fast_lose_nothing(office: Office) -> None:
    user = office.secretary()
    refused(office, user, -1)
    user.says("开始")
    user.waits_for(2)
    refused(office, user, 45033)
    user.says("进度")
    user.says("截止")
    assert len(user.waits_for(4)) == 4


def test_a_member_who_has_left_hears_it_all_when_she_is_back(office: Office) -> None:
    user = office.secretary()
    with office.fake.changed:
        gone = office.fake.members.pop(user.userid.lower())
    user.says("开始")
    settled(office, user, "unreachable")
    with office.fake.changed:
        office.fake.members[user.userid.lower()] = gone
    user.says("进度")
    told = [entry["text"] for entry in user.waits_for(3)[1:]]
    assert told[0].startswith("【1/25】")


def test_coming_and_leaving_is_noted(office: Office) -> None:
    user = office.secretary()
    unreachable = sa.select(CONTACT.c.unreachable_at).where(CONTACT.c.address == user.userid)
    for event, lost in (("unsubscribe", True), ("subscribe", False)):
        assert user.causes(event, {"EventKey": ""}).arrived
        with office.db.read() as db:
            assert (db.scalar(unreachable) is not None) is lost


def test_what_is_rejected_lets_the_next_pass(office: Office) -> None:
    user = office.secretary()
    refused(office, user, 40058)
    user.says("开始")
    settled(office, user, "failed")
    user.says("进度")
    assert len(user.waits_for(2)) == 2


def test_a_tap_whose_card_can_not_be_changed_is_taken(office: Office) -> None:
    user = office.secretary()
    body = {"errcode": 40058, "errmsg": "used"}
    office.fake.record.faults.append(Fault("message/update_template_card", body=body))
    user.taps("开始")
    assert user.waits_for(2)[1]["text"].startswith("【1/25】")


def test_the_channel_is_on_and_the_menu_is_set(office: Office) -> None:
    assert state(office.server) == "on"
    assert office.fake.menu
    assert "还缺什么" in office.fake.menu.values()
    with office.db.read() as db:
        accounts = set(db.scalars(sa.select(INBOUND.c.account).where(INBOUND.c.channel == "wecom").distinct()))
    assert accounts <= {f"{office.fake.corp_id}:{office.fake.agent_id}"}


def test_a_killed_server_doubles_nothing_and_loses_nothing(tmp_path: Path) -> None:
    """And an address that WeCom does not know is told; too much at once is refused."""
    with WeCom() as fake, served(fake, tmp_path, RATE_PER_MINUTE="3") as server:
        fake.callback = f"{server.address}/wecom"
        user = fake.user("WangLaoShi")
        fake.record.faults.append(Fault("message/send", delay=5.0))
        user.says(server.invite(name="王老师"))
        user.waits_for(1)  # the answer of the platform is still on its way
        server.kill()
        user.says("开始")
        fake.ip_allowed = False
        server.start()
        assert fake.deliver_again(user)[0].arrived
        _until(lambda: "60020" in state(server))
        assert len(user.sees) == 1
        server.kill()
        fake.ip_allowed = True
        server.start()
        assert user.waits_for(2)[1]["text"].startswith("【1/25】")
        assert len(fake.swallowed) == 1
        for _ in range(4):
            user.says("进度")
        assert "发得太快了" in user.waits_for(6)[5]["text"]
        assert (fake.complaints, fake.faulty_answers) == ([], [])


def _until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        threading.Event().wait(0.02)
