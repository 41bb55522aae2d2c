"""Two turns that overlap, each over a database of its own: the second begins when the first has done all but its commit."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from handlers.inbox import take
from handlers.messages import Message
from storage.database import Database
from tests.compiled import reuse
from tests.season import Season

BLOCKED = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@dataclass(frozen=True)
class Said:
    """What somebody says, on which of her channels."""

    who: str
    words: str
    channel: str = "dialogue"

    def message(self, season: Season) -> Message:
        """As one who has seen the last answer to her."""
        seen = season.seen.get((self.who, self.channel), 0)
        return Message(self.channel, self.who, f"overlapping {self.who} {self.channel}", self.words, seen=seen)


Deed = Said | Callable[[Database], object]


def overlapped(season: Season, first: Deed, second: Deed) -> tuple[str, str]:
    """The answers to both. The first waits before its commit until the second waits for it, or is answered."""
    with ThreadPoolExecutor(2) as pool:
        held, go = threading.Event(), threading.Event()
        begun = pool.submit(_turn, season, first, commit=lambda: _wait(held, go))
        begun.add_done_callback(lambda _: held.set())  # it may fail before
        held.wait()
        started = threading.Event()
        other = pool.submit(_turn, season, second, begin=started.set)
        other.add_done_callback(lambda _: started.set())
        started.wait()
        if not season.db.sqlite:
            _waits(season.db, other)
        go.set()
        return begun.result(), other.result()


def _wait(held: threading.Event, go: threading.Event) -> None:
    held.set()
    go.wait()


def _waits(db: Database, other: "Future[str]") -> None:
    """Until the second waits for a lock of the first, or needs none."""
    while not other.done():
        with db.read() as connection:
            if connection.scalar(BLOCKED):
                return


def _turn(
    season: Season, deed: Deed, *, begin: Callable[[], object] = bool, commit: Callable[[], object] = bool
) -> str:
    """One turn, or what else is done, as another process does it."""
    db = reuse(Database(season.db.engine.url.render_as_string(hide_password=False)))
    event.listen(db.engine, "checkout", lambda *_: begin())  # its begin may wait for the first
    event.listen(db.engine, "commit", lambda connection: None if _reads(connection) else commit())
    try:
        if not isinstance(deed, Said):
            return str(deed(db))
        taken = take(db, deed.message(season), season.now, premises=season.premises)
    finally:
        db.close()
    season.seen[deed.who, deed.channel] = taken.replies[-1].id
    return "\n".join(reply.text for reply in taken.replies)


def _reads(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().keys() & {"reading", "isolation_level"})


def rows(season: Season, what: sa.Select[Any]) -> list[Any]:
    with season.db.read() as db:
        return list(db.execute(what).all())
