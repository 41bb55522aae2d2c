"""python -m tests.crash.boundaries: each kind of turn is killed at its every durable step, repeated, and compared."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.settings import Settings
from handlers.checking import check
from handlers.phrasebook import phrasebook
from handlers.reports.exporting import export
from handlers.rounds import open_round
from handlers.societies import joining, roster
from handlers.understanding.lexicon import lexicon
from rubrics.reading import catalog
from storage import queries
from storage.database import Database
from storage.files import FileStore
from storage.migrating import migrate
from tests.crash.doomed import Heard, Request, live, settings
from tests.crash.history import Photo
from tests.crash.postgres import database
from tests.crash.stored import Stored, stored

SOCIETY = "浙江省茶叶学会"
Effect = Callable[[Stored, int], bool]


@dataclass(frozen=True)
class Kind:
    """A kind of turn: how its n-th message looks, what one such message must have stored, and what makes it possible
    once more."""

    name: str
    request: Callable[[int], Request]
    effect: Effect
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def _photo(n: int) -> Photo:
    return Photo(f"KW{n:05d}.jpg", 3_000)


def _half(n: int) -> str:
    return "2.5" if n % 2 else "3"


KINDS = (
    Kind("score", lambda n: Request("", f"序号11 {_half(n)}分"), lambda one, n: one.scores == [(5, _half(n))]),
    Kind(
        "breath",
        lambda n: Request("", f"序号13 {_half(n)}分，KW{n:05d}承办学术年会"),
        lambda one, n: one.scores == [(6, _half(n))] and [at for at, _ in one.evidence] == [6],
    ),
    Kind(
        "file",
        lambda n: Request("", photo=_photo(n)),
        lambda one, n: [piece["sha256"] for _, piece in one.evidence] == [_photo(n).sha256()],
        before=("序号14",),
        after=("撤回第1条依据",),
    ),
    Kind(
        "undo", lambda n: Request("", "撤销"), lambda one, n: len(one.scores) == 1, before=("序号16 1分", "序号16 2分")
    ),
    Kind(
        "submit",
        lambda n: Request("", "确认提交"),
        lambda one, n: len(one.submissions) == 1,
        after=("撤回提交",),
    ),
    Kind("recall", lambda n: Request("", "撤回提交"), lambda one, n: one == Stored(), before=("确认提交",)),
    Kind("read", lambda n: Request("", "进度"), lambda one, n: True),
)


class Bench:
    """One house in which turns are killed."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.settings: Settings = settings(folder, database_url)
        self.settings.data_dir.mkdir(parents=True)
        self.store = FileStore(self.settings.data_dir / "files")
        self.cookie = ""
        self.number = 0
        phrasebook()  # what is loaded here is inherited by every process that is forked
        lexicon()
        db = Database(self.settings.database)
        migrate(db)
        code = db.write(_set_up)
        db.close()
        self.cookie = self.say(Request("login", code=code)).cookie or ""
        self.say(self.next("开始"))
        self.export()

    def next(self, text: str) -> Request:
        self.number += 1
        return Request(f"between-{self.number}", text, cookie=self.cookie)

    def say(self, request: Request) -> Heard:
        """One message, to a process that lives."""
        return live(self.settings, [request]).heard[0]

    def export(self) -> tuple[dict[str, Stored], list[str]]:
        """What is stored, and what is broken."""
        db = Database(self.settings.database)
        with db.read() as connection:
            row = queries.newest_round(connection)
            assert row is not None
            found = stored(json.loads(json.dumps(export(connection, row))))
            broken = check(connection, self.store)
            if db.sqlite:
                broken += [
                    str(one[0]) for one in connection.execute(sa.text("PRAGMA integrity_check")) if one[0] != "ok"
                ]
        db.close()
        return found, broken


def _set_up(db: sa.Connection) -> str:
    now = datetime.now(UTC)
    closes = now + timedelta(days=30)
    rubric = catalog()["zhejiang-2020"]
    open_round(db, rubric, "zhejiang-2020.yaml", title=None, closes_at=closes, zone="Asia/Shanghai", now=now)
    roster.add_society(db, SOCIETY, now)
    row = roster.find(db, SOCIETY)[0]
    return joining.invite(db, society_id=row.id, role="secretary", name="王老师", now=now)


def sweep(bench: Bench, kind: Kind, *, stride: int = 1) -> Iterator[str]:
    """Kill at step 1, 2, … until the turn survives; yields what is wrong, and at the end how many steps there were."""
    at, turn, died = 1, 0, True
    while died:
        turn += 1
        for text in kind.before:
            bench.say(bench.next(text))
        plain = kind.request(turn)
        request = Request(f"{kind.name}-{turn}", plain.text, plain.photo, cookie=bench.cookie)
        life = live(bench.settings, [request], at)
        died = life.died
        yield from (
            f"{kind.name}, killed at step {at}: {line}" for line in _compare(bench, kind, request, turn, life.heard)
        )
        for text in kind.after:
            bench.say(bench.next(text))
        at += stride
    yield f"= {kind.name}: {at - stride - 1} steps" if stride == 1 else f"= {kind.name}: every {stride}th step"


def _compare(bench: Bench, kind: Kind, request: Request, turn: int, first: list[Heard]) -> Iterator[str]:
    """The same delivery twice more: one effect, the same words."""
    again, once_more = bench.say(request), bench.say(request)
    if {one.status for one in (*first, again, once_more)} != {200}:
        yield f"answered {again.status} {again.body!r}"
        return
    if len({one.body for one in (*first, again, once_more)}) > 1:
        yield "different words for the same delivery"
    receipt: Any = json.loads(again.body)["receipt"]
    found, broken = bench.export()
    yield from broken
    if kind.name != "read" and not (receipt and kind.effect(found.get(receipt, Stored()), turn)):
        yield f"receipt {receipt}: stored is {found.get(receipt)}"


def run(folder: Path, url: str, *, stride: int = 1, names: tuple[str, ...] = ()) -> list[str]:
    """Sweep the kinds of these names (all when none is given)."""
    bench = Bench(folder, url)
    return [line for kind in KINDS if not names or kind.name in names for line in sweep(bench, kind, stride=stride)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.boundaries", description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--stride", type=int, default=1, help="only every n-th step")
    parser.add_argument("--kind", action="append", default=[], choices=[kind.name for kind in KINDS])
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="xuehui-steps-") as folder,
        database() if asked.postgres else nullcontext("") as url,
    ):
        lines = run(Path(folder), url, stride=asked.stride, names=tuple(asked.kind))
    print("\n".join(lines))
    return 1 if any(not line.startswith("= ") for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
