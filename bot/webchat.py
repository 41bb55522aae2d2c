"""The built-in web chat: HTTP in, the turn, JSON out."""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any, TypeVar

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from bot.bodies import last_seen, message_in, own_id, read_json
from bot.house import House
from bot.limits import Rate
from bot.problems import Problem
from bot.uploads import keep
from handlers.cleaning import clean_name
from handlers.inbox import LONGEST_TEXT, Stranger, take
from handlers.messages import Message
from handlers.phrasebook import phrasebook
from handlers.reports.history import history, title
from handlers.rights import Actor
from handlers.societies import joining
from handlers.turn import Posted, Taken, posted
from storage import exchanges, relations, seats

T = TypeVar("T")

COOKIE = "xuehui"
COOKIE_SECONDS = 180 * 24 * 3600
PING_SECONDS = 15
POLL_SECONDS = 1.0
SERVED = {
    "chat.css",
    "icon.svg",
    "passing.css",
    "passing.js",
    *(
        f"{name}.js"
        for name in ("chat", "bubbles", "composer", "connection", "conversation", "memory", "nodes", "sending")
    ),
}
MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class Visitor:
    """Somebody with a live cookie: her address on this channel and her name."""

    address: str
    person: Actor


class WebChat:
    """The routes of one house."""

    def __init__(self, house: House, stopping: asyncio.Event) -> None:
        self.house = house
        self.stopping = stopping
        self.secure = house.settings.address.startswith("https:")
        self.rate = Rate(house.settings.rate_per_minute)
        self.page = (files("bot") / "pages" / "chat.html").read_text(encoding="utf-8")

    async def home(self, request: Request) -> Response:
        page = self.page
        if COOKIE not in request.cookies:
            page = page.replace('data-visitor="unknown"', 'data-visitor="guest"', 1)
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})

    async def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in SERVED:
            raise Problem(404, "http_unknown")
        body = (files("bot") / "pages" / name).read_bytes()
        kind = MEDIA_TYPES[name.rsplit(".", 1)[-1]]
        return Response(body, media_type=kind, headers={"Cache-Control": "no-cache"})

    async def login(self, request: Request) -> Response:
        """A one-time code, or the cookie of before. The same code with the same id is the same login again."""
        body = await read_json(request)
        code, id = body.get("code"), body.get("id") or secrets.token_urlsafe(16)
        if code is None and COOKIE in request.cookies:
            if await self._visitor(request):
                return Response(status_code=204)
            raise Problem(401, "http_not_logged_in")
        if not isinstance(code, str) or not isinstance(id, str) or not 1 <= len(id) <= 100 or len(code) > 100:
            raise Problem(400, "http_malformed")
        token = self._token(code, id)
        taken = await self._take(
            Message("web", _address(token), f"login:{_address(token)}", code, source=_client(request))
        )
        if taken.refused == "too_many_codes":
            raise Problem(429, "too_many_codes", retry_after=600, minutes=10)
        if taken.refused:
            raise Problem(401, "expired_code" if taken.refused == "expired_code" else "wrong_code")
        response = Response(status_code=204)
        response.set_cookie(COOKIE, token, COOKIE_SECONDS, httponly=True, samesite="strict", secure=self.secure)
        return response

    async def logout(self, request: Request) -> Response:
        visitor = await self._visitor(request)
        if visitor:
            contact, now = visitor.person.contact_id, self.house.now()
            await run_in_threadpool(self.house.db.write, lambda connection: seats.end_contact(connection, contact, now))
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self.secure)
        return response

    async def messages(self, request: Request) -> Response:
        address = self._caller(request)
        try:
            message = message_in(address, await read_json(request))
        except Problem:
            await self._known(request)  # who is nobody here hears that first
            raise
        try:
            return self._answer(await self._take(message, strangers=False))
        except Stranger:
            raise Problem(401, "http_not_logged_in") from None

    async def files(self, request: Request) -> Response:
        visitor = await self._known(request)
        self._caller(request)
        async with request.form(max_files=1, max_fields=8, max_part_size=128 << 10) as form:
            upload = form.get("file")
            if not isinstance(upload, UploadFile):
                raise Problem(400, "http_malformed")
            name = clean_name(upload.filename or "") or phrasebook().text("unnamed_file", {})
            key, seen, text = own_id(form.get("id")), last_seen(form.get("seen")), str(form.get("text") or "")
            if len(text) > LONGEST_TEXT:
                raise Problem(413, "too_long", length=len(text), limit=LONGEST_TEXT)
            file = await run_in_threadpool(keep, self.house.store, upload.file, name)
        message = Message("web", visitor.address, f"{visitor.address}:{key}", text, files=(file,), seen=seen)
        return self._answer(await self._take(message))

    async def history(self, request: Request) -> Response:
        visitor = await self._known(request)
        shown = await self._read(lambda connection: history(connection, visitor.person, visitor.address))
        for turn in shown["turns"]:
            turn["replies"] = [self._shown(reply) for reply in turn["replies"]]
        return JSONResponse(shown, headers={"Cache-Control": "no-store"})

    async def events(self, request: Request) -> Response:
        """Server-sent events from the outbox, so that any process can serve them; resumes where she left. When she
        has gone to another round, its title comes as an event of its own."""
        visitor = await self._known(request)
        after = last_seen(request.headers.get("last-event-id") or request.query_params.get("after")) or 0
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(visitor, after), media_type="text/event-stream", headers=headers)

    async def _stream(self, visitor: Visitor, after: int) -> AsyncIterator[str]:
        yield "retry: 1000\n: hello\n\n"
        quiet, headed = 0.0, await self._title(visitor)
        while not self.stopping.is_set():
            rows = await self._read(partial(_since, visitor.address, after))
            if rows is None:
                return
            for row in rows:
                after = row.id
                yield f"id: {row.id}\ndata: {json.dumps(self._shown(posted(row)), ensure_ascii=False)}\n\n"
            if rows and (now := await self._title(visitor)) != headed:
                headed = now
                yield f"event: title\ndata: {json.dumps(headed, ensure_ascii=False)}\n\n"
            quiet = 0.0 if rows else quiet + POLL_SECONDS
            if quiet >= PING_SECONDS:
                quiet = 0.0
                yield ": ping\n\n"
            try:
                await asyncio.wait_for(self.stopping.wait(), POLL_SECONDS)
            except TimeoutError:
                continue

    async def _title(self, visitor: Visitor) -> str:
        return await self._read(lambda connection: title(connection, visitor.person.person_id))

    async def _take(self, message: Message, *, strangers: bool = True) -> Taken:
        work = partial(take, strangers=strangers, premises=self.house.premises)
        return await run_in_threadpool(work, self.house.db, message, self.house.now())

    async def _read(self, look: Callable[[Any], T]) -> T:
        def work() -> T:
            with self.house.db.read() as connection:
                return look(connection)

        return await run_in_threadpool(work)

    async def _visitor(self, request: Request) -> Visitor | None:
        token = request.cookies.get(COOKIE)
        if not token:
            return None
        address = _address(token)
        row = await self._read(lambda connection: seats.who(connection, "web", "", address))
        return Visitor(address, joining.actor(row)) if row and row.revoked_at is None else None

    async def _known(self, request: Request) -> Visitor:
        visitor = await self._visitor(request)
        if visitor is None:
            raise Problem(401, "http_not_logged_in")
        return visitor

    def _caller(self, request: Request) -> str:
        """The address that the cookie stands for, within its rate; whether anybody is there the turn will see."""
        token = request.cookies.get(COOKIE)
        if not token:
            raise Problem(401, "http_not_logged_in")
        address = _address(token)
        if seconds := self.rate.wait(address):
            limit = self.house.settings.rate_per_minute
            raise Problem(429, "http_too_fast", retry_after=seconds, limit=limit)
        return address

    def _token(self, code: str, id: str) -> str:
        """The same login attempt gets the same cookie, so that a lost answer does not lose the code."""
        bare = joining.plain_code(code) or code
        return hmac.new(
            self.house.secret.encode(), f"login\0{bare}\0{id}".encode("utf-8", "replace"), "sha256"
        ).hexdigest()

    def _answer(self, taken: Taken) -> Response:
        return JSONResponse({"replies": [self._shown(reply) for reply in taken.replies], "receipt": taken.receipt})

    def _shown(self, reply: Posted) -> dict[str, Any]:
        return {
            "id": str(reply.id),
            "text": reply.text,
            "choices": [{"id": id, "label": label} for id, label in reply.choices],
            "files": [{"name": name, "url": self.house.links.file(id)} for name, id in reply.files],
        }


def _address(token: str) -> str:
    """Cookies are stored hashed: who reads the database can't be anybody."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _since(address: str, after: int, connection: sa.Connection) -> list[relations.Row] | None:
    """What there is to say; None where the visitor has left or was put out since she opened the page."""
    row = seats.who(connection, "web", "", address)
    if row is None or row.revoked_at is not None:
        return None
    return exchanges.replies_after(connection, "web", address, after)


def _client(request: Request) -> str:
    return f"web:{request.client.host if request.client else ''}"
