"""How the platform reads the bot's answer to a push: shown, nothing to show, or the sentence about a fault."""

import xml.etree.ElementTree as ET

from tests.fakes.wechat_account import Account, Follower, Shown
from tests.fakes.wechat_crypto import Broken, Seal
from tests.fakes.wechat_rules import TEXT_BYTES, Refused
from tests.fakes.wechat_showing import shown_media, shown_news, shown_text

ENVELOPE = {"ToUserName", "FromUserName", "CreateTime", "MsgType"}


class Faulty(Exception):
    """The reason why the user sees that the service is out of order."""


def nodes(xml: str | bytes) -> dict[str, ET.Element]:
    """The children of <xml>, each of which may be there once."""
    try:
        root = ET.fromstring(xml)
    except (ET.ParseError, ValueError) as error:
        raise Faulty(f"broken XML: {error}") from error
    if root.tag != "xml":
        raise Faulty(f"root <{root.tag}>")
    found = {child.tag: child for child in root}
    if len(found) != len(root):
        raise Faulty(f"a node twice: {[child.tag for child in root]}")
    return found


def word(found: dict[str, ET.Element], name: str) -> str:
    """The text of a node that must be there, without nodes of its own."""
    node = found.get(name)
    if node is None or len(node) or node.text is None:
        raise Faulty(f"no {name}")
    return node.text


def opened(content: bytes, seal: Seal) -> str:
    """The XML inside a sealed answer."""
    envelope = nodes(content)
    if set(envelope) != {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}:
        raise Faulty(f"not a sealed answer: {sorted(envelope)}")
    sealed, timestamp, nonce = (word(envelope, name) for name in ("Encrypt", "TimeStamp", "Nonce"))
    if word(envelope, "MsgSignature") != seal.sign(timestamp, nonce, sealed):
        raise Faulty("wrong MsgSignature")
    try:
        return seal.unseal(sealed)
    except Broken as broken:
        raise Faulty(f"Encrypt: {broken}") from broken


def judged(content: bytes, account: Account, follower: Follower, seal: Seal | None) -> Shown | None:
    """What the follower sees of an answer in HTTP 200; None if nothing. `seal` unless in plain mode."""
    if content in (b"", b"success"):
        return None
    found = nodes(opened(content, seal) if seal else content)
    if word(found, "ToUserName") != follower.openid or word(found, "FromUserName") != account.id:
        raise Faulty("ToUserName and FromUserName are not swapped")
    if not word(found, "CreateTime").isdigit():
        raise Faulty("CreateTime")
    return _message(found, account)


def _message(found: dict[str, ET.Element], account: Account) -> Shown | None:
    kind = word(found, "MsgType")
    if kind == "text":
        _only(found, "Content")
        return _text(word(found, "Content"))
    if kind in ("image", "voice", "video"):
        part = kind.capitalize()
        _only(found, part)
        try:
            medium = account.medium(word(_inside(found[part]), "MediaId"), kind)
        except Refused as refused:
            raise Faulty("unknown MediaId") from refused
        return shown_media(kind, "passive", medium.id)
    if kind == "news":
        return _news(found)
    if kind == "transfer_customer_service":
        _only(found)
        return None
    raise Faulty(f"MsgType {kind}")


def _only(found: dict[str, ET.Element], *names: str) -> None:
    if set(found) != ENVELOPE | set(names):
        raise Faulty(f"nodes {sorted(found)}")


def _inside(node: ET.Element) -> dict[str, ET.Element]:
    return {child.tag: child for child in node}


def _text(content: str) -> Shown:
    if not content.strip():
        raise Faulty("empty Content")
    if len(content.encode()) > TEXT_BYTES:
        raise Faulty(f"Content of {len(content.encode())} bytes")
    return shown_text("passive", "passive", content)


def _news(found: dict[str, ET.Element]) -> Shown:
    _only(found, "ArticleCount", "Articles")
    items = list(found["Articles"])
    if word(found, "ArticleCount") != "1" or [item.tag for item in items] != ["item"]:
        raise Faulty("news with other than one article")
    article = {name: node.text or "" for name, node in _inside(items[0]).items()}
    return shown_news("passive", article.get("Title", ""), article.get("Description", ""), article.get("Url", ""))
