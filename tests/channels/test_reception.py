"""How long the reception sleeps: a part of an album that came again must not keep it awake."""

import time
from pathlib import Path

from bot.house import open_house
from bot.reception import ALBUM_SECONDS, IDLE_SECONDS, Reception
from tests.channels.inside import settings_in
from tests.schema import place


def test_it_sleeps_until_the_next_album_is_complete(tmp_path: Path) -> None:
    place(tmp_path / "data")
    house = open_house(settings_in(tmp_path))
    reception = Reception(house, "telegram", "1", lambda media, target: None, lambda: None)  # type: ignore[arg-type, return-value]
    now = time.monotonic()
    assert reception._pause(now) > IDLE_SECONDS / 2
    reception.heard["coming"] = now - ALBUM_SECONDS + 0.3
    assert reception._pause(now) < 0.31
    reception.heard["coming"] = now - ALBUM_SECONDS - 1  # taken long ago, or taken by another process
    reception.again_at[1] = now - 1  # being fetched just now
    assert reception._pause(now) > IDLE_SECONDS / 2
    reception.heard["coming"] = now - 3600
    reception._pause(now)
    assert reception.heard == {}
    house.db.close()
