"""The stand-in for WeChat itself: its crypto against wechatpy's, its refusals, its pushes, its clock."""

import json
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as CorpCrypto

from tests.fakes.serving import Serving
from tests.fakes.wechat import AES_KEY, APP_ID, SECRET, TOKEN, User, WeChat
from tests.fakes.wechat_crypto import Broken, Seal, signature
from tests.fakes.wechat_showing import FAULT, UNSUPPORTED

LENGTHS = [*range(1, 34), 43, 44, 45, 63, 64, 65, 95, 96, 97, 255, 256, 1000, 2048, 65_537]
Answers = Callable[[dict[str, str]], str | bytes | Response]


class Bot(Serving):
    """The smallest callback: unseals with wechatpy, answers as `says` tells, sealed unless it is a Response."""

    def __init__(self) -> None:
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        self.heard: list[dict[str, str]] = []
        self.queries: list[dict[str, str]] = []
        self.says: Answers = lambda _: "success"
        super().__init__([Route("/wechat", self.verify), Route("/wechat", self.push, methods=["POST"])])

    def verify(self, request: Request) -> Response:
        query = request.query_params
        right = signature(TOKEN, query["timestamp"], query["nonce"]) == query["signature"]
        return Response(query["echostr"] if right else "no", 200 if right else 403)

    async def push(self, request: Request) -> Response:
        query, body = dict(request.query_params), (await request.body()).decode()
        self.queries.append(query)
        if "msg_signature" in query:
            body = self.crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        heard = {node.tag: node.text or "" for node in ET.fromstring(body)}
        self.heard.append(heard)
        answer = await run_in_threadpool(self.says, heard)
        return answer if isinstance(answer, Response) else Response(answer)

    def text(self, content: str, **more: str) -> Answers:
        """A sealed text answer; `more` overrides nodes or adds some."""

        def answer(heard: dict[str, str]) -> str:
            nodes = {"ToUserName": heard["FromUserName"], "FromUserName": heard["ToUserName"], "CreateTime": "1"}
            nodes |= {"MsgType": "text", "Content": content} | more
            return self.sealed("".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in nodes.items()))

        return answer

    def sealed(self, nodes: str) -> str:
        return str(self.crypto.encrypt_message(f"<xml>{nodes}</xml>", "4711", "1700000000"))


@pytest.fixture
def bot() -> Iterator[Bot]:
    with Bot() as bot:
        yield bot


@pytest.fixture
def fake(bot: Bot) -> Iterator[WeChat]:
    with WeChat(callback=f"{bot.address}/wechat", second=0.1) as fake:
        yield fake


@pytest.fixture
def user(fake: WeChat) -> User:
    return fake.user("王秘书")


class Caller:
    """Calls of the API with a good token."""

    def __init__(self, fake: WeChat) -> None:
        self.http = httpx.Client(base_url=fake.base, trust_env=False, verify=False)
        self.token = self.http.post("/cgi-bin/stable_token", json=owner()).json()["access_token"]

    def get(self, method: str, **query: str) -> Any:
        return self.http.get(f"/cgi-bin/{method}", params={"access_token": self.token, **query})

    def post(self, method: str, body: Any) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.http.post(f"/cgi-bin/{method}", params={"access_token": self.token}, content=content).json()

    def says(self, user: User, text: str) -> int:
        body = {"touser": user.openid, "msgtype": "text", "text": {"content": text}}
        return int(self.post("message/custom/send", body)["errcode"])

    def upload(self, kind: str, name: str, content: bytes, field: str = "media") -> Any:
        query = {"access_token": self.token, "type": kind}
        return self.http.post("/cgi-bin/media/upload", params=query, files={field: (name, content)}).json()


@pytest.fixture
def call(fake: WeChat) -> Iterator[Caller]:
    caller = Caller(fake)
    yield caller
    caller.http.close()


def owner(**other: Any) -> dict[str, Any]:
    return {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET} | other


