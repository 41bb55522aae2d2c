"""What the server had before the deadline is in time, however long a platform takes to hand out its photo."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import pytest
import sqlalchemy as sa

from bot.arriving import Media, Parcel
from bot.house import House
from bot.links import Links
from bot.reception import Reception
from handlers.messages import Message
from scheduler.closing import close_due
from storage.relations import ANSWER_EVENT, ENTRY, ROUND
from tests.channels.inside import settings_in
from tests.season import CLOSES, Season, bytes_of

LINE = "telegram"


@pytest.fixture
def reception(season: Season, tmp_path: Path) -> Reception:
    """王老师 has answered all but the first item; 赵老师 is there too."""
    season.join("王老师", LINE)
    for position in range(2, 26):
        season.say("王老师", f"会话第{position}项 0分", channel=LINE)
    season.join("赵老师", "web")
    settings = settings_in(tmp_path)
    house = House(settings, lambda: season.now, season.db, season.store, "secret", Links("secret", settings.address))

    async def fetch(_media: Media, target: IO[bytes]) -> None:
        target.write(bytes_of("a.jpg"))

    return Reception(house, LINE, "", fetch, lambda: None)


def receive(reception: Reception, key: str, text: str, *media: Media) -> None:
    asyncio.run(reception.receive(Parcel(Message(LINE, "王老师", key, text), media)))


def fetched(reception: Reception) -> None:
    """The platform has handed out what it kept."""

    async def work() -> None:
        while heads := reception._heads():
            for head in heads:
                await reception._take(head)

    asyncio.run(work())


def stored(season: Season) -> list[tuple[str, bool]]:
    with season.db.read() as db:
        rows = db.execute(sa.select(ANSWER_EVENT).order_by(ANSWER_EVENT.c.id.desc()).limit(2)).all()
        return [(row.kind, row.late) for row in reversed(rows)]


def first(season: Season, of: sa.Table) -> sa.Row[Any]:
    with season.db.read() as db:
        return db.execute(sa.select(of).order_by(of.c.id).limit(1)).one()


def test_a_photo_that_came_in_time_is_in_time_though_others_saw_the_end_first(
    season: Season, reception: Reception
) -> None:
    season.now = CLOSES - timedelta(seconds=1)
    receive(reception, "1", "会话第1项 5分，承办年会1场", Media("photo", "a.jpg"))
    season.now = CLOSES + timedelta(seconds=20)
    close_due(season.db, season.now)
    assert "截止" in season.say("赵老师", "会话第1项 5分", channel="web").replies[0].text
    fetched(reception)
    assert all(not late for _, late in stored(season))
    close_due(season.db, season.now)
    entry = first(season, ENTRY)
    assert (entry.status, entry.claimed, entry.late) == ("submitted", 5, False)
    assert first(season, ROUND).closed_at == CLOSES


def test_what_came_at_the_very_minute_is_late(season: Season, reception: Reception) -> None:
    season.now = CLOSES
    receive(reception, "1", "会话第1项 5分，承办年会1场", Media("photo", "a.jpg"))
    season.now = CLOSES + timedelta(seconds=20)
    close_due(season.db, season.now)
    fetched(reception)
    assert all(late for _, late in stored(season))


def test_the_round_does_not_wait_for_ever(season: Season, reception: Reception) -> None:
    season.now = CLOSES - timedelta(seconds=1)
    receive(reception, "1", "会话第1项 5分", Media("photo", "a.jpg"))
    season.now = CLOSES + timedelta(hours=1)
    assert close_due(season.db, season.now) == [season.round]
