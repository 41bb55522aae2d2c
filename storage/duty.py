"""A duty that only one process at a time has: polling an account, sending for it. It is free again when that one dies."""

import fcntl
import hashlib
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from storage.database import Database


class Duty:
    """Held by an advisory lock of PostgreSQL, or by a lock on a file beside the SQLite database: both end with the
    process, so that nobody waits for a lease of the dead."""

    def __init__(self, db: Database, name: str) -> None:
        self.db = db
        self.name = name
        self._file: IO[bytes] | None = None
        self._connection: sa.Connection | None = None

    def take(self) -> bool:
        """Whether the duty is ours now."""
        return self._take_file() if self.db.sqlite else self._take_lock()

    def leave(self) -> None:
        if self._file:
            self._file.close()
            self._file = None
        if self._connection:
            self._connection.invalidate()  # ends the session, and with it the lock
            self._connection.close()
            self._connection = None

    def _take_file(self) -> bool:
        if self._file:
            return True
        place = Path(self.db.engine.url.database or "")
        file = place.with_name(f"{place.name}.{self._digest()[:16]}.duty").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def _take_lock(self) -> bool:
        try:
            if self._connection:
                self._connection.exec_driver_sql("SELECT 1")  # a lost session has lost the lock
                return True
            connection = self.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            key = int(self._digest()[:15], 16)
            if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))):
                self._connection = connection
                return True
            connection.close()
        except sa.exc.DBAPIError:
            self.leave()
        return False

    def _digest(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()
