"""The short version of the broadcast, for the gate; `python -m tests.delivery.broadcast` speaks to 1,000 and kills 50 times."""

from pathlib import Path

import pytest

from tests.delivery.broadcast import run

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("crash")]


def test_everybody_hears_an_announcement_once_or_is_named_to_the_office(tmp_path: Path) -> None:
    assert run(tmp_path, 120, 4, 20_261_122) == []
