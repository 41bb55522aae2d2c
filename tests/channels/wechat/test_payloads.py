"""WeChat on the wire: a push's XML into what was heard, a message of the outbox into texts, both through the envelope."""

import time
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.arriving import Media, Parcel
from bot.links import Links
from bot.rendering import WECHAT_TEXT, AtOnce, pieces, utf8, wechat, wechat_at_once
from bot.wechat.envelope import STALE_SECONDS, Envelope, Forged, Malformed, Unsealable
from bot.wechat.reading import SAID, TAPPED, UNSUPPORTED, Heard, Unreadable, read
from handlers.messages import Message
from handlers.phrasebook import phrasebook
from storage.relations import OUTBOX, Row
from tests.fakes.wechat import AES_KEY, APP_ID, TOKEN
from tests.fakes.wechat_answers import nodes, word
from tests.fakes.wechat_crypto import Seal
from tests.fakes.wechat_showing import shown_text

AT = 1_797_728_400  # 2026-12-20 09:00 in Shanghai
SENT = datetime.fromtimestamp(AT, UTC)
LINKS = Links("s" * 48, "https://xuehui.example.cn")
UPLOAD = {"label": "上传文件", "words": "上传文件", "upload": True}


def push(**fields: Any) -> str:
    """A push as WeChat writes one; None leaves a node out, XML goes as it is."""
    head = {"ToUserName": "gh_us", "FromUserName": "o_she", "CreateTime": AT, "MsgType": "text", "MsgId": 24_000}
    whole = {**head, **fields}
    return f"<xml>{''.join(f'<{name}>{value}</{name}>' for name, value in whole.items() if value is not None)}</xml>"


def event(kind: str, **fields: Any) -> str:
    return push(MsgType="event", MsgId=None, Event=kind, **fields)


def heard(xml: str) -> Heard:
    return read(xml, APP_ID, "Asia/Shanghai")


def said(**fields: Any) -> Message:
    return Message("wechat", "o_she", **{"key": "24000", "sent_at": SENT, "account": APP_ID, **fields})


def words(name: str, **about: Any) -> str:
    return phrasebook().text(name, about)


# What she says


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (push(Content="8分，承办全国年会1场"), said(text="8分，承办全国年会1场")),
        (push(Content="<![CDATA[a & <b> ]]]]><![CDATA[> 😀]]>"), said(text="a & <b> ]]> 😀")),
        (push(Content="&lt;a&gt; &#x5341;&#20108;"), said(text="<a> 十二")),
        (push(Content="一\n二\r\n三"), said(text="一\n二\n三")),
        (push(Content="   "), said()),
        (push(Content=""), said()),
        (push(Content=None), said()),
        (push(Content=UNSUPPORTED), said(text=words("upload_words"), refused=(words("unread_file"),))),
        (push(MsgType="file", Title="材料.docx"), said(text=words("upload_words"), refused=(words("unread_file"),))),
        (push(MsgType="TEXT", Content="大写"), said(text="大写")),
        (push(MsgId=2**64 - 1, Content="x"), said(key=str(2**64 - 1), text="x")),
        (push(Content="x", MsgDataId="1", Idx="1", Unknown="<deep>1</deep>"), said(text="x")),
        (push(MsgType="link", Title="年会通知", Url="https://a.cn/1"), said(text="年会通知 https://a.cn/1")),
        (push(MsgType="link", Title=None, Url="https://a.cn/1"), said(text=" https://a.cn/1")),
        (push(MsgType="location", Location_X="30.1", Label="杭州"), said(refused=(words("unread"),))),
        (push(MsgType="sticker_of_tomorrow"), said(refused=(words("unread"),))),
    ],
)
def test_a_message(xml: str, message: Message) -> None:
    assert heard(xml) == Heard("o_she", "gh_us", Parcel(message), SAID)


