"""The HTTP edge: routes, the way errors leave, health, and the start and stop of everything."""

import asyncio
import logging
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels import Channel, channels
from bot.guarding import HEADERS, Guard, limited
from bot.health import Health
from bot.house import House
from bot.passing import MOST_FILES, Passing
from bot.printing import refused
from bot.problems import Problem
from bot.uploads import FILE_BYTES, Unfit
from bot.webchat import WebChat
from handlers.inbox import Reused
from scheduler.alarms import Watch
from scheduler.ticking import Ticker
from storage.database import NotDurable

log = logging.getLogger(__name__)

TEXT_BODY = 256 << 10  # bytes: 20,000 characters with room for escapes
FILE_BODY = FILE_BYTES + TEXT_BODY
FILES_BODY = FILE_BYTES * MOST_FILES + 2 * TEXT_BODY
SIGNED = re.compile(r"^(/[ud]/).+")  # what follows lets anybody in
CHANNELS_STOP_SECONDS = 3.0


def application(house: House) -> Starlette:
    """The whole edge of one house."""
    stopping = asyncio.Event()
    watch = Watch(house.settings.timezone, lambda: shutil.disk_usage(house.settings.data_dir).free)
    ticker = Ticker(house.db, house.now, house.settings.bot_tick_seconds, watch=watch, store=house.store)
    chat = WebChat(house, stopping)
    platforms = channels(house)
    passing = Passing(house, {one.name: one.delivery.nudge for one in platforms})
    health = Health(house, ticker, platforms)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticker.start()
        running = [asyncio.create_task(one.run(stopping)) for one in platforms]
        yield
        stopping.set()
        await _ended(running)
        ticker.stop()
        house.db.close()

    app = Starlette(
        routes=_routes(chat, passing, health, platforms),
        lifespan=lifespan,
        middleware=[Middleware(Guard, settings=house.settings)],
        exception_handlers=REFUSALS,
    )
    app.state.stopping = stopping
    return app


def _routes(chat: WebChat, passing: Passing, health: Health, platforms: Sequence[Channel]) -> list[Route]:
    small, large = limited(TEXT_BODY), limited(FILE_BODY)
    return [
        Route("/", chat.home),
        Route("/static/{name}", chat.static),
        Route("/chat/login", chat.login, methods=["POST"], middleware=small),
        Route("/chat/logout", chat.logout, methods=["POST"], middleware=small),
        Route("/chat/messages", chat.messages, methods=["POST"], middleware=small),
        Route("/chat/files", chat.files, methods=["POST"], middleware=large),
        Route("/chat/history", chat.history),
        Route("/chat/events", chat.events),
        Route("/d/{token}", passing.download),
        Route("/u/{token}", passing.form),
        Route("/u/{token}", passing.upload, methods=["POST"], middleware=limited(FILES_BODY)),
        Route("/healthz", health.alive),
        Route("/readyz", health.ready),
        Route("/metrics", health.metrics),
        *(route for one in platforms for route in one.routes()),
    ]


async def _ended(running: list[asyncio.Task[None]]) -> None:
    """Every channel stopped; one that does not is cut off, and what it had on the wire is recovered at the next start."""
    if not running:
        return
    _, late = await asyncio.wait(running, timeout=CHANNELS_STOP_SECONDS)
    for task in late:
        task.cancel()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(outcome, Exception):
            log.error("a channel ended badly", exc_info=outcome)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return refused(request, error)


async def _unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, Unfit)
    return JSONResponse({"error": str(error)}, error.status)


async def _reused(request: Request, error: Exception) -> Response:
    return refused(request, Problem(409, "http_reused"))


async def _not_durable(request: Request, error: Exception) -> Response:
    log.error("not durable: %s", error)
    return refused(request, Problem(503, "http_not_durable", retry_after=2))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    large = "http_upload_too_big" if request.url.path.startswith("/u/") else "http_too_big"
    names = {404: "http_unknown", 405: "http_unknown", 413: large}
    return refused(request, Problem(error.status_code, names.get(error.status_code, "http_malformed")))


async def _unexpected(request: Request, error: Exception) -> Response:
    """Our own mistake: nothing was committed, so trying again is safe; never a stack trace to a person."""
    log.error("unexpected error in %s", SIGNED.sub(r"\1…", request.url.path), exc_info=error)
    response = refused(request, Problem(503, "http_not_durable", retry_after=5))
    response.headers.update(HEADERS)  # this answer leaves from outside the guard
    return response


REFUSALS: dict[Any, Any] = {
    Problem: _problem,
    Unfit: _unfit,
    Reused: _reused,
    OSError: _not_durable,
    NotDurable: _not_durable,
    HTTPException: _http,
    Exception: _unexpected,
}
