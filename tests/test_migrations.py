"""The schema: up from empty on both databases, equal to the tables, append-only where it must be."""

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.migrating import NewerSchema, configuration, migrate
from tests.season import Season


def test_migrations_make_exactly_the_tables(db: Database) -> None:
    with db.engine.begin() as connection:
        command.check(configuration(connection))


def test_migrating_twice_changes_nothing(db: Database) -> None:
    migrate(db)
    with db.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar() == 1


def test_a_newer_schema_is_refused(db: Database) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerSchema):
        migrate(db)


@pytest.mark.parametrize("statement", ["UPDATE answer_event SET receipt = 'X'", "DELETE FROM answer_event"])
def test_history_can_not_be_rewritten(season: Season, statement: str) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    season.say("王老师", "8分")
    with pytest.raises(DBAPIError, match="append-only"), season.db.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    with season.db.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM answer_event")) == 1
