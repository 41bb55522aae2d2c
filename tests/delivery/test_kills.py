"""The short version of the kills, for the gate; `python -m tests.delivery.kills` takes 100."""

from pathlib import Path

import pytest

from tests.delivery.kills import run

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("crash")]


def test_nothing_owed_is_lost_or_said_twice(tmp_path: Path) -> None:
    assert run(tmp_path, 4, 20_261_122) == []
