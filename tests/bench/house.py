"""A house to measure in: one round, one society, one secretary who is in the middle of her table."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from handlers.inbox import take
from handlers.messages import Message
from handlers.rounds import open_round
from handlers.societies import joining, roster
from handlers.turn import Taken
from rubrics.reading import catalog
from storage.database import Database
from storage.migrating import migrate

WARM_UP = 50  # turns
SCORES = ("序号11 3分", "序号11 2.5分")


@dataclass
class Measured:
    """Times of the same thing, in seconds; beside them the work of the processor, which a busy disk does not stretch."""

    times: Sequence[float]
    work: Sequence[float] = ()

    @property
    def median(self) -> float:
        """Microseconds."""
        return statistics.median(self.times) * 1e6

    @property
    def processor(self) -> float:
        """Microseconds of work, median."""
        return statistics.median(self.work) * 1e6

    @property
    def p99(self) -> float:
        """Microseconds."""
        return sorted(self.times)[int(len(self.times) * 0.99)] * 1e6

    def __str__(self) -> str:
        work = f"   processor {self.processor:5.0f} µs" if self.work else ""
        return f"median {self.median:7.0f} µs   p99 {self.p99:7.0f} µs{work}   of {len(self.times)}"


def measure(
    work: Callable[[int], object], times: int, warm_up: int = WARM_UP, between: Callable[[], object] = lambda: None
) -> Measured:
    """Call `work` with 0, 1, 2 … and time each call but the first few; `between` comes before each, untimed."""
    taken: list[float] = []
    worked: list[float] = []
    for n in range(warm_up + times):
        between()
        began, busy = time.perf_counter(), time.thread_time()
        work(n)
        taken.append(time.perf_counter() - began)
        worked.append(time.thread_time() - busy)
    return Measured(taken[warm_up:], worked[warm_up:])


@dataclass
class Bench:
    """One database on disk, and a secretary who speaks to it in this process."""

    db: Database
    address: str = "secretary"
    sent: int = 0
    scored: int = 0
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def open(cls, folder: Path) -> "Bench":
        """A fresh house in this folder, with the secretary logged in."""
        folder.mkdir(parents=True, exist_ok=True)
        db = Database(f"sqlite:///{folder / 'xuehui.sqlite3'}")
        migrate(db)
        bench = cls(db)
        bench.say(db.write(_set_up))
        bench.say("开始")
        return bench

    def say(self, text: str) -> Taken:
        """One whole turn, as the web chat takes it."""
        self.sent += 1
        message = Message("web", self.address, f"{self.address}:{self.sent}", text)
        return take(self.db, message, self.now)

    def score(self, n: int = 0) -> None:
        """A turn that changes a score; each one does, in whatever order they come."""
        self.scored += 1
        assert self.say(SCORES[self.scored % 2]).receipt

    def words(self, n: int) -> None:
        """A turn that adds a line of evidence."""
        assert self.say(f"序号13：组织会员活动日与学术沙龙第{n}期，参加会员共计百余人").receipt

    def look(self, n: int) -> None:
        """A turn that changes nothing but is remembered and answered all the same."""
        self.say("进度")


def _set_up(db: sa.Connection) -> str:
    now = datetime.now(UTC)
    rubric, closes = catalog()["zhejiang-2020"], now + timedelta(days=30)
    open_round(db, rubric, "zhejiang-2020.yaml", title=None, closes_at=closes, zone="Asia/Shanghai", now=now)
    roster.add_society(db, "浙江省茶叶学会", now)
    row = roster.find(db, "浙江省茶叶学会")[0]
    return joining.invite(db, society_id=row.id, role="secretary", name="王老师", now=now)
