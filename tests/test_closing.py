"""The cut-off: latched once; what was complete is handed in by the round's rule and flagged; more time is respected."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from handlers.late import extending
from handlers.reports.exporting import export
from scheduler.closing import close_due
from storage import queries
from storage.relations import ENTRY, OUTBOX, ROUND, SOCIETY, SUBMISSION
from tests.season import CLOSES, Season


@pytest.fixture
def complete(season: Season) -> Season:
    """王老师 has answered everything and forgotten to hand in."""
    season.join("王老师", "telegram")
    for position in range(1, 26):
        season.say("王老师", f"会话第{position}项 0分", channel="telegram")
    return season


def status(season: Season) -> list[str]:
    with season.db.read() as connection:
        return list(connection.scalars(sa.select(ENTRY.c.status).order_by(ENTRY.c.id)))


def test_what_is_complete_is_handed_in_once_and_flagged(complete: Season) -> None:
    complete.clock("2027-01-15 17:29:59")
    assert close_due(complete.db, complete.now) == []
    assert status(complete) == ["in_progress"]
    complete.clock("2027-01-15 17:30")
    assert close_due(complete.db, complete.now) == [complete.round]
    assert close_due(complete.db, complete.now) == []
    assert status(complete) == ["submitted"]
    with complete.db.read() as connection:
        made = connection.execute(sa.select(SUBMISSION)).one()
        assert (made.automatic, made.late, made.receipt) == (True, False, "AUTO-1")
        notice = connection.execute(sa.select(OUTBOX).where(OUTBOX.c.kind == "notice")).one()
        assert "代为提交" in notice.text
        told = export(connection, queries.round_of(connection, complete.round))
        assert told["entries"][0]["submissions"][0]["automatic"] is True


def test_also_when_somebody_else_was_first_to_see_that_it_is_over(complete: Season) -> None:
    complete.join("赵老师", "web")
    complete.clock("2027-01-15 17:30:01")
    complete.say("赵老师", "进度", channel="web")
    assert close_due(complete.db, complete.now) == []  # closed already
    assert status(complete) == ["submitted", "not_started"]


def test_held_where_the_round_says_so(complete: Season) -> None:
    complete.db.write(lambda db: db.execute(sa.update(ROUND).values(at_close="hold")))
    complete.clock("2027-01-15 17:31")
    close_due(complete.db, complete.now)
    assert status(complete) == ["in_progress"]


def test_what_is_not_complete_stays_as_it_is(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "会话第1项 5分")
    season.clock("2027-01-15 17:31")
    close_due(season.db, season.now)
    assert status(season) == ["in_progress"]


def test_more_time_is_respected_to_its_minute(complete: Season) -> None:
    complete.clock("2027-01-15 17:00")

    def extend(connection: sa.Connection) -> None:
        society = connection.execute(sa.select(SOCIETY).where(SOCIETY.c.name == "浙江省示例学会")).one()
        round = queries.round_of(connection, complete.round)
        extending.extend(connection, round, society, CLOSES + timedelta(days=3), "", complete.now, by=None)

    complete.db.write(extend)
    complete.clock("2027-01-15 17:30")
    assert close_due(complete.db, complete.now) == [complete.round]
    assert status(complete) == ["in_progress"]
    complete.clock("2027-01-18 17:29")
    assert "逾期" not in complete.say("王老师", "会话第1项 5分，承办年会1场", channel="telegram").replies[0].text
    complete.clock("2027-01-18 17:30")
    close_due(complete.db, complete.now)
    assert status(complete) == ["submitted"]
    complete.clock("2027-01-16 09:00")  # a clock that goes back opens nothing
    assert "逾期" in complete.say("王老师", "会话第2项 5分", channel="telegram").replies[0].text


def test_grace_is_announced_to_nobody_and_counts(complete: Season) -> None:
    complete.db.write(lambda db: db.execute(sa.update(ROUND).values(grace_minutes=10)))
    complete.clock("2027-01-15 17:35")
    said = complete.say("王老师", "会话第1项 5分", channel="telegram")
    assert "逾期" not in said.replies[0].text
    complete.clock("2027-01-15 17:40")
    assert "逾期" in complete.say("王老师", "会话第1项 6分", channel="telegram").replies[0].text


def test_much_more_time_comes_to_an_end_too(complete: Season) -> None:
    complete.clock("2027-01-15 17:00")

    def extend(connection: sa.Connection) -> None:
        society = connection.execute(sa.select(SOCIETY).where(SOCIETY.c.name == "浙江省示例学会")).one()
        round = queries.round_of(connection, complete.round)
        extending.extend(connection, round, society, CLOSES + timedelta(days=90), "", complete.now, by=None)

    complete.db.write(extend)
    complete.clock("2027-04-15 17:29")
    close_due(complete.db, complete.now)
    assert status(complete) == ["in_progress"]
    complete.clock("2027-04-15 17:30")
    close_due(complete.db, complete.now)
    assert status(complete) == ["submitted"]
