"""python -m tests.seasons: a whole season in minutes; exits with 1 where anybody was told twice, wrongly or not at all."""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.crash.postgres import database
from tests.seasons.running import Running

SHOWN = 40  # faults


def main() -> int:
    asked = _arguments()
    logging.disable(logging.INFO)
    began = time.monotonic()
    sizes = {"societies": asked.societies, "days": asked.days, "restarts": asked.restarts}
    with _place(postgres=asked.postgres) as url:
        world = Running(url, asked.seed, steps=asked.steps or asked.days * 20, **sizes).play()
    for line in world.wrong[:SHOWN]:
        print(line)
    figures = "  ".join(f"{name} {count}" for name, count in sorted(world.figures.items()))
    print(f"seed {asked.seed}  {figures}  seconds {time.monotonic() - began:.0f}  wrong {len(world.wrong)}")
    return 1 if world.wrong else 0


@contextmanager
def _place(*, postgres: bool) -> Iterator[str]:
    """The address of an empty database."""
    with tempfile.TemporaryDirectory(prefix="xuehui-season-") as folder, ExitStack() as stack:
        yield stack.enter_context(database()) if postgres else f"sqlite:///{Path(folder) / 'season.sqlite3'}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.seasons", description=__doc__)
    parser.add_argument("--societies", type=int, default=300)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=0, help="how often the clock moves, about; else 20 a day")
    parser.add_argument("--restarts", type=int, default=200)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
