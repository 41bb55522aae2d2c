"""The fake WeCom refuses what the real one refuses, pushes as it pushes, and shows what a member would see."""

import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from wechatpy.enterprise import parse_message
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException

from tests.fakes.serving import Fault, Serving
from tests.fakes.wecom import AES_KEY, AGENT_ID, CORP_ID, SECRET, TOKEN, WeCom
from tests.fakes.wecom_crypto import Seal, Unsealed
from tests.fakes.wecom_rules import Refused, menu
from tests.fakes.wecom_user import JPEG

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


class Bot(Serving):
    """A callback that reads with wechatpy and answers as a test tells it."""

    def __init__(self) -> None:
        super().__init__([Route("/wecom", self.pushed, methods=["GET", "POST"])])
        self.begin_anew()

    def begin_anew(self) -> None:
        self.crypto = WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
        self.got: list[Any] = []
        self.hangs = 0  # so many requests are not answered
        self.answer: Callable[[Any], Response] = lambda message: Response("")

    async def pushed(self, request: Request) -> Response:
        query = request.query_params
        signed = (query["msg_signature"], query["timestamp"], query["nonce"])
        if request.method == "GET":
            return Response(self.crypto.check_signature(*signed, query["echostr"]))
        message = parse_message(self.crypto.decrypt_message(await request.body(), *signed))
        self.got.append(message)
        if self.hangs > 0:
            self.hangs -= 1
            while (await request.receive())["type"] != "http.disconnect":
                pass
        return self.answer(message)

    def replies(self, text: str, *, to: str | None = None) -> None:
        def answer(message: Any) -> Response:
            xml = (
                f"<xml><ToUserName>{to or message.source}</ToUserName><FromUserName>{CORP_ID}</FromUserName>"
                f"<CreateTime>1</CreateTime><MsgType>text</MsgType><Content><![CDATA[{text}]]></Content></xml>"
            )
            return Response(self.crypto.encrypt_message(xml, "nonce", "123"))

        self.answer = answer


class Caller:
    """The API with a token."""

    def __init__(self, fake: WeCom, client: httpx.Client) -> None:
        self.fake, self.client = fake, client
        self.token = self.fetched()["access_token"]

    def fetched(self, corp_id: str = CORP_ID, secret: str = SECRET) -> Any:
        return self.get("gettoken", corpid=corp_id, corpsecret=secret)

    def get(self, method: str, **query: str) -> Any:
        return self.client.get(f"{self.fake.base}/cgi-bin/{method}", params=query).json()

    def post(self, method: str, body: Any, **query: str) -> Any:
        url = f"{self.fake.base}/cgi-bin/{method}"
        return self.client.post(url, params={"access_token": self.token, **query}, json=body).json()

    def sends(
        self, kind: str = "text", touser: str = "WangLaoShi", *, more: dict[str, Any] | None = None, **it: Any
    ) -> Any:
        body = {"touser": touser, "agentid": AGENT_ID, "msgtype": kind, kind: it, **(more or {})}
        return self.post("message/send", body)

    def card(
        self, labels: str = "是 否", task_id: str = "t1", more: dict[str, Any] | None = None, **change: Any
    ) -> Any:
        listed = [{"text": label, "key": f"k{place}", "style": 1} for place, label in enumerate(labels.split())]
        card = {"main_title": {"title": "确认"}, "button_list": listed, "task_id": task_id, **change}
        return self.sends("template_card", more=more, card_type="button_interaction", **card)

    def upload(self, name: str, data: bytes, kind: str = "file") -> Any:
        url = f"{self.fake.base}/cgi-bin/media/upload"
        query = {"access_token": self.token, "type": kind}
        return self.client.post(url, params=query, files={"media": (name, data)}).json()


@pytest.fixture(scope="module")
def platform() -> Iterator[WeCom]:
    with WeCom(second=0.05) as serving:
        yield serving


@pytest.fixture(scope="module")
def somebody() -> Iterator[Bot]:
    with Bot() as serving:
        yield serving


@pytest.fixture
def fake(platform: WeCom) -> WeCom:
    platform.begin_anew()
    platform.callback = None
    platform.user("WangLaoShi", "王老师")
    return platform