@pytest.mark.parametrize("id", ["17-0", "x" * 64, "foreign 菜单"])
def test_a_tap_allows_less(id: str) -> None:
    found = heard(push(Content="开始", bizmsgmenuid=id))
    assert found == Heard("o_she", "gh_us", Parcel(said(text="开始", choice=id)), TAPPED)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("image", "照片1220-090000.jpg"),
        ("voice", "语音1220-090000.amr"),
        ("video", "视频1220-090000.mp4"),
        ("shortvideo", "视频1220-090000.mp4"),
    ],
)
def test_media(kind: str, name: str) -> None:
    fields = {"PicUrl": "http://mmbiz.qpic.cn/1", "Format": "amr", "ThumbMediaId": "t"}
    found = heard(push(MsgType=kind, MediaId="media-1", **fields))
    assert found == Heard("o_she", "gh_us", Parcel(said(), (Media("media-1", name),)), SAID)


def test_a_recognized_voice_is_only_evidence() -> None:
    found = heard(push(MsgType="voice", MediaId="m", Recognition="三分"))
    told = words("voice_recognized", said="三分")
    assert found.parcel == Parcel(said(refused=(told,)), (Media("m", "语音1220-090000.amr"),))
    silent = heard(push(MsgType="voice", MediaId="m", Recognition=""))
    assert silent.parcel == Parcel(said(), (Media("m", "语音1220-090000.amr"),))


# What she does


def happened(kind: str, text: str, key: str = "") -> Parcel:
    return Parcel(said(key=f"o_she:{AT}:{kind}:{key}", text=text))


@pytest.mark.parametrize(
    ("xml", "parcel"),
    [
        (event("subscribe"), happened("subscribe", words("hello"))),
        (event("subscribe", EventKey=""), happened("subscribe", words("hello"))),
        (
            event("subscribe", EventKey="qrscene_K7Q2M9XA", Ticket="t"),
            happened("subscribe_scan", "K7Q2M9XA", "K7Q2M9XA"),
        ),
        (event("subscribe", EventKey="qrscene_poster-3"), happened("subscribe_scan", words("hello"), "poster-3")),
        (event("SCAN", EventKey="K7Q2-M9XA"), happened("SCAN", "K7Q2-M9XA", "K7Q2-M9XA")),
        (event("SCAN", EventKey="123"), happened("SCAN", words("hello"), "123")),
        (event("CLICK", EventKey="还缺什么"), happened("CLICK", "还缺什么", "还缺什么")),
        (event("CLICK", EventKey="进度"), happened("CLICK", "进度", "进度")),
        (event("CLICK", EventKey="V1001_TODAY"), happened("CLICK", words("hello"), "V1001_TODAY")),
        (event("CLICK"), happened("CLICK", words("hello"))),
    ],
)
def test_an_act_that_speaks(xml: str, parcel: Parcel) -> None:
    assert heard(xml) == Heard("o_she", "gh_us", parcel, TAPPED)


POPUP = "<List><TemplateId>t</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List>"


@pytest.mark.parametrize(
    "xml",
    [
        event("VIEW", EventKey="https://a.cn"),
        event("LOCATION", Latitude="30.1", Longitude="120.2", Precision="65"),
        event("TEMPLATESENDJOBFINISH", MsgID="200163836", Status="success"),
        event("TEMPLATESENDJOBFINISH", MsgID="200163836", Status="failed:user block"),
        event("MASSSENDJOBFINISH", MsgID="1", Status="sendsuccess"),
        event("subscribe_msg_popup_event", SubscribeMsgPopupEvent=POPUP),
        event("subscribe_msg_change_event", SubscribeMsgPopupEvent=POPUP + POPUP),
        event("subscribe_msg_sent_event", SubscribeMsgSentEvent="<List><MsgID>1</MsgID></List>"),
        event("user_authorization_revoke", OpenID="o_she"),
        event("event_of_tomorrow"),
    ],
)
def test_an_act_that_says_nothing(xml: str) -> None:
    assert heard(xml) == Heard("o_she", "gh_us", None, None)


def test_she_leaves() -> None:
    assert heard(event("unsubscribe", EventKey="")) == Heard("o_she", "gh_us", None, None, left=True)


