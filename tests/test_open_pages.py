"""A page that stays open hears nothing more once its visitor is out, and nothing that was never said."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from storage.relations import CONTACT, OUTBOX, PERSON
from tests.channels.inside import Inside, inside
from tests.season import Season

Place = tuple[Inside, Season]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with inside(tmp_path_factory.mktemp("open")) as up:
        yield up, up.season(datetime.now(UTC))


@contextmanager
def visitor(place: Place, who: str) -> Iterator[httpx.Client]:
    up, season = place
    with httpx.Client(base_url=up.url, trust_env=False, timeout=5) as http:
        assert http.post("/chat/login", json={"code": season.codes[who], "id": who}).status_code == 204
        yield http


def data(lines: Iterator[str]) -> list[str]:
    return [line for line in lines if line.startswith("data: ")]


def put_out(place: Place, who: str, http: httpx.Client) -> None:
    up, _ = place
    now = datetime.now(UTC)
    up.house.db.write(lambda db: db.execute(sa.update(PERSON).where(PERSON.c.name == who).values(revoked_at=now)))


def leave(_place: Place, _who: str, http: httpx.Client) -> None:
    """On another tab, with the same cookie."""
    with httpx.Client(base_url=http.base_url, trust_env=False, cookies=http.cookies) as tab:
        assert tab.post("/chat/logout").status_code == 204


@pytest.mark.parametrize(("who", "out"), [("王老师", put_out), ("赵老师", leave)])
def test_a_stream_ends_with_its_visitor(
    place: Place, who: str, out: Callable[[Place, str, httpx.Client], None]
) -> None:
    with visitor(place, who) as http, http.stream("GET", "/chat/events", params={"after": 10_000}) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 1000"
        out(place, who, http)
        assert data(lines) == []  # it came to its end


@pytest.mark.parametrize(("who", "state"), [("李老师", "cancelled"), ("新老师", "expired"), ("吴处长", "unreachable")])
def test_what_was_never_said_stands_on_no_page(place: Place, who: str, state: str) -> None:
    up, season = place
    with visitor(place, who) as http:

        def owe(db: sa.Connection) -> int:
            newest = sa.select(CONTACT.c.address).order_by(CONTACT.c.id.desc()).limit(1)
            row: dict[str, Any] = {
                "cause": f"announcement:{state}",
                "part": 0,
                "kind": "announcement",
                "channel": "web",
                "account": "",
                "address": db.scalar(newest),
                "text": "不该看到",
                "choices": [],
                "files": [],
                "state": state,
                "created_at": season.now,
                "attempts": 0,
                "done": 0,
            }
            return int(db.execute(sa.insert(OUTBOX).values(**row).returning(OUTBOX.c.id)).scalar_one())

        held = up.house.db.write(owe)
        with http.stream("GET", "/chat/events", params={"after": held - 1}) as answer:
            with httpx.Client(base_url=up.url, trust_env=False, cookies=http.cookies) as tab:
                said = tab.post("/chat/messages", json={"id": state, "text": "帮助"}).json()["replies"][0]
            first = next(line for line in answer.iter_lines() if line.startswith("data: "))
        assert "不该看到" not in first
        assert f'"id": "{said["id"]}"' in first
