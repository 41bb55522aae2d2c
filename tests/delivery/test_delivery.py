"""What becomes of what is owed: order, fairness, every kind of failure, crashes."""

import io
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.telegram import carrying
from handlers.inbox import take
from handlers.messages import Message
from scheduler import delivery
from storage import handouts, outbox
from storage.relations import CONTACT, OUTBOX, PERSON
from tests.channels.inside import until
from tests.delivery.office import ACCOUNT, Office, office
from tests.fakes.serving import Fault
from tests.fakes.telegram import Telegram
from tests.fakes.telegram_people import User
from tests.holding import held

PATIENCE = 60.0  # seconds


@pytest.fixture
def fake() -> Iterator[Telegram]:
    with Telegram() as running:
        yield running


@pytest.fixture
def desk(fake: Telegram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office in a hurry: 200 messages a second, no rest for a chat, a second try at once."""
    monkeypatch.setattr(carrying, "PRIVATE", ())
    monkeypatch.setattr(carrying, "PER_SECOND", 200.0)
    monkeypatch.setattr(carrying, "STRICT", None)
    monkeypatch.setattr(delivery, "LONGEST_BACKOFF", 0.01)
    monkeypatch.setattr(delivery, "IDLE_SECONDS", 0.05)
    with office(tmp_path, fake) as one:
        yield one


def heard(user: User) -> list[Any]:
    return [one["text"] for one in user.hears]


def refusal(code: int, description: str, **parameters: Any) -> dict[str, Any]:
    more = {"parameters": parameters} if parameters else {}
    return {"status": code, "body": {"ok": False, "error_code": code, "description": description, **more}}


HTML = {"status": 200, "body": "<html>captive portal</html>"}
BLOCKED = refusal(403, "Forbidden: bot was blocked by the user")
FAULTS: dict[str, tuple[dict[str, Any], str, int, str, int]] = {
    # what goes wrong: (the fault, a reply's state and how often she saw it, a notice's state and how often)
    "nothing": ({"times": 0}, "sent", 1, "sent", 1),
    "bad request": (refusal(400, "Bad Request: message is too long"), "failed", 0, "failed", 0),
    "blocked": (BLOCKED, "unreachable", 0, "unreachable", 0),
    "deactivated": (refusal(403, "Forbidden: user is deactivated"), "unreachable", 0, "unreachable", 0),
    "unknown chat": (refusal(400, "Bad Request: chat not found"), "unreachable", 0, "unreachable", 0),
    "migrated": (refusal(400, "Bad Request", migrate_to_chat_id=-1009), "failed", 0, "failed", 0),
    "too many": (refusal(429, "Too Many Requests", retry_after=1), "sent", 1, "sent", 1),
    "too many, three times": (refusal(429, "x", retry_after=0.05) | {"times": 3}, "sent", 1, "sent", 1),
    "server error": ({"status": 500}, "sent", 1, "sent", 1),
    "bad gateway": ({"status": 502, "times": 5}, "sent", 1, "sent", 1),
    "server error for good": ({"status": 500, "times": 10}, "failed", 0, "failed", 0),
    "lost answer": ({"dropped": True}, "sent", 2, "uncertain", 1),
    "lost answers": ({"dropped": True, "times": 3}, "uncertain", 3, "uncertain", 1),
    "answer of a captive portal": (HTML, "sent", 1, "uncertain", 0),
    "an answer without a result": ({"body": {"ok": True}}, "sent", 1, "uncertain", 0),
    "a result of another type": ({"body": {"ok": True, "result": 7}}, "sent", 1, "uncertain", 0),
}


@pytest.mark.parametrize("kind", ["reply", "notice"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_failure_means(desk: Office, name: str, kind: str) -> None:
    fault, replied, reply_times, notice, noticed = FAULTS[name]
    state, times = (replied, reply_times) if kind == "reply" else (notice, noticed)
    [her, other] = desk.joins("王老师", "李老师")
    desk.fake.record.faults.append(Fault("sendMessage", **fault, only=lambda given: given["chat_id"] == her.id))
    desk.owes(her, "第一条", kind=kind)
    desk.owes(other, "别人的", kind=kind)
    with desk.sending():
        desk.settled()
    assert (desk.states(her), heard(her)) == ([state], ["第一条"] * times)
    assert (desk.states(other), heard(other)) == (["sent"], ["别人的"])
    [row] = desk.rows(her)
    assert bool(row.error) == (state != "sent")
    assert row.lease is None
    assert row.settled_at


def test_each_chat_hears_in_order_even_when_one_fails(desk: Office) -> None:
    users = desk.joins(*(f"{n}号" for n in range(5)))
    words = [f"第{n}条" for n in range(6)]
    for user in users:
        desk.owes(user, *words, kind="reply")
    desk.fake.record.faults += [
        Fault("sendMessage", status=500, only=lambda given: given["text"] == "第1条"),
        Fault("sendMessage", dropped=True, only=lambda given: given["text"] == "第3条"),
    ]
    with desk.sending():
        desk.settled()
    assert [list(dict.fromkeys(heard(user))) for user in users] == [words] * 5
    assert sum(len(user.hears) for user in users) == 31


def test_an_announcement_to_a_hundred_does_not_delay_an_answer(desk: Office) -> None:
    users = desk.joins(*(f"{n}号" for n in range(100)))
    [her] = desk.joins("王老师")
    for user in users:
        desk.owes(user, "全体通知", kind="announcement")
    with desk.sending():
        desk.fake.waits_until(lambda: len(desk.fake.record.of("sendMessage")) >= 10)
        before = len(desk.fake.record.of("sendMessage"))
        desk.owes(her, "您的回执", kind="reply")
        desk.settled()
    order = [call.given["chat_id"] for call in desk.fake.record.of("sendMessage")]
    assert len(order) == 101
    assert order.index(her.id) < before + 40


def test_one_chat_with_much_to_hear_does_not_delay_the_others(desk: Office) -> None:
    [her, *others] = desk.joins(*(f"{n}号" for n in range(11)))
    desk.owes(her, *(f"第{n}条" for n in range(50)))
    for other in others:
        desk.owes(other, "一条")
    with desk.sending():
        desk.settled()
    order = [call.given["chat_id"] for call in desk.fake.record.of("sendMessage")]
    assert max(order.index(other.id) for other in others) < 30


def test_a_message_of_several_requests_goes_on_where_it_was_interrupted(desk: Office) -> None:
    [her] = desk.joins("王老师")
    long = "\n".join(["长" * 4000, "中" * 4000, "短"])
    second = Fault("sendMessage", **refusal(429, "x", retry_after=0.1), only=lambda given: given["text"][0] == "中")
    desk.fake.record.faults.append(second)
    desk.owes(her, long)
    with desk.sending():
        desk.settled()
    assert [one["text"][0] for one in her.hears] == ["长", "中"]
    assert desk.rows()[0].done == 2


def test_a_poison_message_is_set_aside(desk: Office) -> None:
    [her, other] = desk.joins("王老师", "李老师")
    desk.owes(her, "毒", kind="reply", address="no number")
    desk.owes(other, "一条", "两条", kind="reply")
    with desk.sending():
        desk.settled()
    assert desk.states() == ["failed", "sent", "sent"]
    assert "ValueError" in desk.rows()[0].error


def test_a_file_that_is_not_there_is_a_failure(desk: Office) -> None:
    [her] = desk.joins("王老师")
    desk.owes(her, "依据", kind="reply", files=[{"name": "a.pdf", "held": "evidence:99"}])
    desk.owes(her, "接着")
    with desk.sending():
        desk.settled()
    assert (desk.states(), heard(her)) == (["failed", "sent"], ["依据", "接着"])


def test_a_file_of_an_announcement_arrives_whole_behind_its_words(desk: Office) -> None:
    [her] = desk.joins("王老师")
    blob = desk.house.store.put(io.BytesIO(b"%PDF-1.7 list"))
    now = desk.house.now()
    held = desk.house.db.write(lambda db: handouts.hand_out(db, "名单.pdf", blob.sha256, blob.size, "pdf", now))
    desk.owes(her, "请看附件", kind="announcement", files=[{"name": "名单.pdf", "held": held}])
    with desk.sending():
        desk.settled()
    assert desk.states() == ["sent"]
    words, file = her.hears
    assert words["text"] == "请看附件"
    assert (file["filename"], file["document"]) == ("名单.pdf", b"%PDF-1.7 list")


def test_what_is_of_no_use_any_more_is_not_sent(desk: Office) -> None:
    [her] = desk.joins("王老师")
    now = desk.house.now()
    desk.owes(her, "昨天截止", valid_until=now - timedelta(seconds=1))
    desk.owes(her, "以后再说", not_before=now + timedelta(hours=1))
    desk.owes(her, "现在")
    with desk.sending():
        until(lambda: desk.states() == ["expired", "pending", "sent"])
    assert heard(her) == ["现在"]


@pytest.mark.parametrize("gone", ["ended", "revoked", "somebody else"])
def test_who_is_gone_hears_nothing_unasked_but_her_last_answer(desk: Office, gone: str) -> None:
    [her, other] = desk.joins("王老师", "李老师")
    now = desk.house.now()
    desk.owes(her, "通知")
    desk.owes(her, "您已退出", kind="reply")
    if gone == "revoked":
        desk.write(sa.update(PERSON).where(PERSON.c.id == desk.people[her.id]).values(revoked_at=now))
    else:
        desk.write(sa.update(CONTACT).where(CONTACT.c.address == str(her.id)).values(ended_at=now))
    if gone == "somebody else":
        at = {"channel": "telegram", "account": ACCOUNT, "address": str(her.id), "bound_at": now}
        desk.write(sa.insert(CONTACT).values(person_id=desk.people[other.id], **at))
    with desk.sending():
        desk.settled()
    # Who has only left this line may hear it on another.
    left = "cancelled" if gone == "revoked" else "unreachable"
    assert (desk.states(her), heard(her)) == ([left, "sent"], ["您已退出"])


def test_after_a_crash_replies_are_sent_again_and_notices_are_uncertain(desk: Office) -> None:
    [her] = desk.joins("王老师")
    desk.owes(her, "回执", kind="reply")
    desk.owes(her, "通知")
    desk.owes(her, "提醒", kind="reminder")
    desk.owes(her, "坏的", kind="reply", attempts=outbox.MOST_CRASHES)
    desk.write(sa.update(OUTBOX).values(state="on_wire", lease="the dead one"))
    desk.owes(her, "以后的")
    with desk.sending():
        desk.settled()
    assert desk.states() == ["sent", "uncertain", "uncertain", "failed", "sent"]
    assert heard(her) == ["回执", "以后的"]
    assert desk.rows()[0].attempts == 1


def test_where_the_platform_drops_copies_all_is_sent_again(desk: Office) -> None:
    [her] = desk.joins("王老师")
    desk.owes(her, "通知")
    desk.write(sa.update(OUTBOX).values(state="on_wire", lease="the dead one"))
    with desk.sending(dedups=True):
        desk.settled()
    assert (desk.states(), heard(her)) == (["sent"], ["通知"])


def test_what_was_sent_is_not_sent_again_because_the_disk_was_busy(
    desk: Office, caplog: pytest.LogCaptureFixture
) -> None:
    [her] = desk.joins("王老师")
    asked, busy = threading.Event(), threading.Event()

    def meanwhile(_: object) -> bool:
        asked.set()
        return busy.wait(PATIENCE)

    desk.fake.record.faults.append(Fault("sendMessage", only=meanwhile))
    desk.owes(her, "通知")
    with desk.sending():
        assert asked.wait(PATIENCE)
        with held(desk.house.db):
            busy.set()
            until(lambda: "can't be stored" in caplog.text)
            assert desk.states() == ["on_wire"]
        desk.settled()
    assert (desk.states(), heard(her)) == (["sent"], ["通知"])


def test_a_sender_that_stops_leaves_the_rest_to_the_next(desk: Office) -> None:
    users = desk.joins(*(f"{n}号" for n in range(60)))
    for user in users:
        desk.owes(user, "通知")
    with desk.sending():
        desk.fake.waits_until(lambda: len(desk.fake.record.of("sendMessage")) >= 5)
    assert set(desk.states()) == {"sent", "pending"}
    with desk.sending():
        desk.settled()
    assert [heard(user) for user in users] == [["通知"]] * 60


def test_only_one_of_two_senders_sends(desk: Office) -> None:
    users = desk.joins(*(f"{n}号" for n in range(40)))
    for user in users:
        desk.owes(user, "通知")
    with desk.sending(), desk.sending():
        desk.settled()
    assert [heard(user) for user in users] == [["通知"]] * 40


@pytest.mark.parametrize("channel", ["telegram", "web"])
@pytest.mark.parametrize("state", ["held", "unreachable"])
def test_what_could_not_be_pushed_goes_before_her_next_answer(desk: Office, state: str, channel: str) -> None:
    [her] = desk.joins("王老师")
    desk.owes(her, "旧的", "更旧也在", "过期的")
    desk.write(sa.update(OUTBOX).values(state=state))
    desk.write(sa.update(OUTBOX).where(OUTBOX.c.text == "过期的").values(valid_until=desk.house.now()))
    if channel == "web":
        at = {"channel": "web", "account": "", "address": "page", "bound_at": desk.house.now()}
        desk.write(sa.insert(CONTACT).values(person_id=desk.people[her.id], **at))
    account, address = (ACCOUNT, str(her.id)) if channel == "telegram" else ("", "page")
    taken = take(desk.house.db, Message(channel, address, "k1", "进度", account=account), desk.house.now())
    assert [reply.text for reply in taken.replies][:2] == ["旧的", "更旧也在"]
    if channel == "telegram":
        with desk.sending():
            until(lambda: desk.states().count("sent") == 3)
        assert heard(her)[:2] == ["旧的", "更旧也在"]
    assert "过期的" not in heard(her)
    again = take(desk.house.db, Message(channel, address, "k2", "进度", account=account), desk.house.now())
    assert "旧的" not in [reply.text for reply in again.replies]


def test_a_person_decides_that_something_is_sent_again(desk: Office) -> None:
    [her] = desk.joins("王老师")
    desk.fake.record.faults.append(Fault("sendMessage", **refusal(400, "Bad Request: x")))
    desk.owes(her, "通知")
    with desk.sending():
        desk.settled()
        assert desk.states() == ["failed"]
        assert desk.house.db.write(lambda db: outbox.retry(db, [row.id for row in desk.rows()])) == 1
        desk.settled()
    assert (desk.states(), heard(her)) == (["sent"], ["通知"])
