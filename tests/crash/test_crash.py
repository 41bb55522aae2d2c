"""The short version of the harness for the gate, and the proof that it sees what it is there to see."""

from pathlib import Path

import pytest

from tests.crash.boundaries import run as sweep
from tests.crash.killing import Run
from tests.crash.server import Server

SEED = 20_261_122

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("crash")]


def play(folder: Path, kills: int, *, url: str = "", program: tuple[str, ...] = ("-m", "bot")) -> Run:
    run = Run(Server(folder, url, program), kills, SEED).play()
    print(run.report)
    return run


def test_nothing_confirmed_is_lost_or_doubled(tmp_path: Path) -> None:
    run = play(tmp_path, 8)
    assert run.verdict.lines == []
    assert run.report["confirmed"] > 0


def test_nothing_confirmed_is_lost_or_doubled_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    assert play(tmp_path, 4, url=postgres_url).verdict.lines == []


def test_the_harness_sees_a_delivery_that_is_taken_twice(tmp_path: Path) -> None:
    """A server without the unique key on what arrives."""
    run = play(tmp_path, 2, program=("-m", "tests.crash.broken", "forget_deliveries"))
    assert run.verdict.doubled


def test_a_turn_survives_a_kill_at_its_steps(tmp_path: Path) -> None:
    """Every fourth step of an answer with its evidence; `python -m tests.crash.boundaries` takes them all."""
    assert sweep(tmp_path, "", stride=4, names=("breath",)) == ["= breath: every 4th step"]
