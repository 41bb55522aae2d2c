"""How a message of a chat platform is taken: at once, or in its order once the media it brings have been fetched."""

import asyncio
import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from bot.arriving import Fetch, Lost, Media, Parcel, content, message_of, numbered
from bot.house import House
from bot.limits import Rate
from bot.uploads import Unfit, keep
from handlers.cleaning import clean_name
from handlers.inbox import Reused, recall, take
from handlers.messages import Incoming, Message
from handlers.phrasebook import phrasebook
from handlers.turn import Taken
from scheduler.delivery import Halted
from storage import arrivals, outbox
from storage.database import NotDurable
from storage.duty import Duty
from storage.relations import Row

log = logging.getLogger(__name__)

ALBUM_SECONDS = 1.5  # of silence: then an album is complete
ALBUM_KEPT = 60.0  # how long it is remembered that a part came
IDLE_SECONDS = 1.0
BY_HAND = timedelta(seconds=20)  # that long an answer is kept for the platform's own call
MOST_TRIES = 4


@dataclass
class Reception:
    """For one account of one platform."""

    house: House
    channel: str
    account: str
    fetch: Fetch
    nudge: Callable[[], None]  # somebody is owed an answer
    heard: dict[str, float] = field(default_factory=dict)  # albums: when their last part came (monotonic)
    again_at: dict[int, float] = field(default_factory=dict)
    waiters: dict[str, "asyncio.Future[Taken]"] = field(default_factory=dict)
    busy: set[int] = field(default_factory=set)
    work: set["asyncio.Task[None]"] = field(default_factory=set)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.rate = Rate(self.house.settings.rate_per_minute)

    async def receive(self, parcel: Parcel, *, by_hand: timedelta | None = None) -> Taken | None:
        """Store it; after this the platform may forget it. None: it is taken later, in its order. With `by_hand` the
        answer is kept that long for the platform's own call. Raises NotDurable and Reused."""
        if not by_hand and (slower := self._too_fast(parcel.message)) is not parcel.message:
            if slower is None:
                return None
            parcel = Parcel(slower)
        if parcel.group:
            self.heard[parcel.group] = time.monotonic()
        try:
            taken = await asyncio.to_thread(self._store, parcel, self.house.now(), by_hand)
        except (NotDurable, Reused):
            raise
        except Exception:
            # Our own mistake: it is tried again in its order, and others are heard meanwhile.
            log.exception("a message of %s could not be taken", self.channel)
            taken = await asyncio.to_thread(self._queue, parcel, self.house.now())
        if taken is None:
            self.arrived.set()
        elif not by_hand:
            self.nudge()
        return taken

    def _too_fast(self, message: Message) -> Message | None:
        """The message itself within her rate; else, once a minute, one that only says so."""
        at = message.sent_at.timestamp() if message.sent_at else time.time()
        if not self.rate.wait(message.address, at):
            return message
        if not self.rate.tell(message.address, at):
            return None
        sentence = phrasebook().text("http_too_fast", {"limit": self.rate.per_minute})
        return replace(message, key=f"fast:{message.key}", text="", choice=None, edits=None, refused=(sentence,))

    def _store(self, parcel: Parcel, now: datetime, by_hand: timedelta | None) -> Taken | None:
        message = parcel.message
        with self.house.db.read() as db:
            queued = arrivals.waiting(db, self.channel, self.account, message.address)
        if not parcel.media and not queued:
            return take(
                self.house.db,
                message,
                now,
                by_hand=now + by_hand if by_hand else None,
                premises=self.house.premises,
            )
        return self._queue(parcel, now)

    def _queue(self, parcel: Parcel, now: datetime) -> Taken | None:
        """Put it behind what waits of this chat; if it has been taken already, what it was answered."""
        message = parcel.message
        row = {
            "channel": self.channel,
            "account": self.account,
            "address": message.address,
            "key": message.key,
            "group": parcel.group,
            "content": content(parcel),
            "received_at": now,
        }
        new = self.house.db.write(lambda db: arrivals.add(db, row))
        return None if new else recall(self.house.db, self.channel, self.account, message.key)

    def expect(self, key: str) -> "asyncio.Future[Taken]":
        """Its result is the outcome of a message that is not taken at once; to be asked for before it is received."""
        return self.waiters.setdefault(key, asyncio.get_running_loop().create_future())

    def forget(self, key: str) -> None:
        """Nobody waits for this message any more."""
        self.waiters.pop(key, None)

    async def run(self, stopping: asyncio.Event) -> None:
        """Take what waits, chat by chat in order, in the one process that has this duty."""
        duty = Duty(self.house.db, f"reception:{self.channel}:{self.account}")
        while not stopping.is_set():
            self.arrived.clear()
            now = time.monotonic()
            try:
                if await asyncio.to_thread(duty.take):
                    for head in await asyncio.to_thread(self._heads):
                        self._begin(head)
            except NotDurable as error:
                log.warning("reception of %s waits: %s", self.channel, error)
            await _either(self.arrived, stopping, self._pause(now))
        for task in self.work:
            task.cancel()
        await asyncio.gather(*self.work, return_exceptions=True)
        await asyncio.to_thread(duty.leave)

    def _pause(self, looked: float) -> float:
        """Until the next album is complete or the next try is due; what was due when we `looked` has begun, or is the
        work of another process."""
        self.heard = {group: at for group, at in self.heard.items() if at + ALBUM_KEPT > looked}
        due = [*(at + ALBUM_SECONDS for at in self.heard.values()), *self.again_at.values()]
        coming = min([at for at in due if at > looked], default=looked + IDLE_SECONDS)
        return min(max(coming - time.monotonic(), 0.01), IDLE_SECONDS)

    def _heads(self) -> list[Row]:
        with self.house.db.read() as db:
            return arrivals.heads(db, self.channel, self.account)

    def _begin(self, head: Row) -> None:
        now = time.monotonic()
        still_coming = head.group and now < self.heard.setdefault(head.group, now) + ALBUM_SECONDS
        if head.id in self.busy or still_coming or now < self.again_at.get(head.id, now):
            return
        self.heard.pop(head.group or "", None)
        self.busy.add(head.id)
        task = asyncio.create_task(self._try(head))
        self.work.add(task)
        task.add_done_callback(partial(self._done, head))

    def _done(self, head: Row, task: "asyncio.Task[None]") -> None:
        self.busy.discard(head.id)
        self.work.discard(task)
        self.arrived.set()
        if not task.cancelled() and (error := task.exception()):
            self.again_at[head.id] = time.monotonic() + 2.0
            log.error("message %s of %s could not be taken", head.id, self.channel, exc_info=error)

    async def _try(self, head: Row) -> None:
        """Take it; what fails again and again for no fault of hers is set aside, and she is told."""
        try:
            await self._take(head)
        except NotDurable:
            raise
        except Exception as error:
            log.exception("message %s of %s could not be taken", head.id, self.channel)
            if head.attempts + 1 < MOST_TRIES:
                await self._later(head, error)
                return
            await asyncio.to_thread(self.house.db.write, partial(_set_aside, head, self.house.now()))
            self.again_at.pop(head.id, None)
            self.nudge()

    async def _take(self, head: Row) -> None:
        rows = await asyncio.to_thread(self.house.db.write, lambda db: arrivals.together(db, head))
        refused: list[str] = []
        kept: list[Incoming] = []
        for media in numbered([Media(**one) for row in rows for one in row.content["media"]]):
            try:
                kept.append(await self._fetched(media))
            except Unfit as error:
                refused.append(str(error))
            except Lost as lost:
                refused.append(phrasebook().text(lost.why, {"name": media.name}))
            except Halted as error:  # the platform itself is away: that says nothing about this medium
                self.again_at[head.id] = time.monotonic() + error.seconds
                return
            except Exception as error:
                if head.attempts + 1 < MOST_TRIES:
                    await self._later(head, error)
                    return
                refused.append(phrasebook().text("media_lost", {"name": media.name}))
        await self._finish(rows, tuple(kept), tuple(refused))

    async def _later(self, head: Row, error: Exception) -> None:
        log.warning("media of message %s: %s", head.id, type(error).__name__)
        self.again_at[head.id] = time.monotonic() + 2.0**head.attempts
        await asyncio.to_thread(self.house.db.write, lambda db: arrivals.tried(db, head.id))

    async def _fetched(self, media: Media) -> Incoming:
        with tempfile.TemporaryFile() as target:
            await self.fetch(media, target)
            return await asyncio.to_thread(keep, self.house.store, target, clean_name(media.name))

    async def _finish(self, rows: list[Row], files: tuple[Incoming, ...], refused: tuple[str, ...]) -> None:
        head = rows[0]
        waiter = self.waiters.get(head.key)
        by_hand = self.house.now() + BY_HAND if waiter else None
        message = message_of(rows)
        message = replace(message, files=files, refused=(*message.refused, *refused))
        try:
            work = partial(take, by_hand=by_hand, premises=self.house.premises)
            taken = await asyncio.to_thread(work, self.house.db, message, head.received_at)
        except Reused:
            taken = None  # it was taken before a crash; media that come differently now change nothing
        ids = [row.id for row in rows]
        await asyncio.to_thread(self.house.db.write, lambda db: arrivals.finish(db, ids))
        self.again_at.pop(head.id, None)
        if waiter and taken and not waiter.done():
            waiter.set_result(taken)
        else:
            self.nudge()


def _set_aside(head: Row, now: datetime, db: sa.Connection) -> None:
    arrivals.finish(db, [row.id for row in arrivals.together(db, head)])
    where = {"channel": head.channel, "account": head.account, "address": head.address}
    said = {"kind": "reply", "text": phrasebook().text("http_not_durable", {}), "created_at": now}
    outbox.owe(db, {"cause": f"arrival:{head.id}", "part": 0, **where, **said})


async def _either(one: asyncio.Event, other: asyncio.Event, seconds: float) -> None:
    waits = [asyncio.ensure_future(one.wait()), asyncio.ensure_future(other.wait())]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
