"""The stand-in of Telegram is as strict as Telegram, and misbehaves when told to."""

import os

os.environ.setdefault("PTB_TIMEDELTA", "true")  # else python-telegram-bot 22.8 warns while it makes a RetryAfter

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

import httpx
import pytest
import telegram as ptb
from telegram import error

from tests.fakes.serving import Fault
from tests.fakes.telegram import TOKEN, Telegram

T = TypeVar("T")
WEB = httpx.Client(timeout=20, trust_env=False, verify=False, limits=httpx.Limits(max_keepalive_connections=0))
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Hook:
    """A webhook that answers with the statuses it is told, then with 200."""

    def __init__(self, statuses: list[int]) -> None:
        self.statuses, self.got = statuses, list[tuple[str | None, dict[str, Any]]]()
        self.lock = threading.Lock()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with hook.lock:
                    hook.got.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body))
                    status = hook.statuses.pop(0) if hook.statuses else 200
                if status:
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def fake() -> Iterator[Telegram]:
    with Telegram() as running:
        yield running


@pytest.fixture
def hooked() -> Iterator[Callable[..., Hook]]:
    made: list[Hook] = []

    def hook(*statuses: int) -> Hook:
        made.append(Hook(list(statuses)))
        return made[-1]

    yield hook
    for one in made:
        one.server.shutdown()
        one.server.server_close()


def with_bot(fake: Telegram, act: Callable[[ptb.Bot], Awaitable[T]]) -> T:
    async def run() -> T:
        bot = ptb.Bot(fake.token, base_url=f"{fake.base}/bot", base_file_url=f"{fake.base}/file/bot")
        async with bot:
            return await act(bot)

    return asyncio.run(run())


def call(fake: Telegram, method: str, **given: Any) -> dict[str, Any]:
    """A method, asked in JSON; the body of the answer, whose code is the HTTP status."""
    asked = json.dumps(given).encode()  # escaped, so that a lone surrogate can be sent
    answer = WEB.post(
        f"{fake.base}/bot{fake.token}/{method}", content=asked, headers={"content-type": "application/json"}
    )
    body: dict[str, Any] = answer.json()
    assert answer.status_code == body.get("error_code", 200)
    assert body["ok"] == (answer.status_code == 200)
    return body


def result(fake: Telegram, method: str, **given: Any) -> Any:
    body = call(fake, method, **given)
    assert body["ok"], body
    return body["result"]


def refusal(fake: Telegram, method: str, **given: Any) -> tuple[int, str]:
    body = call(fake, method, **given)
    assert not body["ok"], body
    return body["error_code"], body["description"]


