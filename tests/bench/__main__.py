"""python -m tests.bench: what a turn costs, against what nothing durable can go below."""

import argparse
import platform
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.bare import measure_bare
from tests.bench.history import LONG, SHORT, measure_growth
from tests.bench.house import Bench, Measured, measure
from tests.bench.served import measure_http, measure_starts
from tests.bench.syncs import syncs_per_turn

AIM = 3.0  # a turn costs at most so many times its bare rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--turns", type=int, default=600)
    turns = parser.parse_args().turns
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, WAL, synchronous=FULL")
    with tempfile.TemporaryDirectory(prefix="xuehui-bench-") as name:
        folder = Path(name)
        _in_process(folder / "turns", turns)
        _say("fsync + fdatasync per score turn", syncs_per_turn(folder))
        _over_http(folder / "http", turns)
        _say("start to first answer", measure_starts(_made(folder / "start")))
        for one in measure_growth(folder, turns):
            figures = f"{one.short.median:.0f} → {one.long.median:.0f} µs, ratio {one.ratio:.2f}"
            _say(f"{one.name} after {SHORT} and {LONG:,} messages", figures)


def _in_process(folder: Path, turns: int) -> None:
    bench = Bench.open(folder)
    kinds: dict[str, Callable[[int], None]] = {"score": bench.score, "evidence": bench.words, "progress": bench.look}
    measured = {name: measure(work, turns) for name, work in kinds.items()}
    for name, one in measured.items():
        _say(f"{name} turn, in process", one)
    score = measured["score"]
    bare = measure_bare(bench, folder, turns, pause=score.processor / 1e6)
    bench.db.close()
    _say(f"its {bare.writes} writes alone, one after the other", bare.at_once)
    _say(f"its {bare.writes} writes alone, at the rhythm of turns", bare.paced)
    ratios = [f"{score.median / one.median:.2f}" for one in (bare.at_once, bare.paced)]
    ratios.append(f"{score.processor / bare.at_once.processor:.2f}")
    said = f"{ratios[0]} one after the other, {ratios[1]} at its rhythm, {ratios[2]} by the processor (aim ≤ {AIM:.0f})"
    _say("ratio of the score turn to its rows", f"{said}; it reads {bare.reads} times besides")


def _over_http(folder: Path, turns: int) -> None:
    turn, request = measure_http(_made(folder), turns)
    _say("score turn over HTTP, client included", turn)
    _say("an empty request over HTTP", request)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _say(what: str, figure: Measured | str) -> None:
    print(f"{what:<44}{figure}", flush=True)


if __name__ == "__main__":
    main()
