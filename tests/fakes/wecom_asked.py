"""Requests to the fake WeCom as they are read, and answers that are none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.fakes.serving import Fault

HEAD_BYTES = 1024  # where the headers of the first part are


@dataclass(frozen=True)
class Asked:
    """One request, read."""

    verb: str
    query: Mapping[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    wrong: str = ""  # why the body could not be read

    @property
    def given(self) -> dict[str, Any]:
        return {**self.query, **self.body}


class HungUp(Response):
    """No answer: the connection ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["hang_up"]()
        while (await receive())["type"] != "http.disconnect":
            pass


class Hanging:
    """Hands every request the way to end its connection: ASGI has none, the server's transport has."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["hang_up"] = send.__self__.transport.close  # type: ignore[attr-defined]
        await self.app(scope, receive, send)


async def read(request: Request) -> Asked:
    query = dict(request.query_params)
    if request.method == "GET":
        return Asked("GET", query)
    raw = await request.body()
    if request.headers.get("content-type", "").startswith("multipart/"):
        async with request.form() as form:
            media = form.get("media")
            if not isinstance(media, UploadFile) or not media.filename:
                return Asked("POST", query, wrong="media")
            starred = b"filename*=" in raw[:HEAD_BYTES]
            return Asked("POST", query, {"filename": media.filename, "data": await media.read(), "starred": starred})
    try:
        body = json.loads(raw)
    except ValueError:
        return Asked("POST", query, wrong="json")
    return Asked("POST", query, body) if isinstance(body, dict) else Asked("POST", query, wrong="json")


def misbehaviour(fault: Fault) -> Response:
    if isinstance(fault.body, Mapping):
        return JSONResponse(dict(fault.body), fault.status or 200)
    return HTMLResponse(fault.body or "<html><body>Bad Gateway</body></html>", fault.status or 200)
