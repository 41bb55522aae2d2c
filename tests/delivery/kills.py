"""python -m tests.delivery.kills: kill -9 during delivery; every answer arrives, nothing said unasked arrives twice."""

import argparse
import logging
import random
import re
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from storage import outbox
from storage.database import Database
from storage.relations import CONTACT, INBOUND, OUTBOX, Row
from tests.browser.running import Running, free_port
from tests.channels.inside import until
from tests.fakes.serving import Fault
from tests.fakes.telegram import TOKEN, Telegram
from tests.fakes.telegram_people import User

PEOPLE = 10
LIFE = (0.2, 1.5)  # seconds from being up to being killed
BETWEEN = (0.05, 0.5)  # seconds from one event to the next
NOTICE = "通知第{}号"
RECEIPT = re.compile(r"回执 (\w+)")
OPEN = ("pending", "on_wire")
LISTED = ("uncertain", "failed", "unreachable")
PATIENCE = 240.0


@dataclass
class Kills:
    """One run; `wrong` is what must not have happened."""

    folder: Path
    kills: int
    seed: int
    fake: Telegram
    users: list[User] = field(default_factory=list)
    said: Counter[int] = field(default_factory=Counter)  # Telegram's id → messages
    notices: int = 0
    wrong: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def play(self) -> "Kills":
        chance = random.Random(self.seed)
        ours = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": self.fake.base, "BOT_TEST_MODE": "1"}
        server = Running(self.folder, free_port(), {**ours, "RATE_PER_MINUTE": "100000", "LOG_LEVEL": "ERROR"})
        server.start()
        try:
            self.join(server)
            traffic = threading.Thread(target=self.traffic, args=(server, random.Random(self.seed + 1)))
            traffic.start()
            for _ in range(self.kills):
                time.sleep(chance.uniform(*LIFE))
                server.kill()
                server.start()
            self.over.set()
            traffic.join()
            self.fake.record.faults.clear()
            self.finish(server)
        finally:
            self.over.set()
            server.kill()
        return self

    def join(self, server: Running) -> None:
        for number in range(PEOPLE):
            user = self.fake.user(f"{number}号")
            user.starts(server.invite(name=f"{number}号").replace("-", ""))
            user.waits_for(1)
            self.users.append(user)

    def traffic(self, server: Running, chance: random.Random) -> None:
        """Somebody says something, something is owed unasked, the platform has its moods; until it is over."""
        db = server.database()
        while not self.over.wait(chance.uniform(*BETWEEN)):
            user = chance.choice(self.users)
            act = chance.random()
            if act < 0.45:
                self.says(user, chance)
            elif act < 0.9:
                self.owes(db, user)
            else:
                self.fake.record.faults.append(mood(chance))
        db.close()

    def says(self, user: User, chance: random.Random) -> None:
        self.said[user.id] += 1
        if chance.random() < 0.1:
            user.sends_document(f"{self.said[user.id]}.pdf", b"%%PDF-1.7 %d" % self.said[user.id])
        else:
            user.says(f"第{chance.randrange(1, 26)}项，依据：第{self.said[user.id]}号材料")

    def owes(self, db: Database, user: User) -> None:
        number = self.notices = self.notices + 1
        db.write(lambda connection: _owe(connection, user, number))

    def finish(self, server: Running) -> None:
        """The last server says what is left; then every message is looked up on both sides."""
        self.fake.waits_until(lambda: not self.fake.pending, PATIENCE)
        db = server.database()
        until(lambda: not rows(db, OUTBOX, OUTBOX.c.state.in_(OPEN)), PATIENCE)
        self.compare(rows(db, OUTBOX), rows(db, INBOUND))
        db.close()

    def compare(self, owed: list[Row], taken: list[Row]) -> None:
        heard = {user.id: Counter(one["text"] for one in user.hears) for user in self.users}
        for row in owed:
            times = heard[int(row.address)][row.text]
            if row.kind == "reply" and row.state == "sent" and not times:
                self.wrong.append(f"{row.id} {row.text[:40]}: sent, never heard")
            if row.kind != "reply" and (times > 1 or (row.state == "sent" and times != 1)):
                self.wrong.append(f"{row.id} {row.text}: {row.state}, heard {times} times")
            if row.kind != "reply" and row.state not in ("sent", *LISTED):
                self.wrong.append(f"{row.id} {row.text}: {row.state}")
        expected = {user.id: self.said[user.id] + 1 for user in self.users}
        got = Counter(int(row.key.split(":")[0]) for row in taken)
        self.wrong += [f"{id}: {count} said, {got[id]} taken" for id, count in expected.items() if got[id] != count]
        self.wrong += [f"{self.notices} notices, {len(owed)} rows"] if _notices(owed) != self.notices else []
        copies = sum((counts - Counter(set(counts))).total() for counts in heard.values())
        states = Counter((row.kind, row.state) for row in owed)
        self.report = {"said": self.said.total(), "notices": self.notices, "copies of replies": copies} | {
            f"{kind} {state}": count for (kind, state), count in sorted(states.items())
        }
        receipts = [one for row in owed if row.kind == "reply" for one in RECEIPT.findall(row.text)]
        self.wrong += [f"receipt {one} given twice" for one, times in Counter(receipts).items() if times > 1]


def mood(chance: random.Random) -> Fault:
    """What the platform does to one of the next calls."""
    wait = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}}
    return chance.choice(
        [
            Fault("sendMessage", dropped=True),
            Fault("sendMessage", status=500),
            Fault("sendMessage", status=429, body=wait),
            Fault("sendMessage", delay=0.3),
            Fault("getUpdates", status=502),
            Fault("file", dropped=True),
        ]
    )


def _owe(db: sa.Connection, user: User, number: int) -> None:
    contact = db.execute(sa.select(CONTACT).where(CONTACT.c.address == str(user.id))).one()
    where = {"channel": "telegram", "account": contact.account, "address": contact.address}
    about = {"person_id": contact.person_id, "text": NOTICE.format(number), "created_at": contact.bound_at}
    outbox.owe(db, {"cause": f"kills:{number}", "part": 0, "kind": "notice", **where, **about})


def _notices(owed: list[Row]) -> int:
    return sum(row.kind == "notice" for row in owed)


def rows(db: Database, table: sa.Table, *where: Any) -> list[Row]:
    with db.read() as connection:
        return list(connection.execute(sa.select(table).where(*where).order_by(table.c.id)))


def run(folder: Path, kills: int, seed: int) -> list[str]:
    with Telegram(rate=30) as fake:
        played = Kills(folder, kills, seed, fake).play()
        figures = "  ".join(f"{name} {value}" for name, value in played.report.items())
        print(f"seed {seed}  kills {kills}  {figures}  refused {fake.refused}  wrong {len(played.wrong)}")
    return played.wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.delivery.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int)
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(1 << 31)
    logging.disable(logging.ERROR)  # the stand-in tells of every call that broke off
    with tempfile.TemporaryDirectory() as folder:
        wrong = run(Path(folder), asked.kills, seed)
    print("\n".join(wrong[:40]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
