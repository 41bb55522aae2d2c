"""The server with one seeded bug, to prove that the harness sees it: `python -m tests.crash.broken BUG serve …`."""

import secrets
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from bot import cli
from storage import writes
from storage.database import Database

LATE = 0.02  # seconds between the answer and the commit


def acknowledge_before_commit() -> None:
    """The answer leaves at once, the commit follows a little later."""

    def write_once(self: Database, work: Callable[[sa.Connection], Any]) -> Any:
        self._writer.acquire()
        connection = self.engine.connect()
        transaction = connection.begin()
        try:
            result = work(connection)
        except BaseException:
            _finish(self, connection, transaction.rollback)
            raise
        if getattr(result, "receipt", None) is None:
            _finish(self, connection, transaction.commit)
        else:
            threading.Timer(LATE, _finish, (self, connection, transaction.commit)).start()
        return result

    Database._write_once = write_once  # type: ignore[method-assign]


def _finish(db: Database, connection: sa.Connection, end: Callable[[], None]) -> None:
    try:
        end()
        connection.close()
    finally:
        db._writer.release()


def forget_deliveries() -> None:
    """No unique key on what arrives: every delivery is new."""
    once = writes.insert_once

    def always(db: sa.Connection, row: Mapping[str, Any]) -> int | None:
        return once(db, {**row, "key": f"{row['key']}{secrets.token_hex(8)}"})

    writes.insert_once = always


def two_transactions() -> None:
    """The delivery is remembered first and worked off in a second transaction: a kill between them loses it."""
    once = writes.insert_once

    def apart(db: sa.Connection, row: Mapping[str, Any]) -> int | None:
        id = once(db, row)
        db.exec_driver_sql("COMMIT")
        db.exec_driver_sql("BEGIN IMMEDIATE")
        return id

    writes.insert_once = apart


BUGS: dict[str, Callable[[], None]] = {
    "acknowledge_before_commit": acknowledge_before_commit,
    "forget_deliveries": forget_deliveries,
    "two_transactions": two_transactions,
}

if __name__ == "__main__":
    BUGS[sys.argv.pop(1)]()
    cli.main()
