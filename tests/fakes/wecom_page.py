"""The fake WeCom for a human and for scripts: a page at / and JSON below /sim/."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from tests.fakes.serving import Fault, Record
from tests.fakes.wecom_office import Media, Member
from tests.fakes.wecom_push import Delivery
from tests.fakes.wecom_user import User

PAGE = Path(__file__).with_name("wecom.html")


class Platform(Protocol):
    """What the page needs of the fake."""

    record: Record
    members: dict[str, Member]
    media: dict[str, Media]
    menu: dict[str, str] | None
    callback: str | None
    complaints: list[str]
    faulty_answers: list[str]
    dropped_silently: list[tuple[str, dict[str, Any]]]
    swallowed: list[tuple[str, dict[str, Any]]]

    def user(self, userid: str, name: str | None = None) -> User: ...
    def passes(self, *, hours: float = 0.0, seconds: float = 0.0) -> None: ...
    def verifies(self) -> str: ...
    def deliver_again(self, user: Member, *, threads: int = 1) -> list[Delivery]: ...


ACTS: dict[str, Callable[[User, str], Delivery]] = {
    "says": lambda user, word: user.says(word),
    "taps": lambda user, word: user.taps(word),
    "clicks": lambda user, word: user.clicks(word),
    "enters": lambda user, _: user.enters(),
    "photo": lambda user, _: user.sends_photo(),
    "voice": lambda user, _: user.sends_voice(),
    "video": lambda user, _: user.sends_video(),
    "location": lambda user, _: user.sends_location(),
    "link": lambda user, _: user.sends_link(),
    "again": lambda user, _: user.fake.deliver_again(user)[0],
}


def told(value: Any) -> Response:
    """JSON; bytes by their number."""
    text = json.dumps(value, ensure_ascii=False, default=lambda it: len(it) if isinstance(it, bytes) else str(it))
    return Response(text, media_type="application/json")


def went(delivery: Delivery) -> dict[str, Any]:
    return {"statuses": delivery.statuses, "answer": dict(delivery.answer)}


def page_routes(fake: Platform) -> list[BaseRoute]:
    """Everything but the API."""

    async def page(_: Request) -> Response:
        return HTMLResponse(PAGE.read_text(encoding="utf-8"))

    async def picture(request: Request) -> Response:
        media = fake.media.get(request.path_params["media_id"])
        return Response(media.data, media_type="image/jpeg") if media else Response(status_code=404)

    async def users(request: Request) -> Response:
        if request.method == "POST":
            given = await request.json()
            fake.user(given["user"], given.get("name"))
        return told([{"user": one.userid, "name": one.name} for one in fake.members.values()])

    async def transcript(request: Request) -> Response:
        return told(fake.user(request.query_params["user"]).transcript)

    async def file(request: Request) -> Response:
        entry = fake.user(request.query_params["user"]).transcript[int(request.query_params["index"])]
        kind = "image/jpeg" if entry["kind"] == "image" else "application/octet-stream"
        return Response(entry["data"] or b"", media_type=kind)

    async def state(_: Request) -> Response:
        names = ("callback", "menu", "complaints", "faulty_answers", "dropped_silently", "swallowed")
        return told({name: getattr(fake, name) for name in names})

    async def calls(_: Request) -> Response:
        with fake.record.lock:
            return told([{**vars(call), "given": dict(call.given)} for call in fake.record.calls])

    async def act(request: Request) -> Response:
        given = await request.json()
        user = fake.user(given["user"])
        try:
            delivery = await run_in_threadpool(ACTS[given["act"]], user, given.get("word", ""))
        except (AssertionError, KeyError) as refused:
            return told({"refused": str(refused)})
        return told(went(delivery))

    async def photo(request: Request) -> Response:
        data, user = await request.body(), fake.user(request.query_params["user"])
        return told(went(await run_in_threadpool(user.sends_photo, data)))

    async def faults(request: Request) -> Response:
        fake.record.faults.append(Fault(**await request.json()))
        return told({"faults": len(fake.record.faults)})

    async def clock(request: Request) -> Response:
        fake.passes(hours=(await request.json())["hours"])
        return told({})

    async def verify(_: Request) -> Response:
        try:
            return told({"echo": await run_in_threadpool(fake.verifies)})
        except Exception as refused:  # whatever happened is for the human to read
            return told({"refused": str(refused)})

    reading: dict[str, Callable[[Request], Awaitable[Response]]] = {
        "/": page,
        "/pictures/{media_id}": picture,
        "/sim/transcript": transcript,
        "/sim/file": file,
        "/sim/state": state,
        "/sim/calls": calls,
    }
    doing: dict[str, Callable[[Request], Awaitable[Response]]] = {
        "/sim/act": act,
        "/sim/photo": photo,
        "/sim/faults": faults,
        "/sim/clock": clock,
        "/sim/verify": verify,
    }
    return [
        Route("/sim/users", users, methods=["GET", "POST"]),
        *(Route(path, answer) for path, answer in reading.items()),
        *(Route(path, answer, methods=["POST"]) for path, answer in doing.items()),
    ]
