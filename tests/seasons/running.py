"""One season from its first day to its last: the clock, the two schedulers, restarts, and everybody else."""

import bisect
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from scheduler.ticking import Ticker
from tests.seasons.acts import Acts
from tests.seasons.oracle import Oracle
from tests.seasons.sending import Senders
from tests.seasons.times import CLOSES, DAY, HOUR, MINUTE, edges
from tests.seasons.world import World

AFTER = 10 * DAY  # of the season's days lie behind the deadline
ANNOUNCES, NUDGES, JUMPS, RACES, AT_ONCE = 0.02, 0.01, 0.03, 0.4, 0.05


class Running:
    def __init__(self, url: str, seed: int, *, societies: int, days: int, steps: int, restarts: int) -> None:
        chance = random.Random(seed)
        self.end = CLOSES + AFTER
        self.world = World(url, chance, self.end - days * DAY).begin(societies)
        self.senders, self.acts, self.oracle = Senders(self.world), Acts(self.world), Oracle(self.world)
        self.steps, self.restarts = steps, restarts
        self.stride = days * DAY / steps
        self.edges = edges(self.world.now, self.end, daily=steps >= 4 * days)
        self.long = set(chance.sample(range(restarts), min(restarts, 4)))

    def play(self) -> World:
        world = self.world
        crowd = max(1, len(world.societies) // 60)
        while world.now < self.end:
            self._on()
            self._restart()
            self._people(crowd)
            self._tick()
            self.oracle.after_tick()
            self._people(crowd)
            self._office()
            self.senders.run()
            world.figures["steps"] += 1
        self._tick()
        self.oracle.after_tick()
        self.senders.run(sure=True)
        self.oracle.finish(self.senders, self.acts)
        world.close()
        return world

    def _on(self) -> None:
        """To some later moment, but not past one at which something changes; now and then the clock is put wrong."""
        world = self.world
        if world.chance.random() < JUMPS:
            world.now -= world.chance.random() * HOUR
            world.figures["jumps back"] += 1
            return
        world.now = self._no_further(world.now + world.chance.uniform(0.02, 2.0) * self.stride)

    def _no_further(self, then: datetime) -> datetime:
        place = bisect.bisect_right(self.edges, self.world.now)
        following = self.edges[place] if place < len(self.edges) else self.end
        return min(then, following) if self.world.chance.random() < 0.8 else then

    def _restart(self) -> None:
        """Everything that only memory knows is gone; up again after minutes, hours or, four times, days."""
        world, done = self.world, self.world.figures["restarts"]
        left = max(self.end - world.now, self.stride)
        if world.chance.random() >= 1.6 * (self.restarts - done) * (self.stride / left):
            return
        world.close()
        days = world.chance.choice((2, 4, 7)) * DAY if done in self.long else timedelta()
        world.now += days + (world.chance.random() ** 6) * 6 * HOUR + MINUTE
        world.open()
        self.senders.restart()
        world.figures["restarts"] += 1

    def _people(self, crowd: int) -> None:
        for _ in range(self.world.chance.randrange(crowd + 1)):
            self.acts.anything()

    def _office(self) -> None:
        chance = self.world.chance
        if chance.random() < ANNOUNCES:
            self.acts.announce()
        if chance.random() < NUDGES:
            self.acts.withdraw()
        if chance.random() < NUDGES:
            self.acts.nudge()
        if timedelta() < CLOSES - self.world.now < HOUR or MINUTE < self.world.now - CLOSES < HOUR:
            self.acts.give_time(chance.choice(self.world.societies))

    def _tick(self) -> None:
        """Both schedulers, each twice: one after the other, at once, or one in the middle of the other."""
        world = self.world
        first, second = (Ticker(db, lambda: world.now, 1).tick for db in (world.db, world.other))
        if world.chance.random() < AT_ONCE:
            with ThreadPoolExecutor(2) as both:
                list(both.map(lambda tick: tick(), (first, second)))
            world.figures["at once"] += 1
        if world.chance.random() < RACES:
            world.other.meanwhile = world.chance.choice((first, self._somebody_quick()))
            second()
            world.other.meanwhile = None
        for tick in (first, second, first, second):
            tick()

    def _somebody_quick(self) -> Callable[[], object]:
        person = self.acts.somebody()
        if person is None:
            return lambda: None
        doing = self.world.chance.choice((self.acts.submit, self.acts.extend, self.acts.no_more, self.acts.put_out))
        return lambda: doing(person)
