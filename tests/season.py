"""A season to test in: a round, societies, people who speak, and a clock that the test moves."""

import io
import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers.inbox import take
from handlers.messages import Incoming, Message
from handlers.phrasebook import fits
from handlers.premises import Premises
from handlers.rounds import open_round
from handlers.societies import joining
from handlers.turn import Taken
from storage import filetypes
from storage.database import Database
from storage.files import FileStore
from storage.relations import SOCIETY
from tests.brought import BROUGHT
from tests.filling import FILLED

ZONE = ZoneInfo("Asia/Shanghai")
CLOSES = datetime(2027, 1, 15, 17, 30, tzinfo=ZONE)
SOCIETIES = {
    "王老师": "浙江省示例学会",
    "李老师": "浙江省示例学会",
    "赵老师": "浙江省茶叶学会",
    "新老师": "浙江省示例学会",
}
STAFF = {
    "staff": ("officer", "周科长"),
    "吴处长": ("officer", "吴处长"),
    "陈评审": ("reviewer", "陈评审"),
    "孙评审": ("reviewer", "孙评审"),
}
FILES = {path.name: path for path in (Path(__file__).parent / "dialogues" / "files").iterdir()}
HEADS = {
    "jpg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n",
    "pdf": b"%PDF-1.7\n",
    "mp4": b"\x00\x00\x00\x18ftypmp42",
    "txt": b"",
}


def bytes_of(name: str) -> bytes:
    """The file of that name beside the dialogues, else some of its kind that are the same whenever the name is."""
    if name in BROUGHT:
        return BROUGHT[name]()
    if name.removesuffix(".docx") in FILLED and name.endswith(".docx"):
        return FILLED[name.removesuffix(".docx")]()
    return FILES[name].read_bytes() if name in FILES else HEADS.get(name.rsplit(".", 1)[-1], b"") + name.encode()


@dataclass
class Season:
    db: Database
    store: FileStore
    now: datetime
    round: int
    codes: dict[str, str]
    seen: dict[tuple[str, str], int] = field(default_factory=dict)
    before: dict[tuple[str, str], int] = field(default_factory=dict)
    keys: "itertools.count[int]" = field(default_factory=itertools.count)
    shown: str = ""  # the code that the bot showed last

    @classmethod
    def begin(
        cls, db: Database, rubric: str, now: datetime, folder: Path, *, closes: datetime | None = CLOSES
    ) -> "Season":
        codes: dict[str, str] = {}

        def set_up(connection: sa.Connection) -> int:
            id = open_round(
                connection, rubric, "zhejiang-2020.yaml", title=None, closes_at=closes, zone="Asia/Shanghai", now=now
            )
            ids: dict[str, int] = {}
            for person, society in SOCIETIES.items():
                if society not in ids:
                    row = sa.insert(SOCIETY).values(name=society, created_at=now).returning(SOCIETY.c.id)
                    ids[society] = connection.execute(row).scalar_one()
                codes[person] = joining.invite(
                    connection, society_id=ids[society], role="secretary", name=person, now=now
                )
            for person, (role, name) in STAFF.items():
                codes[person] = joining.invite(connection, society_id=None, role=role, name=name, now=now)
            return id

        return cls(db, FileStore(folder), now, db.write(set_up), codes)

    @property
    def premises(self) -> Premises:
        return Premises(self.store, "https://xuehui.example", "Asia/Shanghai")

    def reopen(self) -> None:
        """As after a restart: nothing is known but what is stored; only the words of SQL stay put together."""
        self.db.close()

    def join(self, person: str, channel: str = "dialogue") -> Taken:
        """Her code; on a second channel a new one for the same person."""
        code = self.codes[person]
        if any(who == person for who, _ in self.seen):
            code = self.db.write(lambda connection: self._another_code(connection, person))
        return self.say(person, code, channel=channel)

    def _another_code(self, connection: sa.Connection, person: str) -> str:
        society = connection.execute(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == SOCIETIES[person])).scalar_one()
        return joining.invite(connection, society_id=society, role="secretary", name=person, now=self.now)

    def say(
        self,
        person: str,
        text: str = "",
        *,
        channel: str = "dialogue",
        files: tuple[str, ...] = (),
        hasty: bool = False,
        key: str | None = None,
        choice: str | None = None,
    ) -> Taken:
        """One message of one person; `hasty`: she had not yet seen the last answer."""
        line = (person, channel)
        message = Message(
            channel=channel,
            address=person,
            key=key or f"{person}:{next(self.keys)}",
            text=text,
            choice=choice,
            files=tuple(self.file(name) for name in files),
            seen=(self.before if hasty else self.seen).get(line, 0),
        )
        taken = take(self.db, message, self.now, premises=self.premises)
        assert taken.replies, f"no answer to {text!r}"
        assert all(fits(reply.text) and reply.text for reply in taken.replies), text
        self.before[line] = self.seen.get(line, 0)
        self.seen[line] = max((reply.id for reply in taken.replies), default=self.seen.get(line, 0))
        return taken

    def again(self, message: Message) -> Taken:
        return take(self.db, replace(message), self.now)

    def file(self, name: str) -> Incoming:
        """What the channel hands over for a file of that name."""
        blob = self.store.put(io.BytesIO(bytes_of(name)))
        found = filetypes.sniff(blob.head, self.store.path(blob.sha256), name)
        assert found, f"not on the allow-list: {name}"
        return Incoming(name, blob.sha256, blob.size, found)

    def clock(self, text: str) -> None:
        """2026-12-20 09:00[:SS] in the round's zone."""
        self.now = datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)