@pytest.fixture
def api(fake: WeCom) -> Iterator[Caller]:
    with httpx.Client(trust_env=False, verify=False) as client:
        yield Caller(fake, client)


@pytest.fixture
def bot(fake: WeCom, somebody: Bot) -> Bot:
    somebody.begin_anew()
    fake.callback = f"{somebody.address}/wecom"
    return somebody


# Encryption, both ways against the library that the bot uses


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 27, 28, 43, 44, 45, 64, 2048, 50_000])
def test_both_sides_open_what_the_other_closed(length: int) -> None:
    seal, crypto = Seal(TOKEN, AES_KEY, CORP_ID), WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
    text = "<xml><a>" + ("学😀a" * length)[:length] + "</a></xml>"
    query = seal.query(sealed := seal.close(text))
    assert crypto.check_signature(query["msg_signature"], query["timestamp"], query["nonce"], sealed) == text
    answered = seal.answer(crypto.encrypt_message(text, "n", "1"))
    assert answered["a"] == text.removeprefix("<xml><a>").removesuffix("</a></xml>")


def test_library_refuses_a_foreign_signature() -> None:
    seal = Seal("another", AES_KEY, CORP_ID)
    query = seal.query(sealed := seal.close("<xml/>"))
    with pytest.raises(InvalidSignatureException):
        WeChatCrypto(TOKEN, AES_KEY, CORP_ID).check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], sealed
        )


@pytest.mark.parametrize(
    ("closed", "why"),
    [
        (WeChatCrypto("another", AES_KEY, CORP_ID), "MsgSignature"),
        (WeChatCrypto(TOKEN, AES_KEY, "wwother"), "sealed for"),
        (WeChatCrypto(TOKEN, "A" * 43, CORP_ID), "padding|sealed for"),
    ],
)
def test_platform_refuses_an_answer_of_somebody_else(closed: WeChatCrypto, why: str) -> None:
    with pytest.raises(Unsealed, match=why):
        Seal(TOKEN, AES_KEY, CORP_ID).answer(closed.encrypt_message("<xml/>", "n", "1"))


# Token


def test_one_token_while_it_is_valid(fake: WeCom, api: Caller) -> None:
    assert api.fetched()["access_token"] == api.token
    fake.passes(hours=2)
    assert api.sends(content="你好")["errcode"] == 42001
    assert api.fetched()["access_token"] != api.token


def test_wrong_credentials(fake: WeCom, api: Caller) -> None:
    assert api.fetched(corp_id="ww1")["errcode"] == 40013
    assert api.fetched(secret="x")["errcode"] == 40001
    assert api.get("user/get", userid="WangLaoShi")["errcode"] == 41001
    api.token = "x"
    assert api.sends(content="你好")["errcode"] == 40014
    fake.ip_allowed = False
    assert api.fetched()["errcode"] == 60020


def test_forgotten_token(fake: WeCom, api: Caller) -> None:
    fake.forget_tokens()
    assert api.sends(content="你好")["errcode"] == 40014


# Text, files, addressees


def test_text_arrives(fake: WeCom, api: Caller) -> None:
    answer = api.sends(content="你好 <b>")
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    entry = fake.user("wanglaoshi").waits_for(1)[0]
    assert (entry["kind"], entry["text"], entry["msgid"]) == ("text", "你好 <b>", answer["msgid"])
    assert fake.complaints == []


