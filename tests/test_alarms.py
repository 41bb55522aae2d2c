"""What is wrong is told to the office: once for each kind and day, by day, to nobody else."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from handlers.societies import joining
from scheduler.alarms import LOW_DISK, Watch, alarm_due
from scheduler.ticking import Ticker
from storage import outbox, queries
from storage.relations import OUTBOX, PERSON
from tests.season import Season

ENOUGH = Watch("Asia/Shanghai", lambda: LOW_DISK)
LITTLE = Watch("Asia/Shanghai", lambda: LOW_DISK - 1)


@pytest.fixture
def office(season: Season) -> Season:
    """周科长 in the office, a reviewer, and 王老师 on Telegram who is owed nothing."""
    season.join("staff", "web")
    season.codes["评审"] = season.db.write(
        lambda db: joining.invite(db, society_id=None, role="reviewer", name="评审", now=season.now)
    )
    season.join("评审", "web")
    season.join("王老师", "telegram")
    season.clock("2026-12-21 09:00")
    ended(season, "sent")
    return season


def ended(season: Season, state: str) -> None:
    def work(connection: sa.Connection) -> None:
        pending = list(connection.scalars(sa.select(OUTBOX.c.id).where(OUTBOX.c.state == "pending")))
        outbox.settle(connection, pending, state, season.now)

    season.db.write(work)


def lost(season: Season, state: str) -> None:
    season.say("王老师", "进度", channel="telegram")
    ended(season, state)


def told(season: Season) -> list[tuple[str, str]]:
    with season.db.read() as connection:
        chosen = sa.select(PERSON.c.name, OUTBOX.c.text).join(PERSON, PERSON.c.id == OUTBOX.c.person_id)
        alarms = chosen.where(OUTBOX.c.cause.like("alarm:%")).order_by(OUTBOX.c.id)
        return [(row.name, row.text) for row in connection.execute(alarms)]


def test_when_all_is_well_nobody_hears_anything(office: Season) -> None:
    assert alarm_due(office.db, ENOUGH, office.now) == 0
    lost(office, "sent")
    assert alarm_due(office.db, ENOUGH, office.now) == 0


@pytest.mark.parametrize("state", ["uncertain", "failed"])
def test_messages_in_doubt_are_told_once_a_day_to_the_office_only(office: Season, state: str) -> None:
    lost(office, state)
    assert alarm_due(office.db, ENOUGH, office.now) == 1
    [(name, text)] = told(office)
    assert name == "周科长"
    assert "1条" in text
    assert "「联系不上」" in text
    lost(office, state)
    assert alarm_due(office.db, ENOUGH, office.now) == 0
    office.clock("2026-12-22 07:59")
    assert alarm_due(office.db, ENOUGH, office.now) == 0
    office.clock("2026-12-22 08:00")
    assert alarm_due(office.db, ENOUGH, office.now) == 0, "nothing is new since"


def test_what_is_new_on_the_next_day_is_told_again(office: Season) -> None:
    lost(office, "failed")
    alarm_due(office.db, ENOUGH, office.now)
    office.now += timedelta(minutes=1)
    lost(office, "failed")
    lost(office, "uncertain")
    office.clock("2026-12-22 08:00")
    assert alarm_due(office.db, ENOUGH, office.now) == 1
    assert "2条" in told(office)[-1][1]


def test_messages_that_wait_too_long(office: Season) -> None:
    office.say("王老师", "进度", channel="telegram")
    office.now += timedelta(seconds=599)
    assert alarm_due(office.db, ENOUGH, office.now) == 0
    office.now += timedelta(seconds=1)
    assert alarm_due(office.db, ENOUGH, office.now) == 1
    assert "10分钟" in told(office)[0][1]
    assert alarm_due(office.db, ENOUGH, office.now) == 0


def test_little_disk_is_told_every_day_until_there_is_more(office: Season) -> None:
    for day in ("2026-12-21 09:00", "2026-12-21 20:59", "2026-12-22 09:00"):
        office.clock(day)
        alarm_due(office.db, LITTLE, office.now)
    assert [name for name, _ in told(office)] == ["周科长", "周科长"]
    assert "500.0 MB" in told(office)[0][1]
    office.clock("2026-12-23 09:00")
    assert alarm_due(office.db, ENOUGH, office.now) == 0


def test_a_restored_copy_raises_no_alarm(office: Season) -> None:
    office.db.write(lambda db: queries.note_act(db, office.now, "restored"))
    assert alarm_due(office.db, LITTLE, office.now) == 0


def test_the_tick_raises_it(office: Season) -> None:
    Ticker(office.db, lambda: office.now, 1, watch=LITTLE).tick()
    assert len(told(office)) == 1
    Ticker(office.db, lambda: office.now, 1).tick()
    assert len(told(office)) == 1
