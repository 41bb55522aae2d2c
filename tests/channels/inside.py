"""The real application in a thread of this process, over real HTTP: up in a third of a second."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from bot.demo import setup
from bot.house import House, open_house
from bot.logs import CHATTY
from bot.settings import Settings
from bot.web import application
from rubrics.reading import catalog
from tests.browser.running import Running, free_port
from tests.compiled import reuse
from tests.schema import place
from tests.season import Season

START_SECONDS = 60.0
STOP_SECONDS = 60.0
RUBRIC = "zhejiang-2020"


@dataclass
class Inside:
    """One house that is open for business."""

    house: House
    url: str

    def get(self, path: str) -> Any:
        return httpx.get(f"{self.url}{path}", timeout=20, trust_env=False, verify=False).json()

    def season(self, now: datetime) -> Season:
        """A round in it, with two societies and their people."""
        return Season.begin(self.house.db, catalog()[RUBRIC], now, self.house.settings.data_dir / "files")


def settings_in(folder: Path, **settings: Any) -> Settings:
    """Settings of a test: nothing of whoever runs it, no limit of messages a minute, platforms on this machine only."""
    ours: dict[str, Any] = {"data_dir": folder / "data", "port": free_port(), "database_url": ""}
    quiet = {"bot_test_mode": True, "rate_per_minute": 1_000_000, "bot_tick_seconds": 3600.0}
    return Settings(**{**ours, **quiet, **settings})


@contextmanager
def inside(folder: Path, **settings: Any) -> Iterator[Inside]:
    """Open it, serve, and close it again."""
    for name in CHATTY:  # as bot.logs.quiet has it
        logging.getLogger(name).setLevel(logging.WARNING)
    place(folder / "data")
    house = open_house(settings_in(folder, **settings))
    reuse(house.db)
    app = application(house)
    config = uvicorn.Config(app, port=house.settings.port, log_config=None, access_log=False, ws="none")
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        _wait(server, thread)
        yield Inside(house, f"http://127.0.0.1:{house.settings.port}")
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
        assert not thread.is_alive(), "the server does not stop"


@contextmanager
def within(folder: Path, **settings: Any) -> Iterator[Running]:
    """The same with the demo in it, as who looks from outside sees it; no process to kill, and no log of its own."""
    with inside(folder, **settings) as opened:
        setup.prepare(opened.house.db, opened.house.now(), opened.house.settings.timezone)
        yield Running(folder, opened.house.settings.port)


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    until(lambda: server.started or not thread.is_alive())
    assert server.started, "the server ended"


def until(happened: Callable[[], object], seconds: float = START_SECONDS) -> None:
    """For what nobody tells us of: rows of the database, another thread's state."""
    last = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < last, "it did not happen"
        time.sleep(0.01)
