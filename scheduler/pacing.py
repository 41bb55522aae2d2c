"""How fast an account may speak: evenly overall, with rests for each chat, silent for as long as the platform says."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

KEPT = 2000  # chats whose last messages are remembered
LATE = 2  # intervals that are made up for


@dataclass(frozen=True)
class Window:
    """At most so many messages to one chat within so many seconds."""

    count: int
    seconds: float


class Pace:
    """Slots in time for the messages of one account; for one event loop. `strict` is the window that the platform
    counts in, a little longer than its own for what the network does to the order of things."""

    def __init__(
        self,
        per_second: float,
        windows: Callable[[str], Sequence[Window]],
        *,
        strict: Window | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.interval = 1 / per_second
        self.windows = windows
        self.strict = strict
        self.monotonic = monotonic
        self.due = 0.0  # when the next message goes, if all is even
        self.silent_until = 0.0
        self.gone: deque[float] = deque(maxlen=strict.count if strict else 1)
        self.turn = asyncio.Lock()
        self.waiting = 0  # for their turn
        self.sent: dict[str, deque[float]] = {}
        self.tired: dict[str, float] = {}  # chats where something failed, until when

    def wait(self) -> float:
        """Seconds until a message may go for which no turn has been asked yet."""
        return self._ready() + self.waiting * self.interval

    def _ready(self) -> float:
        full = self.gone[0] + self.strict.seconds if self.strict and len(self.gone) == self.strict.count else 0.0
        return max(self.due, full, self.silent_until) - self.monotonic()

    def silence(self, seconds: float) -> None:
        """Nothing goes for so long."""
        self.silent_until = max(self.silent_until, self.monotonic() + seconds)

    def rest(self, chat: str) -> float:
        """Seconds until this chat may be written to again."""
        times = self.sent.get(chat, ())
        ready = [times[-window.count] + window.seconds for window in self.windows(chat) if len(times) >= window.count]
        return max([*ready, self.tired.get(chat, 0.0)]) - self.monotonic()

    def let_rest(self, chat: str, seconds: float) -> None:
        """Leave one chat alone for so long."""
        self.tired[chat] = self.monotonic() + seconds

    def resting(self) -> list[str]:
        """The chats that must be left alone now."""
        now = self.monotonic()
        self.tired = {chat: until for chat, until in self.tired.items() if until > now}
        return [chat for chat in {*self.sent, *self.tired} if self.rest(chat) > 0]

    async def slot(self, chat: str) -> None:
        """Wait for the turn of a message to this chat, and take it."""
        while True:
            if (seconds := max(self.rest(chat), self.silent_until - self.monotonic())) > 0:
                await asyncio.sleep(seconds)
                continue
            self.waiting += 1
            try:
                async with self.turn:  # one after the other: who wakes late must not go together with the next
                    if (seconds := self._ready()) > 0:
                        await asyncio.sleep(seconds)
                    if max(self.rest(chat), self._ready()) <= 0:
                        self._go(chat)
                        return
            finally:
                self.waiting -= 1

    def _go(self, chat: str) -> None:
        now = self.monotonic()
        # A little lateness is made up for, a pause never is: no bursts.
        self.due = max(self.due, now - LATE * self.interval) + self.interval
        self.gone.append(now)
        self._note(chat, now)

    def _note(self, chat: str, at: float) -> None:
        longest = max((window.count for window in self.windows(chat)), default=1)
        times = self.sent.pop(chat, None) or deque(maxlen=longest)
        times.append(at)
        self.sent[chat] = times  # the latest stand last
        if len(self.sent) > KEPT:
            self.sent = {one: times for one, times in self.sent.items() if self.rest(one) > 0}