@pytest.mark.parametrize("kind", ["text", "markdown"])
def test_long_text_is_cut_at_bytes_and_complained_of(fake: WeCom, api: Caller, kind: str) -> None:
    assert api.sends(kind, content="学" * 682 + "ab")["errcode"] == 0
    assert fake.complaints == []
    assert api.sends(kind, content="学" * 683)["errcode"] == 0
    assert [(len(entry["text"]), entry["cut"]) for entry in fake.user("WangLaoShi").sees] == [(684, False), (682, True)]
    assert len(fake.complaints) == 1


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "markdown", "markdown": {"content": " \n"}}, 44004),
        ({"msgtype": "text"}, 44004),
        ({"msgtype": "poem", "poem": {}}, 40008),
        ({"msgtype": "text", "text": {"content": "a"}, "agentid": 7}, 301002),
        ({"msgtype": "text", "text": {"content": "a"}, "agentid": None}, 40056),
        ({"msgtype": "text", "text": {"content": "a"}, "touser": "Nobody"}, 81013),
        ({"msgtype": "text", "text": {"content": "a"}, "touser": ""}, 81013),
        ({"msgtype": "text", "text": {"content": "a"}, "touser": "|".join(map(str, range(1001)))}, 40032),
        ({"msgtype": "file", "file": {"media_id": "x"}}, 40007),
        ({"msgtype": "textcard", "textcard": {"title": "a", "description": "b"}}, 40058),
        ({"msgtype": "textcard", "textcard": {"title": "a", "description": "b", "url": "example.org"}}, 40058),
    ],
)
def test_refused_messages(fake: WeCom, api: Caller, body: dict[str, Any], errcode: int) -> None:
    assert api.post("message/send", {"touser": "WangLaoShi", "agentid": AGENT_ID, **body})["errcode"] == errcode
    assert fake.user("WangLaoShi").sees == []


def test_requests_that_cannot_be_read(fake: WeCom, api: Caller) -> None:
    url, query = f"{fake.base}/cgi-bin/message/send", {"access_token": api.token}
    assert api.client.post(url, params=query, content=b"{").json()["errcode"] == 47001
    assert api.client.get(url, params=query).json()["errcode"] == 43002
    assert api.post("message/poem", {})["errcode"] == 404
    assert fake.complaints == ["there is no message/poem"]


def test_unknown_receivers_are_told_in_small_letters(fake: WeCom, api: Caller) -> None:
    assert api.sends(touser="WangLaoShi|Nobody|WangLaoShi", content="你好")["invaliduser"] == "nobody"
    assert len(fake.user("WangLaoShi").sees) == 1


def test_file_keeps_its_chinese_name(fake: WeCom, api: Caller) -> None:
    uploaded = api.upload("排名 2026.xlsx", b"123456")
    assert api.sends("file", media_id=uploaded["media_id"])["errcode"] == 0
    entry = fake.user("WangLaoShi").sees[0]
    assert (entry["kind"], entry["name"], entry["data"]) == ("file", "排名 2026.xlsx", b"123456")
    fake.passes(hours=72)
    api.token = api.fetched()["access_token"]
    assert api.sends("file", media_id=uploaded["media_id"])["errcode"] == 40007


@pytest.mark.parametrize(
    ("name", "data", "kind", "errcode"),
    [
        ("a.txt", b"12345", "file", 40006),
        ("a.txt", b"123456", "file", 0),
        ("a.bin", bytes(20 * 1024 * 1024), "file", 0),
        ("a.bin", bytes(20 * 1024 * 1024 + 1), "file", 40006),
        ("a.png", PNG, "image", 0),
        ("a.png", b"not a picture", "image", 40004),
        ("a.png", PNG, "poem", 40005),
    ],
)
def test_uploads(fake: WeCom, api: Caller, name: str, data: bytes, kind: str, errcode: int) -> None:
    assert api.upload(name, data, kind)["errcode"] == errcode


def test_upload_without_its_part(fake: WeCom, api: Caller) -> None:
    url, query = f"{fake.base}/cgi-bin/media/upload", {"access_token": api.token, "type": "file"}
    assert api.client.post(url, params=query, files={"file": ("a", b"123456")}).json()["errcode"] == 41005


# Limits and doubles


def test_more_than_30_a_minute_vanish(fake: WeCom, api: Caller) -> None:
    for number in range(31):
        assert api.sends(content=str(number))["errcode"] == 0
    assert len(fake.user("WangLaoShi").sees) == 30
    assert [entry["text"] for _, entry in fake.dropped_silently] == ["30"]
    fake.passes(seconds=60)
    api.sends(content="again")
    assert fake.user("WangLaoShi").sees[-1]["text"] == "again"


def test_more_than_1000_an_hour_vanish(fake: WeCom, api: Caller) -> None:
    fake.user("WangLaoShi").received_at = [fake.now() - 61 - number for number in range(1000)]
    api.sends(content="a")
    assert len(fake.dropped_silently) == 1


