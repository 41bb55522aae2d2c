"""Raw updates of Telegram and what they are to us; rows of the outbox and what is asked of Telegram for them."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from telegram import Update
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.arriving import Media, Parcel
from bot.rendering import TELEGRAM_TEXT, telegram, utf16
from bot.telegram.carrying import meaning
from bot.telegram.channel import UNREADABLE
from bot.telegram.reading import Touch, Us, read
from handlers.messages import Message
from handlers.phrasebook import phrasebook
from scheduler.delivery import Again, Gone, Halted, Rejected, Undelivered, Unsure
from storage.relations import Row

US = Us("123456", "xuehui_test_bot", "Asia/Shanghai")
SENT = 1_797_728_400  # 2026-12-20 09:00 in Hangzhou
AT = datetime.fromtimestamp(SENT, UTC)
HER: dict[str, Any] = {"id": 501, "is_bot": False, "first_name": "王", "language_code": "zh-hans"}
BOT: dict[str, Any] = {"id": 123456, "is_bot": True, "first_name": "助手", "username": "xuehui_test_bot"}
OTHER: dict[str, Any] = {"id": 777, "is_bot": True, "first_name": "别的", "username": "other_bot"}
CHAT: dict[str, Any] = {"id": 501, "type": "private", "first_name": "王"}
GROUP: dict[str, Any] = {"id": -100, "type": "group", "title": "学会群"}
CHANNEL: dict[str, Any] = {"id": -1001, "type": "channel", "title": "频道"}
COMMAND = {"type": "bot_command", "offset": 0}
TOO_BIG = phrasebook().text("http_file_too_big", {"name": "账.zip"})
UNREAD = phrasebook().text("unread", {})


def said(chat: dict[str, Any] = CHAT, sender: dict[str, Any] | None = HER, **content: Any) -> dict[str, Any]:
    person = {"from": sender} if sender else {}
    return {"update_id": 7, "message": {"message_id": 9, "date": SENT, "chat": chat, **person, **content}}


def commanded(text: str, chat: dict[str, Any] = GROUP) -> dict[str, Any]:
    return said(chat, text=text, entities=[{**COMMAND, "length": len(text.split(maxsplit=1)[0])}])


def edited(**content: Any) -> dict[str, Any]:
    update = said(edit_date=SENT + 60, **content)
    return {"update_id": 7, "edited_message": update["message"]}


def tap(data: Any = "12-0", chat: dict[str, Any] = CHAT, **more: Any) -> dict[str, Any]:
    message = {"message_id": 8, "date": SENT, "chat": chat, "from": BOT, "text": "?"}
    query = {"id": "4001", "from": HER, "chat_instance": "1", "data": data, "message": message, **more}
    return {"update_id": 7, "callback_query": query}


def member(status: str, chat: dict[str, Any] = CHAT) -> dict[str, Any]:
    sides: dict[str, dict[str, Any]] = {
        "old_chat_member": {"user": BOT, "status": "member"},
        "new_chat_member": {"user": BOT, "status": status},
    }
    if status == "kicked":
        sides["new_chat_member"]["until_date"] = 0
    return {"update_id": 7, "my_chat_member": {"chat": chat, "from": HER, "date": SENT, **sides}}


def sized(id: str, size: int | None = 3, **more: Any) -> dict[str, Any]:
    return {"file_id": id, "file_unique_id": f"u{id}", **({"file_size": size} if size is not None else {}), **more}


def photo(*sizes: tuple[str, int]) -> list[dict[str, Any]]:
    return [sized(id, size, width=size, height=size) for id, size in sizes]


def message(text: str = "", key: str = "501:9", address: str = "501", **more: Any) -> Message:
    given = {"sent_at": AT, **more}
    return Message("telegram", address, key, text, account="123456", **given)


IN_GROUP = Parcel(message(key="-100:9", address="-100", sent_at=None, public=True))
PLACE = {"latitude": 30.2, "longitude": 120.1}

READ: dict[str, tuple[dict[str, Any], Parcel | Touch | None]] = {
    "text": (said(text="8分，年会"), Parcel(message("8分，年会"))),
    "start with a code": (commanded("/start K7Q2M9XA", CHAT), Parcel(message("K7Q2M9XA"))),
    "start with our name and a code": (commanded("/start@xuehui_test_bot K7Q2", CHAT), Parcel(message("K7Q2"))),
    "start alone": (commanded("/start", CHAT), Parcel(message("/start"))),
    "start in a sentence": (said(text="请 /start K7Q2"), Parcel(message("请 /start K7Q2"))),
    "another command": (commanded("/progress", CHAT), Parcel(message("/progress"))),
    "tap": (tap(), Parcel(message(key="tap:4001", choice="12-0", sent_at=None))),
    "tap with forged data": (
        tap("a\x00b\ud800" + "9" * 80),
        Parcel(message(key="tap:4001", choice="ab" + "9" * 62, sent_at=None)),
    ),
    "tap with nothing but controls": (tap("\x00"), Parcel(message(key="tap:4001", choice="?", sent_at=None))),
    "tap on a message that is gone": (tap(message={"message_id": 8, "date": 0, "chat": CHAT}), Parcel(
        message(key="tap:4001", choice="12-0", sent_at=None))),
    "tap of a game": (tap(None, game_short_name="x"), None),
    "tap on an inline message": (tap(message=None, inline_message_id="7"), None),
    "tap in a group": (tap(chat=GROUP), None),
    "photo": (
        said(photo=photo(("s", 90), ("m", 320), ("l", 1280)), caption="现场"),
        Parcel(message("现场"), (Media("l", "照片1220-090000.jpg", 1280),)),
    ),
    "document": (
        said(document=sized("d", 12, file_name="账.zip", mime_type="application/zip")),
        Parcel(message(), (Media("d", "账.zip", 12),)),
    ),
    "document of unknown size": (
        said(document=sized("d", None, file_name="账.zip")), Parcel(message(), (Media("d", "账.zip", None),))
    ),
    "album": (
        said(photo=photo(("l", 5)), media_group_id="77"),
        Parcel(message(), (Media("l", "照片1220-090000.jpg", 5),), "501:77"),
    ),
    "document over 20 MB": (
        said(document=sized("d", (20 << 20) + 1, file_name="账.zip"), caption="8分"),
        Parcel(message("8分", refused=(TOO_BIG,))),
    ),
    "document over 20 MB in an album": (
        said(document=sized("d", 1 << 32, file_name="账.zip"), media_group_id="77"),
        Parcel(message(refused=(TOO_BIG,))),
    ),
    "voice": (
        said(voice=sized("v", 9, duration=2, mime_type="audio/ogg")),
        Parcel(message(), (Media("v", "语音1220-090000.ogg", 9),)),
    ),
    "video": (
        said(video=sized("w", 9, width=1, height=1, duration=2)),
        Parcel(message(), (Media("w", "视频1220-090000.mp4", 9),)),
    ),
    "video with a name": (
        said(video=sized("w", 9, width=1, height=1, duration=2, file_name="年会.mp4")),
        Parcel(message(), (Media("w", "年会.mp4", 9),)),
    ),
    "round video": (
        said(video_note=sized("n", 9, length=1, duration=2)), Parcel(message(), (Media("n", "视频1220-090000.mp4", 9),))
    ),
    "sticker": (
        said(sticker=sized("t", 9, width=1, height=1, is_animated=False, is_video=False, type="regular")),
        Parcel(message(refused=(UNREAD,))),
    ),
    "location": (said(location=PLACE), Parcel(message(refused=(UNREAD,)))),
    "contact card": (
        said(contact={"phone_number": "1", "first_name": "李"}), Parcel(message(refused=(UNREAD,)))
    ),
    "edited text": (
        edited(text="9分"),
        Parcel(message("9分", f"edit:501:9:{SENT + 60}", edits="501:9", sent_at=datetime.fromtimestamp(SENT + 60, UTC))),
    ),
    "edited caption": (
        edited(photo=photo(("l", 5)), caption="会场"),
        Parcel(message("会场", f"edit:501:9:{SENT + 60}", edits="501:9", sent_at=datetime.fromtimestamp(SENT + 60, UTC))),
    ),
    "a place that moves": (edited(location=PLACE | {"live_period": 600}), None),
    "edited in a group": ({"update_id": 7, "edited_message": said(GROUP, text="/help")["message"]}, None),
    "channel post": ({"update_id": 7, "channel_post": said(CHANNEL, None, text="8分")["message"]}, None),
    "edited channel post": ({"update_id": 7, "edited_channel_post": said(CHANNEL, None, text="8")["message"]}, None),
    "a channel speaking as a message": (said(CHANNEL, None, text="/help"), None),
    "group chatter": (said(GROUP, text="8分，年会"), None),
    "group command": (commanded("/start K7Q2M9XA"), IN_GROUP),
    "group command for us": (commanded("/help@XUEHUI_test_bot"), IN_GROUP),
    "group command for another bot": (commanded("/help@other_bot"), None),
    "group mention": (said(GROUP, text="问 @Xuehui_Test_Bot 一下"), IN_GROUP),
    "group mention under a picture": (said(GROUP, photo=photo(("l", 5)), caption="@xuehui_test_bot 8分"), IN_GROUP),
    "group answer to us": (
        said(GROUP, text="8分", reply_to_message=said(GROUP, BOT, text="这里是群聊")["message"]), IN_GROUP
    ),
    "group answer to a person": (said(GROUP, text="8分", reply_to_message=said(GROUP, text="?")["message"]), None),
    "our arrival in a group": (said(GROUP, new_chat_members=[BOT]), None),
    "another bot in a group": (said(GROUP, OTHER, text="@xuehui_test_bot 8分"), None),
    "another bot alone with us": (said(CHAT, OTHER, text="8分"), None),
    "blocked": (member("kicked"), Touch("501", reachable=False)),
    "unblocked": (member("member"), Touch("501", reachable=True)),
    "put out of a group": (member("kicked", GROUP), None),
    "inline query": ({"update_id": 7, "inline_query": {"id": "1", "from": HER, "query": "x", "offset": ""}}, None),
    "a kind of tomorrow": ({"update_id": 7, "hologram": {"id": 1}}, None),
    "nothing": ({"update_id": 7}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_an_update_is_read(name: str) -> None:
    raw, expected = READ[name]
    assert read(update_of(raw), US) == expected


def update_of(raw: dict[str, Any]) -> Update:
    return Update.de_json(copy.deepcopy(raw), None)


def test_two_taps_and_two_edits_are_two() -> None:
    """A second edit has a new date; the keys of different chats never meet."""
    raws = [
        edited(text="9"),
        edited(text="9"),
        tap(),
        tap(id="4002"),
        said(text="x"),
        said({**CHAT, "id": 50}, text="x"),
    ]
    raws[1]["edited_message"]["edit_date"] += 1
    found = [read(update_of(raw), US) for raw in raws]
    assert len({one.message.key for one in found if isinstance(one, Parcel)}) == len(raws)


HOSTILE: list[Any] = [None, True, -1, 2**63, 1.5, float("inf"), "x", "\x00\ud800", [], {}, [[]], {"id": {}}, ["x"] * 3]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, part in inner for one in places(part, (*path, key)))]


def with_value(raw: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(raw)
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


@pytest.mark.parametrize("name", READ)
def test_any_type_anywhere_is_read_or_refused(name: str) -> None:
    """What passes can be stored: strings are strings, sizes are numbers."""
    raw = READ[name][0]
    for path in places(raw)[1:]:
        for value in HOSTILE:
            try:
                found = read(update_of(with_value(raw, path, value)), US)
            except UNREADABLE:
                continue
            if isinstance(found, Parcel):
                assert all(
                    isinstance(one, str) for one in (found.message.text, found.message.address, found.message.key)
                )
                assert found.message.choice is None or found.message.choice.isprintable(), (path, value)
                assert all(isinstance(one.id, str) and isinstance(one.name, str) for one in found.media), (path, value)
                assert all(one.size is None or isinstance(one.size, int) for one in found.media), (path, value)


# Outbox row → requests


@dataclass
class Written:
    """A row of the outbox, as far as it is rendered."""

    text: str
    labels: tuple[str, ...] = ()
    files: tuple[int, ...] = ()
    upload: bool = False
    id: int = 31
    address: str = "501"
    choices: list[dict[str, Any]] = field(default_factory=list)

    def row(self) -> Row:
        choices: list[dict[str, Any]] = [{"label": label, "words": label} for label in self.labels]
        choices += [{"label": "上传", "words": "上传", "upload": True}] if self.upload else []
        files = [{"name": f"{one}.pdf", "held": f"evidence:{one}"} for one in self.files]
        return cast(
            "Row", SimpleNamespace(id=self.id, address=self.address, text=self.text, choices=choices, files=files)
        )


def asked(written: Written) -> list[tuple[str, dict[str, Any], str | None]]:
    return [(ask.method, dict(ask.fields), ask.file) for ask in telegram(written.row())]


def text_of(part: str, *rows: list[tuple[str, str]]) -> tuple[str, dict[str, Any], None]:
    keyboard = [[{"text": label, "callback_data": data} for label, data in row] for row in rows]
    return (
        "sendMessage",
        {"chat_id": 501, "text": part, **({"reply_markup": {"inline_keyboard": keyboard}} if rows else {})},
        None,
    )


LONG = "这是一个比较长的选项，超过八个字"
ASKED: dict[str, tuple[Written, list[Any]]] = {
    "text": (Written("已记 & <b>"), [text_of("已记 & <b>")]),
    "short choices share a row": (
        Written("？", ("跳过", "不适用", "什么算依据")),
        [text_of("？", [("跳过", "31-0"), ("不适用", "31-1"), ("什么算依据", "31-2")])],
    ),
    "a long choice has a row of its own": (
        Written("？", ("跳过", LONG, "继续")), [text_of("？", [("跳过", "31-0")], [(LONG, "31-1")], [("继续", "31-2")])]
    ),
    "a row has room for twenty letters": (
        Written("？", ("一二三四五六七八",) * 3),
        [text_of("？", [("一二三四五六七八", "31-0"), ("一二三四五六七八", "31-1")], [("一二三四五六七八", "31-2")])],
    ),
    "a choice too long for a phone is cut": (Written("？", ("字" * 60,)), [text_of("？", [("字" * 39 + "…", "31-0")])]),
    "an upload page is not needed here": (Written("？", ("跳过",), upload=True), [text_of("？", [("跳过", "31-0")])]),
    "files follow": (
        Written("依据", files=(4, 5)),
        [text_of("依据"), ("sendDocument", {"chat_id": 501}, "evidence:4"), ("sendDocument", {"chat_id": 501}, "evidence:5")],
    ),
    "controls are left out": (Written("a\x00\ud800b\n\tc"), [text_of("ab\n\tc")]),
    "4096 units are one message": (Written("字" * 4096), [text_of("字" * 4096)]),
    "4097 are two": (Written("字" * 4097), [text_of("字" * 4096), text_of("字")]),
    "emoji count twice and are not torn": (Written("a" + "😀" * 2048), [text_of("a" + "😀" * 2047), text_of("😀")]),
    "cut between lines, choices under the last": (
        Written("甲" * 3000 + "\n" + "乙" * 3000, ("继续",)),
        [text_of("甲" * 3000), text_of("乙" * 3000, [("继续", "31-0")])],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_a_row_becomes_requests(name: str) -> None:
    written, expected = ASKED[name]
    assert asked(written) == expected


@pytest.mark.parametrize("letter", ["字", "😀", "a", "👨‍👩‍👧"])
@pytest.mark.parametrize("length", [1, 4095, 4096, 4097, 9000])
@pytest.mark.parametrize("line", [1, 7, 5000])
def test_nothing_of_a_long_text_is_lost(letter: str, length: int, line: int) -> None:
    text = "\n".join([letter * line] * (length // line + 1))
    parts = [fields["text"] for _, fields, _ in asked(Written(text))]
    assert all(0 < utf16(part) <= TELEGRAM_TEXT for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


# Refusals


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


REFUSED: list[tuple[Callable[[], TelegramError], type[Undelivered]]] = [
    (lambda: RetryAfter(7), Halted),
    (lambda: InvalidToken("Unauthorized"), Halted),
    (lambda: Forbidden("Forbidden: bot was blocked by the user"), Gone),
    (lambda: Forbidden("Forbidden: user is deactivated"), Gone),
    (lambda: BadRequest("Chat not found"), Gone),
    (lambda: BadRequest("Bad Request: PEER_ID_INVALID"), Gone),
    (lambda: BadRequest("Message is too long"), Rejected),
    (lambda: ChatMigrated(-1002), Rejected),
    (lambda: caused(NetworkError("x"), httpx.ConnectError("x")), Halted),
    (lambda: caused(TimedOut(), httpx.ConnectTimeout("x")), Halted),
    (lambda: caused(TimedOut(), httpx.PoolTimeout("x")), Halted),
    (lambda: caused(NetworkError("x"), httpx.ProxyError("x")), Halted),
    (lambda: caused(TimedOut(), httpx.ReadTimeout("x")), Unsure),
    (lambda: caused(TimedOut(), httpx.WriteTimeout("x")), Unsure),
    (lambda: caused(NetworkError("x"), httpx.RemoteProtocolError("x")), Unsure),
    (lambda: NetworkError("Bad Gateway (502)"), Again),
    (lambda: NetworkError("Internal Server Error (500)"), Again),
    (lambda: Conflict("terminated by other getUpdates request"), Unsure),
    (lambda: TelegramError("Invalid server response"), Unsure),
]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_a_refusal_means(number: int) -> None:
    made, kind = REFUSED[number]
    found = meaning(made())
    assert type(found) is kind
    if isinstance(made(), RetryAfter):
        assert isinstance(found, Halted)
        assert found.seconds == 7
