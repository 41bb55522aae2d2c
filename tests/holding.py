"""Another process that writes to the SQLite file and does not come to an end."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage import database
from storage.database import Database


@contextmanager
def held(db: Database, patience_ms: int | None = 200) -> Iterator[None]:
    """Nothing can be written until the block ends. Our side gives up after `patience_ms`, None for its usual time.

    Impatient only while the file is held: on a busy machine an honest wait may take longer than that.
    """
    usual = database.BUSY_MS
    with closing(sqlite3.connect(Path(db.engine.url.database or ""), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        if patience_ms is not None:
            database.BUSY_MS = patience_ms
            db.engine.dispose()  # a connection keeps the patience it was opened with
        try:
            yield
        finally:
            database.BUSY_MS = usual
            db.engine.dispose()
            other.execute("ROLLBACK")