def buttons(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


# The door


def test_a_bot_introduces_itself(fake: Telegram) -> None:
    async def act(bot: ptb.Bot) -> ptb.User:
        return await bot.get_me()

    me = with_bot(fake, act)
    assert me.is_bot
    assert me.username == "xuehui_test_bot"
    assert me.id == 123456


def test_a_wrong_token_and_an_unknown_method_are_refused(fake: Telegram) -> None:
    assert WEB.get(f"{fake.base}/bot1:other/getMe").json() == {
        "ok": False,
        "error_code": 401,
        "description": "Unauthorized",
    }
    assert WEB.get(f"{fake.base}/botnonsense/getMe").status_code == 404
    assert refusal(fake, "sendPigeon") == (404, "Not Found")
    assert WEB.get(f"{fake.base}/elsewhere").status_code == 404
    assert [one.status for one in fake.record.of("sendPigeon")] == [404]


def test_every_way_of_asking_is_understood(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()
    url = f"{fake.base}/bot{fake.token}/sendMessage"
    markup = json.dumps(buttons([{"text": "好", "callback_data": "a"}]))
    given = {"chat_id": str(user.id), "text": "你好", "reply_markup": markup}
    assert WEB.get(url, params=given).json()["ok"]
    assert WEB.post(url, data=given).json()["ok"]
    assert WEB.post(url, data=given, files={"other": b"x"}).json()["ok"]
    assert WEB.post(url.lower().replace(TOKEN.lower(), TOKEN), json=given).json()["ok"]
    assert [one["buttons"] for one in user.waits_for(4)] == [[[("好", "a")]]] * 4
    noted = fake.record.of("sendMessage")
    assert {one.given["chat_id"] for one in noted} == {user.id}
    assert all(one.given["reply_markup"]["inline_keyboard"] for one in noted)
    assert WEB.post(url, content=b"[", headers={"content-type": "application/json"}).status_code == 400


# What is refused

LONG = "字" * 4097
WRONG_BUTTONS: list[tuple[Any, str]] = [
    ("{", "can't parse reply keyboard markup JSON object"),
    ([], "object expected as reply markup"),
    (buttons({}), "can't parse keyboard: expected an Array of Arrays of buttons"),  # type: ignore[arg-type]
    (buttons([{"text": "x"}]), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    (
        buttons([{"text": " ", "callback_data": "x"}]),
        "can't parse inline keyboard button: inline keyboard button text must be non-empty",
    ),
    (
        buttons([{"text": "x", "callback_data": "x", "url": "https://a.cn"}]),
        "can't parse inline keyboard button: exactly one optional field must be used",
    ),
    (buttons([{"text": "x", "callback_data": "字" * 22}]), "BUTTON_DATA_INVALID"),
    (buttons([{"text": "x", "callback_data": ""}]), "BUTTON_DATA_INVALID"),
    (buttons([{"text": "x", "callback_data": "x"}] * 101), "reply markup is too long"),
    (
        buttons([{"text": "x", "url": "http://localhost/x"}]),
        "inline keyboard button URL 'http://localhost/x' is invalid: Wrong HTTP URL",
    ),
    ({"keyboard": [[{"text": ""}]]}, "can't parse keyboard button: keyboard button text must be non-empty"),
]
WRONG_MARKUP = [
    ("HTML", "3 < 4", "Unclosed start tag at byte offset 2"),
    ("HTML", "字<x>y</x>", 'Unsupported start tag "x" at byte offset 3'),
    ("HTML", "<b>y", 'Can\'t find end tag corresponding to start tag "b"'),
    ("HTML", "<b>y</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    ("HTML", "y</b>", "Unexpected end tag at byte offset 1"),
    ("MarkdownV2", "8.5", "Character '.' is reserved and must be escaped with the preceding '\\'"),
    ("MarkdownV2", "*x", "Can't find end of the entity starting at byte offset 0"),
    ("Markdown", "a_b", "Can't find end of the entity starting at byte offset 1"),
]


@pytest.mark.parametrize(
    ("given", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": LONG}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "\ud800"}, "strings must be encoded in UTF-8"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "x", "chat_id": None}, "chat_id is empty"),
        ({"text": "x", "chat_id": 17}, "chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        *(({"text": "x", "reply_markup": markup}, words) for markup, words in WRONG_BUTTONS),
        *(({"text": said, "parse_mode": mode}, f"can't parse entities: {why}") for mode, said, why in WRONG_MARKUP),
    ],
)
def test_a_wrong_message_is_refused(fake: Telegram, given: dict[str, Any], description: str) -> None:
    user = fake.user("王老师")
    user.starts()
    assert refusal(fake, "sendMessage", **{"chat_id": user.id, **given}) == (400, f"Bad Request: {description}")
    assert user.hears == []


@pytest.mark.parametrize(
    ("mode", "text", "seen", "kinds"),
    [
        (
            "HTML",
            "<b>8 分</b> &lt;&amp;&#33; R&D <a href='https://a.cn'>x</a>",
            "8 分 <&! R&D x",
            ["bold", "text_link"],
        ),
        ("HTML", "😀<i>a<u>b</u></i>", "😀ab", ["italic", "underline"]),
        ("MarkdownV2", r"*8\.5* _a_ __b__ ||c|| `1.2` [x](https://a.cn)", "8.5 a b c 1.2 x", None),
        ("Markdown", "*8.5* _a_ `b_c` [x](https://a.cn) a\\_b", "8.5 a b_c x a_b", None),
    ],
)
def test_people_see_the_text_without_its_markup(
    fake: Telegram, mode: str, text: str, seen: str, kinds: list[str] | None
) -> None:
    user = fake.user("王老师")
    user.starts()
    sent = result(fake, "sendMessage", chat_id=user.id, text=text, parse_mode=mode)
    assert user.hears[0]["text"] == sent["text"] == seen
    assert kinds is None or [entity["type"] for entity in sent["entities"]] == kinds
    if "😀" in text:
        assert sent["entities"][0] == {"offset": 2, "length": 2, "type": "italic"}


def test_the_longest_that_goes_goes(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()
    keys = buttons(*[[{"text": "x", "callback_data": "d" * 64}] for _ in range(100)])
    result(fake, "sendMessage", chat_id=user.id, text=f"<b>{LONG[1:]}</b>", parse_mode="HTML", reply_markup=keys)
    assert len(user.hears[0]["text"]) == 4096


def test_a_bot_may_not_begin(fake: Telegram) -> None:
    user, group = fake.user("王老师"), fake.group("学会")
    given = {"chat_id": user.id, "text": "x"}
    assert refusal(fake, "sendMessage", **given) == (400, "Bad Request: chat not found")
    group.member(user).says("大家好")
    assert refusal(fake, "sendMessage", **given) == (403, "Forbidden: bot can't initiate conversation with a user")
    user.starts()
    assert result(fake, "sendMessage", **given)["chat"]["id"] == user.id


def test_who_blocks_the_bot_is_left_alone(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()
    change = user.blocks()["my_chat_member"]
    assert change["new_chat_member"]["status"] == "kicked"
    assert ptb.ChatMemberUpdated.de_json(change).new_chat_member.status == "kicked"
    for method, given in (("sendMessage", {"text": "x"}), ("sendChatAction", {"action": "typing"}), ("getChat", {})):
        assert refusal(fake, method, chat_id=user.id, **given) == (403, "Forbidden: bot was blocked by the user")
    with pytest.raises(AssertionError, match="blocked"):
        user.says("x")
    user.presses_start()
    assert result(fake, "sendMessage", chat_id=user.id, text="x")
    assert len(user.hears) == 1


def test_a_group_moves_away(fake: Telegram) -> None:
    group = fake.group("学会")
    assert result(fake, "sendMessage", chat_id=group.id, text="x")
    new = group.migrates()

    async def act(bot: ptb.Bot) -> int:
        with pytest.raises(error.ChatMigrated) as moved:
            await bot.send_message(group.id, "y")
        await bot.send_message(moved.value.new_chat_id, "y")
        return moved.value.new_chat_id

    assert with_bot(fake, act) == new.id
    assert [one["text"] for one in new.hears] == ["y"]


def test_edits_are_checked(fake: Telegram) -> None:
    user = fake.user("王老师")
    said = user.says("我写的")["message"]["message_id"]
    keys = buttons([{"text": "好", "callback_data": "a"}])
    sent = result(fake, "sendMessage", chat_id=user.id, text="x", reply_markup=keys)["message_id"]

    def edits(method: str = "editMessageText", **given: Any) -> str:
        code, description = refusal(fake, method, **{"chat_id": user.id, "message_id": sent, **given})
        assert code == 400
        return description.removeprefix("Bad Request: ")

    assert edits(text="x", reply_markup=keys).startswith("message is not modified")
    assert edits("editMessageReplyMarkup", reply_markup=keys).startswith("message is not modified")
    assert edits(text="") == "message text is empty"
    assert edits(text="y", message_id=999) == "message to edit not found"
    assert edits(text="y", message_id=said) == "message can't be edited"
    assert edits("editMessageCaption", caption="y") == "there is no caption in the message to edit"
    assert result(fake, "editMessageText", chat_id=user.id, message_id=sent, text="y")["text"] == "y"
    assert user.hears[0]["text"] == "y"
    assert user.hears[0]["edited"]
    assert user.hears[0]["buttons"] == []
    assert result(fake, "deleteMessage", chat_id=user.id, message_id=sent)
    assert user.hears == []
    assert edits("deleteMessage") == "message to delete not found"


@pytest.mark.parametrize(
    ("commands", "description"),
    [
        ("x", "can't parse commands JSON object"),
        ([{"command": "Start", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "/start", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "x" * 33, "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "x", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "x", "description": "x" * 257}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "x", "description": "x"}] * 101, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
def test_wrong_commands_are_refused(fake: Telegram, commands: Any, description: str) -> None:
    assert refusal(fake, "setMyCommands", commands=commands) == (400, f"Bad Request: {description}")


def test_commands_and_the_menu_are_kept(fake: Telegram) -> None:
    async def act(bot: ptb.Bot) -> None:
        scope = ptb.BotCommandScopeAllPrivateChats()
        await bot.set_my_commands([("start", "开始"), ("help", "帮助")])
        await bot.set_my_commands([("score", "得分")], scope=scope)
        assert [one.command for one in await bot.get_my_commands()] == ["start", "help"]
        assert [one.command for one in await bot.get_my_commands(scope=scope)] == ["score"]
        await bot.delete_my_commands()
        assert await bot.get_my_commands() == ()
        assert await bot.set_chat_menu_button(menu_button=ptb.MenuButtonCommands())
        web = ptb.MenuButtonWebApp("x", ptb.WebAppInfo("http://127.0.0.1/x"))
        with pytest.raises(error.BadRequest, match="only https"):
            await bot.set_chat_menu_button(menu_button=web)

    with_bot(fake, act)


def test_a_parameter_of_another_type_is_refused(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()
    wrong = buttons([{"text": "x", "web_app": "x"}])
    assert refusal(fake, "sendMessage", chat_id=user.id, text="x", reply_markup=wrong)[0] == 400
    assert refusal(fake, "getUpdates", offset="x")[0] == 400


# Updates


def test_updates_stay_until_an_offset_confirms_them(fake: Telegram) -> None:
    user = fake.user("王老师")
    first, second, third = (user.says(text)["update_id"] for text in ("/score@xuehui_test_bot 一", "二", "三"))

    def ids(**given: Any) -> list[int]:
        return [update["update_id"] for update in result(fake, "getUpdates", **given)]

    assert ids() == ids() == [first, second, third]
    assert ids(limit=1) == [first]
    assert ids(offset=second) == [second, third]
    assert [update["update_id"] for update in fake.pending] == [second, third]
    assert ids(offset=-1) == [third]
    assert ids(offset=third + 1) == []
    assert fake.pending == []


def test_a_long_poll_ends_when_somebody_writes(fake: Telegram) -> None:
    user = fake.user("王老师")

    async def act(bot: ptb.Bot) -> tuple[ptb.Update, ...]:
        asked = asyncio.create_task(bot.get_updates(timeout=30))
        await asyncio.to_thread(fake.waits_until, lambda: fake.platform.updates.poller is not None)
        user.says("😀 /help 我")
        return await asked

    (update,) = with_bot(fake, act)
    assert update.message
    assert update.message.parse_entities() == {update.message.entities[0]: "/help"}
    assert update.effective_user
    assert update.effective_user.id == user.id


def test_only_the_newest_poller_goes_on(fake: Telegram) -> None:
    with ThreadPoolExecutor() as pool:
        older = pool.submit(call, fake, "getUpdates", timeout=30)
        fake.waits_until(lambda: fake.platform.updates.poller is not None)
        one = fake.platform.updates.poller
        newer = pool.submit(call, fake, "getUpdates", timeout=30)
        assert older.result()["error_code"] == 409
        assert "terminated by other getUpdates" in older.result()["description"]
        fake.waits_until(lambda: fake.platform.updates.poller not in (None, one))
        fake.user("王老师").says("x")
        assert len(newer.result()["result"]) == 1


def test_only_the_kinds_asked_for_come(fake: Telegram) -> None:
    user = fake.user("王老师")
    result(fake, "getUpdates", allowed_updates=["message"])
    said = user.says("x")
    user.edits(said["message"]["message_id"], "y")
    assert result(fake, "getUpdates") == [said]
    result(fake, "getUpdates", offset=said["update_id"] + 1, allowed_updates=["edited_message"])
    user.says("z")
    edited = user.edits(said["message"]["message_id"], "w")
    assert result(fake, "getUpdates") == [edited]
    assert edited["edited_message"]["text"] == "w"


def test_updates_come_twice_and_out_of_order(fake: Telegram) -> None:
    user = fake.user("王老师")
    with fake.held() as updates:
        first, second = user.says("一"), user.says("二")
    assert updates == [first, second]
    assert fake.pending == []
    fake.out_of_order([second, first])
    assert result(fake, "getUpdates", limit=1) == [second]
    # An offset beyond both does not swallow what was never delivered.
    assert result(fake, "getUpdates", offset=second["update_id"] + 1) == [first]
    assert result(fake, "getUpdates", offset=second["update_id"] + 1) == []
    fake.deliver_again(first)
    assert result(fake, "getUpdates", offset=second["update_id"] + 1) == [first]
    assert result(fake, "getUpdates", offset=second["update_id"] + 1) == fake.pending == []
    odd = fake.raw({"unheard_of": {}})
    assert result(fake, "getUpdates") == [odd]


# Webhooks


def test_a_webhook_is_called_with_its_secret_until_it_accepts(fake: Telegram, hooked: Callable[..., Hook]) -> None:
    user, hook = fake.user("王老师"), hooked(500, 0)
    waiting = user.says("先来的")
    result(fake, "setWebhook", url=hook.url, secret_token="s3cret", max_connections=2)
    fake.waits_until(lambda: not fake.pending)
    assert hook.got == [("s3cret", waiting)] * 3
    said = user.says("后来的")
    fake.waits_until(lambda: not fake.pending)
    fake.deliver_again(said)
    fake.waits_until(lambda: not fake.pending)
    assert hook.got[3:] == [("s3cret", said)] * 2
    info = result(fake, "getWebhookInfo")
    assert info["url"] == hook.url
    assert info["max_connections"] == 2
    assert info["last_error_message"]


def test_a_webhook_that_never_accepts_leaves_the_update_pending(fake: Telegram, hooked: Callable[..., Hook]) -> None:
    user, hook = fake.user("王老师"), hooked(*[403] * 5)
    result(fake, "setWebhook", url=hook.url)
    said = user.says("x")
    webhook = fake.platform.updates.webhook
    assert webhook
    webhook.pool.shutdown(wait=True)  # its five attempts are over
    assert hook.got == [(None, said)] * 5
    assert fake.pending == [said]
    assert "403" in result(fake, "getWebhookInfo")["last_error_message"]
    result(fake, "deleteWebhook", drop_pending_updates=True)
    assert fake.pending == []


def test_polling_and_a_webhook_exclude_each_other(fake: Telegram, hooked: Callable[..., Hook]) -> None:
    with ThreadPoolExecutor() as pool:
        polling = pool.submit(call, fake, "getUpdates", timeout=30)
        fake.waits_until(lambda: fake.platform.updates.poller is not None)
        result(fake, "setWebhook", url=hooked().url)
        assert polling.result()["error_code"] == 409
    assert refusal(fake, "getUpdates")[0] == 409
    result(fake, "deleteWebhook")
    assert result(fake, "getUpdates") == []
    assert result(fake, "getWebhookInfo")["url"] == ""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"url": "http://example.org/x"}, "An HTTPS URL must be provided"),
        ({"url": "https://example.org:9000/x"}, "80, 88, 443 or 8443"),
        ({"url": "http://127.0.0.1/x", "secret_token": "字"}, "unallowed characters"),
    ],
)
def test_a_wrong_webhook_is_refused(fake: Telegram, given: dict[str, str], words: str) -> None:
    code, description = refusal(fake, "setWebhook", **given)
    assert code == 400
    assert words in description


# Taps


def test_a_tap_is_answered_once(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()
    keys = buttons([{"text": "好", "callback_data": "yes"}, {"text": "看", "url": "https://a.cn"}])
    older = result(fake, "sendMessage", chat_id=user.id, text="一", reply_markup=keys)
    newer = result(fake, "sendMessage", chat_id=user.id, text="二", reply_markup=keys)
    query = ptb.Update.de_json(user.taps("好")).callback_query
    assert query
    assert query.data == "yes"
    assert query.message
    assert query.message.message_id == newer["message_id"]
    assert user.taps_on(older["message_id"], "好")["callback_query"]["message"]["text"] == "一"
    assert result(fake, "answerCallbackQuery", callback_query_id=query.id, text="已记")
    assert user.notices == [{"text": "已记", "show_alert": False}]
    gone = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert refusal(fake, "answerCallbackQuery", callback_query_id=query.id) == (400, gone)
    late = user.taps("好")["callback_query"]["id"]
    fake.expire_taps()
    assert refusal(fake, "answerCallbackQuery", callback_query_id=late) == (400, gone)
    with pytest.raises(AssertionError, match="no button"):
        user.taps("坏")
    with pytest.raises(AssertionError, match="is a link"):
        user.taps("看")


def test_a_key_of_the_keyboard_writes_its_label(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()
    result(fake, "sendMessage", chat_id=user.id, text="?", reply_markup={"keyboard": [["得分", {"text": "帮助"}]]})
    assert user.taps("得分")["message"]["text"] == "得分"


# The rate clock


def test_more_than_the_rate_halts_everything() -> None:
    clock = Clock()
    with Telegram(rate=3, retry_after=2, clock=clock) as fake:
        one, other = fake.user("王老师"), fake.user("李老师")
        one.starts()
        other.starts()

        def send(user: Any) -> int:
            body = call(fake, "sendMessage", chat_id=user.id, text="x")
            return body.get("parameters", {}).get("retry_after", 0) if not body["ok"] else 0

        assert [send(one) for _ in range(3)] == [0, 0, 0]
        clock.now += 0.75
        assert send(one) == 2
        clock.now += 1.5
        assert send(other) == 1  # the halt is everybody's, and only its rest is told
        assert result(fake, "getMe")
        clock.now += 0.5
        assert [send(other), send(one), send(one), send(one)] == [0, 0, 0, 2]
        assert fake.refused == 3
        assert len(one.hears) + len(other.hears) == 6


def test_a_second_slides() -> None:
    clock = Clock()
    with Telegram(rate=2, clock=clock) as fake:
        user = fake.user("王老师")
        user.starts()
        for _ in range(4):
            result(fake, "sendMessage", chat_id=user.id, text="x")
            clock.now += 0.5
        clock.now -= 0.25
        assert refusal(fake, "sendMessage", chat_id=user.id, text="x") == (429, "Too Many Requests: retry after 1")


def test_one_person_and_one_group_have_their_own_limits() -> None:
    clock = Clock()
    with Telegram(rate=30, per_chat=True, clock=clock) as fake:
        user, group = fake.user("王老师"), fake.group("学会")
        user.starts()
        result(fake, "sendMessage", chat_id=user.id, text="x")
        assert refusal(fake, "sendMessage", chat_id=user.id, text="x")[0] == 429
        clock.now += 1
        for _ in range(20):
            result(fake, "sendMessage", chat_id=group.id, text="x")
            clock.now += 1
        assert refusal(fake, "sendMessage", chat_id=group.id, text="x")[0] == 429
        clock.now += 40
        result(fake, "sendMessage", chat_id=group.id, text="x")


def test_the_library_is_told_how_long_to_wait() -> None:
    with Telegram(rate=1, retry_after=7, clock=Clock()) as fake:
        user = fake.user("王老师")
        user.starts()

        async def act(bot: ptb.Bot) -> None:
            await bot.send_message(user.id, "x")
            with pytest.raises(error.RetryAfter) as wait:
                await bot.send_message(user.id, "x")
            assert wait.value.retry_after == timedelta(seconds=7)

        with_bot(fake, act)


# Misbehaviour


def test_a_dropped_answer_comes_after_the_effect(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()
    fake.record.faults.append(Fault("sendMessage", dropped=True))
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        call(fake, "sendMessage", chat_id=user.id, text="x")
    assert [one["text"] for one in user.hears] == ["x"]
    assert call(fake, "sendMessage", chat_id=user.id, text="y")["ok"]


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Fault("sendMessage", status=429), error.RetryAfter),
        (Fault("sendMessage", status=500), error.NetworkError),
        (Fault("*", status=502), error.NetworkError),
        (Fault("sendMessage", dropped=True), error.NetworkError),
        (Fault("sendMessage", body="<html>"), error.TelegramError),
        (
            Fault("sendMessage", status=403, body={"ok": False, "error_code": 403, "description": "Forbidden: x"}),
            error.Forbidden,
        ),
    ],
)
def test_a_fault_of_one_chat_leaves_the_others_alone(
    fake: Telegram, fault: Fault, raised: type[error.TelegramError]
) -> None:
    user, other = fake.user("王老师"), fake.user("李老师")
    user.starts()
    other.starts()
    fault.only = lambda given: given.get("chat_id") == user.id

    async def act(bot: ptb.Bot) -> None:
        fault.times = 1
        fake.record.faults.append(fault)
        await bot.send_message(other.id, "x")
        with pytest.raises(raised):
            await bot.send_message(user.id, "x")
        await bot.send_message(user.id, "y")

    with_bot(fake, act)
    assert [one["text"] for one in user.hears] == (["x", "y"] if fault.dropped else ["y"])


def test_a_late_answer_has_had_its_effect(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()
    fake.record.faults.append(Fault("sendMessage", delay=0.5))

    async def act(bot: ptb.Bot) -> None:
        with pytest.raises(error.TimedOut):
            await bot.send_message(user.id, "x", read_timeout=0.05)

    with_bot(fake, act)
    assert len(user.waits_for(1)) == 1


# Files


def test_a_photo_of_a_person_is_downloaded(fake: Telegram) -> None:
    user = fake.user("王老师")
    sent = ptb.Update.de_json(user.sends_photo(JPEG, "依据")).message
    assert sent
    assert sent.caption == "依据"
    assert [size.width for size in sent.photo] == [90, 320, 1280]
    assert len({size.file_id for size in sent.photo}) == 3
    document = user.sends_document("报告 2026.pdf", b"%PDF-", size=21 << 20)["message"]["document"]
    assert document["mime_type"] == "application/pdf"

    async def act(bot: ptb.Bot) -> None:
        file = await bot.get_file(sent.photo[-1].file_id)
        assert bytes(await file.download_as_bytearray()) == JPEG
        fake.record.faults.append(Fault("file", dropped=True))
        with pytest.raises(error.NetworkError, match=r"incomplete|without sending"):
            await file.download_as_bytearray()
        fake.expire_links()
        with pytest.raises(error.TelegramError, match="Not Found"):
            await file.download_as_bytearray()
        with pytest.raises(error.BadRequest, match="File is too big"):
            await bot.get_file(document["file_id"])
        with pytest.raises(error.BadRequest, match="Wrong file_id"):
            await bot.get_file("nothing")

    with_bot(fake, act)


def test_a_link_lasts_an_hour() -> None:
    clock = Clock()
    with Telegram(clock=clock) as fake:
        file = fake.user("王老师").sends_voice(b"OggS")["message"]["voice"]
        path = result(fake, "getFile", file_id=file["file_id"])["file_path"]
        url = f"{fake.base}/file/bot{fake.token}/{path}"
        assert WEB.get(url).content == b"OggS"
        assert WEB.get(url.replace("CANARY", "other")).status_code == 404
        clock.now += 3600
        assert WEB.get(url).status_code == 404


def test_files_of_the_bot_arrive(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()

    async def act(bot: ptb.Bot) -> None:
        keys = ptb.InlineKeyboardMarkup([[ptb.InlineKeyboardButton("好", callback_data="a")]])
        shown = await bot.send_photo(user.id, JPEG, caption="<b>图</b>", parse_mode="HTML", reply_markup=keys)
        report = await bot.send_document(user.id, b"PK\x03\x04", filename="汇总表.xlsx", caption="表")
        assert report.document
        assert report.document.file_name == "汇总表.xlsx"
        await bot.send_document(user.id, report.document.file_id)
        await bot.send_media_group(user.id, [ptb.InputMediaPhoto(JPEG, caption="一"), ptb.InputMediaPhoto(JPEG)])
        await bot.edit_message_caption(user.id, shown.message_id, caption="新")
        file = await bot.get_file(report.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"PK\x03\x04"

    with_bot(fake, act)
    photo, table, again, *album = user.waits_for(5)
    assert (photo["photo"], photo["caption"], photo["buttons"]) == (JPEG, "新", [])
    assert (table["document"], table["filename"]) == (again["document"], again["filename"])
    assert (table["document"], table["filename"]) == (b"PK\x03\x04", "汇总表.xlsx")
    assert [one["caption"] for one in album] == ["一", None]
    assert len({one["media_group_id"] for one in album}) == 1


def test_wrong_files_are_refused(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()

    def upload(method: str, data: bytes, **given: Any) -> tuple[int, str]:
        field = method.removeprefix("send").lower()
        answer = WEB.post(
            f"{fake.base}/bot{fake.token}/{method}",
            data={"chat_id": user.id, **given},
            files={field: ("a", data)},
            timeout=60,
        )
        return answer.status_code, answer.json().get("description", "")

    assert upload("sendPhoto", b"\xff\xd8\xff" + bytes(10 << 20))[1].startswith("Bad Request: file of size 10485763")
    assert upload("sendPhoto", b"hello") == (400, "Bad Request: IMAGE_PROCESS_FAILED")
    assert upload("sendPhoto", JPEG, caption="字" * 1025) == (400, "Bad Request: message caption is too long")
    assert upload("sendDocument", bytes((50 << 20) + 1)) == (413, "Request Entity Too Large")
    assert upload("sendDocument", b"") == (400, "Bad Request: file must be non-empty")
    for photo, words in (
        ("nothing", "wrong file identifier/HTTP URL specified"),
        ("https://a.cn/a.jpg", "failed to get HTTP URL content"),
        ("", "there is no photo in the request"),
    ):
        assert refusal(fake, "sendPhoto", chat_id=user.id, photo=photo) == (400, f"Bad Request: {words}")
    assert "2-10" in refusal(fake, "sendMediaGroup", chat_id=user.id, media=[{"type": "photo"}])[1]
    mixed = [{"type": "photo"}, {"type": "document"}]
    assert "mixed" in refusal(fake, "sendMediaGroup", chat_id=user.id, media=mixed)[1]
    assert refusal(fake, "sendChatAction", chat_id=user.id, action="dancing")[0] == 400
    assert user.hears == []


def test_an_album_comes_as_one_update_for_each_picture(fake: Telegram) -> None:
    updates = fake.user("王老师").sends_album([JPEG, JPEG + b"2", JPEG + b"3"], "三张")
    messages = [ptb.Update.de_json(update).message for update in updates]
    assert len({message.media_group_id for message in messages if message}) == 1
    assert [message.caption for message in messages if message] == ["三张", None, None]


def test_the_library_reads_everything_that_people_send(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.sends_sticker()
    user.sends_location()
    user.sends_voice(b"OggS")
    user.sends_document("a.docx", b"PK", "说明", mime="application/zip")
    user.starts("code-1_A")

    async def act(bot: ptb.Bot) -> list[ptb.Message | None]:
        return [update.message for update in await bot.get_updates()]

    sticker, location, voice, document, start = with_bot(fake, act)
    assert sticker
    assert sticker.sticker
    assert location
    assert location.location
    assert voice
    assert voice.voice
    assert document
    assert document.document
    assert document.document.mime_type == "application/zip"
    assert start
    assert start.text == "/start code-1_A"

    async def look(bot: ptb.Bot) -> str | None:
        return (await bot.get_chat(user.id)).first_name

    assert with_bot(fake, look) == "王老师"


# People


def test_waiting_in_vain_says_what_there_is(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()
    result(fake, "sendMessage", chat_id=user.id, text="只有这句")
    with pytest.raises(AssertionError, match=r"1 of 2 messages.*只有这句"):
        user.waits_for(2, seconds=0.01)


def test_waiting_ends_when_the_message_is_there(fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(user.waits_for, 1)
        result(fake, "sendMessage", chat_id=user.id, text="到了")
        assert waiting.result()[0]["text"] == "到了"


def test_a_person_plays_by_hand(fake: Telegram) -> None:
    def post(path: str, **body: Any) -> httpx.Response:
        return WEB.post(f"{fake.base}/sim/{path}", json={"user": "王老师", **body})

    assert "<title>" in WEB.get(fake.base).text
    assert post("users", name="王老师").json()[0]["name"] == "王老师"
    user = fake.user("王老师")
    assert post("say", text="/start").json()["message"]["text"] == "/start"
    keys = buttons([{"text": "好", "callback_data": "a"}])
    sent = result(fake, "sendMessage", chat_id=user.id, text="<b>?</b>", parse_mode="HTML", reply_markup=keys)
    assert post("tap", message_id=sent["message_id"], label="好").json()["callback_query"]["data"] == "a"
    assert post("tap", message_id=sent["message_id"], label="坏").status_code == 409
    for name, data, kind in (("a.jpg", JPEG, "photo"), ("a.txt", b"x", "document")):
        form = {"user": "王老师", "caption": "依据"}
        answer = WEB.post(f"{fake.base}/sim/upload", data=form, files={"file": (name, data)}).json()
        assert kind in answer["message"]
    lines = WEB.get(f"{fake.base}/sim/transcript", params={"user": "王老师"}).json()["lines"]
    assert [line["text"] for line in lines] == ["/start", "?", "依据", "依据"]
    assert [line["bot"] for line in lines] == [False, True, False, False]
    assert WEB.get(f"{fake.base}/sim/files/{lines[2]['photo']}").content == JPEG
    assert post("faults", method="getMe", status=502).json() == [{"method": "getMe", "times": 1}]
    assert WEB.get(f"{fake.base}/bot{fake.token}/getMe").status_code == 502
