"""Bringing the schema up to date from inside the package, by one process at a time."""

from importlib.resources import files

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from storage import tables
from storage.database import Database

assert tables.Entry.metadata is SQLModel.metadata  # importing the tables fills it

LOCK = 7_301_552  # any constant of our own for pg_advisory_xact_lock


class NewerSchema(Exception):
    """The database was written by a newer version of the program."""


def migrate(db: Database) -> None:
    """Upgrade to the newest schema. Raises NewerSchema when the database is ahead of this program."""

    def upgrade(connection: sa.Connection) -> None:
        if not db.sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        config = configuration(connection)
        script = ScriptDirectory.from_config(config)
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
            raise NewerSchema(current)
        if current != script.get_current_head():
            command.upgrade(config, "head")

    db.write(upgrade)


def demolish(db: Database) -> None:
    """Drop every table: for the demo database only."""

    def drop(connection: sa.Connection) -> None:
        SQLModel.metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")

    db.write(drop)


def configuration(connection: sa.Connection) -> Config:
    """Alembic's settings without an ini file: the scripts lie in this package."""
    config = Config()
    config.set_main_option("script_location", str(files("storage") / "migrations"))
    config.attributes["connection"] = connection
    return config