# Crypto


@pytest.mark.parametrize("crypto", [WeChatCrypto, CorpCrypto])
@pytest.mark.parametrize("length", LENGTHS)
def test_seals_and_unseals_like_wechatpy(crypto: Any, length: int) -> None:
    theirs, ours = crypto(TOKEN, AES_KEY, APP_ID), Seal(TOKEN, AES_KEY, APP_ID)
    for text in ("x" * length, ("学会😀]]>é" * length)[:length]):
        envelope = {
            node.tag: node.text or "" for node in ET.fromstring(theirs.encrypt_message(text, "77", "1700000000"))
        }
        assert ours.unseal(envelope["Encrypt"]) == text
        assert ours.sign("1700000000", "77", envelope["Encrypt"]) == envelope["MsgSignature"]
        sealed = ours.seal(text)
        body = f"<xml><Encrypt>{sealed}</Encrypt></xml>"
        assert theirs.decrypt_message(body, ours.sign("1", "2", sealed), "1", "2") == text


def test_a_corp_unseals_the_echo() -> None:
    seal = Seal(TOKEN, AES_KEY, "ww-corp")
    echo = seal.seal("4711")
    assert CorpCrypto(TOKEN, AES_KEY, "ww-corp").check_signature(seal.sign("1", "2", echo), "1", "2", echo) == "4711"


def test_unseals_nothing_that_was_touched() -> None:
    seal = Seal(TOKEN, AES_KEY, APP_ID)
    good = seal.seal("x" * 50)
    for bad in (
        "",
        "?",
        good[:-4],
        good[:44],
        Seal(TOKEN, AES_KEY, "wxother").seal("x"),
        Seal(TOKEN, "B" * 43, APP_ID).seal("x"),
    ):
        with pytest.raises(Broken):
            seal.unseal(bad)


# Pushes


def test_verifies_the_callback(fake: WeChat) -> None:
    assert fake.verifies()
    assert not fake.verifies(token="another")


def test_a_text_is_pushed_and_its_answer_shown(fake: WeChat, bot: Bot, user: User) -> None:
    bot.says = bot.text(
        '收到 <a href="weixin://bizmsgmenu?msgmenucontent=%E4%B8%8B%E4%B8%80%E9%A1%B9&msgmenuid=n1">下一项</a> https://a.example/x?y=1。'
    )
    shown = user.says(" 你好]]>😀\x07 ")
    assert bot.heard[0]["Content"] == " 你好]]>😀 "
    assert bot.heard[0]["FromUserName"] == user.openid == bot.queries[0]["openid"]
    assert bot.queries[0]["encrypt_type"] == "aes"
    assert shown == user.sees[0]
    assert (shown["kind"], shown["text"]) == ("passive", "收到 下一项 https://a.example/x?y=1。")
    assert shown["links"] == [("下一项", "下一项", "n1")]
    assert shown["urls"] == [("https://a.example/x?y=1",) * 2]
    bot.says = lambda _: ""
    assert user.taps("下一项") is None
    assert (bot.heard[1]["Content"], bot.heard[1]["bizmsgmenuid"]) == ("下一项", "n1")
    assert bot.heard[0]["MsgId"] != bot.heard[1]["MsgId"]
    with pytest.raises(AssertionError, match="sees no"):
        user.taps("无此项")


def test_openids_are_like_real_ones_and_stay(fake: WeChat, user: User) -> None:
    assert len(user.openid) == len("o6_bmjrPTlm6_2sgVt7hMZOPfL2M")
    assert fake.user("王秘书") is user
    with WeChat() as other:
        assert other.user("王秘书").openid == user.openid


