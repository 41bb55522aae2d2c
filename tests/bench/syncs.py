"""How often a turn waits for the disk, counted by strace; `python -m tests.bench.syncs N FOLDER` is what it watches."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.bench.house import Bench
from tests.crash.server import ROOT

TURNS = 200
LINE = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*\b(fsync|fdatasync)$", re.MULTILINE)


def syncs_per_turn(folder: Path) -> str:
    """Calls of fsync and fdatasync per score turn; why not, where they can't be counted."""
    strace = shutil.which("strace")
    if strace is None:
        return "not counted: there is no strace on this machine"
    many, none = _count(strace, TURNS, folder / "many"), _count(strace, 0, folder / "none")
    if many is None or none is None:
        return "not counted: strace may not trace here"
    return f"{(many - none) / TURNS:.2f} (strace, {TURNS} turns, checkpoints of the WAL included)"


def _count(strace: str, turns: int, folder: Path) -> int | None:
    out = folder.with_suffix(".strace")
    line = [strace, "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", str(out)]
    watched = [sys.executable, "-m", "tests.bench.syncs", str(turns), str(folder)]
    done = subprocess.run([*line, *watched], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        return None
    return sum(int(calls) for calls, _ in LINE.findall(out.read_text(encoding="utf-8")))


def main() -> None:
    bench = Bench.open(Path(sys.argv[2]))
    for n in range(int(sys.argv[1])):
        bench.score(n)


if __name__ == "__main__":
    main()