def test_two_acts_of_one_second_are_two() -> None:
    acts = [event("CLICK", EventKey="进度"), event("CLICK", EventKey="还缺什么"), event("SCAN", EventKey="进度")]
    keys = {found.parcel.message.key for xml in acts if (found := heard(xml)).parcel}
    assert len(keys) == 3


# What can't be read

DEEP = "<a>" * 5000 + "</a>" * 5000
BOMB = f"<!DOCTYPE x [<!ENTITY a '{'x' * 1000}'><!ENTITY b '{'&a;' * 100}'>]>"
FILE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "no XML",
        "<xml/>",
        "<xml></xml>",
        "<yml><MsgType>text</MsgType></yml>",
        "<xml>" + push(Content="x"),
        '{"ToUserName": "gh_us"}',
        push(MsgType=None),
        push(MsgType=""),
        push(MsgType="<a>text</a>"),
        push(MsgId=None),
        push(MsgId="seven"),
        push(MsgId="<a>1</a>"),
        push(MsgId=DEEP),
        push(FromUserName=None),
        push(FromUserName=""),
        push(FromUserName="<a>o_she</a>"),
        push(ToUserName=None),
        push(ToUserName="<a/>"),
        push(CreateTime=None),
        push(CreateTime="yesterday"),
        push(CreateTime="9" * 30),
        push(CreateTime="9" * 5000),
        push(CreateTime="253402300799", MsgType="image", MediaId="m"),
        push(Content="<a>1</a>"),
        push(Content=DEEP),
        push(Content="x").replace("</xml>", "<Content>y</Content></xml>"),
        push(Content="x").replace("</xml>", "<MsgType>news</MsgType></xml>"),
        push(Content="x").replace("</xml>", "<FromUserName>o_he</FromUserName></xml>"),
        push(Content="x", bizmsgmenuid="<a>1</a>"),
        push(Content="a\x07b"),
        push(Content="a\x00b"),
        push(Content="&nbsp;"),
        push(MsgType="image"),
        push(MsgType="image", MediaId="<a/>"),
        push(MsgType="link", Title="x"),
        push(MsgType="link", Title="<a/>", Url="https://a.cn"),
        event("<a/>"),
        push(MsgType="event", MsgId=None),
        event("CLICK", EventKey="<a>1</a>"),
        event("CLICK", EventKey=DEEP),
        event("subscribe", EventKey="<a>1</a>"),
        BOMB + push(Content="&b;"),
        FILE + push(Content="&a;"),
    ],
    ids=lambda xml: xml[:60],
)
def test_not_as_documented(xml: str) -> None:
    with pytest.raises(Unreadable):
        heard(xml)


@given(st.text(max_size=200))
def test_any_text_is_read_or_unreadable(text: str) -> None:
    for xml in (text, push(Content=text), push(MsgType=text), event("CLICK", EventKey=text), push(CreateTime=text)):
        try:
            found = heard(xml)
        except Unreadable:
            continue
        assert found.openid == "o_she"


# The envelope, against the stand-in's own crypto

SEAL = Seal(TOKEN, AES_KEY, APP_ID)
ENVELOPE = Envelope(TOKEN, AES_KEY, APP_ID)
LENGTHS = [*range(1, 36), 43, 44, 45, 63, 64, 65, 95, 96, 97, 255, 256, 257, 660, 1000, 1999, 2000]


def delivered(xml: str, *, at: float = AT, seal: Seal = SEAL, **other: str) -> tuple[bytes, dict[str, str]]:
    """A push as it comes: body and query."""
    sealed = seal.seal(xml)
    query = {"timestamp": str(int(at)), "nonce": "4711"}
    query["msg_signature"] = SEAL.sign(query["timestamp"], "4711", sealed)
    return f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode(), query | other


@pytest.mark.parametrize("length", LENGTHS)
def test_opens_what_wechat_seals(length: int) -> None:
    for text in ("x" * length, ("学会😀]]>é" * length)[:length]):
        xml = f"<xml><Content>{text.replace(']]>', '')}</Content></xml>"
        body, query = delivered(xml)
        assert ENVELOPE.opened(body, query, SENT) == xml


