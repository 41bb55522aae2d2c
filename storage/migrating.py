"""Bringing the schema up to date from inside the package, by one process at a time."""

import sys
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from storage import relations
from storage.database import Database

assert relations.ENTRY.metadata is SQLModel.metadata  # importing them fills it

LOCK = 7_301_552  # any constant of our own for pg_advisory_xact_lock


class NewerSchema(Exception):
    """The database was written by a newer version of the program."""


def migrate(db: Database) -> None:
    """Upgrade to the newest schema. Raises NewerSchema when the database is ahead of this program."""

    def upgrade(connection: sa.Connection) -> None:
        if not db.sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        known, current = revisions(), revision(connection)
        if current is not None and current not in known:
            raise NewerSchema(current)
        if current != known[-1]:
            from alembic import command

            command.upgrade(configuration(connection), "head")

    db.write(upgrade)


def revisions() -> list[str]:
    """The revisions this program knows, oldest first: what their files' names begin with."""
    scripts = files("storage") / "migrations" / "versions"
    return sorted(one.name.split("_")[0] for one in scripts.iterdir() if one.name[0].isdigit())


def revision(db: sa.Connection) -> str | None:
    """What the database is at; None while it is empty."""
    if not sa.inspect(db).has_table("alembic_version"):
        return None
    return db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def demolish(db: Database) -> None:
    """Drop every table: for the demo database only."""

    def drop(connection: sa.Connection) -> None:
        SQLModel.metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")

    db.write(drop)


def configuration(connection: sa.Connection) -> Any:
    """Alembic's settings (a Config) without an ini file: the scripts lie in this package."""

    from alembic.config import Config

    config = Config(stdout=sys.stdout)  # its default would be what stdout was at import
    config.set_main_option("script_location", str(files("storage") / "migrations"))
    config.attributes["connection"] = connection
    return config
