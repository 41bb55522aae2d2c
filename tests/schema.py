"""A database at the newest schema for a test: migrated once in a process, copied for every test after that."""

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

from storage.database import Database
from storage.migrating import migrate
from tests.compiled import reuse

MADE = "MIGRATED_FOR_TESTS"  # the environment's name of what a process of these tests has migrated, for those it starts


def fresh(place: Path) -> Database:
    """An empty SQLite database at this place; all the migrations would take longer than most tests."""
    shutil.copy(_migrated(), place)
    return reuse(Database(f"sqlite:///{place}"))


def place(data: Path) -> None:
    """The same in a data folder that a command or a server is to find; tests/test_packaging.py and tests/crash begin from
    nothing."""
    data.mkdir(parents=True, exist_ok=True)
    if not (data / "xuehui.sqlite3").exists():
        shutil.copy(_migrated(), data / "xuehui.sqlite3")


def bring(url: str) -> None:
    """Migrate the database at this address and let it go."""
    database = Database(url)
    migrate(database)
    database.close()


@functools.cache
def _migrated() -> Path:
    if made := os.environ.get(MADE):
        return Path(made)
    folder = Path(tempfile.mkdtemp(prefix="schema-"))
    atexit.register(shutil.rmtree, folder)
    bring(f"sqlite:///{folder / 'bot.sqlite3'}")
    os.environ[MADE] = str(folder / "bot.sqlite3")
    return folder / "bot.sqlite3"
