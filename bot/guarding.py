"""Who may call at all: our own host and origin only, with headers that allow the page nothing it does not need."""

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.settings import Settings
from handlers.phrasebook import phrasebook

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}

# Forms there need no cookie: who holds the signed link may, and nobody can forge a request without it. Browsers inside
# chat apps hide where their forms come from.
BY_LINK = "/u/"


class Declared:
    """Refuses a body by the length it declares, in our own words; Starlette's limit stands behind it."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > self.limit:
            raise HTTPException(413 if declared.isdecimal() else 400)
        await self.app(scope, receive, send)


def limited(size: int) -> list[Middleware]:
    """A body of at most `size` bytes, whether it says its length or not."""
    return [Middleware(Declared, limit=size), Middleware(RequestBodyLimitMiddleware, max_body_size=size)]


class Guard:
    """Refuses foreign hosts (DNS rebinding) and foreign origins (forged requests) before anything is read."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.hosts = {"localhost", "127.0.0.1", "::1", urlsplit(settings.address).hostname or ""}
        # Bound to every interface it is reached by addresses we can't know; a name is what rebinding needs.
        self.any_address = settings.wildcard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if self._ours(Headers(scope=scope), by_link=scope["method"] == "POST" and scope["path"].startswith(BY_LINK)):
            await self.app(scope, receive, guarded)
            return
        response = JSONResponse({"error": phrasebook().text("http_foreign", {})}, 403)
        await response(scope, receive, guarded)

    def _ours(self, headers: Headers, *, by_link: bool) -> bool:
        origin = headers.get("origin")
        if by_link and origin == "null":
            origin = None
        try:
            host = urlsplit(f"//{headers.get('host', '')}")
            if not self._known(host.hostname):
                return False
            return origin is None or urlsplit(origin).netloc.lower() == host.netloc.lower() or self._public(origin)
        except ValueError:  # not even an address
            return False

    def _known(self, name: str | None) -> bool:
        if name in self.hosts:
            return True
        try:
            return self.any_address and bool(ipaddress.ip_address(name or ""))
        except ValueError:
            return False

    def _public(self, origin: str) -> bool:
        """Behind a proxy the Host may be the inner one; the origin is then the public one."""
        return urlsplit(origin).hostname in self.hosts - {"localhost", "127.0.0.1", "::1"}