def test_every_kind_of_push_arrives(fake: WeChat, bot: Bot, user: User) -> None:
    user.sends_photo(b"photo")
    assert httpx.get(bot.heard[-1]["PicUrl"], trust_env=False, verify=False).content == b"photo"
    user.sends_voice(b"voice", recognition="三分")
    assert (bot.heard[-1]["Recognition"], bot.heard[-1]["Format"]) == ("三分", "amr")
    user.sends_voice(b"voice")
    assert "Recognition" not in bot.heard[-1]
    user.sends_video(b"video")
    user.sends_location()
    user.sends_link("标题", "https://a.example/?a=1&b=2")
    assert bot.heard[-1]["Url"] == "https://a.example/?a=1&b=2"
    user.sends_unsupported()
    assert bot.heard[-1]["Content"] == UNSUPPORTED
    user.sends_file_event()
    user.scans("bind-1")
    assert (bot.heard[-1]["Event"], bot.heard[-1]["EventKey"]) == ("SCAN", "bind-1")
    user.clicks("continue")
    user.allows("template")
    user.unsubscribes()
    user.scans("bind-2")
    assert (bot.heard[-1]["Event"], bot.heard[-1]["EventKey"]) == ("subscribe", "qrscene_bind-2")
    kinds = [heard["MsgType"] for heard in bot.heard]
    assert kinds == ["image", "voice", "voice", "video", "location", "link", "text", "file"] + ["event"] * 5
    assert user.sees == []
    assert not fake.faulty_answers


def test_who_does_not_follow_has_no_chat(fake: WeChat, bot: Bot, user: User) -> None:
    bot.says = bot.text("再见")
    user.unsubscribes()
    assert user.sees == []
    with pytest.raises(AssertionError, match="does not follow"):
        user.says("在吗")
    assert user.subscribes()


def test_a_slow_answer_is_tried_three_times(fake: WeChat, bot: Bot, user: User) -> None:
    never = threading.Event()
    bot.says = lambda _: str(never.wait(20))
    shown = user.says("慢")
    never.set()
    assert shown is not None
    assert (shown["kind"], shown["text"]) == ("fault", FAULT)
    assert [one.status for one in fake.tries] == [None] * 3
    assert all(0.45 < one.took < 2 for one in fake.tries)
    assert len({heard["MsgId"] for heard in bot.heard}) == 1
    assert len({query["nonce"] for query in bot.queries}) == len({q["msg_signature"] for q in bot.queries}) == 3
    assert len(fake.faulty_answers) == 1


def test_the_second_try_may_answer(fake: WeChat, bot: Bot, user: User) -> None:
    never = threading.Event()
    quick = bot.text("好")
    bot.says = lambda heard: quick(heard) if len(bot.heard) > 1 else str(never.wait(20))
    shown = user.says("慢")
    never.set()
    assert shown is not None
    assert shown["text"] == "好"
    assert len(fake.tries) == 2


def test_nobody_there_is_tried_three_times(fake: WeChat, user: User) -> None:
    fake.callback = "http://127.0.0.1:9/wechat"
    shown = user.says("在吗")
    assert shown is not None
    assert shown["kind"] == "fault"
    assert len(fake.tries) == 3


BAD: dict[str, Callable[[Bot, dict[str, str]], str | bytes | Response]] = {
    "HTTP 500": lambda bot, heard: Response("no", 500),
    "HTTP 204": lambda bot, heard: Response(status_code=204),
    "broken XML: no element found": lambda bot, heard: "<html><p>",
    "not well-formed (invalid token): line 1, column 0": lambda bot, heard: '{"ok": true}',
    "root <html>": lambda bot, heard: "<html></html>",
    "not a sealed": lambda bot, heard: "<xml><Content>plain</Content></xml>",
    "wrong MsgSignature": lambda bot, heard: str(bot.text("x")(heard)).replace("4711", "4712"),
    "Encrypt: length or account": lambda bot, heard: str(
        WeChatCrypto(TOKEN, AES_KEY, "wxother").encrypt_message("<xml></xml>", "1", "2")
    ),
    "broken XML: not well-formed": lambda bot, heard: bot.text("a]]>b")(heard),
    "broken XML: not well-formed (invalid token)": lambda bot, heard: bot.text("bell\x07")(heard),
    "a node twice": lambda bot, heard: bot.text("x]]></Content><Content><![CDATA[y")(heard),
    "nodes": lambda bot, heard: bot.text("x", MediaId="y")(heard),
    "not swapped": lambda bot, heard: bot.text("x", ToUserName=heard["ToUserName"])(heard),
    "are not swapped": lambda bot, heard: bot.text("x", FromUserName="gh_other")(heard),
    "no Content": lambda bot, heard: bot.text("")(heard),
    "empty Content": lambda bot, heard: bot.text("  ")(heard),
    "Content of 2049 bytes": lambda bot, heard: bot.text("好" * 683)(heard),
    "CreateTime": lambda bot, heard: bot.text("x", CreateTime="now")(heard),
    "MsgType file": lambda bot, heard: bot.text("x", MsgType="file")(heard),
    "no ToUserName": lambda bot, heard: bot.sealed("<MsgType>text</MsgType>"),
}


