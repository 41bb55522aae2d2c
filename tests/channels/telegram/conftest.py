"""A stand-in of Telegram, and the server that talks to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import reception
from bot.telegram import carrying
from storage import outbox
from storage.relations import CONTACT, OUTBOX
from tests.channels.inside import Inside, inside, until
from tests.fakes.telegram import TOKEN, Telegram
from tests.fakes.telegram_people import User
from tests.season import Season

Serve = Callable[..., Inside]


@dataclass
class Town:
    """The server, its season, and who talks to it."""

    server: Inside
    season: Season
    fake: Telegram

    def joined(self, person: str = "王老师") -> User:
        """By the deep link of her invitation."""
        user = self.fake.user(person)
        user.starts(self.season.codes[person].replace("-", ""))
        assert "欢迎" in user.waits_for(1)[0]["text"]
        return user

    def rows(self, chosen: sa.Select[Any]) -> list[Any]:
        with self.server.house.db.read() as db:
            return list(db.execute(chosen))

    def states(self, user: User) -> list[tuple[str, str]]:
        """(kind, state) of everything owed to her, in order, once nothing is on its way."""
        chosen = sa.select(OUTBOX.c.kind, OUTBOX.c.state).where(OUTBOX.c.address == str(user.id))
        open_ones = sa.select(OUTBOX.c.id).where(OUTBOX.c.state.in_(("pending", "on_wire")))
        until(lambda: not self.rows(open_ones))
        return [(row.kind, row.state) for row in self.rows(chosen.order_by(OUTBOX.c.id))]

    def owe(self, user: User, *texts: str, kind: str = "notice", **more: Any) -> None:
        """Something said unasked; several of them at once."""
        live = sa.select(CONTACT).where(CONTACT.c.address == str(user.id), CONTACT.c.ended_at.is_(None))
        [contact] = self.rows(live)
        where = {"channel": "telegram", "account": contact.account, "address": contact.address}
        row = {"person_id": contact.person_id, "created_at": self.server.house.now(), **where, **more}

        def work(db: sa.Connection) -> None:
            for text in texts:
                outbox.owe(db, {**row, "text": text, "cause": f"test:{text}", "part": 0, "kind": kind})

        self.server.house.db.write(work)

    def polls(self) -> int:
        return len(self.fake.record.of("getUpdates"))

    def polled(self, times: int = 2) -> None:
        """Another `times` calls for updates have been answered."""
        count = self.polls() + times
        until(lambda: self.polls() >= count)


def answer(user: User, act: Callable[[], Any], count: int = 1) -> str:
    """What she is told after this, as one text."""
    before = len(user.hears)
    act()
    heard = user.waits_for(before + count)[before:]
    return "\n".join(one["text"] or one["caption"] or one["filename"] for one in heard)


@pytest.fixture
def fake() -> Iterator[Telegram]:
    with Telegram() as running:
        yield running


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers without the rests that Telegram wants, albums complete after a moment: tests of pacing do without."""
    monkeypatch.setattr(carrying, "PRIVATE", ())
    monkeypatch.setattr(carrying, "PER_SECOND", 100_000.0)
    monkeypatch.setattr(carrying, "STRICT", None)
    monkeypatch.setattr(reception, "ALBUM_SECONDS", 0.2)


@pytest.fixture
def serve(fake: Telegram, tmp_path: Path) -> Iterator[Serve]:
    """Starts the real application against the stand-in; settings by their names."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Inside:
            ours = {"telegram_bot_token": TOKEN, "telegram_api_base": fake.base, **settings}
            return stack.enter_context(inside(tmp_path, **ours))

        yield start


@pytest.fixture
def town(serve: Serve, fake: Telegram, hurried: None) -> Town:
    """A server that polls, without rests between its messages."""
    server = serve()
    return Town(server, server.season(datetime.now(UTC)), fake)
