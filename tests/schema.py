"""A database at the newest schema for a test: migrated once in a process, copied for every test after that."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from storage.database import Database
from storage.migrating import migrate


def fresh(place: Path) -> Database:
    """An empty SQLite database at this place; all the migrations would take longer than most tests."""
    shutil.copy(_migrated(), place)
    return Database(f"sqlite:///{place}")


def bring(url: str) -> None:
    """Migrate the database at this address and let it go."""
    database = Database(url)
    migrate(database)
    database.close()


@functools.cache
def _migrated() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="schema-"))
    atexit.register(shutil.rmtree, folder)
    bring(f"sqlite:///{folder / 'bot.sqlite3'}")
    return folder / "bot.sqlite3"
