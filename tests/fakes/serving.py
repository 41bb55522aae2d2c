"""What the stand-ins of the platforms share: a real HTTP server in a thread, a record of calls, faults on request."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

PATIENCE = 60.0  # seconds: nothing is slow because a busy machine is


@dataclass
class Fault:
    """Misbehaviour for the next `times` calls of `method` (or of the calls that `only` picks among them)."""

    method: str
    times: int = 1
    status: int | None = None  # answered instead of what was right
    body: Mapping[str, Any] | str | None = None
    delay: float = 0.0  # seconds before the answer
    until: threading.Event | None = None  # no answer before this is set
    dropped: bool = False  # the call has its effect, the connection ends without an answer
    only: Callable[[Mapping[str, Any]], bool] = lambda _: True

    async def passes(self) -> None:
        """The time before the answer."""
        await asyncio.sleep(self.delay)
        if self.until:
            await asyncio.to_thread(self.until.wait, PATIENCE)


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    method: str
    given: Mapping[str, Any]
    at: float  # time.monotonic()
    status: int
    answer: Any


@dataclass
class Record:
    """What was asked of the platform, and what it is to do wrong. Shared by threads."""

    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, method: str, given: Mapping[str, Any]) -> Fault | None:
        """The fault that this call meets, used up by one."""
        with self.lock:
            for fault in self.faults:
                if fault.method == method and fault.times > 0 and fault.only(given):
                    fault.times -= 1
                    return fault
        return None

    def note(self, method: str, given: Mapping[str, Any], status: int, answer: Any) -> None:
        with self.lock:
            self.calls.append(Call(method, given, time.monotonic(), status, answer))

    def of(self, method: str) -> list[Call]:
        with self.lock:
            return [call for call in self.calls if call.method == method]


class Serving:
    """A platform's routes on a free port of this machine, in a thread of its own; used as a context manager."""

    def __init__(self, routes: list[BaseRoute], port: int = 0) -> None:
        self.app = Starlette(routes=routes)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else every kept-alive call costs 40 ms
        self.socket.bind(("127.0.0.1", port))
        self.socket.listen(256)  # a short backlog would reset connections that a real platform takes
        config = uvicorn.Config(self.app, log_config=None, access_log=False, timeout_graceful_shutdown=1, ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=lambda: self.server.run([self.socket]), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self.thread.start()
        until = time.monotonic() + PATIENCE
        while not self.server.started:
            assert self.thread.is_alive(), "the server ended"
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(PATIENCE)
        self.socket.close()
