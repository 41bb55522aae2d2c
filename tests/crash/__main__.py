"""python -m tests.crash: kill the server many times and compare; exits with 1 where anything was lost or doubled."""

import argparse
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.crash.killing import Run
from tests.crash.postgres import database
from tests.crash.server import Server

SHOWN = 40  # violations


def main() -> int:
    asked = _arguments()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(1 << 31)
    print(f"seed {seed}", flush=True)
    with _folder(keep=asked.keep) as folder, database() if asked.postgres else nullcontext("") as url:
        program = ("-m", "tests.crash.broken", asked.broken) if asked.broken else ("-m", "bot")
        run = Run(Server(folder, url, program), asked.kills, seed).play()
    for line in run.verdict.lines[:SHOWN]:
        print(line)
    print("  ".join(f"{name} {value}" for name, value in run.report.items()))
    return 1 if run.verdict.lines else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own")
    parser.add_argument("--broken", help="a seeded bug, see tests/crash/broken.py: the run must fail")
    parser.add_argument("--keep", action="store_true", help="leave the data folder behind, and say where")
    return parser.parse_args()


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    if keep:
        folder = tempfile.mkdtemp(prefix="xuehui-crash-")
        print(folder, flush=True)
        yield Path(folder)
        return
    with tempfile.TemporaryDirectory(prefix="xuehui-crash-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
