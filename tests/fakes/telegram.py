"""A strict stand-in for Telegram: the Bot API over real HTTP, with people who write to the bot."""

import argparse
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.serving import PATIENCE, Fault, Record, Serving
from tests.fakes.telegram_chats import Chat, Platform
from tests.fakes.telegram_checks import Refusal, bad
from tests.fakes.telegram_http import Cut, faulty, json_of, parsed, refused
from tests.fakes.telegram_methods import Methods
from tests.fakes.telegram_pace import Pace
from tests.fakes.telegram_people import Group, Update, User
from tests.fakes.telegram_sim import Window
from tests.fakes.telegram_updates import Entry

TOKEN = "123456:CANARY-telegram-token"


class Telegram(Serving):
    """`base` is the product's TELEGRAM_API_BASE. `rate` messages a second at most; `per_chat`: 1 a second to one person."""

    def __init__(
        self,
        token: str = TOKEN,
        port: int = 0,
        rate: int | None = None,
        *,
        per_chat: bool = False,
        retry_after: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__([], port)
        self.record = Record()
        self.app.router.routes += [
            Route("/bot{token}/{method}", self.answer, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self.download, methods=["GET"]),
            *Window(self).routes,
            Route("/{rest:path}", lambda _: refused(Refusal(404, "Not Found")), methods=["GET", "POST"]),
        ]
        self.token = token
        self.platform = Platform(token, clock)
        self.pace = Pace(rate, per_chat=per_chat, retry_after=retry_after, clock=clock)
        self.methods = Methods(self.platform, self.pace)
        self.people: dict[int, User] = {}

    def __exit__(self, *reason: object) -> None:
        self.platform.updates.close()
        super().__exit__(*reason)

    @property
    def base(self) -> str:
        return self.address

    @property
    def refused(self) -> int:
        """How many sends came too fast."""
        return self.pace.refused

    # People

    def user(self, name: str, id: int | None = None) -> User:
        """The person of this name (or id), in a private chat with the bot; made if there is none."""
        with self.platform.changed:
            known = self.people.get(id) if id else self.named(name)
            if known:
                return known
            number = id or next(self.platform.person_ids)
            chat = self.platform.chats[number] = Chat(number, "private", name)
            person = {"id": number, "is_bot": False, "first_name": name, "language_code": "zh-hans"}
            self.people[number] = User(self.platform, person, chat)
            return self.people[number]

    def named(self, name: str) -> User | None:
        return next((user for user in self.people.values() if user.person["first_name"] == name), None)

    def group(self, title: str) -> Group:
        with self.platform.changed:
            number = -next(self.platform.person_ids)
            chat = self.platform.chats[number] = Chat(number, "group", title, known=True)
            return Group(self.platform, chat)

    # Updates

    @property
    def pending(self) -> list[Update]:
        """Not yet confirmed by an offset, or not yet accepted by the webhook."""
        return self.platform.updates.pending

    def waits_until(self, happened: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """For anything of the fake's state to become so, such as `not fake.pending`."""
        with self.platform.changed:
            assert self.platform.changed.wait_for(happened, seconds), "it did not happen"

    @contextmanager
    def held(self) -> Iterator[list[Update]]:
        """What people do meanwhile is collected here and reaches the bot by `out_of_order` or `raw` only."""
        collected: list[Update] = []
        self.platform.updates.held = collected
        try:
            yield collected
        finally:
            self.platform.updates.held = None

    def deliver_again(self, update: Update) -> None:
        """The same update with the same id once more, even if it was confirmed."""
        self.platform.updates.put(Entry(update, again=True))

    def out_of_order(self, updates: list[Update]) -> None:
        """In exactly this order, whatever their ids; those that were waiting are taken from their places."""
        queue = self.platform.updates
        with self.platform.changed:
            queue.entries = [entry for entry in queue.entries if entry.update not in updates]
            queue.put(*(Entry(update, again=True) for update in updates))

    def raw(self, update: Update) -> Update:
        """Anything at all; an update_id is added if it has none."""
        queue = self.platform.updates
        with self.platform.changed:
            if "update_id" not in update:
                update = {"update_id": queue.next_id, **update}
                queue.next_id += 1
            queue.put(Entry(update, again=update["update_id"] < queue.confirmed))
            return update

    def expire_links(self) -> None:
        """Every link to a file is too old from now on."""
        self.platform.files.links.clear()

    def expire_taps(self) -> None:
        """Every tap so far is too old to be answered."""
        self.platform.open_taps.clear()

    # HTTP

    async def answer(self, request: Request) -> Response:
        asked = request.path_params["method"]
        method, given = self.methods.name(asked), {}
        try:
            self.check(request.path_params["token"])
            if method is None:
                raise Refusal(404, "Not Found")  # noqa: TRY301 - one place answers all refusals
            given = await parsed(request)
        except Refusal as refusal:
            self.record.note(method or asked, given, refusal.code, refusal.body)
            return refused(refusal)
        fault = self.fault(method, given)
        response = faulty(fault) if fault else None
        if response is None:
            response = await self.result(method, given)
        self.record.note(method, given, response.status_code, json_of(response))
        return await self.late(fault, response, Cut())

    async def result(self, method: str, given: dict[str, Any]) -> Response:
        try:
            if method == "getUpdates":
                result: Any = await self.platform.updates.poll(given)
            else:
                result = self.methods.call(method, given)
        except Refusal as refusal:
            return refused(refusal)
        except (ValueError, TypeError, AttributeError) as problem:  # a parameter of another type
            return refused(bad(f"wrong parameter: {problem}"))
        return JSONResponse({"ok": True, "result": result})

    async def download(self, request: Request) -> Response:
        """A file by its link; the fault `file` with `dropped` breaks it off half way."""
        path = request.path_params["path"]
        fault = self.fault("file", {"file_path": path})
        file = self.platform.files.linked(path) if request.path_params["token"] == self.token else None
        response = (fault and faulty(fault)) or (
            Response(file.data, media_type="application/octet-stream") if file else refused(Refusal(404, "Not Found"))
        )
        self.record.note("file", {"file_path": path}, response.status_code, None)
        data = file.data if file else b""
        return await self.late(fault, response, Cut(data[: len(data) // 2], len(data)))

    def check(self, token: str) -> None:
        if token != self.token:
            raise Refusal(401, "Unauthorized") if re.match(r"\d+:.", token) else Refusal(404, "Not Found")

    def fault(self, method: str, given: Mapping[str, Any]) -> Fault | None:
        """A fault of this method, or of `*`: any method."""
        return self.record.fault(method, given) or self.record.fault("*", given)

    async def late(self, fault: Fault | None, response: Response, cut: Response) -> Response:
        if fault:
            await fault.passes()
        return cut if fault and fault.dropped else response


def main(arguments: list[str]) -> None:
    """Runs until Ctrl+C; a person plays the user at the address itself."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes telegram", description=main.__doc__)
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--rate", type=int, help="messages a second at most, as Telegram's 30")
    asked = parser.parse_args(arguments)
    with Telegram(asked.token, asked.port, asked.rate) as fake:
        print(f"TELEGRAM_BOT_TOKEN={asked.token}\nTELEGRAM_API_BASE={fake.base}\n# people: {fake.base}/", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return