@pytest.mark.parametrize("reason", BAD)
def test_an_abnormal_answer_is_a_fault_at_once(reason: str, fake: WeChat, bot: Bot, user: User) -> None:
    bot.says = lambda heard: BAD[reason](bot, heard)
    shown = user.says("你好")
    assert shown is not None
    assert shown["text"] == FAULT
    assert reason in fake.faulty_answers[0]
    assert len(fake.tries) == 1


def test_a_split_cdata_end_and_2048_bytes_are_fine(fake: WeChat, bot: Bot, user: User) -> None:
    bot.says = bot.text("a]]]]><![CDATA[>b")
    assert (user.says("你好") or {})["text"] == "a]]>b"
    bot.says = bot.text("好" * 682 + "ab")
    assert len((user.says("你好") or {})["text"].encode()) == 2048
    assert not fake.faulty_answers


@pytest.mark.parametrize("mode", ["plain", "compatible"])
def test_other_modes_on_request(mode: str, fake: WeChat, bot: Bot, user: User) -> None:
    fake.mode = mode
    user.says("你好")
    assert bot.heard[0]["Content"] == "你好"
    assert ("msg_signature" in bot.queries[0]) == (mode == "compatible")
    if mode == "compatible":
        _, body = fake.delivery(user, fake.xml(user, MsgType="text", Content="你好"))
        assert {"Content", "Encrypt"} < {node.tag for node in ET.fromstring(body)}


def test_the_same_push_again_in_parallel(fake: WeChat, bot: Bot, user: User) -> None:
    bot.says = bot.text("一次")
    user.says("你好")
    again = fake.deliver_again(user, 8, parallel=True)
    assert [shown and shown["text"] for shown in again] == ["一次"] * 8
    assert len({heard["MsgId"] for heard in bot.heard}) == 1
    assert len(user.sees) == 1


def test_raw_and_spoilt_requests(fake: WeChat, bot: Bot, user: User) -> None:
    url, body = fake.delivery(user, fake.xml(user, MsgType="text", Content="你好", MsgId=1), timestamp=1, nonce="n")
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (query["timestamp"], query["nonce"]) == ("1", "n")
    assert fake.post_raw(body, query) == (200, "success")
    assert fake.post_raw(body, query | {"nonce": "other"})[0] == 500


# The API


def test_stable_tokens(fake: WeChat, call: Caller) -> None:
    def ask(**other: Any) -> Any:
        return call.http.post("/cgi-bin/stable_token", json=owner(**other)).json()

    assert ask()["access_token"] == call.token
    fake.passes(seconds=7200 - 299)
    renewed = ask()["access_token"]
    assert renewed != call.token
    assert call.get("getcallbackip").json() == {"ip_list": ["127.0.0.1"]}
    fake.passes(seconds=300)
    assert call.get("getcallbackip").json()["errcode"] == 42001
    forced = ask(force_refresh=True)["access_token"]
    assert forced != renewed
    assert call.get("getcallbackip", access_token=renewed).json()["errcode"] == 40001
    assert ask(force_refresh=True)["errcode"] == 45011
    for _ in range(19):
        fake.passes(seconds=30)
        assert "access_token" in ask(force_refresh=True)
    fake.passes(seconds=30)
    assert ask(force_refresh=True)["errcode"] == 45009


