"""A stand-in of WeChat and the application behind it, both in the time of a season."""

import asyncio
import shutil
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from bot.house import House, open_house
from bot.wechat import carrying, channel
from handlers.societies import joining
from handlers.societies.roster import add_society
from rubrics.reading import catalog
from scheduler import delivery
from storage import outbox
from storage.relations import ARRIVAL, CONTACT, EVIDENCE, INBOUND, OUTBOX, SOCIETY, Row
from tests.channels.inside import RUBRIC, Inside, inside, settings_in
from tests.conftest import NEW_YEAR
from tests.fakes.wechat import AES_KEY, APP_ID, SECRET, TOKEN, Shown, User, WeChat
from tests.schema import place
from tests.season import Season

T = TypeVar("T")
PATIENCE = 60.0
PHOTO = b"\xff\xd8\xff\xe0"


def ours(fake: WeChat) -> dict[str, Any]:
    """The settings of the channel, by their names."""
    names = {"wechat_app_id": APP_ID, "wechat_app_secret": SECRET, "wechat_token": TOKEN, "wechat_aes_key": AES_KEY}
    return {**names, "wechat_api_base": fake.base}


def carried(house: House, work: Callable[[carrying.WeChatCarrier], Awaitable[T]]) -> T:
    """With a carrier of its own, as another process would have."""

    async def whole() -> T:
        carrier = carrying.WeChatCarrier(house)
        try:
            return await work(carrier)
        finally:
            await carrier.api.close()

    return asyncio.run(whole())


def until(true: Callable[[], Any]) -> Any:
    """What it answers once it is true; what only a database knows can't be awaited otherwise."""
    beat = threading.Event()
    for _ in range(int(PATIENCE * 100)):
        if found := true():
            return found
        beat.wait(0.01)
    raise AssertionError("it does not come true")


@contextmanager
def hasty() -> Iterator[None]:
    """The bot gives up on answering by hand after a second, in which what came must be stored: only while this is meant,
    for a busy machine is slow too."""
    with patch.object(channel, "ANSWER_SECONDS", 1.0):
        yield


@dataclass
class Town:
    """The account, the people who follow it, and the bot."""

    fake: WeChat
    server: Inside
    clock: Path
    began: float  # the seconds between this season and the real clock

    def passes(self, **spans: float) -> None:
        """Time goes by for the platform and for the bot."""
        self.fake.passes(**spans)
        set_clock(self.clock, self.began + self.fake.clock.moved)

    @property
    def now(self) -> datetime:
        return self.server.house.now()

    def invite(self, *, role: str = "secretary", society: str = "浙江省示例学会") -> str:
        def work(db: sa.Connection) -> str:
            add_society(db, society, self.now)
            id = db.scalar(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == society))
            home = id if role == "secretary" else None
            return joining.invite(db, society_id=home, role=role, name=None, now=self.now)

        return self.server.house.db.write(work)

    def joined(self, name: str, *, at: bool = True) -> User:
        """A secretary with a society of her own, at its first item."""
        user = self.fake.user(name)
        assert shown(user.says(self.invite(society=f"{name}的学会"))).startswith("欢迎")
        if at:
            assert "【1/25】" in shown(user.says("开始"))
        return user

    def rows(self, user: User, *states: str) -> list[Row]:
        """What is or was owed to her, oldest first."""
        with self.server.house.db.read() as db:
            chosen = sa.select(OUTBOX).where(OUTBOX.c.address == user.openid).order_by(OUTBOX.c.id)
            return [row for row in db.execute(chosen) if not states or row.state in states]

    def heard(self, user: User) -> list[Row]:
        """Her messages that were taken."""
        with self.server.house.db.read() as db:
            mine = sa.select(INBOUND).join(CONTACT, CONTACT.c.id == INBOUND.c.contact_id)
            return list(db.execute(mine.where(CONTACT.c.address == user.openid).order_by(INBOUND.c.id)))

    def waiting(self, count: int) -> None:
        """As soon as so many pushes wait for their media, or behind some."""

        def so_many() -> bool:
            with self.server.house.db.read() as db:
                waits = sa.select(sa.func.count()).where(ARRIVAL.c.state == "waiting")
                return db.scalar(waits) == count

        until(so_many)

    def contact(self, user: User) -> Row:
        with self.server.house.db.read() as db:
            return db.execute(sa.select(CONTACT).where(CONTACT.c.address == user.openid)).one()

    def owe(self, user: User, text: str, *, cause: str, kind: str = "notice") -> None:
        """Something said unasked."""
        person = self.contact(user).person_id
        row = {"cause": cause, "part": 0, "kind": kind, "person_id": person, "channel": "wechat", "account": APP_ID}
        whole = {**row, "address": user.openid, "text": text, "created_at": self.now}
        assert self.server.house.db.write(lambda db: outbox.owe(db, whole))

    def owed(self, user: User, state: str, count: int = 1) -> list[Row]:
        """As soon as so many are in this state."""
        found: list[Row] = until(lambda: len(rows := self.rows(user, state)) >= count and rows)
        assert len(found) == count
        return found

    def connected(self, state: str = "on") -> None:
        until(lambda: self.channel == state)

    @property
    def channel(self) -> str:
        return str(self.server.get("/readyz")["channels"]["wechat"])