@pytest.mark.parametrize("length", LENGTHS)
def test_seals_what_wechat_opens(length: int) -> None:
    for text in ("x" * length, ("会😀]]>\x00&<b>\x07" * length)[:length]):
        answer = ENVELOPE.sealed(text, to="o_she", sender="gh_us", nonce="4711", now=SENT)
        envelope = nodes(answer)
        sealed, stamp = word(envelope, "Encrypt"), word(envelope, "TimeStamp")
        assert word(envelope, "MsgSignature") == SEAL.sign(stamp, "4711", sealed)
        opened = ET.fromstring(SEAL.unseal(sealed))
        assert [node.tag for node in opened].count("Content") == 1
        assert len({node.tag for node in opened}) == len(opened) == 5
        assert opened.findtext("MsgType") == "text"
        assert (opened.findtext("Content") or "") == text.replace("\x00", "").replace("\x07", "")


@pytest.mark.parametrize(
    ("mode", "body"),
    [("no XML", b""), ("plain", push(Content="x").encode()), ("empty", b"<xml><Encrypt></Encrypt></xml>")],
)
def test_no_envelope(mode: str, body: bytes) -> None:
    with pytest.raises(Malformed):
        ENVELOPE.opened(body, delivered("x")[1], SENT)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"msg_signature": ""},
        {"msg_signature": "0" * 40},
        {"msg_signature": "é"},
        {"timestamp": "1"},
        {"timestamp": str(AT + 1)},
        {"nonce": "4712"},
        {"nonce": ""},
    ],
    ids=str,
)
def test_a_signature_covers_everything(spoilt: dict[str, str]) -> None:
    body, query = delivered(push(Content="x"))
    with pytest.raises(Forged):
        ENVELOPE.opened(body, query | spoilt, SENT)
    for name in spoilt:
        with pytest.raises(Forged):
            ENVELOPE.opened(body, {key: value for key, value in query.items() if key != name}, SENT)


def test_the_signature_of_the_query_alone_is_not_enough() -> None:
    """It covers no body: who has seen one query could say anything."""
    body, query = delivered(push(Content="x"))
    query["signature"] = SEAL.sign(query["timestamp"], query["nonce"])
    del query["msg_signature"]
    with pytest.raises(Forged):
        ENVELOPE.opened(body, query, SENT)
    with pytest.raises(Forged):
        ENVELOPE.opened(body, query | {"msg_signature": query["signature"]}, SENT)


@pytest.mark.parametrize("late", [-STALE_SECONDS - 60, STALE_SECONDS + 60])
def test_an_old_push_is_no_push(late: float) -> None:
    body, query = delivered(push(Content="x"), at=AT + late)
    with pytest.raises(Forged):
        ENVELOPE.opened(body, query, SENT)
    body, query = delivered(push(Content="x"), at=time.time())
    assert ENVELOPE.opened(body, query, SENT)  # by the real clock it is fresh


@pytest.mark.parametrize("stamp", ["", "-1", "1.5", "９", "1" * 12, "1e9", " 1"])
def test_a_timestamp_is_a_number(stamp: str) -> None:
    body, query = delivered("x")
    sealed = body.decode().partition("CDATA[")[2].partition("]]>")[0]
    query |= {"timestamp": stamp, "msg_signature": SEAL.sign(stamp, "4711", sealed)}
    with pytest.raises(Forged):
        ENVELOPE.opened(body, query, SENT)


@pytest.mark.parametrize("sealed", ["AAAA", "A" * 44, "A" * 43 + "=", "=", "AAA", "A" * 4000])
def test_signed_but_not_sealed(sealed: str) -> None:
    query = {"timestamp": str(AT), "nonce": "1", "msg_signature": SEAL.sign(str(AT), "1", sealed)}
    with pytest.raises(Unsealable):
        ENVELOPE.opened(f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode(), query, SENT)


