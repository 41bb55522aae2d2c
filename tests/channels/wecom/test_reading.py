"""What WeCom pushes, byte for byte, and what it means to us."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.arriving import Media, Parcel
from bot.wecom.reading import Heard, Unreadable, Us, read
from handlers.messages import Message
from handlers.phrasebook import phrasebook

US = Us("ww1", "1000002", "Asia/Shanghai")
AT = datetime(2026, 12, 20, 1, 0, 5, tzinfo=UTC)


def xml(kind: str, inside: str = "", *, msg_id: str = "<MsgId>7000000000000000001</MsgId>", **change: str) -> str:
    given = {"ToUserName": "ww1", "FromUserName": "Wang.Li-1", "CreateTime": str(int(AT.timestamp())), **change}
    nodes = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in given.items())
    return f"<xml>{nodes}<MsgType>{kind}</MsgType>{inside}{msg_id}<AgentID>1000002</AgentID></xml>"


def event(name: str, inside: str = "", **change: str) -> str:
    return xml("event", f"<Event>{name}</Event>{inside}", msg_id="", **change)


def told(pushed: str) -> Heard:
    return read(pushed, US)


def parcel(pushed: str) -> Parcel:
    found = told(pushed).parcel
    assert found
    return found


def message(key: str = "7000000000000000001", **given: Any) -> Message:
    return Message("wecom", "Wang.Li-1", key, sent_at=AT, account="ww1:1000002", **given)


def media(id: str, name: str) -> Parcel:
    return Parcel(message(), (Media(id, name),))


UNREAD = Parcel(message(refused=(phrasebook().text("unread", {}),)))


@pytest.mark.parametrize(
    ("pushed", "meant"),
    [
        (xml("text", "<Content><![CDATA[8分，年会]]></Content>"), Parcel(message(text="8分，年会"))),
        (xml("text", "<Content><![CDATA[<b>&amp; ]]]]><![CDATA[>]]></Content>"), Parcel(message(text="<b>&amp; ]]>"))),
        (xml("text", "<Content>😀 &lt;a&gt;\n二</Content>"), Parcel(message(text="😀 <a>\n二"))),
        (xml("image", "<PicUrl>http://x/</PicUrl><MediaId>M1</MediaId>"), media("M1", "照片1220-090005.jpg")),
        (xml("voice", "<MediaId>M2</MediaId><Format>amr</Format>"), media("M2", "语音1220-090005.amr")),
        (xml("video", "<MediaId>M3</MediaId><ThumbMediaId>T</ThumbMediaId>"), media("M3", "视频1220-090005.mp4")),
        (xml("text", "<Content></Content>"), UNREAD),
        (xml("text", "<Content><x>1</x></Content>"), UNREAD),
        (xml("image"), UNREAD),
        (xml("location", "<Location_X>30.1</Location_X><Label>杭州</Label>"), UNREAD),
        (
            xml("link", "<Title>公示</Title><Url>https://example.org/</Url>"),
            Parcel(message(text="公示 https://example.org/")),
        ),
        (xml("link", "<Title>公示</Title>"), UNREAD),
        (xml("something_new"), UNREAD),
    ],
)
def test_messages(pushed: str, meant: Parcel) -> None:
    assert parcel(pushed) == meant


def test_a_file_is_led_to_the_page() -> None:
    found = parcel(xml("file", "<MediaId>M</MediaId>")).message
    assert (found.text, found.refused) == ("上传文件", (phrasebook().text("unread_file", {}),))


TAP = "<EventKey>17-0</EventKey><TaskId>reply-17-1</TaskId><CardType>button_interaction</CardType>"


def test_a_tap_is_a_choice_and_its_card_can_be_changed() -> None:
    heard = told(event("template_card_event", f"{TAP}<ResponseCode>R1</ResponseCode>"))
    assert heard.parcel
    assert (heard.parcel.message.choice, heard.parcel.message.text, heard.card) == ("17-0", "", "R1")


@pytest.mark.parametrize(
    "other",
    [
        event("template_card_event", f"{TAP}<ResponseCode>R2</ResponseCode>"),
        event("template_card_event", f"{TAP}<ResponseCode>R1</ResponseCode>", FromUserName="Li"),
        event("template_card_event", f"{TAP}<ResponseCode>R1</ResponseCode>", CreateTime="1"),
        event("template_card_event", TAP.replace("17-0", "17-1") + "<ResponseCode>R1</ResponseCode>"),
        event("click", "<EventKey>进度</EventKey>"),
        event("click", "<EventKey>检查</EventKey>"),
    ],
)
def test_three_tries_of_an_event_are_one_and_two_events_are_two(other: str) -> None:
    first = event("template_card_event", f"{TAP}<ResponseCode>R1</ResponseCode>")
    assert parcel(first).message.key == parcel(first).message.key != parcel(other).message.key


@pytest.mark.parametrize(
    ("key", "words"), [("还缺什么", "还缺什么"), ("提交", "提交"), ("V1001", "你好"), ("8分", "你好")]
)
def test_the_menu_speaks_our_words_or_none(key: str, words: str) -> None:
    assert parcel(event("click", f"<EventKey>{key}</EventKey>")).message.text == words


def test_entering_asks_once_a_day() -> None:
    enters = event("enter_agent", "<EventKey/>")
    heard, later = told(enters), told(event("enter_agent", CreateTime=str(int(AT.timestamp()) + 3600)))
    assert heard.entered
    assert heard.parcel == Parcel(message("enter:Wang.Li-1:20261220"))
    assert later.parcel
    assert later.parcel.message.key == "enter:Wang.Li-1:20261220"


@pytest.mark.parametrize(
    ("name", "reachable"),
    [("subscribe", True), ("unsubscribe", False), ("LOCATION", None), ("view", None), ("batch_job_result", None)],
)
def test_other_events(name: str, reachable: bool | None) -> None:
    assert told(event(name, "<EventKey/>")) == Heard("Wang.Li-1", reachable=reachable)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
MALFORMED: Mapping[str, str] = {
    "nothing": "",
    "text": "hello",
    "json": '{"MsgType":"text"}',
    "another root": "<msg><MsgType>text</MsgType></msg>",
    "no children": "<xml>text</xml>",
    "cut": xml("text", "<Content>x</Content>")[:-9],
    "entities": BOMB + xml("text", "<Content>&b;</Content>"),
    "outside": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + xml("text", "<Content>&a;</Content>"),
    "control characters": xml("text", "<Content>a\x07</Content>"),
    "deep": "<xml>" + "<a>" * 9000 + "</a>" * 9000 + "</xml>",
    "two types": xml("text", "<MsgType>image</MsgType><Content>x</Content>", msg_id=""),
    "no MsgId": xml("text", "<Content>x</Content>", msg_id=""),
    "two MsgIds": xml("text", "<Content>x</Content><MsgId>1</MsgId>"),
    "no time": xml("text", "<Content>x</Content>", CreateTime="soon"),
    "no sender": xml("text", "<Content>x</Content>", FromUserName=""),
    "everybody": xml("text", "<Content>x</Content>", FromUserName="@all"),
    "several": xml("text", "<Content>x</Content>", FromUserName="a|b"),
    "another corp": xml("text", "<Content>x</Content>", ToUserName="ww2"),
    "another agent": xml("text", "<Content>x</Content>").replace("1000002", "1000003"),
}


@pytest.mark.parametrize("pushed", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_message_is_refused(pushed: str) -> None:
    with pytest.raises(Unreadable):
        read(pushed, US)
