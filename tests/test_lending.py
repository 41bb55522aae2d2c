"""What is lent to the next test is as empty as new, and what somebody has changed is not lent again."""

import sqlalchemy as sa

from storage.database import Database
from storage.relations import INBOUND, SOCIETY
from tests.conftest import NEW_YEAR
from tests.lending import Lender


def named(url: str) -> str:
    """Take a new society in; the connection stays open."""
    db = Database(url)
    row = {"name": "浙江省茶叶学会", "created_at": NEW_YEAR}
    number = db.write(lambda connection: connection.scalar(sa.insert(SOCIETY).values(**row).returning(SOCIETY.c.id)))
    db.close()
    return f"{number} {sa.make_url(url).database}"


def test_the_next_has_it_empty_and_counts_from_one(lender: Lender) -> None:
    with lender.lend() as url:
        first = named(url)
    with lender.lend() as url:
        assert named(url) == first


def test_two_at_a_time_have_two(lender: Lender) -> None:
    with lender.lend() as one, lender.lend() as other:
        assert one != other
        assert named(one).split()[0] == named(other).split()[0] == "1"


def test_a_transaction_that_was_left_open_holds_nobody_up(lender: Lender) -> None:
    with lender.lend() as url:
        left = Database(url)
        forgotten = left.engine.connect()
        forgotten.execute(sa.insert(SOCIETY).values(name="浙江省示例学会", created_at=NEW_YEAR))
    with lender.lend() as url:
        assert named(url).startswith("1 ")
    forgotten.invalidate()
    forgotten.close()
    left.close()


def test_changed_tables_are_not_lent_again(lender: Lender) -> None:
    with lender.lend() as url:
        changed = url
        db = Database(url)
        db.write(lambda connection: connection.exec_driver_sql("ALTER TABLE inbound DISABLE TRIGGER ALL"))
        db.close()
    with lender.lend() as url:
        assert url != changed
        db = Database(url)
        with db.read() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(INBOUND)) == 0
        db.close()