def test_sealed_for_somebody_else() -> None:
    for seal in (Seal(TOKEN, AES_KEY, "wx_other"), Seal(TOKEN, "B" * 43, APP_ID)):
        body, query = delivered(push(Content="x"), seal=seal)
        with pytest.raises(Unsealable):
            ENVELOPE.opened(body, query, SENT)


def test_no_utf8_inside() -> None:
    seal = Seal(TOKEN, AES_KEY, APP_ID)
    text = type("Text", (str,), {"encode": lambda self: b"\xff\xfe<xml>"})("x")
    body, query = delivered(text, seal=seal)
    with pytest.raises((Unsealable, Unreadable)):
        heard(ENVELOPE.opened(body, query, SENT))


def test_the_greeting() -> None:
    query = {"timestamp": str(AT), "nonce": "1", "echostr": "4711"}
    assert ENVELOPE.greeted(query | {"signature": SEAL.sign(str(AT), "1")}) == "4711"
    for signature in ("", "0" * 40, SEAL.sign(str(AT), "2"), Seal("other", AES_KEY, APP_ID).sign(str(AT), "1")):
        with pytest.raises(Forged):
            ENVELOPE.greeted(query | {"signature": signature})
    with pytest.raises(Forged):
        ENVELOPE.greeted({})


# What is said


def row(text: str, *labels: Any, files: list[dict[str, Any]] | None = None, id: int = 17, **more: Any) -> Row:
    """A message of the outbox."""
    choices = [one if isinstance(one, dict) else {"label": one, "words": one} for one in labels]
    fields = {"id": id, "text": text, "choices": choices, "files": files or [], "created_at": SENT, "fronted": None}
    whole = dict.fromkeys(OUTBOX.c.keys()) | fields | more
    with sa.create_engine("sqlite://").connect() as db:
        return db.execute(
            sa.select(*(sa.literal(value, OUTBOX.c[name].type).label(name) for name, value in whole.items()))
        ).one()


def tap(label: str, id: str) -> str:
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={label}&msgmenuid={id}">{label}</a>'


def test_choices_are_links_that_speak() -> None:
    text = wechat(row("请回复0–10。", "跳过", "不适用"), LINKS)
    assert text == [f"请回复0–10。\n可回：{tap('跳过', '17-0')} · {tap('不适用', '17-1')}"]
    assert shown_text("", "", text[0])["links"] == [("跳过", "跳过", "17-0"), ("不适用", "不适用", "17-1")]


def test_a_label_of_many_letters_is_cut_and_one_with_signs_is_quoted() -> None:
    long, signs = "第" * 25, 'a&b="c" <d> %'
    [text] = wechat(row("好。", long, signs), LINKS)
    found = shown_text("", "", text)["links"]
    assert found[0] == (f"{'第' * 23}…", f"{'第' * 23}…", "17-0")
    assert found[1] == (signs.replace("<", "＜"), signs, "17-1")
    assert f"msgmenucontent={quote(signs, safe='')}&" in text


def test_what_links_have_no_room_for_is_said_in_words() -> None:
    labels = ["跳过", "不适用", "什么算依据"]
    [text] = wechat(row("字" * 620, *labels), LINKS)
    assert text == f"{'字' * 620}\n可回：跳过 · 不适用 · 什么算依据"
    [bare] = wechat(row("字" * 660, *labels), LINKS)
    assert bare == "字" * 660


def test_files_and_uploads_are_pages() -> None:
    files = [{"name": "照片1.jpg", "held": "evidence:3"}, {"name": "a<b>.pdf", "held": "evidence:4"}]
    [text] = wechat(row("两份。", "继续", UPLOAD, files=files), LINKS)
    urls = dict(shown_text("", "", text)["urls"])
    assert LINKS.shown_on(urls["照片1.jpg"].rpartition("/")[2], SENT) == "evidence:3"
    assert LINKS.shown_on(urls["a＜b>.pdf"].rpartition("/")[2], SENT) == "evidence:4"
    assert LINKS.opened(urls["上传文件"].rpartition("/")[2], SENT).offer == 17
    assert text.endswith("</a>")
    assert wechat(row("两份。", "继续", UPLOAD, files=files), LINKS) == [text], "said again it is the same"


