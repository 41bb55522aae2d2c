"""python -m tests.delivery.flood: forged and malformed posts leave no trace, copies in any order and in parallel one effect."""

import argparse
import itertools
import json
import logging
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import sqlalchemy as sa

from bot.telegram import carrying
from handlers.checking import check
from storage.relations import ARRIVAL, EVIDENCE, INBOUND, OUTBOX
from tests.browser.running import free_port
from tests.channels.inside import Inside, inside, until
from tests.delivery.office import OPEN
from tests.fakes.telegram import TOKEN, Telegram
from tests.fakes.telegram_people import Update, User
from tests.season import SOCIETIES

SECRET = "CANARY-secret_of-the-hook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
COPIES = 10
THREADS = 16
JUNK: list[Any] = [None, True, -1, 2**63, "x", [], {}, [[]], {"id": {}}, "\x00"]


@dataclass
class Flood:
    """A server that is called by Telegram, and by others."""

    server: Inside
    fake: Telegram
    chance: random.Random

    def forged(self, posts: int) -> Counter[int]:
        """Posts that are not Telegram's, or no updates: the statuses that they were answered with."""
        with self.fake.held():
            real = self.fake.user("谁").says("第1项 8分")
        return Counter(self.posted([self.forgery(real) for _ in range(posts)]))

    def forgery(self, real: Update) -> tuple[bytes, str | None]:
        kind = self.chance.randrange(4)
        if kind == 0:  # without the secret, or with a wrong one
            wrong = self.chance.choice([None, "", SECRET[:-1], SECRET.lower(), "0" * 256])
            return json.dumps(real).encode(), wrong
        if kind == 1:  # bytes that are no update
            return self.chance.randbytes(self.chance.randrange(200)), SECRET
        if kind == 2:  # JSON cut short
            whole = json.dumps(real).encode()
            return whole[: self.chance.randrange(len(whole))], SECRET
        broken: Any = json.loads(json.dumps(real))  # an update of a wrong shape
        name = self.chance.choice(["message_id", "chat", "from"])
        holder = broken["message"]
        holder[name] = self.chance.choice([one for one in JUNK if not isinstance(one, int | str)])
        return json.dumps(broken if name != "from" else {"update_id": "1"}).encode(), SECRET

    def copies(self, posts: int) -> tuple[Counter[int], int]:
        """Each of the updates many times, in any order, side by side; the statuses, and how many updates they were."""
        users = [self.joined(person) for person in SOCIETIES]
        numbers = itertools.count(1)
        with self.fake.held() as held:
            while len(held) < posts // COPIES:
                self.acts(self.chance.choice(users), next(numbers))
        calls = [(json.dumps(update).encode(), SECRET) for update in held for _ in range(COPIES)]
        self.chance.shuffle(calls)
        return Counter(self.posted(calls)), len(held)

    def acts(self, user: User, number: int) -> None:
        act = self.chance.randrange(8)
        if act == 0:
            user.sends_document(f"{number}.pdf", b"%%PDF-1.7 %d" % number)
        elif act == 1:
            user.taps_data(user.hears[0]["message"], f"{number}-0")  # a choice is tapped once: twice would be her wish
        else:
            user.says(f"第{self.chance.randrange(1, 26)}项，依据：第{number}号材料")

    def joined(self, person: str) -> User:
        user = self.fake.user(person)
        user.starts(self.codes[person].replace("-", ""))
        user.waits_for(1)
        return user

    def begin(self) -> None:
        self.codes = self.server.season(self.server.house.now()).codes

    def posted(self, calls: Sequence[tuple[bytes, str | None]]) -> list[int]:
        with httpx.Client(trust_env=False, verify=False, timeout=60) as client, ThreadPoolExecutor(THREADS) as pool:

            def post(call: tuple[bytes, str | None]) -> int:
                headers = {HEADER: call[1]} if call[1] is not None else {}
                return client.post(f"{self.server.url}/telegram", content=call[0], headers=headers).status_code

            return list(pool.map(post, calls))

    def count(self, table: sa.Table, *where: Any) -> int:
        with self.server.house.db.read() as db:
            return db.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0

    def complaints(self, updates: int) -> list[str]:
        """What is not as it must be after `copies`, once everything has been said."""
        until(lambda: not self.count(ARRIVAL, ARRIVAL.c.state == "waiting"), 120)
        until(lambda: not self.count(OUTBOX, OUTBOX.c.state.in_(OPEN)), 120)
        found: list[str] = []
        with self.server.house.db.read() as db:
            found += check(db, self.server.house.store)
            texts = list(db.scalars(sa.select(EVIDENCE.c.text).where(EVIDENCE.c.kind == "text")))
            names = list(db.scalars(sa.select(EVIDENCE.c.name).where(EVIDENCE.c.kind == "file")))
        found += [f"twice: {one}" for kind in (texts, names) for one, times in Counter(kind).items() if times > 1]
        heard, owed = sum(len(user.hears) for user in self.fake.people.values()), self.count(OUTBOX)
        found += [f"{owed} replies, {heard} heard"] if owed != heard else []
        taken = self.count(INBOUND) - len(SOCIETIES)
        return found + ([f"{updates} updates, {taken} taken"] if taken != updates else [])


@contextmanager
def flood(folder: Path, seed: int) -> Iterator[Flood]:
    """Without the rests between messages to one person, which would take hours."""
    port = free_port()
    hook = {"telegram_mode": "webhook", "telegram_webhook_secret": SECRET, "public_url": f"http://127.0.0.1:{port}"}
    with (
        patch.multiple(carrying, PRIVATE=(), PER_SECOND=100_000.0, STRICT=None),
        Telegram() as fake,
        inside(folder, telegram_bot_token=TOKEN, telegram_api_base=fake.base, port=port, **hook) as server,
    ):
        fake.waits_until(lambda: fake.platform.updates.webhook is not None)
        one = Flood(server, fake, random.Random(seed))
        one.begin()
        yield one


def run(folder: Path, posts: int, seed: int) -> list[str]:
    """Both floods; what was wrong."""
    with flood(folder, seed) as one:
        forged = one.forged(posts)
        wrong = [f"forged: {sorted(forged)}"] if set(forged) - {200, 400, 401} else []
        rows = one.count(INBOUND) + one.count(ARRIVAL) + one.count(OUTBOX)
        wrong += [f"forged: {rows} rows"] if rows else []
        copied, updates = one.copies(posts)
        wrong += [f"copies: {dict(copied)}"] if set(copied) != {200} else []
        wrong += one.complaints(updates)
        print(
            f"seed {seed}: {posts} forged {dict(forged)}; {sum(copied.values())} copies of {updates} updates; {wrong}"
        )
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.delivery.flood", description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20_261_122)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)  # each forgery is worth a line
    with tempfile.TemporaryDirectory() as folder:
        return 1 if run(Path(folder), asked.posts, asked.seed) else 0


if __name__ == "__main__":
    sys.exit(main())
