"""How fast Telegram lets a bot send: a strict clock, a halt after every excess."""

import math
import threading
from collections import defaultdict, deque
from collections.abc import Callable

from tests.fakes.telegram_checks import Refusal

GROUP_MINUTE = 20


class Pace:
    """At most `rate` messages in any second, 20 a minute to a group, and 1 a second to a person if `per_chat`."""

    unit: float = 1  # second: what Telegram counts its halts in; a test in a hurry makes it less than a second

    def __init__(self, rate: int | None, *, per_chat: bool, retry_after: int, clock: Callable[[], float]) -> None:
        self.rate, self.per_chat, self.retry_after, self.clock = rate, per_chat, retry_after, clock
        self.refused = 0
        self.excesses = 0
        self.sent: deque[float] = deque()
        self.to: dict[int, deque[float]] = defaultdict(deque)
        self.halted_until = -math.inf
        self.lock = threading.Lock()

    def admit(self, chat: int, *, private: bool, count: int = 1) -> None:
        """Counts the messages in, or raises 429 with the seconds to wait."""
        with self.lock:
            now = self.clock()
            if now < self.halted_until:
                raise self.halt(math.ceil((self.halted_until - now) / self.unit) * self.unit)
            if self.excessive(chat, now, count, private=private):
                self.excesses += 1
                self.halted_until = now + self.retry_after
                raise self.halt(self.retry_after)
            if self.rate is not None or self.per_chat:
                self.sent.extend([now] * count)
                self.to[chat].extend([now] * count)

    def halt(self, seconds: float) -> Refusal:
        self.refused += 1
        return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    def excessive(self, chat: int, now: float, count: int, *, private: bool) -> bool:
        if self.rate is not None and within(self.sent, now, 1) + count > self.rate:
            return True
        if private:  # an album to one person is one act
            return self.per_chat and within(self.to[chat], now, 1) > 0
        return self.rate is not None and within(self.to[chat], now, 60) + count > GROUP_MINUTE


def within(times: deque[float], now: float, seconds: float) -> int:
    while times and now - times[0] >= seconds:
        times.popleft()
    return len(times)