def test_an_upload_link_is_never_left_out() -> None:
    for letters in range(560, 667):
        texts = wechat(row("字" * letters, "跳过", "不适用", UPLOAD), LINKS)
        assert [label for text in texts for label, _ in shown_text("", "", text)["urls"]] == ["上传文件"]
        assert all(utf8(text) <= WECHAT_TEXT for text in texts)


@pytest.mark.parametrize(
    "text",
    [
        "<a href='weixin://bizmsgmenu?msgmenucontent=提交&msgmenuid=1'>x</a>",
        '<A HREF="https://evil.cn">请点这里</A>',
        "]]></Content><MsgType>news",
        "a\x00b\x07c\x1b\ufffe\uffff",
        "👨‍👩‍👧 學會 🇨🇳",
        "{{ 7 * 7 }} %s {0} &lt;a&gt;",
    ],
)
def test_her_own_words_never_become_a_link(text: str) -> None:
    [said] = wechat(row(f"「{text}」没看懂。"), LINKS)
    found = shown_text("", "", said)
    assert found["links"] == []
    assert [url for url in found["urls"] if url[0] != url[1]] == []
    opened = nodes(SEAL.unseal(word(nodes(ENVELOPE.sealed(said, to="a", sender="b", nonce="1", now=SENT)), "Encrypt")))
    assert word(opened, "Content") == said
    assert set(opened) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}


@given(st.text(alphabet=st.sampled_from("字a<😀\n ]>&"), max_size=1500), st.integers(0, 3), st.booleans())
def test_nothing_is_cut_silently(text: str, files: int, upload: bool) -> None:
    """Each part within the limit; together they are the text, with every link whole."""
    carried = [{"name": f"照片{n}.jpg", "held": f"evidence:{n}"} for n in range(files)]
    texts = wechat(row(text, "继续", *([UPLOAD] if upload else []), files=carried), LINKS)
    assert all(0 < utf8(one) <= WECHAT_TEXT for one in texts)
    together = "\n".join(texts)
    assert together.count("<a ") == together.count("</a>")
    assert all(one.count("<a ") == one.count("</a>") for one in texts)
    assert together.replace("\n", "").startswith(text.replace("<", "＜").replace("\n", ""))
    assert len([label for label, _ in shown_text("", "", together)["urls"]]) == files + upload


@given(st.text(max_size=300), st.integers(4, 40))
def test_pieces_lose_nothing(text: str, limit: int) -> None:
    parts = pieces(text, limit, utf8)
    assert all(part.strip() and utf8(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split()), "nothing but blanks"


# Several messages in one passive reply


def test_what_fits_is_said_at_once() -> None:
    rows = [row("一", id=1), row("二", "继续", id=2)]
    assert wechat_at_once(rows, LINKS) == AtOnce(f"一\n\n二\n可回：{tap('继续', '2-0')}", (1, 2))
    assert wechat_at_once([], LINKS) == AtOnce()


def test_what_does_not_fit_is_left_in_its_order() -> None:
    rows = [row("一" * 300, id=1), row("二" * 400, id=2), row("三", id=3)]
    assert wechat_at_once(rows, LINKS) == AtOnce("一" * 300, (1,))


def test_one_longer_than_any_reply_begins_here() -> None:
    files = [{"name": f"照片{n}.jpg", "held": f"evidence:{n}"} for n in range(30)]
    long = row("共30份。", files=files)
    first, *rest = wechat(long, LINKS)
    assert rest
    assert wechat_at_once([long, row("二", id=18)], LINKS) == AtOnce(first, begun=17)
    # Brought along from before, it must not stand between her and every answer for ever.
    again = row("共30份。", files=files, fronted=5)
    assert wechat_at_once([again, row("二", id=18)], LINKS) == AtOnce("二", (18,))
    assert wechat_at_once([again], LINKS) == AtOnce()
