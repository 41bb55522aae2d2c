"""Secretaries who chat over real HTTP, each sending one input again and again until it is answered."""

import asyncio
import random
from dataclasses import dataclass, field

import httpx

from tests.crash.history import Answer, Input, Person
from tests.crash.script import Script

AT_ONCE = 0.05  # inputs that are sent twice at the same moment
GIVEN_UP = 0.02  # inputs that are not sent again after the first loss
TIMEOUT = httpx.Timeout(30)


class Pulse:
    """Counts what is sent, and wakes who waits for a certain count."""

    def __init__(self) -> None:
        self.count = 0
        self.beat = asyncio.Event()

    def tick(self) -> None:
        self.count += 1
        self.beat.set()

    async def reach(self, count: int) -> None:
        while self.count < count:
            self.beat.clear()
            await self.beat.wait()


@dataclass
class Traffic:
    """All that is going on between the secretaries and the server."""

    url: str
    script: Script
    chance: random.Random
    up: asyncio.Event = field(default_factory=asyncio.Event)
    sending: Pulse = field(default_factory=Pulse)
    uploading: Pulse = field(default_factory=Pulse)
    over: bool = False
    strange: list[str] = field(default_factory=list)

    async def sit(self, people: list[Person], leave: asyncio.Event) -> None:
        """One seat: several persons after each other; the last stays to the end, the others until `leave` is set."""
        for person in people:
            leave.clear()
            async with httpx.AsyncClient(base_url=self.url, trust_env=False, verify=False, timeout=TIMEOUT) as client:
                await self.say(client, person, Input(f"{person.name}-login", "login", person.code))
                while not self.over and not (leave.is_set() and person is not people[-1]):
                    await self.say(client, person, self.script.next(person))

    async def say(self, client: httpx.AsyncClient, person: Person, input: Input) -> None:
        """Again and again until it is answered."""
        person.inputs.append(input)
        gives_up = input.kind in ("score", "words", "breath") and self.chance.random() < GIVEN_UP
        while not input.answers:
            await self.up.wait()
            if input.kind != "login" and self.chance.random() < AT_ONCE:
                await asyncio.gather(self.attempt(client, input), self.attempt(client, input))
            else:
                await self.attempt(client, input)
            if gives_up and not input.answers:
                input.abandoned = True
                break
        person.hear(input)

    async def attempt(self, client: httpx.AsyncClient, input: Input) -> None:
        """One request; an answer that is not 200 is strange, none at all is what happens when a server dies."""
        self.sending.tick()
        if input.photo:
            self.uploading.tick()
        try:
            response = await self._post(client, input)
        except httpx.TransportError:
            input.attempts.append(None)
            return
        input.attempts.append(response.status_code)
        if response.status_code == 204 and input.kind == "login":
            input.answers.append(Answer((), None, 0, ""))
        elif response.status_code == 200:
            input.answers.append(Answer.of(response.content))
        else:
            self.strange.append(f"{input.id} «{input.text}»: {response.status_code} {response.text[:200]}")
            input.answers.append(Answer(("",), None, 0, response.text))

    async def _post(self, client: httpx.AsyncClient, input: Input) -> httpx.Response:
        if input.kind == "login":
            return await client.post("/chat/login", json={"code": input.text, "id": input.id})
        if input.photo is None:
            return await client.post("/chat/messages", json={"id": input.id, "text": input.text, "seen": input.seen})
        form = {"id": input.id, "seen": str(input.seen or ""), "text": input.text}
        return await client.post(
            "/chat/files", data=form, files={"file": (input.photo.name, input.photo.bytes(), "image/jpeg")}
        )
