"""A process that kills itself at the K-th durable step: every SQL statement, commit, fsync, rename, folder and answer."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CALLS = ("fsync", "replace", "rename", "mkdir", "unlink", "open", "link")


class Countdown:
    """Counts the steps once it is armed; at step `at` the process is gone (0: never)."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.steps = 0
        self.armed = False
        self.lock = threading.Lock()

    def step(self, *_: Any) -> None:
        """One boundary: everything before it has happened, nothing after it."""
        if not self.armed:
            return
        with self.lock:
            self.steps += 1
            if self.steps == self.at:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch_files(self) -> None:
        for name in CALLS:
            setattr(os, name, self._around(getattr(os, name)))

    def watch_database(self, engine: sa.Engine) -> None:
        """Before each statement, and on both sides of the commit."""
        event.listen(engine, "before_cursor_execute", self.step)
        engine.dialect.do_commit = self._around(engine.dialect.do_commit)  # type: ignore[method-assign]

    def watch_answers(self, app: ASGIApp) -> ASGIApp:
        """Before the first and before the last byte of an answer."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            async def counted(message: Message) -> None:
                self.step()
                await send(message)

            await app(scope, receive, counted)

        return watched

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            self.step()
            result = call(*args, **named)
            self.step()
            return result

        return counted
