"""One run: traffic, kills at random moments, restarts, and the comparison at the end."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.crash.history import Person, summary
from tests.crash.officer import Officer
from tests.crash.oracle import Oracle, Verdict
from tests.crash.script import Script, rubric
from tests.crash.server import Server
from tests.crash.traffic import Traffic
from tests.crash.world import exported, set_up, unwell, wrong_files

MOST_REQUESTS = 60  # between two kills
LONGEST_AFTER = 0.012  # seconds after a request was sent: about a turn and a half
LONGEST_START = 1.5  # seconds: a start that is killed
ASKED_AGAIN = 60  # inputs that are sent once more at the end


@dataclass
class Run:
    """Everything about one run; `verdict` is filled by `play`."""

    server: Server
    kills: int
    seed: int
    people: list[Person] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    killed: dict[str, int] = field(default_factory=lambda: {"turn": 0, "upload": 0, "start": 0})
    seconds: float = 0.0
    officers: list[Officer] = field(default_factory=list)  # who work beside them

    def play(self) -> "Run":
        """Set up, chat and kill, compare."""
        began = time.monotonic()
        seats, officer = set_up(self.server, waves=max(1, self.kills // 50))
        self.people = [person for seat in seats for person in seat]
        self.officers = [Officer(officer, random.Random(self.seed + 2))]
        try:
            asyncio.run(self._play(seats))
        finally:
            self.server.kill()
        self.seconds = time.monotonic() - began
        return self

    @property
    def report(self) -> dict[str, Any]:
        counts = {"seed": self.seed, "kills": self.kills, **self.killed, **summary(self.people)}
        verdict = self.verdict
        bad = {"lost": len(verdict.lost), "doubled": len(verdict.doubled), "other": len(verdict.other)}
        acts = sum(one.done for one in self.officers)
        return {**counts, "acts": acts, **bad, "seconds": round(self.seconds, 1)}

    async def _play(self, seats: list[list[Person]]) -> None:
        chance = random.Random(self.seed)
        traffic = Traffic(self.server.url, Script(rubric(), random.Random(self.seed + 1)), chance)
        leave = [asyncio.Event() for _ in seats]
        talking = [asyncio.create_task(traffic.sit(*one)) for one in zip(seats, leave, strict=True)]
        talking += [asyncio.create_task(one.sit(traffic)) for one in self.officers]
        for number in range(self.kills):
            await self._one_life(traffic, chance)
            if number % 50 == 49:
                for event in leave:
                    event.set()
        self.server.spawn()
        await self.server.ready()
        traffic.over = True
        traffic.up.set()
        await asyncio.gather(*talking)
        self.verdict.other += traffic.strange
        await self._ask_again(traffic, chance)
        await asyncio.to_thread(self._compare)

    async def _one_life(self, traffic: Traffic, chance: random.Random) -> None:
        """From a start to a kill: in a turn, in an upload, or before it was up."""
        self.server.spawn()
        how = chance.choices(["turn", "upload", "start"], [80, 15, 5])[0]
        if how == "start":
            await asyncio.sleep(chance.random() * LONGEST_START)
        else:
            await self.server.ready()
            traffic.up.set()
            pulse = traffic.uploading if how == "upload" else traffic.sending
            await pulse.reach(pulse.count + (1 if how == "upload" else chance.randint(1, MOST_REQUESTS)))
            await asyncio.sleep(chance.random() * LONGEST_AFTER)
        traffic.up.clear()
        self.server.kill()
        self.killed[how] += 1

    async def _ask_again(self, traffic: Traffic, chance: random.Random) -> None:
        """Long afterwards the same deliveries come once more: the same words, no second effect."""
        everybody = [*self.people, *(one.person for one in self.officers)]
        for person in everybody:
            answered = [one for one in person.inputs if one.answers and one.kind != "login"]
            async with httpx.AsyncClient(base_url=self.server.url, trust_env=False, verify=False, timeout=30) as client:
                login = next((one for one in person.inputs if one.kind == "login"), None)
                if login:
                    await traffic.attempt(client, login)
                for one in chance.sample(answered, min(len(answered), ASKED_AGAIN // len(everybody) + 1)):
                    await traffic.attempt(client, one)

    def _compare(self) -> None:
        export = exported(self.server)
        self.verdict.lost += wrong_files(self.server, export, self.people)
        self.verdict.other += unwell(self.server)
        for found in (Oracle(self.people, export).judge(), *(one.judge(export) for one in self.officers)):
            self.verdict.lost += found.lost
            self.verdict.doubled += found.doubled
            self.verdict.other += found.other
