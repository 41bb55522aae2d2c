"""Telegram by webhook: who may call, what is answered, and when."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from storage.relations import ARRIVAL, INBOUND
from tests.browser.running import free_port
from tests.channels.inside import inside, until
from tests.channels.telegram.conftest import Town, answer
from tests.fakes.telegram import TOKEN, Telegram
from tests.holding import held

SECRET = "CANARY-secret_of-the-hook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
def town(fake: Telegram, tmp_path: Path, hurried: None) -> Iterator[Town]:
    """A server that is called by Telegram."""
    port = free_port()
    hook = {"telegram_mode": "webhook", "telegram_webhook_secret": SECRET, "public_url": f"http://127.0.0.1:{port}"}
    with inside(tmp_path, telegram_bot_token=TOKEN, telegram_api_base=fake.base, port=port, **hook) as server:
        fake.waits_until(lambda: fake.platform.updates.webhook is not None)
        yield Town(server, server.season(server.house.now()), fake)


def post(town: Town, update: Any, secret: str | None = SECRET) -> int:
    headers = {HEADER: secret} if secret is not None else {}
    content = {"content": update} if isinstance(update, bytes) else {"json": update}
    return httpx.post(
        f"{town.server.url}/telegram", headers=headers, timeout=20, trust_env=False, **content
    ).status_code


def test_she_is_heard_by_the_webhook(town: Town) -> None:
    user = town.joined()
    assert "【1/25】" in answer(user, lambda: user.says("开始"))
    assert "已记：第1项 8分" in answer(user, lambda: user.sends_document("a.pdf", b"%PDF-1.7", "8分"))
    assert "【2/25】" in answer(user, lambda: user.taps("下一项"))
    assert town.fake.record.of("getUpdates") == []
    [hook] = town.fake.record.of("setWebhook")
    assert hook.given["secret_token"] == SECRET
    assert set(hook.given["allowed_updates"]) == {"message", "edited_message", "callback_query", "my_chat_member"}
    town.fake.waits_until(lambda: not town.fake.pending)


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", "密"])
def test_without_the_secret_nothing_is_read(town: Town, secret: str | None) -> None:
    with town.fake.held():
        update = town.fake.user("王老师").says("你好")
    headers = [(HEADER.encode(), secret.encode())] if secret is not None else []
    answered = httpx.post(
        f"{town.server.url}/telegram", headers=headers, json=update, timeout=20, trust_env=False, verify=False
    )
    assert answered.status_code == 401
    assert town.rows(sa.select(INBOUND.c.id)) == []


MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a word": b'"x"',
    "null": b"null",
    "not UTF-8": b'{"update_id": 1, "message": "\xff\xfe"}',
    "no id": b"{}",
    "an id of another type": b'{"update_id": "1"}',
    "an enormous number": b'{"update_id": %s}' % (b"9" * 5000),
    "nested 100,000 deep": b'{"update_id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_update_is_a_bad_request(town: Town, name: str) -> None:
    assert post(town, MALFORMED[name]) == 400
    assert town.rows(sa.select(INBOUND.c.id)) == []


def test_updates_of_a_wrong_shape_are_accepted_and_forgotten(town: Town) -> None:
    """Telegram would send them again for a day."""
    deep: dict[str, Any] = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}
    for _ in range(300):
        deep = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "reply_to_message": deep}
    wrong: list[Any] = [5, "x", None, [], {}, {"message_id": []}, {**deep, "chat": []}, deep, {**deep, "text": 7}]
    assert [post(town, {"update_id": n, "message": one}) for n, one in enumerate(wrong)] == [200] * len(wrong)


def test_two_hundred_is_answered_only_when_it_is_stored(town: Town) -> None:
    user = town.joined()
    with town.fake.held() as sent:
        user.says("开始")
    with held(town.server.house.db):
        assert post(town, sent[0]) == 503
    assert post(town, sent[0]) == 200
    assert [row.text for row in town.rows(sa.select(INBOUND.c.text).order_by(INBOUND.c.id))][1:] == ["开始"]
    user.waits_for(2)


def test_telegram_sends_again_what_was_not_stored(town: Town) -> None:
    user = town.joined()
    hook = town.fake.platform.updates.webhook
    assert hook
    with held(town.server.house.db):
        user.says("开始")
        while not hook.last_error:
            httpx.get(f"{town.server.url}/healthz", timeout=20, trust_env=False, verify=False)
    user.waits_for(2)
    town.fake.waits_until(lambda: not town.fake.pending)
    assert "503" in hook.last_error["last_error_message"]


def test_parallel_copies_have_one_effect_each(town: Town) -> None:
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    with town.fake.held() as sent:
        user.says("第1项 8分")
        user.says("第2项 5分")
        user.sends_document("a.pdf", b"%PDF-1.7")
        user.taps("跳过")
    with ThreadPoolExecutor(8) as pool:
        answered = list(pool.map(lambda update: post(town, update), [*sent[:2] * 6, *sent[::-1] * 6]))
    assert set(answered) == {200}
    until(lambda: not town.rows(sa.select(ARRIVAL.c.id).where(ARRIVAL.c.state == "waiting")))
    assert {state for _, state in town.states(user)} == {"sent"}
    assert len(town.rows(sa.select(ARRIVAL.c.id))) <= 4
    assert len(town.rows(sa.select(INBOUND.c.id))) == 6
    assert "自评合计13分" in answer(user, lambda: user.says("多少分"))
