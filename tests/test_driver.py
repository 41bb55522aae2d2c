"""Statements that go to the driver as they are: they fail as SQLAlchemy's do, and who listens hears of them."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from storage import driver, writes
from storage.database import Database, NotDurable
from storage.relations import INBOUND, PERSON, SOCIETY
from tests.conftest import NEW_YEAR

ARRIVED = {
    "channel": "web",
    "account": "",
    "key": "1",
    "text": "８分\u3000\\%s :name ?",
    "choice": None,
    "files": [{"name": "合影.jpg"}],
    "digest": "0",
    "sent_at": None,
    "received_at": NEW_YEAR,
}


def test_what_is_stored_directly_is_read_as_it_was_said(db: Database) -> None:
    assert db.write(lambda connection: writes.insert_once(connection, ARRIVED)) == 1
    assert db.write(lambda connection: writes.insert_once(connection, ARRIVED)) is None
    with db.read() as connection:
        row = connection.execute(sa.select(INBOUND)).one()
    assert {name: row._mapping[name] for name in ARRIVED} == ARRIVED


def test_what_breaks_a_rule_of_the_tables_is_an_error_of_sqlalchemy(db: Database) -> None:
    def twice(connection: sa.Connection) -> None:
        for _ in range(2):
            driver.execute(connection, "INSERT INTO wrong_code (id, source, at) VALUES (1, 'x', '2027-01-01 00:00:00')")

    with pytest.raises(sa.exc.IntegrityError):
        db.write(twice)
    with pytest.raises(NotDurable), db.read() as connection:
        driver.execute(connection, "SELECT nothing FROM nowhere")


def test_who_listens_hears_of_it(db: Database) -> None:
    heard: list[Any] = []
    event.listen(db.engine, "before_cursor_execute", lambda *about: heard.append(about[2]))
    assert db.write(lambda connection: writes.insert_once(connection, ARRIVED)) == 1
    assert any("INSERT INTO inbound" in said for said in heard)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_is_gone_is_replaced_and_the_turn_is_whole(db: Database) -> None:
    tries: list[int] = []

    def work(connection: sa.Connection) -> int | None:
        tries.append(1)
        connection.execute(sa.insert(SOCIETY).values(name="浙江省茶叶学会", created_at=NEW_YEAR))
        if len(tries) == 1:
            mine = connection.scalar(sa.text("SELECT pg_backend_pid()"))
            with db.engine.connect() as other:
                other.execute(sa.text("SELECT pg_terminate_backend(:mine, 5000)"), {"mine": mine})
        return writes.insert_once(connection, ARRIVED)

    assert db.write(work) is not None
    assert len(tries) == 2
    with db.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(SOCIETY)) == 1
        assert connection.scalar(sa.select(sa.func.count()).select_from(PERSON)) == 0
