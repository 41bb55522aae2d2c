"""Every dialogue, had on WeCom, ends with the same export."""

from pathlib import Path

import pytest

from bot.wecom import carrying
from rubrics.reading import catalog
from tests import schema
from tests.channels.inside import RUBRIC, inside
from tests.channels.replaying import DIALOGUES, cannot, exported, replay
from tests.channels.wecom.flood import ours, wrong
from tests.channels.wecom.line import WeComLine
from tests.conftest import NEW_YEAR
from tests.fakes.wecom import WeCom
from tests.season import Season


@pytest.fixture
def told(tmp_path: Path) -> Season:
    """The same season without a channel."""
    db = schema.fresh(tmp_path / "told.sqlite3")
    return Season.begin(db, catalog()[RUBRIC], NEW_YEAR, tmp_path / "told")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rests that keep a member's messages within the platform's limits: there, its clock moves instead."""
    monkeypatch.setattr(carrying, "MEMBER", ())
    monkeypatch.setattr(carrying, "PER_SECOND", 100_000.0)


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
@pytest.mark.usefixtures("hurried")
def test_dialogue(path: Path, told: Season, tmp_path: Path) -> None:
    if why := cannot(path, by_page=True):
        pytest.skip(why)
    clock = tmp_path / "clock"
    clock.write_text(NEW_YEAR.isoformat(), encoding="ascii")
    with WeCom() as fake, inside(tmp_path, **ours(fake), bot_clock_file=clock) as server:
        fake.callback = f"{server.url}/wecom"
        season = server.season(NEW_YEAR)
        line = WeComLine(fake, server)
        replay(path, told, season, line, clock)
        assert exported(season) == exported(told)
        assert (line.unread(), wrong(fake)) == ([], [])
    told.db.close()