def test_token_refusals(fake: WeChat, call: Caller) -> None:
    def errcode(**other: Any) -> int:
        return int(call.http.post("/cgi-bin/stable_token", json=owner(**other)).json()["errcode"])

    assert errcode(grant_type="x") == 40002
    assert errcode(appid="wxother") == 40013
    assert errcode(secret="other") == 40125
    assert errcode(secret="") == 41004
    fake.account.ip_allowed = False
    assert errcode() == 40164
    assert call.get("getcallbackip", access_token="").json()["errcode"] == 41001
    assert call.get("getcallbackip", access_token="x").json()["errcode"] == 40001
    fake.account.tokens.revoke()
    assert call.get("getcallbackip").json()["errcode"] == 40001


def test_plain_tokens_replace_each_other(fake: WeChat, call: Caller) -> None:
    first = call.http.get("/cgi-bin/token", params=owner()).json()["access_token"]
    second = call.http.get("/cgi-bin/token", params=owner()).json()["access_token"]
    assert first != second
    assert "ip_list" in call.get("getcallbackip", access_token=first).json()
    fake.passes(minutes=5)
    assert call.get("getcallbackip", access_token=first).json()["errcode"] == 42001
    assert "ip_list" in call.get("getcallbackip", access_token=second).json()
    assert "ip_list" in call.get("getcallbackip").json()


def test_the_quota_clock(fake: WeChat, call: Caller, user: User) -> None:
    assert call.says(user, "先说") == 45015
    user.says("你好")
    assert [call.says(user, str(number)) for number in range(6)] == [0] * 5 + [45047]
    user.says("再来")
    fake.passes(hours=48)
    call.token = call.http.post("/cgi-bin/stable_token", json=owner()).json()["access_token"]
    assert call.says(user, "晚了") == 45015
    user.says("你好")
    user.clicks("continue")
    assert [call.says(user, str(number)) for number in range(4)] == [0] * 3 + [45047]
    triggers: list[Callable[[], object]] = [user.subscribes, lambda: user.scans("s")]
    for trigger in triggers:
        trigger()
        assert call.says(user, "快") == 0
        fake.passes(seconds=60)
        assert call.says(user, "慢") == 45015


def test_a_tap_grants_three_in_a_minute(fake: WeChat, call: Caller, user: User) -> None:
    user.says("你好")
    menu = {
        "head_content": "选",
        "list": [{"id": "1", "content": "好"}, {"id": "2", "content": "不好"}],
        "tail_content": "",
    }
    assert (
        call.post("message/custom/send", {"touser": user.openid, "msgtype": "msgmenu", "msgmenu": menu})["errcode"] == 0
    )
    assert (user.sees[0]["kind"], user.sees[0]["text"]) == ("msgmenu", "选\n好\n不好")
    user.taps("不好")
    assert [call.says(user, "x") for _ in range(4)] == [0] * 3 + [45047]


