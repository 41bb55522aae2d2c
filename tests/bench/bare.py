"""The rows of one score turn written with plain sqlite3: the cost that nothing durable can go below."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from tests.bench.house import Bench, Measured, measure

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
INSERTED = re.compile(r"INSERT INTO \w+ \(([^)]*)\)")
UPDATED = re.compile(r"(\w+) ?= ?\?")


@dataclass(frozen=True)
class Statement:
    """A statement that writes, as it reached the driver, and the names of its values."""

    text: str
    names: tuple[str, ...]
    values: tuple[Any, ...]


def names(text: str) -> tuple[str, ...]:
    """The columns that the values of a statement belong to, in order."""
    inserted = INSERTED.match(text)
    found = inserted[1].replace('"', "").split(", ") if inserted else UPDATED.findall(text)
    return tuple("inbound_id" if name == "id" and text.startswith("UPDATE inbound") else name for name in found)


@contextmanager
def recorded(engine: sa.Engine, statements: list[Statement], read: list[str]) -> Iterator[None]:
    """Collect what reaches the database: the statements that write, and the texts of those that only read."""

    def note(_db: Any, _cursor: Any, text: str, values: Any, context: Any, _many: bool) -> None:
        if text.split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE"):
            statements.append(Statement(text, names(text), tuple(values)))
        else:
            read.append(text)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


@dataclass(frozen=True)
class Bare:
    """The time of the same rows, and how many statements a turn has that write and that read."""

    at_once: Measured  # one after the other
    paced: Measured  # at the rhythm of turns: a disk that has been idle answers its fsync later
    writes: int
    reads: int


def measure_bare(bench: Bench, folder: Path, times: int, pause: float) -> Bare:
    """Write the rows of a score turn again and again; `pause` is how long a turn works between two commits (s)."""
    statements: list[Statement] = []
    read: list[str] = []
    bench.score()
    with recorded(bench.db.engine, statements, read):
        bench.score()
    db = sqlite3.connect(folder / "xuehui.sqlite3", isolation_level=None)
    for pragma in PRAGMAS:
        db.execute(f"PRAGMA {pragma}")
    at_once = measure(lambda n: _write(db, statements, n), times)
    paced = measure(lambda n: _write(db, statements, times * 2 + n), times, between=lambda: _be_busy(pause))
    db.close()
    reading = [text for text in read if text.startswith("SELECT")]
    return Bare(at_once, paced, len(statements), len(reading))


def _be_busy(seconds: float) -> None:
    """Work as a turn does, without the disk."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


def _write(db: sqlite3.Connection, statements: list[Statement], n: int) -> None:
    """The turn's rows once more: another key, the next version, and everything that hangs on the new inbound row."""
    inbound = 0
    db.execute("BEGIN IMMEDIATE")
    for one in statements:
        values = [_fresh(name, value, n, inbound) for name, value in zip(one.names, one.values, strict=True)]
        rows = db.execute(one.text, values).fetchall()
        inbound = inbound or rows[0][0]
    db.execute("COMMIT")


def _fresh(name: str, value: Any, n: int, inbound: int) -> Any:
    if name == "key":
        return f"bare:{n}"
    if name == "version":
        return 1_000_000 + n
    if name == "inbound_id":
        return inbound
    return f"inbound:{inbound}" if name == "cause" else value
