"""python -m tests.delivery.broadcast: an announcement to many on a bad day, the server killed meanwhile; nobody hears it twice."""

import argparse
import logging
import random
import re
import secrets
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from handlers.checking import check
from handlers.notices import announcing
from handlers.notices.announcing import Told
from handlers.societies import joining
from scheduler.delivery import BATCH
from storage.files import FileStore
from storage.relations import ANNOUNCEMENT, OUTBOX, SOCIETY
from tests.browser.running import Running, free_port
from tests.channels.inside import until
from tests.delivery.kills import PATIENCE, rows
from tests.delivery.office import OPEN, bind
from tests.delivery.weather import WHOLE, Weather
from tests.fakes.telegram import TOKEN
from tests.fakes.telegram_people import User

WORDS = "请各学会于1月15日17:30前完成填报。"
BLOCKED = 0.03  # of the contacts
MOST_OF_ONE = 5  # contacts of one society
KILLED_WITHIN = 0.9  # of the sends: the last server has something left to say
COUNTED = {"已送达": "sent", "待发": "pending", "不确定": "uncertain", "失败": "failed"}
COUNTED |= {"联系不上": "unreachable", "已取消": "cancelled"}
SPOKEN = re.compile("，".join(rf"{word}(\d+)" for word in COUNTED))
LISTED = {"不确定": "uncertain", "失败": "failed", "请打电话": "unreachable"}
LINE = re.compile(f"^({'|'.join(LISTED)})：(.+)$", re.MULTILINE)


