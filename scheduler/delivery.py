"""The sender of one account: takes what is owed, has it carried, and records what became of it (design R7)."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from scheduler.pacing import Pace
from scheduler.preparing import prepared
from storage import outbox
from storage.database import Database, NotDurable
from storage.duty import Duty
from storage.relations import Row

log = logging.getLogger(__name__)
T = TypeVar("T")

BATCH = 3  # claimed together: the fewer, the fewer are uncertain after a crash
IDLE_SECONDS = 1.0  # another process may have something to send
STOP_SECONDS = 2.0
MOST_TRIES = 10
MOST_UNSURE = 3
LONGEST_BACKOFF = 300.0  # seconds


class Undelivered(Exception):
    """A request that did not do what it was for; the text says what the platform said, without secrets."""


class Rejected(Undelivered):
    """The platform will never take this message."""


class Gone(Undelivered):
    """The person can't be reached there: blocked us, left, unknown."""


class WindowClosed(Undelivered):
    """The platform lets us speak to her again only when she has written."""


class Again(Undelivered):
    """This message may be tried again later; it has certainly not arrived."""


class Unsure(Undelivered):
    """It may have arrived, or not: the connection ended without an answer."""


class Halted(Undelivered):
    """The whole account must be silent for so many seconds; this message has not arrived."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds


class Carrier(Protocol):
    """One account of ours on a platform."""

    channel: str
    account: str
    dedups: bool  # the platform drops a copy of what it has taken
    pace: Pace

    def requests(self, row: Row) -> Sequence[Any]:
        """What has to be asked of the platform to say this, in order."""

    async def post(self, row: Row, request: Any) -> None:
        """One of them. Raises the kinds of Undelivered."""


class Delivery:
    """Runs in the one process that has the account's duty."""

    def __init__(self, db: Database, now: Callable[[], datetime], carrier: Carrier) -> None:
        self.db = db
        self.now = now
        self.carrier = carrier
        self.lease = secrets.token_hex(8)
        self.duty = Duty(db, f"delivery:{carrier.channel}:{carrier.account}")
        self.nudged = asyncio.Event()
        self.sending: set[asyncio.Task[None]] = set()
        self.stopping: asyncio.Event = asyncio.Event()
        self.recovered = False
        self.trouble: str | None = None  # why the account is silent now

    def nudge(self) -> None:
        """Something is owed: look at once."""
        self.nudged.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop; what is on its way then is waited for, shortly."""
        self.stopping = stopping
        while not stopping.is_set():
            try:
                await self._round()
            except NotDurable as error:
                log.warning("delivery of %s waits: %s", self.carrier.channel, error)
                await self._idle(IDLE_SECONDS)
            except Exception:
                # Our own mistake must not make the account dumb for good.
                log.exception("delivery of %s goes on after a mistake", self.carrier.channel)
                await self._idle(IDLE_SECONDS)
        if self.sending:
            await asyncio.wait(self.sending, timeout=STOP_SECONDS)
        await asyncio.to_thread(self.duty.leave)

    async def _round(self) -> None:
        if not await asyncio.to_thread(self.duty.take):
            self.recovered = False
            await self._idle(IDLE_SECONDS)
            return
        if not self.recovered:
            await self._write(self._recover)
            self.recovered = True
        if (seconds := self.carrier.pace.wait()) > 0:
            await asyncio.sleep(min(seconds, IDLE_SECONDS))
            return
        self.nudged.clear()
        rows = await self._write(self._claim)
        for row in rows:
            task = asyncio.create_task(self._deliver(row))
            self.sending.add(task)
            task.add_done_callback(self._sent)
        if not rows:
            await self._idle(self._until_rested())

    def _sent(self, task: "asyncio.Task[None]") -> None:
        self.sending.discard(task)
        self.nudge()  # its chat is free for the next
        if not task.cancelled() and task.exception():
            log.error("a delivery ended badly", exc_info=task.exception())

    def _until_rested(self) -> float:
        rests = [self.carrier.pace.rest(chat) for chat in self.carrier.pace.resting()]
        return min([IDLE_SECONDS, *rests])

    async def _idle(self, seconds: float) -> None:
        waits = [asyncio.ensure_future(self.nudged.wait()), asyncio.ensure_future(self.stopping.wait())]
        await asyncio.wait(waits, timeout=max(seconds, 0.0), return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()

    def _recover(self, db: sa.Connection) -> None:
        at = (self.carrier.channel, self.carrier.account)
        outbox.recover(db, *at, lease=self.lease, now=self.now(), dedups=self.carrier.dedups)

    def _claim(self, db: sa.Connection) -> list[Row]:
        at = (self.carrier.channel, self.carrier.account)
        now, resting = self.now(), self.carrier.pace.resting()
        rows = outbox.claim(db, *at, lease=self.lease, now=now, limit=BATCH, resting=resting)
        return [one for row in rows if (one := prepared(db, row, now))]

    async def _deliver(self, row: Row) -> None:
        done, asked = row.done, False
        try:
            for request in self.carrier.requests(row)[row.done :]:
                await self.carrier.pace.slot(row.address)
                if self.stopping.is_set():
                    await self._settle(row, "pending", done=done)
                    return
                asked = True
                await self.carrier.post(row, request)
                done, asked = done + 1, False
        except Undelivered as error:
            await self._failed(row, done, error)
            return
        except Exception as error:
            log.exception("message %s could not be sent", row.id)
            # An answer that we can't read says nothing about what was done.
            await self._failed(row, done, Unsure(type(error).__name__) if asked else error)
            return
        self.trouble = None
        await self._settle(row, "sent", done=done, error=None)

    async def _failed(self, row: Row, done: int, error: Exception) -> None:
        """What each kind of failure means for the message, and for the others."""
        said: dict[str, Any] = {"done": done, "error": f"{type(error).__name__}: {error}"[:500]}
        if isinstance(error, Halted):
            self.carrier.pace.silence(error.seconds)
            self.trouble = said["error"]
            await self._settle(row, "pending", **said)
        elif isinstance(error, Rejected):
            await self._settle(row, "failed", **said)
        elif isinstance(error, WindowClosed):
            await self._settle(row, "held", **said)
        elif isinstance(error, Gone):
            # At once for all that is owed there: the next of them must not be tried between the two.
            await self._stored(row, partial(_lose_touch, row, self.now(), said))
        elif isinstance(error, Unsure):
            await self._unsure(row, said)
        else:
            await self._again(row, "failed", MOST_TRIES if isinstance(error, Again) else MOST_UNSURE, said)

    async def _unsure(self, row: Row, said: dict[str, Any]) -> None:
        if row.kind in outbox.REPEATABLE or self.carrier.dedups:
            await self._again(row, "uncertain", MOST_UNSURE, said)
        else:
            await self._settle(row, "uncertain", **said)

    async def _again(self, row: Row, otherwise: str, tries: int, said: dict[str, Any]) -> None:
        attempts = row.attempts + 1
        if attempts >= tries:
            await self._settle(row, otherwise, attempts=attempts, **said)
            return
        self.carrier.pace.let_rest(row.address, min(2.0 ** (attempts - 1), LONGEST_BACKOFF))
        await self._settle(row, "pending", attempts=attempts, **said)

    async def _settle(self, row: Row, state: str, **more: Any) -> None:
        await self._stored(row, lambda db: outbox.settle(db, [row.id], state, self.now(), **more))

    async def _stored(self, row: Row, fate: Callable[[sa.Connection], object]) -> None:
        """Until it is stored: what was sent must not be sent again because the disk was busy."""
        while True:
            try:
                await self._write(fate)
            except NotDurable as error:
                log.warning("the fate of message %s can't be stored: %s", row.id, error)
                if self.stopping.is_set():
                    return
                await asyncio.sleep(IDLE_SECONDS)
            else:
                return

    async def _write(self, work: Callable[[sa.Connection], T]) -> T:
        return await asyncio.to_thread(self.db.write, work)


def _lose_touch(row: Row, now: datetime, said: dict[str, Any], db: sa.Connection) -> None:
    outbox.settle(db, [row.id], "unreachable", now, **said)
    outbox.lose_touch(db, row.channel, row.account, row.address, now)