def test_duplicates_are_swallowed_only_when_asked(fake: WeCom, api: Caller) -> None:
    checked = {"enable_duplicate_check": 1}
    api.sends(content="a")
    api.sends(content="a")
    api.sends(content="a", more=checked)
    api.sends(content="b", more=checked)
    assert [entry["text"] for entry in fake.user("WangLaoShi").sees] == ["a", "a", "b"]
    assert len(fake.swallowed) == 1
    fake.passes(seconds=1800)
    api.sends(content="a", more=checked)
    assert len(fake.user("WangLaoShi").sees) == 4
    assert api.sends(content="a", more={**checked, "duplicate_check_interval": 14401})["errcode"] == 40058


# Cards


def test_card_is_tapped_and_updated(fake: WeCom, api: Caller, bot: Bot) -> None:
    sent = api.card(sub_title_text="第 3 项")
    user = fake.user("WangLaoShi")
    entry = user.waits_for(1)[0]
    assert (entry["text"], entry["buttons"], entry["task_id"]) == ("确认\n第 3 项", [("是", "k0"), ("否", "k1")], "t1")
    assert user.taps("否").statuses == [200]
    event = bot.got[0]._data
    named = {name: event[name] for name in ("Event", "EventKey", "TaskId", "CardType", "AgentID", "FromUserName")}
    assert named == {
        "Event": "template_card_event",
        "EventKey": "k1",
        "TaskId": "t1",
        "CardType": "button_interaction",
        "AgentID": str(AGENT_ID),
        "FromUserName": "WangLaoShi",
    }
    assert "MsgId" not in event
    body = {"userids": ["WangLaoShi"], "agentid": AGENT_ID, "button": {"replace_name": "已选：否"}}
    for code in (event["ResponseCode"], sent["response_code"]):
        assert api.post("message/update_template_card", {**body, "response_code": code})["errcode"] == 0
        assert api.post("message/update_template_card", {**body, "response_code": code})["errcode"] == 40058
    assert (entry["buttons"], entry["replaced_by"]) == ([], "已选：否")
    with pytest.raises(AssertionError, match="no card with 否"):
        user.taps("否")


def test_newest_card_with_that_button_is_tapped(fake: WeCom, api: Caller, bot: Bot) -> None:
    for task_id, labels in (("t1", "是 否"), ("t2", "是 否"), ("t3", "其他")):
        api.card(labels, task_id)
    user = fake.user("WangLaoShi")
    user.taps("是")
    user.taps("是", card=user.sees[0])
    assert [message._data["TaskId"] for message in bot.got] == ["t2", "t1"]


def test_response_code_lasts_72_hours_and_a_card_may_become_another(fake: WeCom, api: Caller, bot: Bot) -> None:
    first, second = api.card()["response_code"], api.card(task_id="t2")["response_code"]
    card = {
        "card_type": "text_notice",
        "main_title": {"title": "已提交"},
        "card_action": {"type": 1, "url": "https://a/"},
    }
    body = {"userids": ["WangLaoShi"], "agentid": AGENT_ID, "template_card": card}
    assert api.post("message/update_template_card", {**body, "response_code": first})["errcode"] == 0
    assert fake.user("WangLaoShi").sees[0]["text"] == "已提交"
    fake.passes(hours=72)
    api.token = api.fetched()["access_token"]
    assert api.post("message/update_template_card", {**body, "response_code": second})["errcode"] == 40058


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"main_title": {}}, 40058),
        ({"main_title": {}, "sub_title_text": "第 3 项"}, 0),
        ({"button_list": []}, 40058),
        ({"button_list": [{"text": "a", "key": str(key)} for key in range(6)]}, 0),
        ({"button_list": [{"text": "a", "key": str(key)} for key in range(7)]}, 40058),
        ({"button_list": [{"text": "", "key": "k"}]}, 42020),
        ({"button_list": [{"text": "a"}]}, 42019),
        ({"button_list": [{"text": "a", "key": "k" * 1024}]}, 0),
        ({"button_list": [{"text": "a", "key": "k" * 1025}]}, 42018),
        ({"task_id": ""}, 42014),
        ({"task_id": "a" * 128}, 0),
        ({"task_id": "a" * 129}, 42014),
        ({"task_id": "第一"}, 42014),
        ({"task_id": "a:b"}, 42014),
        ({"task_id": "before"}, 42014),
    ],
)
def test_rules_of_a_card(fake: WeCom, api: Caller, bot: Bot, change: dict[str, Any], errcode: int) -> None:
    api.card(task_id="before")
    assert api.card(**change)["errcode"] == errcode
    assert len(fake.user("WangLaoShi").sees) == (2 if errcode == 0 else 1)
    assert fake.complaints == []


