"""python -m tests.crash.desk: the acts of the office, each killed at its durable steps, repeated, and compared with one
that lived."""

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.settings import Settings
from handlers.checking import check
from handlers.phrasebook import phrasebook
from handlers.rounds import open_round
from handlers.societies import joining, roster
from handlers.understanding.lexicon import lexicon
from rubrics.reading import catalog
from storage import relations
from storage.database import Database
from storage.files import FileStore
from storage.migrating import migrate
from tests.crash.doomed import Heard, Request, live, settings
from tests.crash.history import Photo
from tests.crash.postgres import database
from tests.crash.world import Brought

ROUNDS = ("zhejiang-2020", "yangzhou-2020")
TEA, WATER = "浙江省茶叶学会", "浙江省水利学会"
OFFICER = "周科长"
PEOPLE = {"王老师": TEA, "赵老师": WATER, OFFICER: None}
LAST = 4  # steps of a turn: before and behind its commit, and the two halves of its answer


@dataclass(frozen=True)
class Line:
    """What somebody says, or sends."""

    who: str
    text: str
    file: Photo | None = None


@dataclass(frozen=True)
class Deed:
    """An act of the office: what goes before it, down to the question, and the words that do it."""

    name: str
    before: tuple[str | Line, ...]
    words: str


def _corrected() -> str:
    """The table with another maximum for its first two items, so that nine points of ten are too many."""
    text = catalog()["zhejiang-2020"]
    first, marker, rest = text.partition("name: 学术交流\n")
    return first + marker + rest.replace("points: 10\n", "points: 8\n", 1).replace("points: 5\n", "points: 7\n", 1)


LIST = Line(OFFICER, "导入名单", Brought("名单.csv", 0, "学会名称\n浙江省甲研究会\n浙江省乙研究会\n"))
TABLE = Line(OFFICER, "换用评分表", Brought("zhejiang-2020.yaml", 0, _corrected()))
REVIEWED = ("轮次1，评审 茶叶学会", "其余同意", "25", "核定 茶叶学会")
PLACED = ("轮次2，推荐 浙江省茶叶学会 智库",)
DEEDS = (
    Deed("import", (LIST,), "2"),
    Deed("announcement", ("轮次1，给全部发通知：明天停电",), "2"),
    Deed("final", REVIEWED, "8"),
    Deed("release", (*REVIEWED, "8", "公布核定 全部"), "1"),
    Deed("place", (), PLACED[0]),
    Deed("recognition", (*PLACED, "公示", "1", "认定"), "1"),
    Deed("exchange", ("轮次1", TABLE), "1"),
    Deed("end", ("轮次1，结束本轮",), "1"),
)
LIVED = (
    Line("王老师", "轮次1，会话第1项 8分，承办全国年会1场"),
    Line("王老师", "确认提交"),
    Line("赵老师", "轮次1，会话第1项 9分，承办年会1场"),
    Line("王老师", "轮次2"),
    Line("王老师", "申报 智库"),
)