@dataclass
class Broadcast:
    """One run; `wrong` is what must not have happened."""

    folder: Path
    contacts: int
    kills: int
    seed: int
    fake: Weather
    users: dict[int, User] = field(default_factory=dict)  # person → who hears
    down: list[tuple[float, float]] = field(default_factory=list)  # from a kill to the next server
    wrong: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)

    def play(self) -> "Broadcast":
        self.clock("+0")
        self.server = Running(self.folder, free_port(), self.settings())
        self.server.start()
        try:
            self.db = self.server.database()
            self.officer = self.joined()
            self.confirm()
            self.fake.pace.excesses = 0
            self.fake.bad.set()
            self.clock("+61")  # the minute in which it can be taken back is over
            began = time.monotonic()
            self.kill()
            until(self.settled, PATIENCE)
            self.report["seconds"] = round(time.monotonic() - began)
            self.fake.bad.clear()
            self.paced()
            self.compare()
            self.db.close()
        finally:
            self.server.kill()
        return self

    def settings(self) -> dict[str, str]:
        ours = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": self.fake.base, "LOG_LEVEL": "ERROR"}
        return {**ours, "BOT_TEST_MODE": "1", "BOT_CLOCK_FILE": str(self.folder / "clock"), "BOT_TICK_SECONDS": "0.5"}

    def clock(self, text: str) -> None:
        """Moved at once: a server that reads it never finds half of it."""
        new = self.folder / "clock.new"
        new.write_text(text)
        new.replace(self.folder / "clock")

    # What the office does

    def joined(self) -> User:
        """An officer, and the secretaries of many societies who have all talked to the bot before."""
        chance = random.Random(self.seed)
        users = [self.fake.user(f"{number:04}号") for number in range(self.contacts)]
        for user in users:
            user.chat.known = True
        for user in chance.sample(users, round(self.contacts * BLOCKED)):
            user.chat.blocked = True
        code = self.db.write(lambda db: self.enrol(db, users, chance))
        officer = self.fake.user("周科长")
        officer.starts(code.replace("-", ""))
        officer.waits_for(1, PATIENCE)
        return officer

    def enrol(self, db: sa.Connection, users: list[User], chance: random.Random) -> str:
        now, left = datetime.now(UTC), list(users)
        while left:
            made = sa.insert(SOCIETY).values(name=f"测试第{len(left):04}学会", created_at=now).returning(SOCIETY.c.id)
            society = int(db.execute(made).scalar_one())
            for _ in range(min(chance.randint(1, MOST_OF_ONE), len(left))):
                user = left.pop()
                self.users[bind(db, user, society, now)] = user
        return joining.invite(db, society_id=None, role="officer", name="周科长", now=now)

    def confirm(self) -> None:
        """The words, the number that is shown, the number typed."""
        shown = self.hears(f"给全部发通知：{WORDS}")
        societies, people = re.findall(r"将发给 (\d+) 家（全部）的 (\d+) 位", shown)[0]
        self.complain(int(people) != self.contacts, f"{people} people are shown to the office")
        self.number = int(re.findall(r"通知(\d+)：", self.hears(societies))[0])

    def hears(self, words: str) -> str:
        """The answer, all of it."""
        before = len(self.officer.hears)
        self.officer.says(words)
        self.officer.waits_for(before + 1, PATIENCE)
        until(lambda: not rows(self.db, OUTBOX, OUTBOX.c.state.in_(OPEN), OUTBOX.c.kind == "reply"), PATIENCE)
        return "\n".join(str(one["text"]) for one in self.officer.hears[before:])

    # What happens

    def kill(self) -> None:
        """Each server says something before it goes, somewhere in the midst of it."""
        chance = random.Random(self.seed + 1)
        for moment in sorted(chance.sample(range(1, round(self.contacts * KILLED_WITHIN)), self.kills)):
            self.fake.waits_for_sends(max(moment, self.fake.sends + 1), PATIENCE)
            time.sleep(chance.uniform(0, 0.05))
            gone = time.monotonic()
            self.server.kill()
            self.server.start()
            self.down.append((gone, time.monotonic()))

    def settled(self) -> bool:
        return not rows(self.db, OUTBOX, OUTBOX.c.state.in_(OPEN)) and len(self.owed()) == self.contacts

    def owed(self) -> list[Any]:
        return rows(self.db, OUTBOX, OUTBOX.c.kind == "announcement")

    # What must be true then

    def compare(self) -> None:
        with self.db.read() as db:
            told = announcing.targets(db, self.number)
            self.wrong += check(db, FileStore(self.folder / "data" / "files"))
            self.complain(db.scalar(sa.select(sa.func.count()).select_from(ANNOUNCEMENT)) != 1, "several announcements")
        meant = {one.person_id: one for one in told if one.person_id is not None}
        self.complain(meant.keys() != self.users.keys(), f"{len(meant)} people are told of, not {self.contacts}")
        times = {person: sum(WORDS in one["text"] for one in user.hears) for person, user in self.users.items()}
        for person, one in meant.items():
            self.wrong += [f"{one}: heard {times[person]} times"] if times[person] not in may(one) else []
            self.complain(one.state == "unreachable" and not self.users[person].chat.blocked, f"{one}: is there")
        states = Counter(one.state for one in meant.values())
        self.complain(states["pending"] + states["cancelled"] > 0, f"{states}")
        self.spoken(told)
        unheard = sum(one.state == "uncertain" and not times[person] for person, one in meant.items())
        figures = {**states, "uncertain unheard": unheard, "nobody there": len(told) - len(meant)}
        self.report |= {**dict(sorted(figures.items())), "sends": self.fake.sends, **self.fake.done}

    def spoken(self, told: list[Told]) -> None:
        """The office is told the same numbers in chat, and the same names."""
        said = self.hears(f"通知 {self.number}")
        counts = tuple(str(sum(one.state == state for one in told)) for state in COUNTED.values())
        found = SPOKEN.findall(said)
        self.complain(found != [counts], f"told {found}, true {counts}")
        self.complain(f"共{len(told)}：" not in said, "another total")
        named = sorted((LISTED[state], who.strip()) for state, who in LINE.findall(said))
        lost = sorted(
            (one.state, f"{one.society} {one.person}") for one in told if one.person and one.state in LISTED.values()
        )
        self.complain(named != lost, f"{len(named)} named, {len(lost)} lost")
        empty = [one.society for one in told if one.person_id is None]
        self.complain(bool(empty) and f"{len(empty)}家" not in said, "those nobody joined for are not counted")
        if empty:
            page = self.hears(f"没加入 {self.number}")
            self.complain(any(name not in page for name in empty[:12]), "those nobody joined for are not named")

    def paced(self) -> None:
        """Never too fast, and silent in every halt in which no new server came that could not know of it. A few may
        have been on their way for long."""
        whole = [one for one in self.fake.halts if one.until - one.since >= WHOLE]
        seen = [one for one in whole if not any(gone < one.until and up > one.since for gone, up in self.down)]
        broken = max((one.broken for one in seen), default=0)
        self.complain(broken > BATCH, f"{broken} sends in a halt")
        self.complain(self.fake.pace.excesses > 0, f"{self.fake.pace.excesses} times too fast")
        self.report |= {"halts watched": len(seen), "refused in halts": self.fake.refused}

    def complain(self, found: bool, what: str) -> None:
        self.wrong += [what] if found else []


def may(one: Told) -> tuple[int, ...]:
    """How often somebody in this state may have heard it."""
    return (1,) if one.state == "sent" else (0, 1) if one.state == "uncertain" else (0,)


def run(folder: Path, contacts: int, kills: int, seed: int) -> list[str]:
    with Weather(seed) as fake:
        played = Broadcast(folder, contacts, kills, seed, fake).play()
    figures = "  ".join(f"{name} {value}" for name, value in played.report.items())
    print(f"seed {seed}  contacts {contacts}  kills {len(played.down)}  {figures}  wrong {len(played.wrong)}")
    return played.wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.delivery.broadcast", description=__doc__)
    parser.add_argument("--contacts", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int)
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(1 << 31)
    logging.disable(logging.ERROR)  # the stand-in tells of every call that broke off
    with tempfile.TemporaryDirectory() as folder:
        wrong = run(Path(folder), asked.contacts, asked.kills, seed)
    print("\n".join(wrong[:40]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