def test_customer_messages_are_checked(fake: WeChat, call: Caller, user: User) -> None:
    user.says("你好")
    assert call.says(user, "好" * 683) == 45002
    assert call.says(user, "") == 44004

    def errcode(**other: Any) -> int:
        kind = other.get("msgtype", "text")
        body = {"touser": user.openid, "msgtype": kind, kind: {"content": "好"}} | other
        return int(call.post("message/custom/send", body)["errcode"])

    assert errcode(touser="o6_nobody") == 40003
    assert errcode(msgtype="file", file={}) == 40008
    assert errcode(msgtype="image", image={"media_id": "x"}) == 40007
    assert errcode(parse_mode="HTML") == 47001
    assert errcode(msgtype="msgmenu", msgmenu={"list": []}) == 40035
    assert errcode(msgtype="msgmenu", msgmenu={"list": [{"id": "1", "content": "好", "url": "x"}]}) == 40035
    assert errcode(msgtype="news", news={"articles": [{}, {}]}) == 45008
    escaped = json.dumps({"touser": user.openid, "msgtype": "text", "text": {"content": "好"}}).encode()
    assert call.post("message/custom/send", escaped)["errcode"] == 40033
    assert call.says(user, "\\u597d") == 0  # the user sees a backslash: no escape
    assert call.post("message/custom/send", b"{")["errcode"] == 47001
    assert call.post("message/custom/send", b"")["errcode"] == 44002
    assert call.get("message/custom/send").json()["errcode"] == 43002
    assert call.get("no/such").json()["errcode"] == 40066
    fake.account.verified = False
    assert errcode() == 48001
    fake.account.verified = True
    user.unsubscribes()
    assert errcode() == 43004
    assert [shown["kind"] for shown in user.sees] == ["custom"]


def test_media(fake: WeChat, call: Caller, bot: Bot, user: User) -> None:
    made = call.upload("image", "a.png", b"picture")
    got = call.get("media/get", media_id=made["media_id"])
    assert got.content == b"picture"
    assert "filename=" in got.headers["content-disposition"]
    user.sends_photo(b"photo")
    assert call.get("media/get", media_id=bot.heard[-1]["MediaId"]).content == b"photo"
    body = {"touser": user.openid, "msgtype": "image", "image": {"media_id": made["media_id"]}}
    assert call.post("message/custom/send", body)["errcode"] == 0
    assert (user.sees[-1]["kind"], user.sees[-1]["media_id"]) == ("image", made["media_id"])
    user.sends_video(b"film")
    address = call.get("media/get", media_id=bot.heard[-1]["MediaId"]).json()["video_url"]
    assert call.http.get(address).content == b"film"
    fake.passes(days=3)
    call.token = call.http.post("/cgi-bin/stable_token", json=owner()).json()["access_token"]
    assert call.get("media/get", media_id=made["media_id"]).json()["errcode"] == 40007
    assert call.http.get(address).status_code == 404


def test_uploads_are_checked(call: Caller) -> None:
    assert call.upload("file", "a.xlsx", b"x")["errcode"] == 40004
    assert call.upload("image", "a.xlsx", b"x")["errcode"] == 40005
    assert call.upload("image", "a.png", b"")["errcode"] == 44001
    assert call.upload("image", "a.png", b"x", field="file")["errcode"] == 41005
    assert call.upload("image", "a.png", b"x" * (10 * 2**20 + 1))["errcode"] == 45001
    assert call.upload("voice", "a.mp3", b"x" * (2 * 2**20 + 1))["errcode"] == 45001
    assert "media_id" in call.upload("video", "a.mp4", b"x" * (10 * 2**20))


def test_typing(fake: WeChat, call: Caller, user: User) -> None:
    def errcode(command: str = "Typing") -> int:
        return int(call.post("message/custom/typing", {"touser": user.openid, "command": command})["errcode"])

    assert errcode() == 45080
    user.says("你好")
    assert errcode("Dance") == 45072
    assert [errcode(), errcode(), errcode("CancelTyping"), errcode()] == [0, 45081, 0, 0]
    assert call.says(user, "好") == 0
    assert errcode() == 0
    fake.passes(seconds=31)
    assert errcode() == 45080


