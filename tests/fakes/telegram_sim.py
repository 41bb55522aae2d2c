"""The stand-in of Telegram by hand: a page where a person writes, taps and uploads, and its JSON endpoints."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.fakes.serving import Fault, Record
from tests.fakes.telegram_chats import Platform
from tests.fakes.telegram_checks import IMAGES
from tests.fakes.telegram_people import User, heard

PAGE = Path(__file__).with_name("telegram.html")


class Fake(Protocol):
    platform: Platform
    people: dict[int, User]

    @property
    def record(self) -> Record: ...

    def user(self, name: str, id: int | None = None) -> User: ...


class Window:
    """What the page at `/` asks for; scripts may ask as well."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        self.routes: list[BaseRoute] = [
            Route("/", self.page),
            Route("/sim/users", self.users, methods=["GET", "POST"]),
            Route("/sim/say", self.say, methods=["POST"]),
            Route("/sim/tap", self.tap, methods=["POST"]),
            Route("/sim/upload", self.upload, methods=["POST"]),
            Route("/sim/transcript", self.transcript),
            Route("/sim/files/{id}", self.file),
            Route("/sim/faults", self.faults, methods=["GET", "POST"]),
        ]

    def page(self, request: Request) -> Response:
        return HTMLResponse(PAGE.read_text(encoding="utf-8"))

    async def users(self, request: Request) -> Response:
        if request.method == "POST":
            self.fake.user((await request.json())["name"])
        return JSONResponse([{"id": id, "name": user.person["first_name"]} for id, user in self.fake.people.items()])

    async def say(self, request: Request) -> Response:
        asked = await request.json()
        return done(lambda: self.fake.user(asked["user"]).says(asked["text"]))

    async def tap(self, request: Request) -> Response:
        asked = await request.json()
        return done(lambda: self.fake.user(asked["user"]).taps_on(asked["message_id"], asked["label"]))

    async def upload(self, request: Request) -> Response:
        """A picture goes as a photo unless `as` is `document`."""
        async with request.form() as form:
            file = form["file"]
            assert isinstance(file, UploadFile)
            data, name = await file.read(), file.filename or "file"
            user, caption = self.fake.user(str(form["user"])), str(form.get("caption") or "") or None
            if data.startswith(IMAGES) and form.get("as") != "document":
                return done(lambda: user.sends_photo(data, caption))
            return done(lambda: user.sends_document(name, data, caption))

    def transcript(self, request: Request) -> Response:
        """Both sides of the private chat of `user`, in order, as they now look."""
        user = self.fake.user(request.query_params["user"])
        with self.fake.platform.changed:
            posted = {post.message["message_id"]: heard(post) for post in user.chat.posted}
            lines = [line(message, posted.get(number)) for number, message in sorted(user.chat.messages.items())]
        return JSONResponse({"lines": lines, "notices": user.notices})

    def file(self, request: Request) -> Response:
        file = self.fake.platform.files.kept.get(request.path_params["id"])
        if not file:
            return Response(status_code=404)
        # The bytes are anybody's: never shown as a page of this origin.
        kind = "image/jpeg" if file.kind == "photo" else "application/octet-stream"
        return Response(file.data, media_type=kind, headers={"X-Content-Type-Options": "nosniff"})

    async def faults(self, request: Request) -> Response:
        record = self.fake.record
        if request.method == "POST":
            asked = await request.json()
            known = {field.name for field in dataclasses.fields(Fault)} - {"only"}
            with record.lock:
                record.faults.append(Fault(**{key: value for key, value in asked.items() if key in known}))
        with record.lock:
            left = [{"method": fault.method, "times": fault.times} for fault in record.faults if fault.times > 0]
        return JSONResponse(left)


def done(act: Callable[[], Any]) -> Response:
    try:
        return JSONResponse(act())
    except AssertionError as problem:  # what people cannot do
        return JSONResponse({"problem": str(problem)}, 409)


def line(message: dict[str, Any], shown: dict[str, Any] | None) -> dict[str, Any]:
    said = {"message_id": message["message_id"], "from": message["from"]["first_name"], "bot": shown is not None}
    said["text"] = message.get("text") or message.get("caption") or ""
    said["edited"] = "edit_date" in message
    said["buttons"] = shown["buttons"] if shown else []
    said["keyboard"] = shown["keyboard"] if shown else []
    if "photo" in message:
        said["photo"] = message["photo"][-1]["file_id"]
    if "document" in message:
        said["document"] = message["document"]["file_id"]
        said["filename"] = message["document"].get("file_name", "file")
    return said
