"""The schema: up from empty on both databases, equal to the tables, append-only where it must be."""

from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.migrating import NewerSchema, configuration, migrate
from storage.relations import OUTBOX, ROUND
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


def _said(statement: str, connection: sa.Connection) -> None:
    connection.exec_driver_sql(statement)


@pytest.mark.parametrize("address", ["sqlite", "postgresql"])
def test_a_database_of_before_keeps_what_it_holds(address: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite3'}" if address == "sqlite" else request.getfixturevalue("postgres_url")
    old = Database(url)
    old.write(lambda connection: command.upgrade(configuration(connection), "0001"))
    stamp = "'2026-12-20 01:00:00+00:00'"
    for statement in (
        "INSERT INTO rubric_text VALUES ('s', 'n', 'x')",
        "INSERT INTO round (id, rubric, rubric_sha256, title, opens_at, closes_at, timezone, created_at) "
        f"VALUES (1, 'r', 's', 't', {stamp}, {stamp}, 'Asia/Shanghai', {stamp})",
        f"INSERT INTO society (id, name, created_at) VALUES (1, 'a', {stamp})",
        f"INSERT INTO person (id, name, role, society_id, created_at) VALUES (1, 'p', 'secretary', 1, {stamp})",
        "INSERT INTO entry (id, round_id, society_id, status, complete, late) VALUES (1, 1, 1, 'not_started', 0, false)",
        "INSERT INTO answer (entry_id, item, state, self_score, facts, evidence, version, late) "
        "VALUES (1, 'i', 'answered', 8000, '{}', 2, 3, false)",
        "INSERT INTO outbox (cause, part, person_id, channel, account, address, text, choices, files, state, created_at) "
        f"VALUES ('inbound:1', 0, 1, 'web', '', 'x', 'hello', '[]', '[{{\"name\":\"a\",\"evidence\":7}}]', 'sent', {stamp})",
    ):
        old.write(partial(_said, statement))
    migrate(old)
    with old.read() as connection:
        kept = connection.execute(sa.text("SELECT text, kind, attempts FROM outbox")).one()
        assert tuple(kept) == ("hello", "reply", 0)
        assert connection.scalar(sa.select(OUTBOX.c.files)) == [{"name": "a", "held": "evidence:7"}]
        assert connection.scalar(sa.text("SELECT plan_version FROM entry")) == 1
        answer = connection.execute(sa.text("SELECT self_score, evidence, version, met FROM answer")).one()
        assert tuple(answer) == (8000, 2, 3, None)
        assert connection.scalar(sa.select(ROUND.c.at_close)) == "hold"
        reminders = sa.select(ROUND.c.reminders)
        assert connection.scalar(reminders) == ["30d", "14d", "7d", "3d", "1d", "4h"]
    old.close()
