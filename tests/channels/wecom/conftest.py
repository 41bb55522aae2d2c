"""A corp whose members talk to the running server, and a carrier by itself for the exact requests."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.house import House, open_house
from bot.rendering import Ask
from bot.settings import Settings
from bot.wecom.carrying import WeComCarrier
from storage.database import Database
from storage.relations import ACCOUNT, ARRIVAL, INBOUND, Row
from tests.browser.running import Running, running
from tests.fakes.wecom import AGENT_ID, CORP_ID, WeCom
from tests.fakes.wecom_user import User
from tests.schema import place

AT = datetime(2026, 12, 20, 1, 0, tzinfo=UTC)
OURS = f"{CORP_ID}:{AGENT_ID}"


@dataclass
class Office:
    """The server with its corp; every test has members of its own."""

    fake: WeCom
    server: Running
    db: Database
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def member(self) -> User:
        return self.fake.user(f"Mishu{next(self.numbers)}")

    def secretary(self, *words: str) -> User:
        """Somebody who has joined, and has said this."""
        user = self.member()
        for said in (self.server.invite(name=user.userid), *words):
            before = len(user.sees)
            assert user.says(said).arrived
            user.waits_for(before + 1)
        return user

    def stored(self) -> tuple[int, int]:
        """How many messages have been taken, and how many wait."""
        with self.db.read() as db:
            tables = (INBOUND, ARRIVAL)
            taken, waiting = (db.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables)
        return taken, waiting

    def wrong(self) -> list[Any]:
        """What the platform has to complain of."""
        return [*self.fake.complaints, *self.fake.faulty_answers, *self.fake.dropped_silently]


def served(fake: WeCom, folder: Path, **more: str) -> AbstractContextManager[Running]:
    """The real server, with this corp only."""
    settings = {name: str(value) for name, value in fake.settings().items()}
    return running(folder, **settings, BOT_TEST_MODE="1", **more)


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("wecom")
    with WeCom() as fake, served(fake, folder, RATE_PER_MINUTE="1000") as server:
        fake.callback = f"{server.address}/wecom"
        db = server.database()
        office = Office(fake, server, db)
        yield office
        db.close()
        assert office.wrong() == []
        assert server.interrupt() == 0
        assert "CANARY" not in server.log()
        assert "Traceback" not in server.log()


@pytest.fixture(scope="package")
def platform() -> Iterator[WeCom]:
    with WeCom(callback="http://127.0.0.1:9/wecom") as serving:
        yield serving


@pytest.fixture
def fake(platform: WeCom) -> WeCom:
    platform.begin_anew()
    platform.user("WangLaoShi")
    return platform


@pytest.fixture(scope="package")
def opened(platform: WeCom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    given = {name.lower(): str(value) for name, value in platform.settings().items()}
    data = tmp_path_factory.mktemp("house")
    place(data)
    house = open_house(Settings.model_validate({"data_dir": data, **given}))
    yield house
    house.db.close()


@pytest.fixture
def house(opened: House, fake: WeCom) -> House:
    """Without a token."""
    opened.db.write(lambda db: db.execute(sa.delete(ACCOUNT)))
    return opened


@dataclass
class Asked:
    """A carrier of its own, asked one thing after the other."""

    house: House

    def posts(self, row: Row, *requests: Ask) -> None:
        """These requests, or all that the row needs, by a carrier that is new."""

        async def work(carrier: WeComCarrier) -> None:
            for request in requests or carrier.requests(row):
                await carrier.post(row, request)

        self.does(work)

    def does(self, work: Callable[[WeComCarrier], Awaitable[None]]) -> None:
        async def whole() -> None:
            carrier = WeComCarrier(self.house, OURS)
            try:
                await work(carrier)
            finally:
                await carrier.api.close()

        asyncio.run(whole())


@pytest.fixture
def asked(house: House) -> Asked:
    return Asked(house)


def row(text: str, choices: str = "", *, id: int = 7, upload: bool = False, files: Any = ()) -> Any:
    """An outbox row as the carrier sees it."""
    labels: list[dict[str, Any]] = [{"label": label, "words": label} for label in choices.split()]
    labels += [{"label": "上传文件", "words": "上传文件", "upload": True}] if upload else []
    return SimpleNamespace(
        id=id, address="WangLaoShi", text=text, choices=labels, files=list(files), created_at=AT, kind="reply"
    )
