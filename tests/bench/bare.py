"""The rows of one score turn written with plain sqlite3: the cost that nothing durable can go below."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from tests.bench.house import Bench, Measured, measure

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")
KEY, VERSION = "key", ("version", "new_version")


@dataclass(frozen=True)
class Statement:
    """A statement that writes, as it reached the driver, and the names of its values."""

    text: str
    names: tuple[str, ...]
    values: tuple[Any, ...]


@contextmanager
def recorded(engine: sa.Engine, statements: list[Statement], read: list[str]) -> Iterator[None]:
    """Collect what reaches the database: the statements that write, and the texts of those that only read."""

    def note(_db: Any, _cursor: Any, text: str, values: Any, context: Any, _many: bool) -> None:
        if text.split(" ", 1)[0] in ("INSERT", "UPDATE", "DELETE"):
            statements.append(Statement(text, tuple(context.compiled.positiontup or ()), tuple(values)))
        else:
            read.append(text)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)


def measure_bare(bench: Bench, folder: Path, times: int) -> tuple[Measured, int, int]:
    """The time of the same rows, and how many statements a turn has that write and that read."""
    statements: list[Statement] = []
    read: list[str] = []
    bench.score()
    with recorded(bench.db.engine, statements, read):
        bench.score()
    db = sqlite3.connect(folder / "xuehui.sqlite3", isolation_level=None)
    for pragma in PRAGMAS:
        db.execute(f"PRAGMA {pragma}")
    measured = measure(lambda n: _write(db, statements, n), times)
    db.close()
    reading = [text for text in read if text.startswith("SELECT")]
    return measured, len(statements), len(reading)


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
    if name == KEY:
        return f"bare:{n}"
    if name in VERSION:
        return 1_000_000 + n
    if name in ("inbound_id", "inbound"):
        return inbound
    return f"inbound:{inbound}" if name == "cause" else value
