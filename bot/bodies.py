"""What a request to the web chat holds, read with suspicion."""

import json
from typing import Any

from starlette.requests import ClientDisconnect, Request

from bot.problems import Problem
from handlers.cleaning import clean
from handlers.inbox import LONGEST_TEXT
from handlers.messages import Message


def own_id(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 100 or clean(value) != value:
        raise Problem(400, "http_malformed")
    return value


def last_seen(value: object) -> int | None:
    if value is None or value == "":
        return None
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Problem(400, "http_malformed")
    return int(text)


async def read_json(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError, ClientDisconnect):
        raise Problem(400, "http_malformed") from None
    if not isinstance(body, dict):
        raise Problem(400, "http_malformed")
    return body


def message_in(address: str, body: dict[str, Any]) -> Message:
    """The message in a request's JSON. Raises Problem with 400 or 413."""
    text, choice = body.get("text"), body.get("choice")
    if not isinstance(text if choice is None else choice, str) or (text is not None and choice is not None):
        raise Problem(400, "http_malformed")
    if isinstance(text, str) and len(text) > LONGEST_TEXT:
        raise Problem(413, "too_long", length=len(text), limit=LONGEST_TEXT)
    tapped = None if choice is None else own_id(choice)
    key, seen = own_id(body.get("id")), last_seen(body.get("seen"))
    return Message("web", address, f"{address}:{key}", text or "", tapped, seen=seen)
