"""A house with people on Telegram, and the one sender at work in it."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.house import House, open_house
from bot.telegram.carrying import TelegramCarrier, bot_of
from scheduler.delivery import Delivery
from storage import outbox
from storage.relations import CONTACT, OUTBOX, PERSON, SOCIETY, Row
from tests.channels.inside import settings_in, until
from tests.fakes.telegram import TOKEN, Telegram
from tests.fakes.telegram_people import User
from tests.schema import place

os.environ.setdefault("PTB_TIMEDELTA", "true")  # else a RetryAfter warns while it is made (platform.md C2)
ACCOUNT = TOKEN.partition(":")[0]
OPEN = ("pending", "on_wire")


@dataclass
class Office:
    """Owes messages, and looks what became of them."""

    house: House
    fake: Telegram
    people: dict[int, int] = field(default_factory=dict)  # Telegram's id → person

    def joins(self, *names: str) -> list[User]:
        """Secretaries who have talked to the bot before."""
        users = [self.fake.user(name) for name in names]
        for user in users:
            user.chat.known = True
        self.house.db.write(lambda db: self._bind(db, users))
        return users

    def _bind(self, db: sa.Connection, users: list[User]) -> None:
        now = self.house.now()
        society = db.scalar(sa.select(sa.func.min(SOCIETY.c.id)))
        if society is None:
            society = db.scalar(sa.insert(SOCIETY).values(name="示例学会", created_at=now).returning(SOCIETY.c.id))
        for user in users:
            self.people[user.id] = bind(db, user, society, now)

    def owes(self, user: User, *texts: str, kind: str = "notice", **more: Any) -> None:
        """In this order; a text is owed once."""
        now = self.house.now()
        where = {"channel": "telegram", "account": ACCOUNT, "address": str(user.id), "person_id": self.people[user.id]}
        rows = [
            {
                **where,
                "cause": f"test:{user.id}:{text}",
                "part": 0,
                "kind": kind,
                "text": text,
                "created_at": now,
                **more,
            }
            for text in texts
        ]
        self.house.db.write(lambda db: [outbox.owe(db, row) for row in rows])

    def rows(self, user: User | None = None) -> list[Row]:
        chosen = sa.select(OUTBOX).order_by(OUTBOX.c.id)
        with self.house.db.read() as db:
            return list(db.execute(chosen.where(OUTBOX.c.address == str(user.id)) if user else chosen))

    def states(self, user: User | None = None) -> list[str]:
        return [row.state for row in self.rows(user)]

    def write(self, statement: Any) -> None:
        self.house.db.write(lambda db: db.execute(statement))

    def settled(self, seconds: float = 60.0) -> None:
        until(lambda: not self._open(), seconds)

    def _open(self) -> int:
        with self.house.db.read() as db:
            return db.scalar(sa.select(sa.func.count()).where(OUTBOX.c.state.in_(OPEN))) or 0

    @contextmanager
    def sending(self, *, dedups: bool = False) -> Iterator[Delivery]:
        """The sender of the account, in a thread with a loop of its own."""
        loop, stopping = asyncio.new_event_loop(), asyncio.Event()
        bot, _ = bot_of(self.house)
        carrier = TelegramCarrier(self.house, bot)
        carrier.dedups = dedups
        delivery = Delivery(self.house.db, self.house.now, carrier)

        async def run() -> None:
            async with bot:
                await delivery.run(stopping)

        thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
        thread.start()
        try:
            yield delivery
        finally:
            loop.call_soon_threadsafe(stopping.set)
            thread.join(60)
            assert not thread.is_alive(), "the sender does not stop"
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()


def bind(db: sa.Connection, user: User, society: int, now: datetime) -> int:
    """A secretary of this society who is heard at Telegram; the person's number."""
    who = {"name": user.person["first_name"], "role": "secretary", "society_id": society, "created_at": now}
    person = int(db.execute(sa.insert(PERSON).values(**who).returning(PERSON.c.id)).scalar_one())
    at = {"channel": "telegram", "account": ACCOUNT, "address": str(user.id), "bound_at": now}
    db.execute(sa.insert(CONTACT).values(person_id=person, **at))
    return person


@contextmanager
def office(folder: Path, fake: Telegram) -> Iterator[Office]:
    place(folder / "data")
    house = open_house(settings_in(folder, telegram_bot_token=TOKEN, telegram_api_base=fake.base))
    try:
        yield Office(house, fake)
    finally:
        house.db.close()
