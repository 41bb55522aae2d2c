"""The short version of the season for the gate; `python -m tests.seasons` plays the long one."""

from pathlib import Path

import pytest

from handlers.messages import Reply
from handlers.notices import reminding
from tests.seasons.running import Running

SEED = 20_261_122


def play(folder: Path, *, societies: int, steps: int) -> list[str]:
    url = f"sqlite:///{folder / 'season.sqlite3'}"
    world = Running(url, SEED, societies=societies, days=60, steps=steps, restarts=15).play()
    print(dict(world.figures))
    assert world.figures["reminders sent"] > 0
    return world.wrong


def test_a_season_reminds_everybody_once_and_in_time(tmp_path: Path) -> None:
    assert play(tmp_path, societies=30, steps=120) == []


def test_the_season_sees_a_reminder_that_should_not_have_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that does not look once more before it sends."""
    monkeypatch.setattr(reminding, "words", lambda *_: Reply("截止1月15日"))
    assert any("goes to" in fault for fault in play(tmp_path, societies=30, steps=120))
