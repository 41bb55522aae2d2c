"""Servers that are killed, and two of them on one database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.relations import INBOUND, OUTBOX
from tests.browser.running import Running, free_port, running
from tests.channels.inside import until
from tests.fakes.telegram import TOKEN, Telegram


@pytest.fixture
def server(fake: Telegram, tmp_path: Path) -> Iterator[Running]:
    ours = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": fake.base, "BOT_TEST_MODE": "1"}
    with running(tmp_path / "server", **ours, RATE_PER_MINUTE="100000") as one:
        yield one


@pytest.fixture
def second(server: Running) -> Iterator[Running]:
    """Another process on the same database."""
    one = Running(server.folder, free_port(), server.settings)
    one.start()
    yield one
    if one.process and one.process.poll() is None:
        one.kill()


def counted(server: Running, table: sa.Table) -> int:
    db = server.database()
    with db.read() as connection:
        count = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
    db.close()
    return count


def settled(server: Running) -> None:
    """What has arrived is known to have arrived: else it would come once more, being a reply."""
    db = server.database()

    def still_open() -> list[int]:
        with db.read() as connection:
            return list(connection.scalars(sa.select(OUTBOX.c.id).where(OUTBOX.c.state.in_(("pending", "on_wire")))))

    until(lambda: not still_open())
    db.close()


def test_what_telegram_handed_to_a_server_that_died_is_heard_by_the_next(server: Running, fake: Telegram) -> None:
    user = fake.user("王老师")
    user.starts(server.invite(name="王老师").replace("-", ""))
    user.waits_for(1)
    fake.waits_until(lambda: not fake.pending)
    settled(server)
    server.freeze()
    user.says("开始")
    user.says("8分，年会1场")
    server.kill()
    assert len(fake.pending) == 2
    server.start()
    said = [one["text"] for one in user.waits_for(3)]
    assert "【1/25】" in said[1]
    fake.waits_until(lambda: not fake.pending)
    assert counted(server, INBOUND) == 3


def test_two_processes_poll_and_send_as_one_and_the_second_takes_over(
    server: Running, second: Running, fake: Telegram
) -> None:
    user = fake.user("王老师")
    user.starts(server.invite(name="王老师").replace("-", ""))
    user.waits_for(1)
    user.says("开始")
    user.waits_for(2)
    assert {call.status for call in fake.record.of("getUpdates")} == {200}
    settled(server)
    server.kill()
    user.says("8分，年会1场")
    assert "已记：第1项 8分" in user.waits_for(3)[2]["text"]
    album = user.sends_album([b"\xff\xd8\xff\xe0" + bytes([one]) * 99 for one in range(3)])
    assert "已收" in user.waits_for(4)[3]["text"]
    fake.waits_until(lambda: not fake.pending)
    assert len(album) == 3
    assert counted(second, INBOUND) == 4
    assert counted(second, OUTBOX) == 4
    settled(second)
    server.start()
    second.kill()
    user.says("看依据")
    until(lambda: len(user.hears) >= 8)
    assert len(user.hears) == 8
