"""The short version of the harness for the gate, and the proof that it sees what it is there to see."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage import queries
from tests.crash import desk
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
    assert run.report["acts"] > 0


def test_nothing_confirmed_is_lost_or_doubled_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    assert play(tmp_path, 4, url=postgres_url).verdict.lines == []


def test_the_harness_sees_a_delivery_that_is_taken_twice(tmp_path: Path) -> None:
    """A server without the unique key on what arrives."""
    run = play(tmp_path, 2, program=("-m", "tests.crash.broken", "forget_deliveries"))
    assert run.verdict.doubled


def test_a_turn_survives_a_kill_at_its_steps(tmp_path: Path) -> None:
    """Every fourth step of an answer with its evidence; `python -m tests.crash.boundaries` takes them all."""
    assert sweep(tmp_path, "", stride=4, names=("breath",)) == ["= breath: every 4th step"]


def wrong(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("= ")]


def test_what_an_officer_was_told_is_there_once_and_nothing_by_halves(tmp_path: Path) -> None:
    """Each act is killed before its commit and behind it; `python -m tests.crash.desk` takes every step."""
    lines = desk.run(tmp_path, "", kills=2)
    assert wrong(lines) == []
    assert len(lines) == len(desk.DEEDS)


def test_an_act_of_the_office_survives_a_kill_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    assert wrong(desk.run(tmp_path, postgres_url, kills=3, names=("announcement", "place"))) == []


def test_the_harness_sees_an_act_that_is_done_by_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An announcement whose recipients are stored before the turn is over."""
    house = desk.House(tmp_path, "")
    whole = queries.note_act

    def halved(db: sa.Connection, *words: Any, **about: Any) -> None:
        db.exec_driver_sql("COMMIT")
        db.exec_driver_sql("BEGIN IMMEDIATE")
        whole(db, *words, **about)

    monkeypatch.setattr(queries, "note_act", halved)
    [announcement] = [deed for deed in desk.DEEDS if deed.name == "announcement"]
    assert wrong(list(desk.sweep(house, announcement, 3)))
