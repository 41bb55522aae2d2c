"""How the stand-in of Telegram reads requests, and the ways in which an answer can be wrong or break off."""

import asyncio
import json
import re
from typing import Any, cast

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.fakes.serving import Fault
from tests.fakes.telegram_chats import Upload
from tests.fakes.telegram_checks import Refusal, bad

NUMBERS = {"chat_id", "message_id", "user_id", "offset", "limit", "timeout", "max_connections", "reply_to_message_id"}
FLAGS = {"drop_pending_updates", "show_alert", "allow_sending_without_reply", "disable_notification"}
STRUCTURES = {
    "reply_markup", "media", "commands", "scope", "allowed_updates", "entities", "caption_entities", "menu_button",
    "reply_parameters", "link_preview_options",
}  # fmt: skip
GATEWAY = "<html>\r\n<head><title>{0}</title></head>\r\n<body><center><h1>{0}</h1></center><hr>nginx</body></html>"


class Cut(Response):
    """Sends what there is, then closes the connection in the middle of it."""

    def __init__(self, content: bytes = b"", length: int = 0) -> None:
        super().__init__(content)
        self.length = length

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.length:
            head = [(b"content-length", str(self.length).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": self.body, "more_body": True})
        cast("Any", receive).__self__.transport.close()  # uvicorn's: raising would be answered with a 500
        await asyncio.sleep(0)


def refused(refusal: Refusal) -> Response:
    return JSONResponse(refusal.body, refusal.code)


def faulty(fault: Fault) -> Response | None:
    """What is answered instead of the truth; none if the call is to have its effect."""
    if fault.status is None and fault.body is None:
        return None
    status = fault.status or 200
    if isinstance(fault.body, str):
        return HTMLResponse(fault.body, status)
    if fault.body is not None:
        return JSONResponse(dict(fault.body), status)
    if status == 429:
        return refused(Refusal(429, "Too Many Requests: retry after 1", retry_after=1))
    if status in (502, 503, 504):
        return HTMLResponse(GATEWAY.format(f"{status} Bad Gateway"), status)
    return refused(Refusal(status, "Internal Server Error" if status == 500 else "Unknown Error"))


def json_of(response: Response) -> Any:
    text = bytes(response.body).decode()
    return json.loads(text) if isinstance(response, JSONResponse) else text


async def parsed(request: Request) -> dict[str, Any]:
    """The parameters from the address and the body, numbers and structures as such."""
    given: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "application/json":
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise bad("can't parse JSON object")
        given |= body
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        async with request.form() as form:
            for name, value in form.items():
                given[name] = await kept(value) if isinstance(value, UploadFile) else value
    return {name: read(name, value) for name, value in given.items()}


async def kept(upload: UploadFile) -> Upload:
    return Upload(upload.filename or "file", await upload.read(), upload.content_type)


def read(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in NUMBERS and re.fullmatch(r"-?\d{1,19}", value):
        return int(value)
    if name in FLAGS:
        return value.lower() in ("true", "1", "yes")
    if name in STRUCTURES and value:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
