"""What WeCom pushes, as parcels: text, taps on cards, the menu, photos, voice and video; who comes into the chat."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from bot.arriving import Media, Parcel
from bot.naming import named
from handlers.messages import Message
from handlers.phrasebook import phrasebook
from handlers.understanding.lexicon import lexicon

# The letters of a userid by WeCom's rules; «@all» and «a|b» would be heard by others.
USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")
EXTENSIONS = {"image": "jpg", "voice": "amr", "video": "mp4"}
REACH = {"subscribe": True, "unsubscribe": False}


class Unreadable(Exception):
    """Not a message for us as the documents describe them."""


@dataclass(frozen=True)
class Us:
    """The application as WeCom knows it, and the zone that file names are told in."""

    corp_id: str
    agent_id: str
    zone: str

    @property
    def account(self) -> str:
        return f"{self.corp_id}:{self.agent_id}"


@dataclass(frozen=True)
class Heard:
    """A push: what it says to us (None: nothing), and what it tells besides."""

    address: str
    parcel: Parcel | None = None
    card: str | None = None  # of a tap: the response_code that lets its card be changed once
    entered: bool = False  # she has only opened the chat
    reachable: bool | None = None  # she has become, or is no more, one of those the application may write to


def read(xml: str, us: Us) -> Heard:
    """Raises Unreadable."""
    nodes = _Nodes.of(xml)
    if nodes["ToUserName"] != us.corp_id or nodes["AgentID"] not in ("", us.agent_id):
        raise Unreadable("for another application")
    if not USERID.fullmatch(nodes["FromUserName"]):
        raise Unreadable("from nobody")
    kind = nodes["MsgType"].lower()
    said = Message("wecom", nodes["FromUserName"], nodes.key(kind), sent_at=nodes.moment(), account=us.account)
    if kind == "event":
        return _event(nodes, said)
    return Heard(said.address, _message(nodes, kind, said, us.zone))


class _Nodes(dict[str, str]):
    """The children of <xml> that hold text; one that is missing or empty is «»."""

    @classmethod
    def of(cls, xml: str) -> "_Nodes":
        try:
            root: Any = xmltodict.parse(xml)
        except (ExpatError, ValueError, TypeError, AttributeError) as error:
            raise Unreadable(type(error).__name__) from None
        inside = root.get("xml")
        if not isinstance(inside, dict):
            raise Unreadable("no message")
        return cls({name: it for name, it in inside.items() if isinstance(it, str)})

    def __missing__(self, name: str) -> str:
        return ""

    def key(self, kind: str) -> str:
        """MsgId. An event has none: its three tries are told from the next event by all that it says."""
        if kind != "event":
            if not re.fullmatch(r"\d{1,64}", self["MsgId"], re.ASCII):
                raise Unreadable("without MsgId")
            return self["MsgId"]
        told = [self[name] for name in ("FromUserName", "CreateTime", "Event", "EventKey", "TaskId", "ResponseCode")]
        return f"event:{hashlib.sha256('|'.join(told).encode()).hexdigest()[:40]}"

    def moment(self) -> datetime:
        if not re.fullmatch(r"\d{1,11}", self["CreateTime"], re.ASCII):
            raise Unreadable("without CreateTime")
        return datetime.fromtimestamp(int(self["CreateTime"]), UTC)


def _message(nodes: _Nodes, kind: str, said: Message, zone: str) -> Parcel:
    if kind == "text" and nodes["Content"]:
        return Parcel(replace(said, text=nodes["Content"]))
    if kind in EXTENSIONS and nodes["MediaId"] and said.sent_at:
        return Parcel(said, (Media(nodes["MediaId"], named(EXTENSIONS[kind], said.sent_at, zone)),))
    if kind == "link" and nodes["Url"]:
        return Parcel(replace(said, text=f"{nodes['Title']} {nodes['Url']}"))
    if kind == "file":  # no client sends one today (platform.md B); the page takes it
        words = phrasebook().text("upload_words", {})
        return Parcel(replace(said, text=words, refused=(phrasebook().text("unread_file", {}),)))
    return Parcel(replace(said, refused=(phrasebook().text("unread", {}),)))


def _event(nodes: _Nodes, said: Message) -> Heard:
    event, key = nodes["Event"].lower(), nodes["EventKey"]
    if event == "template_card_event" and key:
        return Heard(said.address, Parcel(replace(said, choice=key[:64])), card=nodes["ResponseCode"] or None)
    if event == "click":
        # Only a menu that speaks our words: another key would be taken for evidence.
        words = key if lexicon().command(key) else phrasebook().text("hello", {})
        return Heard(said.address, Parcel(replace(said, text=words)))
    if event == "enter_agent" and said.sent_at:
        # She is asked for her code once a day, not at every look.
        daily = f"enter:{said.address}:{said.sent_at:%Y%m%d}"
        return Heard(said.address, Parcel(replace(said, key=daily)), entered=True)
    return Heard(said.address, reachable=REACH.get(event))
