"""A season's societies and people as they are in truth, beside the database that the bot keeps of them."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from handlers.inbox import take
from handlers.messages import Message
from handlers.rounds import open_round
from rubrics.reading import catalog
from storage.database import Database
from storage.migrating import migrate
from storage.relations import CONTACT, CONVERSATION, PERSON, SOCIETY, Row
from tests.seasons.times import CLOSES

T = TypeVar("T")
NUMERALS = "零一二三四五六七八九"
PUSHED = ("telegram", "wechat")


class Interrupted(Database):
    """A scheduler's database: between what it reads and what it writes, somebody else may be quicker."""

    meanwhile: Callable[[], object] | None = None

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        doing, self.meanwhile = self.meanwhile, None
        if doing:
            doing()
        return super().write(work)


@dataclass(eq=False)
class Society:
    id: int
    name: str
    deadline: datetime = CLOSES
    plan: int = 1
    extended: datetime | None = None
    over: bool = False  # its deadline has been seen to pass
    people: "list[Person]" = field(default_factory=list)


@dataclass(eq=False)
class Person:
    id: int
    society: Society | None
    channel: str = ""  # "": bound nowhere
    joined: datetime | None = None
    wrote: datetime | None = None
    rests: datetime | None = None  # no reminders until then
    unreminded: bool = False
    revoked: bool = False
    gone: bool = False  # has blocked us; the platform says so when we try

    @property
    def address(self) -> str:
        return f"p{self.id}"


@dataclass
class World:
    url: str
    chance: random.Random
    now: datetime
    db: Database = field(init=False)
    other: Interrupted = field(init=False)
    societies: list[Society] = field(default_factory=list)
    people: dict[int, Person] = field(default_factory=dict)
    staff: Person = field(init=False)
    round: int = 0
    opened: datetime = field(init=False)
    figures: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    keys: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.opened = self.now
        self.open()

    def open(self) -> None:
        self.db, self.other = Database(self.url), Interrupted(self.url)

    def close(self) -> None:
        self.db.close()
        self.other.close()

    def begin(self, societies: int) -> "World":
        migrate(self.db)
        self.db.write(lambda db: self._set_up(db, societies))
        return self

    def _set_up(self, db: sa.Connection, societies: int) -> None:
        source = catalog()["zhejiang-2020"]
        zone = {"closes_at": CLOSES, "zone": "Asia/Shanghai", "now": self.now}
        self.round = open_round(db, source, "zhejiang-2020.yaml", title=None, **zone)  # type: ignore[arg-type]
        for number in range(societies):
            name = "浙江省" + "".join(NUMERALS[int(digit)] for digit in f"{number:03}") + "学会"
            made = sa.insert(SOCIETY).values(name=name, created_at=self.now).returning(SOCIETY.c.id)
            society = Society(db.execute(made).scalar_one(), name)
            self.societies.append(society)
            for _ in range(self.chance.choices((0, 1, 2), (1, 12, 12))[0]):
                channel = self.chance.choices(("telegram", "wechat", ""), (10, 8, 1))[0]
                person = self._somebody(db, society, channel)
                person.gone = self.chance.random() < 0.08
                society.people.append(person)
        self.staff = self._somebody(db, None, "web")
        db.execute(sa.insert(CONVERSATION).values(person_id=self.staff.id, tray=[]))

    def _somebody(self, db: sa.Connection, society: Society | None, channel: str) -> Person:
        role = {"role": "secretary", "society_id": society.id} if society else {"role": "officer"}
        name = f"{len(self.people)}号"
        made = sa.insert(PERSON).values(name=name, created_at=self.now, **role).returning(PERSON.c.id)
        person = Person(db.execute(made).scalar_one(), society)
        if society:
            self.people[person.id] = person
        if channel:
            self.bind(db, person, channel)
        return person

    def bind(self, db: sa.Connection, person: Person, channel: str) -> None:
        person.channel, person.joined = channel, self.now
        at = {"channel": channel, "address": person.address, "bound_at": self.now}
        db.execute(sa.insert(CONTACT).values(person_id=person.id, **at))

    def say(self, person: Person, words: str) -> str:
        """What she is answered."""
        message = Message(
            channel=person.channel, address=person.address, key=f"k{next(self.keys)}", text=words, seen=1 << 30
        )
        taken = take(self.db, message, self.now)
        person.wrote, person.gone = self.now, False
        return "\n".join(reply.text for reply in taken.replies)

    def rows(self, statement: str, **values: Any) -> list[Row]:
        """Looked up in the tables, by words of our own."""
        with self.db.read() as db:
            return list(db.execute(sa.text(statement), values))

    def statuses(self) -> dict[int, str]:
        found = self.rows("SELECT society_id, status FROM entry WHERE round_id = :round", round=self.round)
        return {row.society_id: row.status for row in found}