def test_templates(fake: WeChat, call: Caller, bot: Bot, user: User) -> None:
    fake.template("T1", "thing1", "time2")

    def sent(thing: str, **other: Any) -> Any:
        data = {"thing1": {"value": thing}, "time2": {"value": "2026年12月31日 17:00"}}
        return call.post("message/template/send", {"touser": user.openid, "template_id": "T1", "data": data} | other)

    assert sent("自评截止提醒", url="https://a.example/")["errcode"] == 0
    fake.settles()
    assert (bot.heard[-1]["Event"], bot.heard[-1]["Status"]) == ("TEMPLATESENDJOBFINISH", "success")
    assert (user.sees[-1]["kind"], user.sees[-1]["urls"]) == ("template", [("", "https://a.example/")])
    refused = sent("长" * 21)
    assert refused["errcode"] == 47003
    assert "thing1" in refused["errmsg"]
    assert sent("x", template_id="T2")["errcode"] == 40037
    assert sent("x", data={"thing1": {"value": "x"}})["errcode"] == 47003
    user.blocks_notices = True
    assert sent("x")["errcode"] == 0
    fake.settles()
    assert bot.heard[-1]["Status"] == "failed:user block"
    assert len(user.sees) == 1
    user.unsubscribes()
    assert sent("x")["errcode"] == 43004


def test_one_consent_is_one_subscription_message(fake: WeChat, call: Caller, user: User) -> None:
    fake.template("S1", "thing1")
    body = {"touser": user.openid, "template_id": "S1", "data": {"thing1": {"value": "提醒"}}}
    assert call.post("message/subscribe/bizsend", body)["errcode"] == 43101
    user.allows("S1")
    assert [call.post("message/subscribe/bizsend", body)["errcode"] for _ in range(2)] == [0, 43101]
    fake.settles()


def test_qr_codes(fake: WeChat, call: Caller, bot: Bot, user: User) -> None:
    def made(scene: str = "bind-1", **other: Any) -> Any:
        action = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        return call.post("qrcode/create", action | {"expire_seconds": 600} | other)

    code = made()
    assert code["expire_seconds"] == 600
    assert call.get("showqrcode", ticket=code["ticket"]).content.startswith(b"\x89PNG")
    user.scans("bind-1")
    assert bot.heard[-1]["Ticket"] == code["ticket"]
    assert made("")["errcode"] == made("x" * 65)["errcode"] == made(expire_seconds=2_592_001)["errcode"] == 40035
    assert made(action_name="QR_SCENE")["errcode"] == 40035
    fake.passes(minutes=10)
    assert call.get("showqrcode", ticket=code["ticket"]).status_code == 404
    with pytest.raises(AssertionError, match="expired"):
        user.scans("bind-1")


def test_menus(call: Caller, bot: Bot, user: User) -> None:
    def errcode(*buttons: Any) -> int:
        return int(call.post("menu/create", {"button": buttons})["errcode"])

    button = {"type": "click", "name": "继续", "key": "continue"}
    assert call.get("menu/get").json()["errcode"] == 46003
    assert errcode() == errcode(*[button] * 4) == 40016
    assert errcode(button | {"name": "六个字太长了"}) == 40018
    assert errcode({"name": "更多", "sub_button": [button] * 6}) == 40023
    assert errcode(button | {"type": "tap"}) == 40017
    assert errcode({"type": "view", "name": "看"}) == 40020
    assert errcode({"name": "更多", "sub_button": [button]}) == 0
    assert call.get("menu/get").json()["menu"]["button"][0]["name"] == "更多"
    user.clicks("continue")
    assert bot.heard[-1]["EventKey"] == "continue"
    with pytest.raises(AssertionError, match="in the menu"):
        user.clicks("other")
    assert call.get("menu/delete").json()["errcode"] == 0


def test_user_info(call: Caller, user: User) -> None:
    user.subscribes("bind-1")
    info = call.get("user/info", openid=user.openid, lang="zh_CN").json()
    assert (info["subscribe"], info["qr_scene_str"]) == (1, "bind-1")
    user.unsubscribes()
    assert call.get("user/info", openid=user.openid).json()["subscribe"] == 0
    assert call.get("user/info", openid="x").json()["errcode"] == 40003


