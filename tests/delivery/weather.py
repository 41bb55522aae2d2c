"""Telegram on a bad day: a send may be refused, halted, answered late, or done without our being told."""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.fakes.serving import Fault
from tests.fakes.telegram import Telegram

ALLOWED = 30  # messages a second
TOO_MANY, FAILING, LOST = 0.20, 0.05, 0.01  # of all sends
# Halts are told in tenths of a second, so that a run takes minutes; one in ten is as long as a real one.
UNIT, WHOLE, LONG = 0.1, 1.0, 0.1
LATE = 0.04  # seconds that an answer may take: time for us to be killed while it is on its way
GIVEN_UP = 6.0  # seconds, longer than anybody waits


@dataclass
class Halt:
    """A time in which nothing may be sent, and when something was all the same."""

    since: float
    until: float
    broken: int = 0

    def notes(self, at: float) -> None:
        """What was on its way when the halt was told comes in its first half, so only the second one tells."""
        self.broken += self.until - self.since >= WHOLE and at > (self.since + self.until) / 2


class Weather(Telegram):
    """Misbehaves while it is `bad`, by a chance of its own; counts the sends."""

    def __init__(self, seed: int) -> None:
        super().__init__(rate=ALLOWED, per_chat=True)
        self.pace.unit = UNIT
        self.chance = random.Random(seed)
        self.bad = threading.Event()
        self.sends = 0
        self.done = {"429": 0, "5xx": 0, "lost": 0}
        self.halts: list[Halt] = []

    def fault(self, method: str, given: Mapping[str, Any]) -> Fault | None:
        if method != "sendMessage" or not self.bad.is_set():
            return super().fault(method, given)
        with self.platform.changed:
            self.sends += 1
            self.platform.changed.notify_all()
        now = self.pace.clock()
        if now < self.pace.halted_until:  # whatever else might have happened to it
            self.halts[-1].notes(now)
            return None
        return self.mood(now)

    def mood(self, now: float) -> Fault:
        """What happens to this send."""
        drawn, delay = self.chance.random(), self.chance.uniform(0, LATE)
        if drawn < TOO_MANY:
            return self.halt(now)
        if drawn < TOO_MANY + FAILING:
            self.done["5xx"] += 1
            return Fault("sendMessage", status=self.chance.choice([500, 502, 503]), delay=delay)
        if drawn < TOO_MANY + FAILING + LOST:
            self.done["lost"] += 1
            return Fault("sendMessage", dropped=True, delay=self.chance.choice([delay, GIVEN_UP]))
        return Fault("sendMessage", delay=delay)

    def halt(self, now: float) -> Fault:
        self.done["429"] += 1
        seconds = WHOLE if self.chance.random() < LONG else UNIT
        self.pace.halted_until = now + seconds
        self.halts.append(Halt(now, now + seconds))
        told = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1"}
        return Fault("sendMessage", status=429, body={**told, "parameters": {"retry_after": seconds}})

    def waits_for_sends(self, count: int, seconds: float) -> None:
        self.waits_until(lambda: self.sends >= count, seconds)
