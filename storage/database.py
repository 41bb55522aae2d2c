"""Opening the database and the one way to write: a whole transaction, retried whole."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

TRIES = 3
# PostgreSQL: serialization_failure, deadlock_detected.
WORTH_ANOTHER_TRY = {"40001", "40P01"}
BUSY_MS = 5000


class NotDurable(Exception):
    """The database could not make it durable now; nothing was stored, or a retry with the same key will find it."""


class Database:
    """One engine. `write` runs a transaction from start to end, `read` sees one snapshot."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url, pool_pre_ping=not url.startswith("sqlite"), json_serializer=compact)
        self.sqlite = self.engine.dialect.name == "sqlite"
        # SQLite has one writer; queueing here is fair, its busy handler is not.
        self._writer = threading.Lock()
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` in one transaction; at most three tries on a conflict. Raises NotDurable when it can't be stored."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._write_once(work)
            except sa.exc.IntegrityError:
                raise
            except DBAPIError as error:
                if attempt == TRIES or not _conflict(error):
                    raise NotDurable(type(error.orig).__name__) from error
        raise AssertionError("unreachable")

    def _write_once(self, work: Callable[[sa.Connection], T]) -> T:
        if not self.sqlite:
            with self.engine.begin() as connection:
                return work(connection)
        with self._writer, self.engine.begin() as connection:
            return work(connection)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent snapshot. Raises NotDurable when the database can't be reached."""
        level: dict[str, Any] = {"reading": True} if self.sqlite else {"isolation_level": "REPEATABLE READ"}
        try:
            with self.engine.connect().execution_options(**level) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise NotDurable(type(error.orig).__name__) from error

    def close(self) -> None:
        self.engine.dispose()


def compact(value: Any) -> str:
    """JSON as it is stored: Chinese as itself, no blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _conflict(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in WORTH_ANOTHER_TRY or error.connection_invalidated


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # the transaction is ours to begin: the driver's own would read outside it
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        raw.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