def shown(what: Shown | None) -> str:
    """The text of a passive answer that must be one."""
    assert what is not None, "nothing is shown"
    assert what["kind"] == "passive", what["text"]
    return str(what["text"])


def texts(seen: list[Shown], way: str | None = None) -> list[str]:
    return [str(one["text"]) for one in seen if way in (None, one["way"])]


def links(what: Mapping[str, Any]) -> dict[str, str]:
    """Where the links that are no choices lead."""
    return dict(what["urls"])


def evidence(town: Town) -> list[str]:
    """The kinds of all files that count."""
    with town.server.house.db.read() as db:
        kept = sa.select(EVIDENCE.c.media_type).where(EVIDENCE.c.sha256.is_not(None), EVIDENCE.c.withdrawn_at.is_(None))
        return list(db.scalars(kept.order_by(EVIDENCE.c.id)))


def set_clock(file: Path, seconds: float) -> None:
    """The bot's clock so far from the real one, at once."""
    fresh = file.with_suffix(".new")
    fresh.write_text(f"{seconds:+.3f}", encoding="ascii")
    fresh.replace(file)


@pytest.fixture
def fake() -> Iterator[WeChat]:
    began = (NEW_YEAR - datetime.now(UTC)) / timedelta(seconds=1)
    with WeChat(clock=lambda: time.time() + began) as running:
        yield running


Serve = Callable[..., Town]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the half second that keeps the order of messages with the real platform."""
    monkeypatch.setattr(carrying, "CHAT", ())
    monkeypatch.setattr(delivery, "IDLE_SECONDS", 0.05)


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an open round, to be copied: quicker than a new one for every test."""
    folder = tmp_path_factory.mktemp("wechat")
    place(folder / "data")
    house = open_house(settings_in(folder))
    Season.begin(house.db, catalog()[RUBRIC], NEW_YEAR, house.settings.data_dir / "files")
    house.db.close()
    return folder / "data"


@pytest.fixture
def serve(fake: WeChat, tmp_path: Path, begun: Path, hurried: None) -> Iterator[Serve]:
    """Starts the real application against the stand-in, with an open round; settings by their names."""
    clock = tmp_path / "clock"
    began = fake.clock() - time.time()
    set_clock(clock, began)
    shutil.copytree(begun, tmp_path / "data")
    with ExitStack() as stack:

        def start(**settings: Any) -> Town:
            server = stack.enter_context(inside(tmp_path, **{**ours(fake), "bot_clock_file": clock, **settings}))
            fake.callback = f"{server.url}/wechat"
            return Town(fake, server, clock, began)

        yield start


@pytest.fixture
def town(serve: Serve) -> Iterator[Town]:
    """Connected; in the end nobody has seen that the service is out of order."""
    town = serve()
    town.connected()
    yield town
    assert town.fake.faulty_answers == []
