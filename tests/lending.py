"""PostgreSQL databases that are lent to one test after another, empty each time: to make one takes three times as long."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
)
# What stays the same in the catalog when a table is emptied, and does not when one is changed.
SCHEMA = """
SELECT count(*), max(xmin::text::bigint) FROM (
    SELECT xmin FROM pg_attribute UNION ALL SELECT xmin FROM pg_constraint UNION ALL SELECT xmin FROM pg_trigger
) AS parts
"""
TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"


@dataclass
class Lender:
    """The databases of one server, all made like the one of that name."""

    server: str
    like: str
    free: list[str] = field(default_factory=list)
    engines: dict[str, sa.Engine] = field(default_factory=dict)
    schemas: dict[str, tuple[int, int]] = field(default_factory=dict)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The address of an empty database at the newest schema; nobody else's until the block ends."""
        name = self.free.pop() if self.free else self._made()
        yield self._address(name).render_as_string(hide_password=False)
        if self._emptied(name):
            self.free.append(name)

    def close(self) -> None:
        for engine in self.engines.values():
            engine.dispose()

    def _address(self, name: str) -> sa.URL:
        return sa.make_url(self.server).set(drivername="postgresql+psycopg", database=name)

    def _made(self) -> str:
        name = f"{self.like}_{len(self.schemas) + 1}"
        with self._at("postgres") as db:
            db.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE {self.like} STRATEGY wal_log')
        with self._at(name) as db:
            self.schemas[name] = _schema(db)
        return name

    def _emptied(self, name: str) -> bool:
        """Whether it is as it was; one that a test has changed the tables of is not lent again."""
        with self._at(name) as db:
            if _schema(db) != self.schemas[name]:
                return False
            db.execute(sa.text(OTHERS), {"name": name})
            db.exec_driver_sql(f"TRUNCATE {', '.join(db.scalars(sa.text(TABLES)))} RESTART IDENTITY")
        return True

    def _at(self, name: str) -> AbstractContextManager[sa.Connection]:
        if name not in self.engines:
            self.engines[name] = sa.create_engine(self._address(name), isolation_level="AUTOCOMMIT", pool_size=1)
        return self.engines[name].connect()


def _schema(db: sa.Connection) -> tuple[int, int]:
    count, newest = db.execute(sa.text(SCHEMA)).one()
    return count, newest