@pytest.mark.parametrize(
    "change",
    [
        {"main_title": {"title": "学" * 37}},
        {"main_title": {"title": "a", "desc": "学" * 45}},
        {"sub_title_text": "学" * 161},
        {"button_list": [{"text": "学" * 11, "key": "k"}]},
        {"button_list": [{"text": "a", "key": "k"}, {"text": "b", "key": "k"}]},
        {"button_list": [{"text": "a", "key": "k", "style": 5}]},
    ],
)
def test_what_a_card_would_not_show_is_complained_of(
    fake: WeCom, api: Caller, bot: Bot, change: dict[str, Any]
) -> None:
    assert api.card(**change)["errcode"] == 0
    assert len(fake.complaints) == 1


def test_no_card_without_a_callback(fake: WeCom, api: Caller) -> None:
    assert api.card()["errcode"] == 43012


def test_repeated_card_is_swallowed_under_the_check(fake: WeCom, api: Caller, bot: Bot) -> None:
    checked = {"enable_duplicate_check": 1}
    assert [api.card(more=checked)["errcode"] for _ in range(2)] == [0, 0]
    assert (len(fake.user("WangLaoShi").sees), len(fake.swallowed)) == (1, 1)


# Misbehaviour


def test_faults(fake: WeCom, api: Caller) -> None:
    faults = fake.record.faults
    url, query = f"{fake.base}/cgi-bin/message/send", {"access_token": api.token}
    faults += [
        Fault("message/send", body={"errcode": 45009, "errmsg": "api freq out of limit"}),
        Fault("message/send", status=502),
        Fault("message/send", body="<html></html>"),
    ]
    assert api.sends(content="a")["errcode"] == 45009
    assert api.client.post(url, params=query, json={}).status_code == 502
    assert api.client.post(url, params=query, json={}).text == "<html></html>"
    assert fake.user("WangLaoShi").sees == []
    assert [call.status for call in fake.record.of("message/send")] == [200, 502, 200]


def test_dropped_call_has_its_effect(fake: WeCom, api: Caller) -> None:
    fake.record.faults.append(Fault("message/send", dropped=True))
    with pytest.raises(httpx.RemoteProtocolError):
        api.sends(content="a")
    assert fake.user("WangLaoShi").sees[0]["text"] == "a"
    assert fake.record.of("message/send")[0].answer is None
    assert api.sends(content="b")["errcode"] == 0


def test_late_answer_has_its_effect_at_once(fake: WeCom, api: Caller) -> None:
    fake.record.faults.append(Fault("message/send", delay=0.3))
    with pytest.raises(httpx.ReadTimeout):
        api.client.post(
            f"{fake.base}/cgi-bin/message/send",
            params={"access_token": api.token},
            json={"touser": "WangLaoShi", "agentid": AGENT_ID, "msgtype": "text", "text": {"content": "a"}},
            timeout=0.1,
        )
    assert fake.user("WangLaoShi").sees[0]["text"] == "a"


# Pushes


def test_verification(fake: WeCom, bot: Bot) -> None:
    assert fake.verifies().isdigit()
    bot.crypto = WeChatCrypto("another", AES_KEY, CORP_ID)
    with pytest.raises(AssertionError, match="HTTP 500"):
        fake.verifies()


def test_everything_a_member_can_send(fake: WeCom, bot: Bot, api: Caller) -> None:
    user = fake.user("WangLaoShi")
    user.says("a ]]> & <b> 😀\n二")
    user.sends_photo(JPEG)
    user.sends_voice()
    user.sends_video()
    user.sends_location()
    user.sends_link()
    user.enters()
    user.clicks("start")
    kinds = ["text", "image", "voice", "video", "location", "link", "event", "event"]
    assert [message.type for message in bot.got] == kinds
    assert bot.got[0].content == "a ]]> & <b> 😀\n二"
    assert all(message.agent == AGENT_ID and message.source == "WangLaoShi" for message in bot.got)
    assert len({message.id for message in bot.got[:6]}) == 6
    assert (bot.got[6].event, bot.got[7].event, bot.got[7].key) == ("enter_agent", "click", "start")
    query = {"access_token": api.token, "media_id": bot.got[1].media_id}
    loaded = api.client.get(f"{fake.base}/cgi-bin/media/get", params=query)
    assert loaded.content == JPEG
    assert loaded.headers["content-disposition"] == 'attachment; filename="photo.jpg"'
    assert api.client.get(bot.got[1].image).content == JPEG
    assert api.get("media/get", access_token=api.token, media_id="x")["errcode"] == 40007
    assert fake.faulty_answers == []


