"""The two senders: what is delivered and when, with lines that ring, windows that close, and deaths on the way."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from scheduler.preparing import prepared
from storage import outbox
from storage.relations import Row
from tests.seasons.times import HOUR, ZONE, quiet
from tests.seasons.world import PUSHED, World

WINDOW = 48 * HOUR
BATCH = 40
DIES, DROPS, IDLES = 0.02, 0.01, 0.04


@dataclass(frozen=True)
class Delivered:
    row: int
    cause: str
    kind: str
    person: int
    at: datetime


@dataclass
class Senders:
    world: World
    delivered: list[Delivered] = field(default_factory=list)
    doubtful: set[int] = field(default_factory=set)  # a sender died or was cut off while it had these
    leases: "itertools.count[int]" = field(default_factory=itertools.count)
    dead: set[str] = field(default_factory=lambda: set(PUSHED))

    def restart(self) -> None:
        self.dead |= set(PUSHED)

    def run(self, *, sure: bool = False) -> None:
        """What is owed now goes out; `sure`: without a mishap."""
        for channel in PUSHED:
            if sure or self.world.chance.random() >= IDLES:
                self._drain(channel, sure=sure)

    def _drain(self, channel: str, *, sure: bool) -> None:
        world, lease = self.world, f"{channel}{next(self.leases)}"
        if channel in self.dead:
            recovering = {"lease": lease, "now": world.now, "dedups": False}
            world.db.write(lambda db: outbox.recover(db, channel, "", **recovering))  # type: ignore[arg-type]
            self.dead.discard(channel)
        while True:
            claimed, ready = world.db.write(lambda db: self._claim(db, channel, lease))
            if not claimed:
                break
            if not sure and world.chance.random() < DIES:
                self._die(channel, ready)
                return
            self._settle([(row, self._post(row, sure=sure)) for row in ready])
        self._left_lying(channel)

    def _claim(self, db: sa.Connection, channel: str, lease: str) -> tuple[int, list[Row]]:
        now = self.world.now
        rows = outbox.claim(db, channel, "", lease=lease, now=now, limit=BATCH)
        ready = []
        for row in rows:
            faults = self._faults(db, row)
            if one := prepared(db, row, now):
                ready.append(one)
                self.world.wrong += [f"{row.cause} goes to {row.person_id} {fault} at {now}" for fault in faults]
                self._says_her_deadline(one)
            elif not faults:
                self.world.wrong.append(f"{row.cause} is kept from {row.person_id} at {now} for no reason")
        return len(rows), ready

    def _die(self, channel: str, ready: Sequence[Row]) -> None:
        """Some of it was delivered, and nobody will ever know which."""
        for row in ready:
            if self.world.chance.random() < 0.5:
                self._post(row, sure=True)
        self.doubtful |= {row.id for row in ready}
        self.dead.add(channel)
        self.world.figures["deaths of senders"] += 1

    def _post(self, row: Row, *, sure: bool) -> str:
        """What the platform says."""
        person = self.world.people[row.person_id]
        if person.gone:
            return "unreachable"
        if row.channel == "wechat" and not (person.wrote and self.world.now - person.wrote < WINDOW):
            return "held"
        self.delivered.append(Delivered(row.id, row.cause, row.kind, row.person_id, self.world.now))
        if not sure and self.world.chance.random() < DROPS:
            self.doubtful.add(row.id)
            return "pending" if row.kind in outbox.REPEATABLE else "uncertain"
        return "sent"

    def _settle(self, fates: Sequence[tuple[Row, str]]) -> None:
        now = self.world.now

        def work(db: sa.Connection) -> None:
            for state in {state for _, state in fates}:
                outbox.settle(db, [row.id for row, fate in fates if fate == state], state, now)
            for row in [row for row, fate in fates if fate == "unreachable"]:
                outbox.lose_touch(db, row.channel, row.account, row.address, now)

        self.world.db.write(work)

    def _faults(self, db: sa.Connection, row: Row) -> list[str]:
        """Why it must not be said at this very moment."""
        world, person = self.world, self.world.people[row.person_id]
        if row.kind == "reply":
            return []
        out = ["who is out"] if person.revoked else []
        if row.kind != "reminder" or person.society is None:
            return out
        about = sa.text(
            "SELECT r.stage, r.plan_version, e.status FROM reminder r LEFT JOIN entry e"
            " ON e.society_id = r.society_id AND e.round_id = r.round_id WHERE r.id = :id"
        )
        found = db.execute(about, {"id": int(row.cause.split(":")[1])}).one()
        faults = {
            "who has handed in": found.status == "submitted",
            "after the deadline": world.now >= person.society.deadline or person.society.over,
            "at night or on a holiday": quiet(world.now),
            "on an old plan": found.plan_version != person.society.plan,
            "who wants none": person.unreminded,
            "who wants none today": person.rests is not None and world.now < person.rests,
        }
        return out + [f"({found.stage}) {why}" for why, fault in faults.items() if fault]

    def _says_her_deadline(self, row: Row) -> None:
        society = self.world.people[row.person_id].society
        if row.kind == "reminder" and society:
            local = society.deadline.astimezone(ZONE)
            if f"{local.month}月{local.day}日" not in row.text:
                self.world.wrong.append(f"{row.cause} names another deadline than {local}")

    def _left_lying(self, channel: str) -> None:
        """A sender that has found nothing more to do has left nothing that could go now."""
        world = self.world
        if quiet(world.now):
            return
        waiting = world.rows(
            "SELECT id, cause, person_id, not_before FROM outbox WHERE channel = :channel AND state = 'pending'"
            " AND kind <> 'reply'",
            channel=channel,
        )
        for row in waiting:
            until = world.people[row.person_id].rests
            if row.not_before is None and not (until and world.now < until):
                world.wrong.append(f"{row.cause} lies about at {world.now}")