def test_daily_limits_and_their_reset(fake: WeChat, call: Caller) -> None:
    fake.account.limits["getcallbackip"] = 1
    assert "ip_list" in call.get("getcallbackip").json()
    assert call.get("getcallbackip").json()["errcode"] == 45009
    assert [call.post("clear_quota", {"appid": APP_ID})["errcode"] for _ in range(11)] == [0] * 10 + [48006]
    assert "ip_list" in call.get("getcallbackip").json()


# Misbehaviour


def test_faults(fake: WeChat, call: Caller, user: User) -> None:
    user.says("你好")
    send = "message/custom/send"
    fake.fault(send, body={"errcode": -1, "errmsg": "system error"})
    assert call.says(user, "一") == -1
    fake.fault(send, body="<html>busy</html>")
    with pytest.raises(json.JSONDecodeError):
        call.says(user, "二")
    fake.fault(send, status=502)
    body = {"touser": user.openid, "msgtype": "text", "text": {"content": "三"}}
    assert call.http.post(f"/cgi-bin/{send}", params={"access_token": call.token}, json=body).status_code == 502
    assert user.sees == []
    fake.fault(send, dropped=True)
    with pytest.raises(httpx.RemoteProtocolError):
        call.says(user, "四")
    fake.fault(send, delay=0.5)
    call.http.timeout = httpx.Timeout(0.1)
    with pytest.raises(httpx.ReadTimeout):
        call.says(user, "五")
    assert [shown["text"] for shown in user.waits_for(2)] == ["四", "五"]
    call.http.timeout = httpx.Timeout(5)
    fake.fault(send, body={"errcode": 45009}, only=lambda given: given["text"]["content"] == "七")
    assert [call.says(user, text) for text in "六七"] == [0, 45009]
    assert len(fake.record.of(send)) >= 6


def test_waiting_for_what_comes(fake: WeChat, call: Caller, user: User) -> None:
    user.says("你好")
    later = threading.Timer(0.05, lambda: call.says(user, "好"))
    later.start()
    assert user.waits_for(1)[0]["text"] == "好"
    later.join()
    with pytest.raises(AssertionError, match="sees 1 of 2"):
        user.waits_for(2, seconds=0.01)


# For people


def test_a_person_at_the_page(fake: WeChat, bot: Bot, call: Caller) -> None:
    def does(path: str, **given: Any) -> Any:
        return call.http.post(f"/sim/{path}", json=given)

    assert "<title>" in call.http.get("/").text
    assert does("users", name="张三").json()[0]["openid"].startswith("o6_bmj")
    bot.says = bot.text('<a href="weixin://bizmsgmenu?msgmenucontent=1&msgmenuid=a">选1</a>')
    assert does("say", user="张三", text="你好").json()["text"] == "选1"
    assert does("tap", user="张三", label="选1").status_code == 200
    assert bot.heard[-1]["bizmsgmenuid"] == "a"
    assert call.http.post("/sim/upload", params={"user": "张三"}, content=b"photo").status_code == 200
    assert does("event", user="张三", event="scan", scene="s").status_code == 200
    assert does("tap", user="张三", label="无").status_code == 400
    chat = call.http.get("/sim/transcript", params={"user": "张三"}).json()["chat"]
    assert [line["kind"] for line in chat] == ["said", "passive"] * 3 + ["event", "passive"]
    assert does("faults", method="getcallbackip", status=503).json()[0]["status"] == 503
    assert call.get("getcallbackip").status_code == 503
    assert does("clock", hours=1).json()["moved"] == 3600
    assert call.http.get("/sim/calls").json()[-1]["method"] == "getcallbackip"


def test_many_at_once(bot: Bot) -> None:
    with ExitStack() as stack:
        fake = stack.enter_context(WeChat(callback=f"{bot.address}/wechat"))
        people = [fake.user(f"人{number}") for number in range(30)]
        bot.says = lambda heard: bot.text(heard["Content"])(heard)
        threads = [threading.Thread(target=person.says, args=(person.name,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all([shown["text"] for shown in person.sees] == [person.name] for person in people)
