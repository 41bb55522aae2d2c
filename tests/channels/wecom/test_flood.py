"""What nobody of WeCom's sent leaves no row, and what it sends again has one effect; the long run is flood.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.inside import Inside, inside
from tests.channels.wecom import flood
from tests.conftest import NEW_YEAR
from tests.fakes.wecom import WeCom

FORGED, REPEATED = 350, 200


@pytest.fixture
def fake() -> Iterator[WeCom]:
    with WeCom() as running:
        yield running
        assert flood.wrong(running) == []


@pytest.fixture
def server(fake: WeCom, tmp_path: Path) -> Iterator[Inside]:
    with inside(tmp_path, **flood.ours(fake)) as server:
        fake.callback = f"{server.url}/wecom"
        server.season(NEW_YEAR)
        yield server


def test_forged_and_malformed_posts_leave_nothing(server: Inside, fake: WeCom) -> None:
    statuses = flood.forged(server, fake, FORGED, seed=2)
    assert {status for kind, status in statuses if kind == "bad signature"} == {401}
    assert {status for _, status in statuses} <= {200, 400, 401, 405, 413}


def test_deliveries_again_mixed_up_and_in_parallel(server: Inside, fake: WeCom) -> None:
    assert flood.repeated(server, fake, REPEATED, seed=3) == REPEATED // 10
