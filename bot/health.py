"""Whether all is well: for whoever runs it, and for Prometheus."""

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.channels import Channel
from bot.house import House
from bot.problems import Problem
from scheduler.alarms import MAX_OUTBOX_LAG
from scheduler.ticking import Ticker
from storage import outbox
from storage.database import NotDurable
from storage.relations import INBOUND, OUTBOX

MAX_TICK_LAG = 60.0  # seconds


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