class House:
    """Where an act is done: set up once, and begun again from there before every kill."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.settings: Settings = settings(folder, url)
        self.settings.data_dir.mkdir(parents=True)
        self.number = 0
        phrasebook()  # what is loaded here is inherited by every process that is forked
        lexicon()
        db = Database(self.settings.database)
        migrate(db)
        codes = db.write(_set_up)
        db.close()
        entered = live(self.settings, [Request(f"login {who}", code=code) for who, code in codes.items()]).heard
        self.cookies = {who: one.cookie or "" for who, one in zip(codes, entered, strict=True)}
        self.say(LIVED)
        self.keep("lived")

    def request(self, line: str | Line, id: str = "") -> Request:
        self.number += 1
        one = Line(OFFICER, line) if isinstance(line, str) else line
        return Request(id or f"line-{self.number}", one.text, one.file, cookie=self.cookies[one.who])

    def say(self, lines: Sequence[str | Line]) -> list[Heard]:
        """To a process that lives. Raises RuntimeError where something is not taken."""
        heard = live(self.settings, [self.request(line) for line in lines]).heard
        for one in heard:
            if one.status != 200:
                raise RuntimeError(f"{one.status} {one.body!r}")
        return heard

    def keep(self, name: str) -> None:
        """As it stands now, to be begun again from."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.settings.data_dir, self.folder / name)
        self._copy_database(self._named(name), like=self._named())

    def begin(self, name: str) -> None:
        shutil.rmtree(self.settings.data_dir)
        shutil.copytree(self.folder / name, self.settings.data_dir)
        self._copy_database(self._named(), like=self._named(name))

    def _named(self, name: str = "") -> str:
        return f"{sa.make_url(self.settings.database).database}{'_' if name else ''}{name}"

    def _copy_database(self, name: str, *, like: str) -> None:
        """On PostgreSQL, where the data folder does not hold it."""
        if not self.settings.database_url:
            return
        base = sa.make_url(self.settings.database).set(database="postgres")
        admin = sa.create_engine(base, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{like}" STRATEGY wal_log')
        admin.dispose()

    def picture(self) -> tuple[Counter[str], list[str]]:
        """What is there of all that an act may leave, but numbers and times; and what is broken."""
        db = Database(self.settings.database)
        with db.read() as connection:
            found = Counter(line for table, columns in KEPT.items() for line in _lines(connection, table, columns))
            broken = check(connection, FileStore(self.settings.data_dir / "files"))
        db.close()
        return found, broken


# By what the rows of a table are told apart; times count as being there or not.
KEPT: dict[sa.Table, tuple[str, ...]] = {
    relations.ACT: ("act", "person_id", "round_id", "society_id"),
    relations.SOCIETY: ("name",),
    relations.ANNOUNCEMENT: ("text", "person_id"),
    relations.TARGET: ("society_id", "person_id"),
    relations.REVIEW_EVENT: ("entry_id", "item", "kind", "score"),
    relations.REVIEW: ("entry_id", "item", "score"),
    relations.VERDICT: ("entry_id", "item", "score"),
    relations.ENTRY: (
        "round_id",
        "society_id",
        "status",
        "claimed",
        "reviewed",
        "finalized_at",
        "released_at",
        "own_rubric",
    ),
    relations.APPLICATION: ("entry_id", "project", "state", "standing", "version"),
    relations.APPLICATION_EVENT: ("entry_id", "project", "kind", "version"),
    relations.ROUND: ("rubric_sha256", "closed_at"),
    relations.RUBRIC_TEXT: ("sha256",),
    relations.OUTBOX: ("kind", "person_id", "text"),
}


def _lines(db: sa.Connection, table: sa.Table, columns: Sequence[str]) -> Iterator[str]:
    chosen = sa.select(*(table.c[name] for name in columns))
    if table is relations.OUTBOX:
        chosen = chosen.where(table.c.kind != "reply")
    for row in db.execute(chosen):
        told = (f"{value is not None}" if isinstance(value, datetime) else str(value) for value in row)
        yield f"{table.name} {' '.join(told)}"


def _set_up(db: sa.Connection) -> dict[str, str]:
    now = datetime.now(UTC)
    for id in ROUNDS:
        closes = now + timedelta(days=30) if id == ROUNDS[0] else None
        open_round(db, catalog()[id], f"{id}.yaml", title=None, closes_at=closes, zone="Asia/Shanghai", now=now)
    codes: dict[str, str] = {}
    for who, society in PEOPLE.items():
        if society:
            roster.add_society(db, society, now)
        whose = roster.find(db, society)[0].id if society else None
        role = "secretary" if society else "officer"
        codes[who] = joining.invite(db, society_id=whose, role=role, name=who, now=now)
    return codes


def sweep(house: House, deed: Deed, kills: int) -> Iterator[str]:
    """Kill so often within the act (0: at its every step); yields what is wrong, and at the end how many steps it has."""
    house.begin("lived")
    house.say(deed.before)
    house.keep("asked")
    one = house.request(deed.words, deed.name)
    whole = live(house.settings, [one])
    if "回执" not in whole.heard[0].body.decode():
        yield f"{deed.name} was not done: {json.loads(whole.heard[0].body)['replies'][-1]['text']}"
        return
    wanted, _ = house.picture()
    # What was alive has been counted to its last step; a process that is killed never counts beyond it.
    for step in _steps(whole.steps, kills):
        house.begin("asked")
        died = live(house.settings, [one], step)
        yield from (f"{deed.name}, killed at step {step}: {line}" for line in _compare(house, one, died.heard, wanted))
    yield f"= {deed.name}: {whole.steps} steps"


def _steps(count: int, kills: int) -> list[int]:
    """Those about the commit first, the others spread over the turn."""
    last = list(range(max(count - LAST + 1, 1), count + 1))
    if not kills:
        return list(range(1, count + 1))
    apart = max(kills - 2, 1)
    return sorted({*last[: min(kills, 2)], *(count * n // (apart + 1) for n in range(1, apart + 1))} - {0})


def _compare(house: House, one: Request, first: Sequence[Heard], wanted: Counter[str]) -> Iterator[str]:
    """The same delivery twice more, and the words typed once again: one effect, and one answer to the first."""
    again, once_more = live(house.settings, [one, one]).heard
    if {heard.status for heard in (*first, again, once_more)} != {200}:
        yield f"answered {again.status} {again.body!r}"
        return
    if len({heard.body for heard in (*first, again, once_more)}) > 1:
        yield "different words for the same delivery"
    if "回执" not in again.body.decode():
        yield f"not confirmed: {again.body.decode()}"
    house.say([one.text])
    found, broken = house.picture()
    yield from broken
    yield from (f"lost: {line}" for line in (wanted - found))
    yield from (f"doubled: {line}" for line in (found - wanted))


def run(folder: Path, url: str, *, kills: int, names: Sequence[str] = ()) -> list[str]:
    """The deeds of these names (all when none is given)."""
    house = House(folder, url)
    chosen = [deed for deed in DEEDS if not names or deed.name in names]
    return [line for deed in chosen for line in sweep(house, deed, kills)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.desk", description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--kills", type=int, default=0, help="so many within each act; 0: at its every step")
    parser.add_argument("--deed", action="append", default=[], choices=[deed.name for deed in DEEDS])
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="xuehui-desk-") as folder,
        database() if asked.postgres else nullcontext("") as url,
    ):
        lines = run(Path(folder), url, kills=asked.kills, names=asked.deed)
    print("\n".join(lines))
    return 1 if any(not line.startswith("= ") for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
