"""python -m tests.bench.profile [score|words|look]: where the time of a turn goes, by function."""

import cProfile
import pstats
import sys
import tempfile
from pathlib import Path

from tests.bench.house import WARM_UP, Bench

TURNS = 1000
SHOWN = 60


def main() -> None:
    """Profile one kind of turn, sorted by the time spent in each function itself, then with what it calls."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "score"
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench.open(Path(folder))
        work = {"score": bench.score, "words": bench.words, "look": bench.look}[kind]
        for n in range(WARM_UP):
            work(n)
        profile = cProfile.Profile()
        profile.enable()
        for n in range(TURNS):
            work(n)
        profile.disable()
        bench.db.close()
    for order in ("tottime", "cumtime"):
        pstats.Stats(profile).sort_stats(order).print_stats(SHOWN)


if __name__ == "__main__":
    main()
