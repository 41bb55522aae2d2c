"""What WeChat pushes, as parcels: text and taps, photos, voice and video; who follows, scans and leaves."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.parsers.expat import ExpatError

from wechatpy import parse_message

from bot.arriving import Media, Parcel
from bot.naming import named
from handlers.messages import Message
from handlers.phrasebook import phrasebook
from handlers.societies.joining import plain_code
from handlers.understanding.lexicon import lexicon

# What WeChat hands on instead of a file (platform.md A1): users can't send any.
UNSUPPORTED = "【收到不支持的消息类型，暂无法显示】"
EXTENSIONS = {"image": "jpg", "voice": "amr", "video": "mp4", "shortvideo": "mp4"}


class Unreadable(Exception):
    """Not a message as the documents describe them."""


@dataclass(frozen=True)
class Allowed:
    """What her act lets us send to her by ourselves: so many messages in so long."""

    count: int
    lasts: timedelta


SAID = Allowed(5, timedelta(hours=48))
TAPPED = Allowed(3, timedelta(minutes=1))


@dataclass(frozen=True)
class Heard:
    """A push: who, what it says to us (None: nothing), what it allows, and whether she has left."""

    openid: str
    us: str  # the account's name on the wire
    parcel: Parcel | None
    allowed: Allowed | None
    left: bool = False


def read(xml: str, account: str, zone: str) -> Heard:
    """Raises Unreadable."""
    try:
        data = parse_message(xml)._data
        kind, openid, at = data["MsgType"].lower(), _text(data["FromUserName"]), _moment(data)
        if not openid:
            raise Unreadable("from nobody")
        said = Message("wechat", openid, _key(data, kind), sent_at=at, account=account)
        if kind == "event":
            return _event(data, said)
        return _message(data, kind, said, zone)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, ExpatError) as error:
        raise Unreadable(type(error).__name__) from None


def _us(data: dict[str, Any]) -> str:
    return _text(data["ToUserName"])


def _key(data: dict[str, Any], kind: str) -> str:
    """MsgId; an event has none, and two in one second differ in what they are (platform.md A1)."""
    if kind != "event" and (id := _text(data["MsgId"])).isdecimal():
        return id
    return ":".join(
        _text(part) for part in (data["FromUserName"], data["CreateTime"], data["Event"], data.get("EventKey"))
    )


def _moment(data: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(data["CreateTime"]), UTC)


def _message(data: dict[str, Any], kind: str, said: Message, zone: str) -> Heard:
    tap = data.get("bizmsgmenuid")
    if kind == "text":
        content = _text(data.get("Content"))
        if content == UNSUPPORTED:
            return Heard(said.address, _us(data), Parcel(_by_page(said)), SAID)
        if tap:
            return Heard(said.address, _us(data), Parcel(replace(said, choice=_text(tap)[:64], text=content)), TAPPED)
        return Heard(said.address, _us(data), Parcel(replace(said, text=content)), SAID)
    if kind in EXTENSIONS:
        return Heard(said.address, _us(data), _media(data, kind, said, zone), SAID)
    if kind == "link":
        told = f"{_text(data.get('Title'))} {_text(data['Url'])}"
        return Heard(said.address, _us(data), Parcel(replace(said, text=told)), SAID)
    if kind == "file":
        return Heard(said.address, _us(data), Parcel(_by_page(said)), SAID)
    return Heard(said.address, _us(data), Parcel(replace(said, refused=(phrasebook().text("unread", {}),))), SAID)


def _by_page(said: Message) -> Message:
    """A file that WeChat does not hand on: the answer leads to the page that takes it."""
    sentence = phrasebook().text("unread_file", {})
    return replace(said, text=phrasebook().text("upload_words", {}), refused=(sentence,))


def _media(data: dict[str, Any], kind: str, said: Message, zone: str) -> Parcel:
    if recognized := _text(data.get("Recognition")):
        said = replace(said, refused=(phrasebook().text("voice_recognized", {"said": recognized}),))
    return Parcel(said, (Media(_text(data["MediaId"]), named(EXTENSIONS[kind], _moment(data), zone)),))


def _event(data: dict[str, Any], said: Message) -> Heard:
    event = data["Event"].lower()
    key = _text(data.get("EventKey"))
    if event == "unsubscribe":
        return Heard(said.address, _us(data), None, None, left=True)
    if event in ("subscribe", "subscribe_scan", "scan"):
        return Heard(said.address, _us(data), Parcel(replace(said, text=_scanned(key))), TAPPED)
    if event == "click":
        # Only a menu that speaks our words: another key would be taken for evidence.
        words = key if lexicon().command(key) else phrasebook().text("hello", {})
        return Heard(said.address, _us(data), Parcel(replace(said, text=words)), TAPPED)
    return Heard(said.address, _us(data), None, None)


def _scanned(scene: str) -> str:
    """An invitation in the code she scanned; any other code only greets."""
    bare = scene.removeprefix("qrscene_")
    return bare if plain_code(bare) else phrasebook().text("hello", {})


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable("a node that holds nodes")
    return value
