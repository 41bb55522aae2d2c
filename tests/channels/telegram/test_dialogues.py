"""Every dialogue, had on Telegram, ends with the same export."""

from pathlib import Path

import pytest

from rubrics.reading import catalog
from tests import schema
from tests.channels.inside import RUBRIC
from tests.channels.replaying import DIALOGUES, cannot, exported, replay
from tests.channels.telegram.conftest import Serve
from tests.channels.telegram.line import TelegramLine
from tests.conftest import NEW_YEAR
from tests.fakes.telegram import Telegram
from tests.season import Season


@pytest.fixture
def told(tmp_path: Path) -> Season:
    """The same season without a channel."""
    db = schema.fresh(tmp_path / "told.sqlite3")
    return Season.begin(db, catalog()[RUBRIC], NEW_YEAR, tmp_path / "told")


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
@pytest.mark.usefixtures("hurried")
def test_dialogue(path: Path, serve: Serve, fake: Telegram, told: Season, tmp_path: Path) -> None:
    if why := cannot(path):
        pytest.skip(why)
    clock = tmp_path / "clock"
    clock.write_text(NEW_YEAR.isoformat(), encoding="ascii")
    server = serve(bot_clock_file=clock)
    season = server.season(NEW_YEAR)
    replay(path, told, season, TelegramLine(fake), clock)
    assert exported(season) == exported(told)
    told.db.close()
