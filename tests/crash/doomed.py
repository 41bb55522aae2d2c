"""Turns over the real HTTP edge, in a forked process that may die at a chosen step and writes home what was answered."""

import asyncio
import os
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.house import open_house
from bot.settings import Settings
from bot.web import application
from tests.crash.countdown import Countdown
from tests.crash.history import Photo


@dataclass(frozen=True)
class Request:
    """One message; `code` makes it a login."""

    id: str
    text: str = ""
    photo: Photo | None = None
    code: str | None = None
    cookie: str = ""


@dataclass(frozen=True)
class Heard:
    status: int
    body: bytes
    cookie: str | None


@dataclass(frozen=True)
class Life:
    """What a process did: its answers, how many steps it took, and whether it died."""

    heard: list[Heard]
    steps: int
    died: bool


def live(settings: Settings, requests: Sequence[Request], at: int = 0) -> Life:
    """Fork, answer the requests, and die at step `at` of them (0: live on)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_child(settings, requests, at, reading, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if status and not os.WIFSIGNALED(status):
        raise RuntimeError(said.decode(errors="replace"))
    heard, steps = pickle.loads(said) if said else ([], at)
    return Life(heard, steps, died=os.WIFSIGNALED(status))


def _be_the_child(settings: Settings, requests: Sequence[Request], at: int, reading: int, writing: int) -> None:
    """Never returns: no cleanup of the parent's may run here."""
    os.close(reading)
    code = 1
    try:
        said = pickle.dumps(asyncio.run(_serve(settings, requests, at)))
        code = 0
    except BaseException as error:
        said = repr(error).encode()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(said)
    os._exit(code)


async def _serve(settings: Settings, requests: Sequence[Request], at: int) -> tuple[list[Heard], int]:
    house = open_house(settings)
    countdown = Countdown(at)
    countdown.watch_files()
    countdown.watch_database(house.db.engine)
    transport = httpx.ASGITransport(countdown.watch_answers(application(house)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=settings.address) as client:
        await client.get("/healthz")
        countdown.armed = True
        heard = [await _send(client, request) for request in requests]
        countdown.armed = False
    house.db.close()
    return heard, countdown.steps


async def _send(client: httpx.AsyncClient, request: Request) -> Heard:
    headers = {"cookie": f"xuehui={request.cookie}"} if request.cookie else {}
    if request.code:
        response = await client.post("/chat/login", json={"code": request.code, "id": request.id})
    elif request.photo:
        files: Any = {"file": (request.photo.name, request.photo.bytes(), "image/jpeg")}
        form = {"id": request.id, "text": request.text}
        response = await client.post("/chat/files", data=form, files=files, headers=headers)
    else:
        response = await client.post("/chat/messages", json={"id": request.id, "text": request.text}, headers=headers)
    return Heard(response.status_code, response.content, response.cookies.get("xuehui"))


def settings(folder: Path, database_url: str = "") -> Settings:
    """A house in this folder, whatever the environment says."""
    return Settings(
        data_dir=folder / "data", database_url=database_url, rate_per_minute=10**6, bot_tick_seconds=3600, port=8000
    )
