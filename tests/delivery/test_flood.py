"""The short version of the flood, for the gate; `python -m tests.delivery.flood` posts 10,000 of each."""

from pathlib import Path

from tests.delivery.flood import run


def test_forged_posts_leave_no_trace_and_copies_have_one_effect(tmp_path: Path) -> None:
    assert run(tmp_path, 600, 20_261_122) == []
