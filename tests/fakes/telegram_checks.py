"""What Telegram refuses in a text, a caption, a keyboard or a list of commands, in its own words."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.telegram_markup import Unparsable, parse

TEXT_UNITS, CAPTION_UNITS, DATA_BYTES, BUTTONS = 4096, 1024, 64, 100
PHOTO_BYTES, UPLOAD_BYTES, DOWNLOAD_BYTES = 10 << 20, 50 << 20, 20 << 20
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
BUTTON_KINDS = {
    "callback_data", "url", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
}  # fmt: skip
IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"RIFF", b"BM")


class Refusal(Exception):
    """An error of the Bot API: the HTTP status is the error code."""

    def __init__(self, code: int, description: str, **parameters: float) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters

    @property
    def body(self) -> dict[str, Any]:
        body = {"ok": False, "error_code": self.code, "description": self.description}
        return {**body, "parameters": self.parameters} if self.parameters else body


def bad(description: str, **parameters: int) -> Refusal:
    return Refusal(400, f"Bad Request: {description}", **parameters)


def units(text: str) -> int:
    """Length as Telegram counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def trimmed(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Telegram cuts blanks off both ends; the entities move along."""
    cut, whole = units(text) - units(text.lstrip()), units(text.strip())
    moved = []
    for entity in entities:
        start, end = max(entity["offset"] - cut, 0), min(entity["offset"] + entity["length"] - cut, whole)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return text.strip(), moved


def words(given: Mapping[str, Any], field: str) -> tuple[str, list[dict[str, Any]]]:
    """The text or caption as people see it, with its entities."""
    text = str(given.get(field) or "")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise bad("strings must be encoded in UTF-8") from None
    listed = given.get("entities" if field == "text" else "caption_entities") or []
    if not isinstance(listed, list):
        raise bad("can't parse MessageEntity: expected an Array")
    if not given.get("parse_mode"):
        return trimmed(text, listed)
    try:
        return trimmed(*parse(text, str(given["parse_mode"])))
    except Unparsable as problem:
        raise bad(f"can't parse entities: {problem}") from None
    except KeyError:
        raise bad("unsupported parse_mode") from None


def text(given: Mapping[str, Any]) -> dict[str, Any]:
    said, entities = words(given, "text")
    if not said:
        raise bad("message text is empty")
    if units(said) > TEXT_UNITS:
        raise bad("message is too long")
    return {"text": said, "entities": entities} if entities else {"text": said}


def caption(given: Mapping[str, Any]) -> dict[str, Any]:
    said, entities = words(given, "caption")
    if units(said) > CAPTION_UNITS:
        raise bad("message caption is too long")
    if not said:
        return {}
    return {"caption": said, "caption_entities": entities} if entities else {"caption": said}


def keyboard(given: Mapping[str, Any], *, only_inline: bool = False) -> dict[str, Any] | None:
    markup = given.get("reply_markup")
    if markup is None or markup == "":
        return None
    if isinstance(markup, str):
        raise bad("can't parse reply keyboard markup JSON object")
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows(markup, "inline_keyboard", inline_button)
        return markup if markup["inline_keyboard"] else None
    if only_inline and markup:
        raise bad("inline keyboard expected")
    if "keyboard" in markup:
        rows(markup, "keyboard", plain_button)
        if not markup["keyboard"]:
            raise bad("keyboard is empty")
    elif markup and not {"remove_keyboard", "force_reply"} & set(markup):
        raise bad("can't parse reply keyboard markup JSON object")
    return markup or None


def rows(markup: Mapping[str, Any], field: str, check: Any) -> None:
    if not isinstance(markup[field], list):
        raise bad(f'field "{field}" must be of type Array')
    for row in markup[field]:
        if not isinstance(row, list):
            raise bad("can't parse keyboard: expected an Array of Arrays of buttons")
        for button in row:
            check(button)
    if sum(map(len, markup[field])) > BUTTONS:
        raise bad("reply markup is too long")


def plain_button(button: Any) -> None:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad("can't parse keyboard button: keyboard button text must be non-empty")


def inline_button(button: Any) -> None:
    problem = "can't parse inline keyboard button"
    if not isinstance(button, dict):
        raise bad(f"{problem}: expected an Object")
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad(f"{problem}: inline keyboard button text must be non-empty")
    kinds = BUTTON_KINDS & set(button)
    if not kinds:
        raise bad(f"{problem}: Text buttons are unallowed in the inline keyboard")
    if len(kinds) > 1:
        raise bad(f"{problem}: exactly one optional field must be used")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button:
        link(str(button["url"]))
    if "web_app" in button and not str((button["web_app"] or {}).get("url", "")).startswith("https://"):
        raise bad("inline keyboard button Web App URL is invalid: Only HTTPS links are allowed")


def link(url: str) -> None:
    """Telegram takes addresses with a dot in the host, and its own tg:// ones; localhost it does not know."""
    place = urlsplit(url if "://" in url else f"http://{url}")
    if place.scheme == "tg" or (place.scheme in ("http", "https") and "." in (place.hostname or "")):
        return
    raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def commands(given: Mapping[str, Any]) -> list[dict[str, str]]:
    listed = given.get("commands")
    if not isinstance(listed, list):
        raise bad("can't parse commands JSON object")
    if len(listed) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for entry in listed:
        if not isinstance(entry, dict) or not COMMAND.fullmatch(str(entry.get("command"))):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= units(str(entry.get("description") or "")) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return listed


def picture(data: bytes) -> None:
    if len(data) > PHOTO_BYTES:
        raise bad(f"file of size {len(data)} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes")
    if not data.startswith(IMAGES):
        raise bad("IMAGE_PROCESS_FAILED")


def scope(given: Mapping[str, Any]) -> str:
    """The key of a list of commands: its scope and language."""
    asked = given.get("scope") or {"type": "default"}
    if not isinstance(asked, dict) or "type" not in asked:
        raise bad("can't parse BotCommandScope")
    return json.dumps([asked, given.get("language_code") or ""], sort_keys=True)
