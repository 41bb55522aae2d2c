"""What can't be answered at once: media still under way, answers too long for one, a database that is busy."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot import reception
from handlers.inbox import take
from handlers.phrasebook import phrasebook
from storage.relations import EVIDENCE
from tests.channels.wechat.conftest import PHOTO, Serve, Town, evidence, hasty, shown, texts, until
from tests.fakes.wechat import Shown, User
from tests.holding import held

NOT_STORED = phrasebook().text("http_not_durable", {})
# So many files, at an address so long, that their links are longer than a message.
PIECES = 10
ADDRESS = f"https://{'.'.join(['ziping'] * 12)}.example.cn"


@pytest.fixture
def hands() -> Iterator[ThreadPoolExecutor]:
    """People who do several things at once."""
    with ThreadPoolExecutor(12) as pool:
        yield pool


# Media


def test_a_photo_that_comes_in_time_is_answered_at_once(town: Town) -> None:
    user = town.joined("王老师")
    town.fake.fault("media/get", delay=0.3)
    assert "已收：照片" in shown(user.sends_photo(PHOTO))
    assert town.fake.record.of("message/custom/send") == []


def test_a_slow_photo_is_answered_by_itself(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "BY_HAND", timedelta(seconds=2))
    user = town.joined("王老师")
    user.says("8分")
    before = len(user.sees)
    town.fake.fault("media/get", until=(there := threading.Event()))
    with hasty():
        assert user.sends_photo(PHOTO) is None
    there.set()
    [late] = user.waits_for(before + 1)[before:]
    assert late["way"] == "custom"
    assert "已收：照片" in late["text"]
    until(lambda: town.rows(user)[-1].state == "sent")
    assert [shown(one) for one in town.fake.deliver_again(user, 2)] == [late["text"]] * 2
    assert evidence(town) == ["jpg"]


def test_text_right_behind_a_photo_waits_for_it(town: Town, hands: ThreadPoolExecutor) -> None:
    user = town.joined("王老师")
    user.says("8分")
    town.fake.fault("media/get", until=(there := threading.Event()))
    photo = hands.submit(user.sends_photo, PHOTO)
    town.waiting(1)
    text = hands.submit(user.says, "下一项")
    town.waiting(2)
    there.set()
    assert "第1项" in shown(photo.result())
    assert "【2/25】" in shown(text.result())
    assert [len(row.files) for row in town.heard(user)[-2:]] == [1, 0]


def test_many_photos_keep_their_order(town: Town, hands: ThreadPoolExecutor) -> None:
    user = town.joined("王老师")
    user.says("8分")
    town.fake.fault("media/get", until=(there := threading.Event()))
    sent: list[Future[Shown | None]] = []
    for number in range(9):
        sent.append(hands.submit(user.sends_photo, PHOTO + bytes([number]) * (number + 1)))
        town.waiting(number + 1)
    there.set()
    assert all("已收：照片" in shown(one.result()) for one in sent)
    with town.server.house.db.read() as db:
        sizes = list(
            db.scalars(sa.select(EVIDENCE.c.size).where(EVIDENCE.c.sha256.is_not(None)).order_by(EVIDENCE.c.id))
        )
    assert sizes == [len(PHOTO) + number + 1 for number in range(9)]


def lost(town: Town, user: User) -> dict[str, Any]:
    return {"MsgType": "image", "PicUrl": "http://x", "MediaId": "expired", "MsgId": next(town.fake.courier.ids)}


def test_expired_media(town: Town) -> None:
    user = town.joined("王老师")
    said = shown(town.fake.deliver(user, town.fake.xml(user, **lost(town, user))))
    assert "没能从聊天平台取到" in said
    assert "【1/25】" in said, "she is told where she stands"
    assert town.fake.record.of("media/get")[0].answer["errcode"] == 40007
    assert len(town.fake.record.of("media/get")) == 1


def test_media_of_another_kind_or_size(town: Town) -> None:
    user = town.joined("王老师")
    assert "不是可收的类型" in shown(user.sends_photo(b"MZ\x90\x00 a program"))
    assert "不是可收的类型" in shown(user.sends_photo(b"GIF89a"))
    assert "是空文件" in shown(user.sends_photo(b""))
    assert "超过20 MB" in shown(user.sends_video(b"\x00\x00\x00\x18ftypmp42" + bytes(20 << 20)))
    assert evidence(town) == []


def test_media_are_asked_for_again(town: Town) -> None:
    user = town.joined("王老师")
    for fault in ({"status": 502}, {"body": {"errcode": -1}}, {"body": "<html>busy</html>"}):
        town.fake.fault("media/get", **fault)
        assert "已收" in shown(user.sends_photo(PHOTO + repr(fault).encode()))
    assert evidence(town) == ["jpg"] * 3


def test_media_that_never_come(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "MOST_TRIES", 2)
    user = town.joined("王老师")
    town.fake.fault("media/get", status=500, times=2)
    assert "没能从聊天平台取到" in shown(user.sends_photo(PHOTO))
    assert "已收" in shown(user.sends_photo(PHOTO))


# More than fits


def test_what_does_not_fit_comes_after_in_order(town: Town) -> None:
    user = town.joined("王老师")
    user.says("还缺什么")
    before = len(user.sees)
    first = user.says("全部")
    rows = until(lambda: (rows := town.rows(user)) and all(row.state == "sent" for row in rows) and rows)
    replies = [row for row in rows if row.cause == rows[-1].cause]
    assert len(replies) > 1
    seen = user.sees[before:]
    assert seen[0] == first
    assert [one["way"] for one in seen[1:]] == ["custom"] * (len(seen) - 1)
    whole = "\n".join(texts(seen)).replace("\n", "")
    places = [whole.find(row.text.replace("\n", "")) for row in replies]
    assert places == sorted(places)
    assert -1 not in places


def many(town: Town, user: User) -> None:
    user.says("8分")
    for number in range(PIECES):
        assert "已收" in shown(user.sends_photo(PHOTO + str(number).encode()))


def test_one_message_longer_than_any_answer(serve: Serve) -> None:
    town = serve(public_url=ADDRESS)
    user = town.joined("王老师")
    many(town, user)
    before = len(user.sees)
    first = user.says("看依据")
    assert first
    rows = until(lambda: (rows := town.rows(user)) and all(row.state == "sent" for row in rows) and rows)
    assert rows[-1].state == "sent"
    seen = user.sees[before:]
    assert [one["way"] for one in seen] == ["passive", "custom", "custom"]
    assert "自评" in seen[-1]["text"] or "第1项" in seen[-1]["text"], "the question comes last"
    assert sum(len([name for name, _ in one["urls"] if name.endswith(".jpg")]) for one in seen) == PIECES


def test_an_account_that_may_not_send_still_answers(serve: Serve) -> None:
    """What is too long for it is kept; it must not stand between her and every answer."""
    town = serve(public_url=ADDRESS)
    town.fake.account.verified = False
    user = town.joined("王老师")
    many(town, user)
    assert ".jpg" in shown(user.says("看依据"))
    town.owed(user, "held", 2)
    for _ in range(3):
        assert "【1/25】" in shown(user.says("继续"))
        assert "自评合计8分" in shown(user.says("分数"))
    assert "共10条依据" in town.owed(user, "held")[0].text or ".jpg" in town.owed(user, "held")[0].text


# A database that is busy


def test_what_can_not_be_stored_is_told(serve: Serve) -> None:
    town = serve()
    user = town.joined("王老师")
    before = len(town.heard(user))
    with held(town.server.house.db):
        assert shown(user.says("8分，承办全国年会1场")) == NOT_STORED
        assert shown(user.sends_photo(PHOTO)) == NOT_STORED
        user.unsubscribes()
    assert len(town.heard(user)) == before
    user.follows = True
    assert "已记：第1项 8分" in shown(user.says("8分，承办全国年会1场"))
    assert town.fake.faulty_answers == []


def test_what_is_not_stored_in_time_is_not_called_taken(town: Town) -> None:
    """`success` would be the end of it: nobody would send it again."""
    user = town.joined("王老师")
    before = len(user.sees)
    with hasty(), held(town.server.house.db, patience_ms=None):
        assert shown(user.says("8分，承办全国年会1场")) == NOT_STORED
    [_, late] = user.waits_for(before + 2)[before:]
    assert late["way"] == "custom"
    assert "已记：第1项 8分" in late["text"], "it was stored after all, and that is told with its receipt"
    assert shown(town.fake.deliver_again(user)[0]) == late["text"]


def test_a_mistake_of_ours_is_no_fault_of_the_account(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    user = town.joined("王老师")
    mistakes = ["a mistake"]

    def once_broken(*given: Any, **named: Any) -> Any:
        if mistakes:
            raise RuntimeError(mistakes.pop())
        return take(*given, **named)

    monkeypatch.setattr("bot.reception.take", once_broken)
    assert "已记：第1项 8分" in shown(user.says("8分"))
    assert mistakes == []


def test_too_fast(serve: Serve) -> None:
    town = serve(rate_per_minute=3)
    user = town.joined("王老师")
    user.says("8分")
    before = len(town.heard(user))
    assert "每分钟最多3条" in shown(user.says("9分"))
    assert len(town.heard(user)) == before
    assert "欢迎" in shown(town.fake.user("李老师").says(town.invite()))
