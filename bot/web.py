"""The HTTP edge: routes, the way errors leave, health, and the start and stop of everything."""

import asyncio
import logging
import re
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.channels import Channel, channels
from bot.guarding import HEADERS, Guard, limited
from bot.house import House
from bot.passing import MOST_FILES, Passing
from bot.printing import refused
from bot.uploads import FILE_BYTES, Unfit
from bot.webchat import Problem, WebChat
from handlers.inbox import Reused
from scheduler.alarms import MAX_OUTBOX_LAG, Watch
from scheduler.ticking import Ticker
from storage import outbox
from storage.database import NotDurable
from storage.queries import INBOUND, OUTBOX

log = logging.getLogger(__name__)

TEXT_BODY = 256 << 10  # bytes: 20,000 characters with room for escapes
FILE_BODY = FILE_BYTES + TEXT_BODY
FILES_BODY = FILE_BYTES * MOST_FILES + 2 * TEXT_BODY
SIGNED = re.compile(r"^(/[ud]/).+")  # what follows lets anybody in
MAX_TICK_LAG = 60.0  # seconds
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

    small, large = limited(TEXT_BODY), limited(FILE_BODY)
    routes = [
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
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(Guard, settings=house.settings)],
        exception_handlers={
            Problem: _problem,
            Unfit: _unfit,
            Reused: _reused,
            OSError: _not_durable,
            NotDurable: _not_durable,
            HTTPException: _http,
            Exception: _unexpected,
        },
    )
    app.state.stopping = stopping
    return app


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


class Health:
    def __init__(self, house: House, ticker: Ticker, platforms: Sequence[Channel]) -> None:
        self.house = house
        self.platforms = platforms
        self.ticker = ticker
        self.started = time.monotonic()

    async def alive(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    def ready(self, request: Request) -> Response:
        """Database, lags, clock and channels; 503 where one of them is not well."""
        try:
            with self.house.db.read() as connection:
                waiting = outbox.lag(connection, self.house.now())
            database = "ok"
        except NotDurable:
            database, waiting = "unreachable", 0.0
        lag = self.ticker.lag()
        well = database == "ok" and lag < MAX_TICK_LAG and waiting < MAX_OUTBOX_LAG
        state = {
            "database": database,
            "outbox_lag_s": round(waiting, 1),
            "tick_lag_s": round(lag, 1),
            "clock": self.house.now().isoformat(),
            "channels": {"web": "on", **{one.name: one.state for one in self.platforms}},
        }
        return JSONResponse(state, 200 if well else 503)

    def metrics(self, request: Request) -> Response:
        """Prometheus text, for this machine only."""
        if request.client is None or request.client.host not in ("127.0.0.1", "::1"):
            raise Problem(404, "http_unknown")
        with self.house.db.read() as connection:
            counts: dict[str, Any] = {
                "xuehui_messages_total": connection.scalar(sa.select(sa.func.max(INBOUND.c.id))) or 0,
                "xuehui_replies_total": connection.scalar(sa.select(sa.func.max(OUTBOX.c.id))) or 0,
                **{f'xuehui_outbox{{state="{name}"}}': count for name, count in outbox.counts(connection).items()},
                "xuehui_outbox_lag_seconds": f"{outbox.lag(connection, self.house.now()):.3f}",
            }
        counts["xuehui_tick_lag_seconds"] = f"{self.ticker.lag():.3f}"
        counts["xuehui_uptime_seconds"] = f"{time.monotonic() - self.started:.0f}"
        return PlainTextResponse("".join(f"{name} {value}\n" for name, value in counts.items()))
