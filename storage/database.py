"""Opening the database and the one way to write: a whole transaction, retried whole."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

T = TypeVar("T")

TRIES = 3
# PostgreSQL: serialization_failure, deadlock_detected, unique_violation: who was quicker is seen by the next try.
WORTH_ANOTHER_TRY = {"40001", "40P01", "23505"}
BUSY_MS = 5000


class NotDurable(Exception):
    """The database could not make it durable now; nothing was stored, or a retry with the same key will find it."""


class Database:
    """One engine. `write` runs a transaction from start to end, `read` sees one snapshot."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url, json_serializer=compact, pool_timeout=BUSY_MS / 1000, **_options(url))
        self.sqlite = self.engine.dialect.name == "sqlite"
        # SQLite has one writer; queueing here is fair, its busy handler is not.
        self._writer = threading.Lock()
        self._file: tuple[int, int] | None = None
        self._place = Path(self.engine.url.database or "")
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` in one transaction; at most three tries on a conflict. Raises NotDurable when it can't be stored."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._write_once(work)
            except PoolTimeout as error:
                raise NotDurable("no connection is free") from error
            except DBAPIError as error:
                if attempt == TRIES or not _conflict(error):
                    if isinstance(error, sa.exc.IntegrityError):
                        raise
                    raise NotDurable(type(error.orig).__name__) from error
        raise AssertionError("unreachable")

    def _write_once(self, work: Callable[[sa.Connection], T]) -> T:
        if not self.sqlite:
            with self.engine.begin() as connection:
                return work(connection)
        if not self._writer.acquire(timeout=BUSY_MS / 1000):
            raise NotDurable("another process holds the database")
        try:
            self._still_there()
            with self.engine.begin() as connection:
                return work(connection)
        finally:
            self._writer.release()

    def _still_there(self) -> None:
        """A file that was deleted or moved while it is open takes answers that nobody will ever find again."""
        found = _identity(self._place)
        if self._file is None:
            self._file = found  # None until the first connection has made it
        elif found != self._file:
            raise NotDurable("the database file is not where it was opened")

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent snapshot. Raises NotDurable when the database can't be reached."""
        level: dict[str, Any] = {"reading": True} if self.sqlite else {"isolation_level": "REPEATABLE READ"}
        try:
            with self.engine.connect().execution_options(**level) as connection, connection.begin():
                yield connection
        except PoolTimeout as error:
            raise NotDurable("no connection is free") from error
        except DBAPIError as error:
            raise NotDurable(type(error.orig).__name__) from error

    def close(self) -> None:
        self.engine.dispose()


# JSON as it is stored: Chinese as itself, no blanks.
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _identity(place: Path) -> tuple[int, int] | None:
    try:
        found = place.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _options(url: str) -> dict[str, Any]:
    """As many connections as there are threads; on PostgreSQL nothing waits longer than a person would."""
    pool = {"pool_size": 10, "max_overflow": 40}
    if url.startswith("sqlite"):
        return pool
    waits = f"-c lock_timeout={BUSY_MS} -c statement_timeout={BUSY_MS * 6}"
    return {**pool, "pool_pre_ping": True, "connect_args": {"options": waits, "connect_timeout": 5}}


def _conflict(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in WORTH_ANOTHER_TRY or error.connection_invalidated


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # the transaction is ours to begin: the driver's own would read outside it
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        raw.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
