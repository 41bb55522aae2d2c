"""The stand-in for people's hands: /sim/... in JSON, and a page with a chat like a phone's."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from tests.fakes.serving import Fault, Record
from tests.fakes.wechat_account import Account, Clock, Shown
from tests.fakes.wechat_user import User

PAGE = Path(__file__).with_name("wechat.html")
Given = Mapping[str, Any]


def clicked(user: User, given: Given) -> Shown | None:
    """What somebody does besides talking."""
    doing: dict[str, Callable[[], Shown | None]] = {
        "subscribe": lambda: user.subscribes(given.get("scene") or None),
        "unsubscribe": user.unsubscribes,
        "scan": lambda: user.scans(str(given["scene"])),
        "click": lambda: user.clicks(str(given["key"])),
        "location": user.sends_location,
        "link": lambda: user.sends_link(str(given.get("title", "")), str(given["url"])),
        "unsupported": user.sends_unsupported,
        "file": user.sends_file_event,
        "allow": lambda: user.allows(str(given["template_id"])),
    }
    return doing[str(given["event"])]()


class Sim:
    """Routes for people and tests outside this process."""

    def __init__(self, account: Account, record: Record, user: Callable[[str], User]) -> None:
        self.account = account
        self.record = record
        self.user = user

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", lambda _: HTMLResponse(PAGE.read_text(encoding="utf-8"))),
            Route("/sim/users", self._answering(self.users), methods=["GET", "POST"]),
            Route("/sim/say", self._answering(self.say), methods=["POST"]),
            Route("/sim/tap", self._answering(self.tap), methods=["POST"]),
            Route("/sim/event", self._answering(self.event), methods=["POST"]),
            Route("/sim/upload", self.upload, methods=["POST"]),
            Route("/sim/transcript", self._answering(self.transcript)),
            Route("/sim/menu", self._answering(lambda _: self.account.menu)),
            Route("/sim/faults", self._answering(self.faults), methods=["GET", "POST"]),
            Route("/sim/clock", self._answering(self.clock), methods=["GET", "POST"]),
            Route("/sim/calls", self._answering(self.calls)),
        ]

    def _answering(self, work: Callable[[Given], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            given = dict(request.query_params) | (await request.json() if request.method == "POST" else {})
            return await _done(lambda: work(given))

        return endpoint

    async def upload(self, request: Request) -> Response:
        """?user=&kind=photo|voice|video with the bytes as the body."""
        content = await request.body()
        user = self.user(request.query_params["user"])
        sends = {"photo": user.sends_photo, "voice": user.sends_voice, "video": user.sends_video}
        return await _done(lambda: sends[request.query_params.get("kind", "photo")](content))

    def users(self, given: Given) -> Any:
        if "name" in given:
            self.user(str(given["name"]))
        people = self.account.followers.values()
        return [{"name": person.name, "openid": person.openid, "follows": person.follows} for person in people]

    def say(self, given: Given) -> Any:
        return self.user(str(given["user"])).says(str(given["text"]))

    def tap(self, given: Given) -> Any:
        return self.user(str(given["user"])).taps(str(given["label"]))

    def event(self, given: Given) -> Any:
        return clicked(self.user(str(given["user"])), given)

    def transcript(self, given: Given) -> Any:
        user = self.user(str(given["user"]))
        return {"follows": user.follows, "typing": user.clock() < user.typing_until, "chat": list(user.chat)}

    def faults(self, given: Given) -> Any:
        if "method" in given:
            with self.record.lock:
                self.record.faults.append(Fault(**given))
        return [
            {"method": fault.method, "times": fault.times, "status": fault.status, "dropped": fault.dropped}
            for fault in self.record.faults
        ]

    def clock(self, given: Given) -> Any:
        passes(self.account.clock, **{unit: float(given[unit]) for unit in given})
        return {"now": self.account.clock(), "moved": self.account.clock.moved}

    def calls(self, _: Given) -> Any:
        with self.record.lock:
            calls = list(self.record.calls)
        return [
            {"method": call.method, "given": dict(call.given), "status": call.status, "answer": call.answer}
            for call in calls
        ]


def passes(clock: Clock, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
    clock.passes(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


async def _done(work: Callable[[], Any]) -> Response:
    """The result, or 400 with what is wrong about the wish."""
    try:
        return JSONResponse(await run_in_threadpool(work))
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
