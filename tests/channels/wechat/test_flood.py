"""What nobody of WeChat's sent leaves no row, and what it sends again has one effect; the long run is flood.py."""

from tests.channels.wechat import flood
from tests.channels.wechat.conftest import Town

FORGED, REPEATED = 400, 200


def test_forged_and_malformed_posts_leave_nothing(town: Town) -> None:
    statuses = flood.forged(town.server, town.fake, FORGED, seed=2)
    refused = {kind: status for kind, status in statuses if status != 200}
    assert "bad signature" in refused
    assert {status for _, status in statuses} <= {200, 400, 401, 405, 413, 404}


def test_deliveries_again_mixed_up_and_in_parallel(town: Town) -> None:
    assert flood.repeated(town.server, town.fake, REPEATED, seed=3) == REPEATED // 10
