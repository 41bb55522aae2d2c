"""What WeCom refuses in a message of an application, and what a member would see of the rest."""

import re
from collections.abc import Callable, Mapping
from typing import Any

TEXT_BYTES = 2048
TITLE_LETTERS, DESC_LETTERS, SUB_TITLE_LETTERS = 36, 44, 160
BUTTONS, BUTTON_LETTERS, KEY_BYTES = 6, 10, 1024
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
INTERACTIONS = {"button_interaction"}
CARDS = {"text_notice", *INTERACTIONS}

Complain = Callable[[str], None]
Seen = dict[str, Any]


class Refused(Exception):
    """An errcode, answered with HTTP 200."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg


def seen(kind: str, text: str = "", **more: Any) -> Seen:
    """One message as a member has it: every key is always there."""
    nothing: Seen = {"buttons": [], "name": None, "data": None, "task_id": None, "cut": False, "replaced_by": None}
    return {"kind": kind, "text": text, **nothing, "passive": False, **more}


def cut(text: str) -> str:
    """The platform cuts at bytes; half a letter is not shown."""
    return text.encode()[:TEXT_BYTES].decode(errors="ignore")


def text_of(kind: str, content: Mapping[str, Any], complain: Complain) -> Seen:
    text = content.get("content")
    if not isinstance(text, str) or not text.strip():
        raise Refused(44004, "text content is empty")
    if (size := len(text.encode())) > TEXT_BYTES:
        complain(f"{kind} of {size} bytes was cut to {TEXT_BYTES}")
        return seen(kind, cut(text), cut=True)
    return seen(kind, text)


def textcard(content: Mapping[str, Any], complain: Complain) -> Seen:
    for name, most in (("title", 128), ("description", 512), ("url", 2048)):
        if not isinstance(content.get(name), str) or not content[name]:
            raise Refused(40058, f"invalid Request Parameter: textcard.{name} missing")
        limited(f"textcard.{name}", content[name], most, complain)
    if not re.match(r"https?://", content["url"]):
        raise Refused(40058, "invalid Request Parameter: textcard.url without http(s)://")
    return seen("textcard", f"{content['title']}\n{content['description']}", url=content["url"])


def limited(name: str, text: Any, most: int, complain: Complain) -> str:
    if text is None:
        return ""
    if not isinstance(text, str):
        raise Refused(40058, f"invalid Request Parameter: {name} is no string")
    if len(text) > most:
        complain(f"{name} has {len(text)} letters, {most} are shown: {text}")
    return text


def template_card(card: Mapping[str, Any], complain: Complain) -> Seen:
    """A card by the rules of its type; task_id only by its form, its being new is for the sender to check."""
    kind = card.get("card_type")
    if kind not in CARDS:
        complain(f"card_type {kind} is not modelled here")
        raise Refused(40058, f"invalid Request Parameter: card_type {kind}")
    titles = card.get("main_title") or {}
    title = limited("main_title.title", titles.get("title"), TITLE_LETTERS, complain)
    desc = limited("main_title.desc", titles.get("desc"), DESC_LETTERS, complain)
    sub = limited("sub_title_text", card.get("sub_title_text"), SUB_TITLE_LETTERS, complain)
    if not title and not sub:
        raise Refused(40058, "invalid Request Parameter: main_title.title and sub_title_text both empty")
    pairs = [f"{row.get('keyname')} {row.get('value', '')}" for row in card.get("horizontal_content_list") or []]
    shown = seen("template_card", "\n".join(part for part in (title, desc, sub, *pairs) if part), card_type=kind)
    if kind in INTERACTIONS:
        shown["buttons"] = buttons(card.get("button_list"), complain)
    elif (card.get("card_action") or {}).get("type") not in {1, 2}:
        raise Refused(40058, "invalid Request Parameter: card_action.type missing")
    if "task_id" in card or kind in INTERACTIONS:
        shown["task_id"] = task_id(card.get("task_id"))
    return shown


def task_id(given: Any) -> str:
    if not isinstance(given, str) or not TASK_ID.fullmatch(given):
        raise Refused(42014, "taskid has existed or empty or exceed max len")
    return given


def buttons(listed: Any, complain: Complain) -> list[tuple[str, str]]:
    if not isinstance(listed, list) or not 1 <= len(listed) <= BUTTONS:
        raise Refused(40058, f"invalid Request Parameter: button_list needs 1 to {BUTTONS} buttons")
    found = [button(one, complain) for one in listed]
    if len({key for _, key in found}) < len(found):
        complain(f"two buttons with one key: {found}")
    return found


def button(one: Any, complain: Complain) -> tuple[str, str]:
    if not isinstance(one, Mapping):
        raise Refused(40058, "invalid Request Parameter: button_list")
    if one.get("type", 0) != 0:
        complain("a button that opens an address is not modelled here")
    if one.get("style", 1) not in {1, 2, 3, 4}:
        complain(f"style {one['style']} of a button does not exist")
    label, key = one.get("text"), one.get("key")
    if not isinstance(label, str) or not label:
        raise Refused(42020, "button name missing")
    if not isinstance(key, str) or not key:
        raise Refused(42019, "button key missing")
    if len(key.encode()) > KEY_BYTES:
        raise Refused(42018, "button key is invalid")
    return limited("button_list.text", label, BUTTON_LETTERS, complain), key


def menu(body: Mapping[str, Any]) -> dict[str, str]:
    """The key behind every button of a menu that answers with a click, by its label."""
    top = body.get("button")
    if not isinstance(top, list) or not 1 <= len(top) <= 3:
        raise Refused(40016, "invalid button size")
    keys: dict[str, str] = {}
    for one in top:
        below = one.get("sub_button") or []
        if len(below) > 5:
            raise Refused(40023, "invalid sub button size")
        keys |= menu_button(one, 16) if not below else {}
        named(one, 16)
        for inner in below:
            keys |= menu_button(inner, 40)
    return keys


def named(one: Mapping[str, Any], most: int) -> str:
    name = one.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= most:
        raise Refused(40018 if most == 16 else 40025, "invalid button name size")
    return name


def menu_button(one: Mapping[str, Any], most: int) -> dict[str, str]:
    name = named(one, most)
    if one.get("type") == "view":
        if not 1 <= len(str(one.get("url", "")).encode()) <= 1024:
            raise Refused(40020, "invalid button url size")
        return {}
    if one.get("type") != "click":
        raise Refused(40017, "invalid button type")
    key = one.get("key")
    if not isinstance(key, str) or not 1 <= len(key.encode()) <= 128:
        raise Refused(40019, "invalid button key size")
    return {name: key}