def test_passive_reply_is_seen(fake: WeCom, bot: Bot) -> None:
    bot.replies("收到")
    delivery = fake.user("WangLaoShi").says("你好")
    assert delivery.answer["Content"] == "收到"
    assert [(entry["text"], entry["passive"]) for entry in fake.user("WangLaoShi").sees] == [("收到", True)]


def test_passive_update_of_the_tapped_button(fake: WeCom, bot: Bot, api: Caller) -> None:
    api.card()

    def answer(message: Any) -> Response:
        xml = (
            f"<xml><ToUserName>WangLaoShi</ToUserName><FromUserName>{CORP_ID}</FromUserName><CreateTime>1</CreateTime>"
            "<MsgType>update_button</MsgType><Button><ReplaceName>好</ReplaceName></Button></xml>"
        )
        return Response(bot.crypto.encrypt_message(xml, "n", "1"))

    bot.answer = answer
    fake.user("WangLaoShi").taps("是")
    assert fake.user("WangLaoShi").sees[0]["replaced_by"] == "好"


def test_long_passive_reply_is_cut(fake: WeCom, bot: Bot) -> None:
    bot.replies("学" * 683)
    fake.user("WangLaoShi").says("你好")
    assert fake.user("WangLaoShi").sees[0]["cut"]
    assert len(fake.complaints) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Response("success"),
        Response("Internal Server Error", 500),
        Response("{}"),
        Response("<xml><Encrypt>x</Encrypt></xml>"),
    ],
)
def test_faulty_answers_are_noted_and_not_pushed_again(fake: WeCom, bot: Bot, answer: Response) -> None:
    bot.answer = lambda message: answer
    assert fake.user("WangLaoShi").says("你好").tries == 1
    assert len(fake.faulty_answers) == 1


def test_reply_to_somebody_else_is_faulty(fake: WeCom, bot: Bot) -> None:
    bot.replies("收到", to="Somebody")
    fake.user("WangLaoShi").says("你好")
    assert len(fake.faulty_answers) == 1
    assert fake.user("WangLaoShi").sees == []


@pytest.mark.parametrize(("hangs", "statuses"), [(1, [None, 200]), (2, [None, None, 200]), (3, [None, None, None])])
def test_three_tries_with_one_message_id(fake: WeCom, bot: Bot, hangs: int, statuses: list[int | None]) -> None:
    bot.hangs = hangs
    delivery = fake.user("WangLaoShi").says("你好")
    assert delivery.statuses == statuses
    assert delivery.arrived is (statuses[-1] == 200)
    assert len({message.id for message in bot.got}) == 1
    assert len(bot.got) == len(statuses)


def test_nobody_listens(fake: WeCom) -> None:
    with Bot() as gone:
        fake.callback = f"{gone.address}/wecom"
    assert fake.user("WangLaoShi").says("你好").statuses == [None, None, None]


def test_again_in_parallel(fake: WeCom, bot: Bot) -> None:
    user = fake.user("WangLaoShi")
    user.says("你好")
    assert [delivery.statuses for delivery in fake.deliver_again(user, threads=4)] == [[200]] * 4
    assert len(bot.got) == 5
    assert len({message.id for message in bot.got}) == 1


def test_signed_requests_of_a_test_are_valid(fake: WeCom, bot: Bot) -> None:
    user = fake.user("WangLaoShi")
    url, body = fake.delivery(user, fake.message(user, "text", {"Content": "你好"}))
    query = url.split("?")[1]
    assert fake.post_raw(body, query) == (200, "")
    assert bot.got[0].content == "你好"
    outer = {node.tag: node.text for node in ET.fromstring(body)}
    assert (outer["ToUserName"], outer["AgentID"]) == (CORP_ID, str(AGENT_ID))
    assert fake.post_raw(body.replace("<Encrypt><![CDATA[", "<Encrypt><![CDATA[A"), query)[0] == 500


