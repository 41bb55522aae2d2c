"""The numbers and refusals of the Official Account platform (platform.md A), and what it checks in bodies."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TEXT_BYTES = 2048
HOUR = 3600.0
DAY = 24 * HOUR
MEDIA_LIVES = 3 * DAY
# Trigger → (messages, seconds). A tap on a msgmenu item counts as a menu click, not as a message of the user.
QUOTAS = {
    "message": (5, 48 * HOUR),
    "click": (3, 60.0),
    "follow": (3, 60.0),
    "scan": (3, 60.0),
    "tap": (3, 60.0),
}
MEDIA = {
    "image": (10 * 2**20, (".png", ".jpg", ".jpeg", ".gif", ".bmp")),
    "voice": (2 * 2**20, (".amr", ".mp3")),
    "video": (10 * 2**20, (".mp4",)),
    "thumb": (64 * 2**10, (".jpg", ".jpeg")),
}
DAILY = {
    "token": 2000,
    "message/custom/send": 500_000,
    "message/template/send": 100_000,
    "media/upload": 100_000,
    "media/get": 200_000,
    "qrcode/create": 100_000,
}
REFUSALS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40025: "invalid sub button name size",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40035: "invalid parameter",
    40037: "invalid template_id",
    40066: "invalid url",
    40125: "invalid appsecret",
    40164: "invalid ip, not in whitelist",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44001: "empty media data",
    44002: "empty post data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit mustslower retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "client msg not in 30s",
    45081: "already in typing",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48006: "forbid to clear quota because of reaching the limit",
}


class Refused(Exception):
    """An errcode of the platform."""

    def __init__(self, errcode: int, more: str = "") -> None:
        super().__init__(errcode, more)
        self.errcode = errcode
        self.errmsg = " ".join(filter(None, (REFUSALS[errcode], more)))


def need(condition: object, errcode: int, more: str = "") -> None:
    if not condition:
        raise Refused(errcode, more)


# An escape is one only if its backslash is not itself escaped.
ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")


def posted(body: bytes) -> dict[str, Any]:
    """The JSON object of a request, which must be raw UTF-8."""
    need(body, 44002)
    need(not ESCAPED.search(body), 40033)
    try:
        found = json.loads(body.decode())
    except ValueError as error:
        raise Refused(47001) from error
    need(isinstance(found, dict), 47001)
    return dict(found)


def part(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object that a body must have under `key`."""
    found = given.get(key)
    need(isinstance(found, dict), 40035, key)
    return dict(found or {})


def words(given: Mapping[str, Any], key: str, errcode: int = 40035) -> str:
    """The string, not blank, that a body must have under `key`."""
    found = given.get(key)
    need(isinstance(found, str) and found.strip(), errcode, key)
    return str(found)


@dataclass
class Quota:
    """How many customer messages one user may still get; each trigger replaces what was before."""

    trigger: str
    left: int
    until: float

    @classmethod
    def after(cls, trigger: str, now: float) -> "Quota":
        count, seconds = QUOTAS[trigger]
        return cls(trigger, count, now + seconds)


def spend(quota: Quota | None, now: float) -> None:
    if quota is None or now >= quota.until:
        raise Refused(45015)
    need(quota.left > 0, 45047)
    quota.left -= 1


def _sized(limit: int) -> Callable[[str], bool]:
    return lambda value: len(value) <= limit and "\n" not in value


VALUES: dict[str, Callable[[str], bool]] = {
    "thing": _sized(20),
    "const": _sized(20),
    "phrase": lambda value: bool(re.fullmatch(r"[一-鿿]{1,5}", value)),
    "number": lambda value: bool(re.fullmatch(r"\d{1,32}(\.\d+)?", value)) and len(value) <= 32,
    "letter": lambda value: bool(re.fullmatch(r"[A-Za-z]{1,32}", value)),
    "symbol": _sized(5),
    "character_string": lambda value: bool(re.fullmatch(r"[!-~]{1,32}", value)),
    "time": lambda value: bool(re.search(r"\d{1,2}:\d{2}|年|-|/", value)) and _sized(40)(value),
    "date": lambda value: bool(re.search(r"年|-|/", value)) and _sized(40)(value),
    "amount": lambda value: bool(re.fullmatch(r"¥?\d{1,10}(\.\d+)?元?", value)),
    "phone_number": lambda value: bool(re.fullmatch(r"[\d+\- ]{1,17}", value)),
    "name": lambda value: bool(re.fullmatch(r"[一-鿿·]{1,10}|[A-Za-z ]{1,20}", value)),
}


def values(given: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, str]:
    """The values of a template message, each as its kind of field allows."""
    data = part(given, "data")
    need(set(data) <= set(fields), 47003, f"data.{sorted(set(data) - set(fields))} unknown")
    return {field: _value(data.get(field), field) for field in fields}


def _value(given: object, field: str) -> str:
    value = given.get("value") if isinstance(given, dict) else None
    need(isinstance(value, str) and value.strip(), 47003, f"data.{field}.value is empty")
    allowed = VALUES[field.rstrip("0123456789")]
    need(allowed(str(value)), 47003, f"data.{field}.value invalid")
    return str(value)


def check_menu(given: Mapping[str, Any]) -> None:
    buttons = given.get("button")
    need(isinstance(buttons, list) and 1 <= len(buttons) <= 3, 40016)
    for button in buttons or []:
        need(isinstance(button, dict), 40017)
        need(0 < len(str(button.get("name", "")).encode()) <= 16, 40018)
        if "sub_button" not in button:
            _check_button(button)
            continue
        subs = button["sub_button"]
        need(isinstance(subs, list) and 1 <= len(subs) <= 5, 40023)
        for sub in subs:
            need(0 < len(str(sub.get("name", "")).encode()) <= 60, 40025)
            _check_button(sub)


def _check_button(button: Mapping[str, Any]) -> None:
    kind = button.get("type")
    need(kind in ("click", "view", "scancode_push", "scancode_waitmsg", "pic_photo_or_album"), 40017)
    if kind == "view":
        need(0 < len(str(button.get("url", "")).encode()) <= 1024, 40020)
    else:
        need(0 < len(str(button.get("key", "")).encode()) <= 128, 40019)
