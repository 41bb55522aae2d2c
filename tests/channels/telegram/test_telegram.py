"""Telegram by polling: the real server and the stand-in, from the first code to a person who blocks the bot."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from handlers import inbox
from handlers.phrasebook import phrasebook
from storage.relations import ACCOUNT, ARRIVAL, CONTACT, EVIDENCE, INBOUND
from tests.channels.inside import until
from tests.channels.telegram.conftest import Town, answer
from tests.channels.telegram.line import sends_documents
from tests.fakes.serving import Fault
from tests.fakes.telegram_people import User

JPEG = b"\xff\xd8\xff\xe0"
UNREAD = phrasebook().text("unread", {})
IN_PUBLIC = phrasebook().text("in_public", {})


def test_joined_by_the_link_she_is_walked_through(town: Town) -> None:
    user = town.joined()
    [account] = town.rows(sa.select(ACCOUNT))
    assert (account.account, account.handle) == ("123456", "xuehui_test_bot")
    [menu] = town.fake.record.of("setMyCommands")
    assert "进度" in str(menu.given["commands"])
    assert "【1/25】" in answer(user, lambda: user.says("开始"))
    assert "已记：第1项 8分；依据1条。回执" in answer(user, lambda: user.says("8分，承办全国年会1场"))
    assert "【2/25】" in answer(user, lambda: user.taps("下一项"))
    assert user.notices == [{"text": "", "show_alert": False}]
    assert "1/25" in answer(user, lambda: user.says("/progress"))
    assert town.states(user) == [("reply", "sent")] * 5
    assert town.server.get("/readyz")["channels"]["telegram"] == "on"


def test_a_stranger_is_asked_for_her_code(town: Town) -> None:
    user = town.fake.user("陌生人")
    assert "请发送邀请码" in answer(user, user.starts)
    assert "不对或已经用过" in answer(user, lambda: user.starts("K7Q2M9XB"))
    assert "不对或已经用过" in answer(user, lambda: user.says("k7q2-m9xb"))


def test_a_stale_tap_shows_the_present_state(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    first = user.hears[-1]["message_id"]
    answer(user, lambda: user.says("8分，年会1场"))
    answer(user, lambda: user.taps("下一项"))
    told = answer(user, lambda: user.taps_on(first, "跳过"), 2)
    assert "没有记" in told
    assert "【2/25】" in told
    assert "先跳过" not in told
    assert town.rows(sa.select(INBOUND.c.id).where(INBOUND.c.choice.is_not(None)))


@pytest.mark.parametrize("data", ["99-0", "1-99", "x", "²-²", "1-0\x00", "9" * 64, "-", "1-" + "9" * 62])
def test_a_forged_tap_shows_the_present_state(town: Town, data: str) -> None:
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    assert "【1/25】" in answer(user, lambda: user.taps_data(user.hears[-1]["message"], data))


def test_a_tap_that_comes_too_late_to_be_acknowledged_is_still_heard(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    with town.fake.held() as held:
        user.taps("什么算依据")
    town.fake.expire_taps()
    assert "好的依据" in answer(user, lambda: town.fake.out_of_order(held))
    until(lambda: town.fake.record.of("answerCallbackQuery"))
    assert user.notices == []


def test_an_album_is_confirmed_once_and_what_follows_waits_behind_it(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("第2项"))

    def act() -> None:
        user.sends_album([JPEG + bytes([one]) * 3000 for one in range(3)], "5分，研讨会3次")
        user.says("进度")

    told = answer(user, act, 2)
    assert told.count("回执") == 1
    assert "已记：第2项 5分；依据4条" in told
    assert told.index("已记：第2项") < told.index("1/25")
    kept = town.rows(sa.select(EVIDENCE.c.name, EVIDENCE.c.size).where(EVIDENCE.c.kind == "photo"))
    assert [row.size for row in kept] == [3004] * 3
    assert len({row.name for row in kept}) == 3


def test_parts_of_an_album_that_come_again_change_nothing_and_keep_nobody_busy(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("第2项"))
    album: list[Any] = []
    answer(user, lambda: album.extend(user.sends_album([JPEG + b"1" * 99, JPEG + b"2" * 99])))
    for update in album:
        town.fake.deliver_again(update)
    town.fake.waits_until(lambda: not town.fake.pending)
    assert "依据" in answer(user, lambda: user.says("看依据"), 3)
    assert len(town.rows(sa.select(EVIDENCE.c.id))) == 2


def test_an_edited_message_is_asked_about(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    first: dict[str, Any] = {}
    answer(user, lambda: first.update(user.says("8分，年会1场")))
    asked = answer(user, lambda: user.edits(first["message"]["message_id"], "9分，年会1场"))
    assert "还没有动" in asked
    assert "由8分改为9分" in answer(user, lambda: user.taps("按新的"))


@pytest.mark.parametrize("act", [lambda user: user.sends_sticker(), lambda user: user.sends_location()])
def test_what_it_can_not_read_it_says(town: Town, act: Callable[[User], Any]) -> None:
    user = town.joined()
    assert UNREAD in answer(user, lambda: act(user))


def test_in_a_group_it_says_one_sentence_and_stores_nothing_of_what_was_said(town: Town) -> None:
    user = town.joined()
    group = town.fake.group("学会群")
    member = group.member(user)
    for number, text in enumerate(("/start K7Q2M9XA", "/progress", "@xuehui_test_bot 我们学会多少分"), start=1):
        member.says(text)
        assert [one["text"] for one in group.waits_for(number)][-1] == IN_PUBLIC
    member.says("8分，年会1场")
    answer(user, lambda: user.says("进度"))
    assert [one["buttons"] for one in group.hears] == [[]] * 3
    said = town.rows(sa.select(INBOUND.c.text, INBOUND.c.person_id).where(INBOUND.c.key.startswith("-")))
    assert [tuple(row) for row in said] == [("", None)] * 3


def test_an_invitation_posted_in_a_group_stays_unused(town: Town) -> None:
    user = town.fake.user("王老师")
    member = town.fake.group("学会群").member(user)
    member.says(f"/start {town.season.codes['王老师']}")
    member.waits_for(1)
    assert town.joined() is user


def test_who_blocks_the_bot_finds_what_was_owed_before_her_next_answer(town: Town) -> None:
    user = town.joined()
    until(lambda: town.states(user) == [("reply", "sent")])
    user.blocks()
    contact = sa.select(CONTACT.c.unreachable_at).where(CONTACT.c.address == str(user.id))
    until(lambda: town.rows(contact)[0][0])
    town.owe(user, "请于周五前填报")
    assert town.states(user)[1:] == [("notice", "unreachable")]
    user.unblocks()
    until(lambda: town.rows(contact)[0][0] is None)
    assert len(user.hears) == 1
    told = answer(user, lambda: user.says("进度"), 2)
    assert told.index("请于周五前填报") < told.index("0/25")
    assert town.states(user) == [("reply", "sent"), ("notice", "sent"), ("reply", "sent")]


def test_a_block_that_is_learned_from_a_refusal_parks_everything(town: Town) -> None:
    user = town.joined()
    with town.fake.held():  # the word of it never comes
        user.blocks()
    town.owe(user, "通知0", "通知1", "通知2")
    until(lambda: town.states(user)[1:] == [("notice", "unreachable")] * 3)
    assert len(town.fake.record.of("sendMessage")) == 2


def test_the_impatient_second_answer_is_not_the_answer_to_a_question_nobody_has_seen(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    with town.fake.held() as held:
        user.says("下一项")
        user.says("3")
    told = answer(user, lambda: town.fake.out_of_order(held), 3)
    assert "还没显示出来，所以没有记" in told
    assert "已记：第2项 3分" in answer(user, lambda: user.says("3"))


def test_a_file_too_large_for_bots_is_refused_in_words(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    told = answer(user, lambda: user.sends_document("总结.pdf", b"%PDF", "8分", size=21 << 20))
    assert "总结.pdf" in told
    assert "已记：第1项 8分" in told
    assert town.fake.record.of("getFile") == []


def test_a_medium_that_can_not_be_fetched_is_tried_again_and_then_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.reception.MOST_TRIES", 2)
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    town.fake.record.faults.append(Fault("file", dropped=True))
    assert "已收：a.pdf" in answer(user, lambda: user.sends_document("a.pdf", b"%PDF-1.7" * 900))
    assert len(town.fake.record.of("file")) == 2
    town.fake.record.faults.append(Fault("file", times=2, status=500))
    assert "「b.pdf」没能" in answer(user, lambda: user.sends_document("b.pdf", b"%PDF-1.7" * 9))


def test_a_platform_that_is_away_costs_no_medium(town: Town) -> None:
    """However often it is away: it is the same file when it is back."""
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    wait = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 0.01}}
    town.fake.record.faults.append(Fault("getFile", times=9, status=429, body=wait))
    assert "已收：a.pdf" in answer(user, lambda: user.sends_document("a.pdf", b"%PDF-1.7"))


def test_a_picture_that_telegram_does_not_take_goes_as_a_document(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    answer(user, lambda: sends_documents(user, {"会场.jpg": JPEG + b"x"}))
    invalid = {"ok": False, "error_code": 400, "description": "Bad Request: PHOTO_INVALID_DIMENSIONS"}
    town.fake.record.faults.append(Fault("sendPhoto", status=400, body=invalid))
    answer(user, lambda: user.says("看依据"), 2)
    assert (user.hears[-1]["filename"], user.hears[-1]["document"]) == ("会场.jpg", JPEG + b"x")


def test_after_429_nothing_is_sent_for_as_long_as_told(town: Town) -> None:
    user, other = town.joined(), town.joined("赵老师")
    wait = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 2}}
    town.fake.record.faults.append(Fault("sendMessage", status=429, body=wait))
    before = len(town.fake.record.of("sendMessage"))
    user.says("开始")
    until(lambda: len(town.fake.record.of("sendMessage")) > before)
    assert "retry" not in town.server.get("/readyz")["channels"]["telegram"]
    answer(other, lambda: other.says("开始"))
    user.waits_for(2)
    refused, *later = town.fake.record.of("sendMessage")[before:]
    assert refused.status == 429
    assert [call.status for call in later] == [200, 200]
    assert all(call.at - refused.at >= 2 for call in later)
    assert town.states(user) == [("reply", "sent")] * 2


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_is_tried_again(town: Town, status: int) -> None:
    user = town.joined()
    town.fake.record.faults.append(Fault("sendMessage", status=status))
    assert "【1/25】" in answer(user, lambda: user.says("开始"))
    assert town.states(user) == [("reply", "sent")] * 2


def test_an_answer_that_was_lost_is_sent_again_with_the_same_receipt(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    town.fake.record.faults.append(Fault("sendMessage", dropped=True))
    told = answer(user, lambda: user.says("8分，年会1场"), 2)
    first, second = user.hears[-2:]
    assert "回执" in told
    assert first["text"] == second["text"]
    assert town.states(user) == [("reply", "sent")] * 3


def test_what_was_said_unasked_is_never_sent_twice(town: Town) -> None:
    user = town.joined()
    town.fake.record.faults.append(Fault("sendMessage", dropped=True))
    town.owe(user, "请于周五前填报")
    assert "填报" in user.waits_for(2)[1]["text"]
    until(lambda: town.states(user) == [("reply", "sent"), ("notice", "uncertain")])
    answer(user, lambda: user.says("开始"))
    assert [one["text"] for one in user.hears].count("请于周五前填报") == 1


def test_updates_that_come_again_or_in_disorder_have_one_effect(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    with town.fake.held() as held:
        user.says("第1项 8分")
        user.says("第2项 5分")
        user.says("第3项 3分")
    answer(user, lambda: town.fake.out_of_order([held[2], held[0], held[2], held[1], held[0]]), 3)
    for update in held:
        town.fake.deliver_again(update)
    town.fake.waits_until(lambda: not town.fake.pending)
    assert "自评合计16分" in answer(user, lambda: user.says("多少分"))
    assert len(town.rows(sa.select(INBOUND.c.id))) == 6
    assert len(user.hears) == 6


def test_an_update_that_can_not_be_read_does_not_hide_the_others(town: Town) -> None:
    user = town.joined()
    with town.fake.held() as held:
        user.says("开始")
    wrong: list[Any] = [5, "x", [], {}, {"chat": []}, {"message_id": "x"}]
    broken = [{"update_id": 900_000_000 + n, "message": one} for n, one in enumerate(wrong)]
    town.fake.out_of_order([*broken, *held])
    assert "【1/25】" in user.waits_for(2)[1]["text"]
    town.fake.waits_until(lambda: not town.fake.pending)


def test_a_message_that_breaks_us_is_set_aside_and_told_and_others_are_heard(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.reception.MOST_TRIES", 2)
    user, other = town.joined(), town.joined("赵老师")
    whole = inbox.take

    def broken(db: Any, message: Any, *given: Any, **more: Any) -> Any:
        if "炸弹" in message.text:
            raise ZeroDivisionError
        return whole(db, message, *given, **more)

    monkeypatch.setattr("bot.reception.take", broken)
    user.says("炸弹")
    assert "【1/25】" in answer(other, lambda: other.says("开始"))
    assert user.waits_for(2)[1]["text"] == phrasebook().text("http_not_durable", {})
    assert "【1/25】" in answer(user, lambda: user.says("开始"))
    assert town.server.get("/readyz")["channels"]["telegram"] == "on"


def test_arrivals_are_taken_in_the_order_of_their_chat(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("第2项"))

    def act() -> None:
        user.sends_document("a.pdf", b"%PDF-1.7 a")
        user.says("5分")
        user.sends_document("b.pdf", b"%PDF-1.7 b")
        user.says("看依据")

    told = answer(user, act, 6)
    assert (
        told.index("已收：a.pdf") < told.index("已记：第2项 5分") < told.index("已收：b.pdf") < told.index("1. a.pdf")
    )
    assert {row.state for row in town.rows(sa.select(ARRIVAL.c.state))} == {"taken"}