def test_waiting(fake: WeCom, api: Caller) -> None:
    user = fake.user("WangLaoShi")
    later = threading.Timer(0.05, lambda: api.sends(content="late"))
    later.start()
    assert user.waits_for(1)[0]["text"] == "late"
    later.join()
    with pytest.raises(AssertionError, match=r"2 messages.*late"):
        user.waits_for(2, seconds=0.05)


# Members, menu, page


def test_user_get(fake: WeCom, api: Caller) -> None:
    assert api.get("user/get", access_token=api.token, userid="WangLaoShi")["name"] == "王老师"
    assert api.get("user/get", access_token=api.token, userid="x")["errcode"] == 60111


def test_menu(fake: WeCom, api: Caller, bot: Bot) -> None:
    below = [{"type": "click", "name": "导出", "key": "export"}, {"type": "view", "name": "网页", "url": "https://a/"}]
    bars = [{"type": "click", "name": "开始", "key": "start"}, {"name": "更多", "sub_button": below}]
    assert api.post("menu/create", {"button": bars}, agentid=str(AGENT_ID))["errcode"] == 0
    assert fake.menu == {"开始": "start", "导出": "export"}
    assert fake.user("WangLaoShi").clicks("export").arrived
    with pytest.raises(AssertionError, match="no stop"):
        fake.user("WangLaoShi").clicks("stop")
    assert api.post("menu/create", {"button": bars}, agentid="1")["errcode"] == 301002


@pytest.mark.parametrize(
    ("button", "errcode"),
    [
        ([], 40016),
        ([{"type": "click", "name": "a", "key": "k"}] * 4, 40016),
        ([{"type": "click", "name": "五个汉字以上", "key": "k"}], 40018),
        ([{"type": "click", "name": "a", "key": ""}], 40019),
        ([{"type": "poem", "name": "a", "key": "k"}], 40017),
        ([{"type": "view", "name": "a"}], 40020),
        ([{"name": "a", "sub_button": [{"type": "click", "name": "a", "key": "k"}] * 6}], 40023),
    ],
)
def test_rules_of_the_menu(button: list[Any], errcode: int) -> None:
    with pytest.raises(Refused) as refused:
        menu({"button": button})
    assert refused.value.errcode == errcode


def test_page_and_its_endpoints(fake: WeCom, bot: Bot, api: Caller) -> None:
    def post(path: str, body: Any) -> Any:
        return api.client.post(fake.base + path, json=body).json()

    assert "企业微信" in api.client.get(fake.base + "/").text
    bot.replies("收到")
    assert post("/sim/act", {"user": "LiMiShu", "act": "says", "word": "你好"})["statuses"] == [200]
    assert "refused" in post("/sim/act", {"user": "LiMiShu", "act": "taps", "word": "是"})
    photo = api.client.post(f"{fake.base}/sim/photo?user=LiMiShu", content=JPEG).json()
    assert photo["statuses"] == [200]
    entries = api.client.get(fake.base + "/sim/transcript?user=LiMiShu").json()
    assert [(entry["by"], entry["kind"]) for entry in entries] == [
        ("user", "text"),
        ("app", "text"),
        ("user", "image"),
        ("app", "text"),
    ]
    assert api.client.get(f"{fake.base}/sim/file?user=LiMiShu&index=2").content == JPEG
    assert post("/sim/verify", {})["echo"].isdigit()
    post("/sim/clock", {"hours": 2})
    assert api.sends(content="a")["errcode"] == 42001
    post("/sim/faults", {"method": "gettoken", "status": 503})
    assert api.client.get(f"{fake.base}/cgi-bin/gettoken").status_code == 503
    assert api.client.get(fake.base + "/sim/state").json()["complaints"] == []
    assert api.client.get(fake.base + "/sim/calls").json()[-1]["status"] == 503
    assert {one["user"] for one in post("/sim/users", {"user": "New"})} == {"WangLaoShi", "LiMiShu", "New"}
