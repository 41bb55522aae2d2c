"""Every dialogue, had on WeChat, ends with the same export."""

from pathlib import Path

import pytest

from rubrics.reading import catalog
from tests import schema
from tests.channels.inside import RUBRIC, inside
from tests.channels.replaying import DIALOGUES, cannot, exported, replay
from tests.channels.wechat.conftest import ours
from tests.channels.wechat.line import WeChatLine
from tests.conftest import NEW_YEAR
from tests.fakes.wechat import WeChat
from tests.season import Season


@pytest.fixture
def told(tmp_path: Path) -> Season:
    """The same season without a channel."""
    db = schema.fresh(tmp_path / "told.sqlite3")
    return Season.begin(db, catalog()[RUBRIC], NEW_YEAR, tmp_path / "told")


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
@pytest.mark.usefixtures("hurried")
def test_dialogue(path: Path, told: Season, tmp_path: Path) -> None:
    if why := cannot(path, by_page=True):
        pytest.skip(why)
    clock = tmp_path / "clock"
    clock.write_text(NEW_YEAR.isoformat(), encoding="ascii")
    with WeChat() as fake, inside(tmp_path, **ours(fake), bot_clock_file=clock) as server:
        fake.callback = f"{server.url}/wechat"
        season = server.season(NEW_YEAR)
        replay(path, told, season, WeChatLine(fake, server), clock)
        assert exported(season) == exported(told)
        assert fake.faulty_answers == []
    told.db.close()
