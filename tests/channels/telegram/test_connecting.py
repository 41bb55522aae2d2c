"""How the bot is connected: what is confirmed when, who else polls, tokens, outages, proxies."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bot.house import open_house
from bot.telegram.carrying import bot_of
from storage.relations import INBOUND
from tests.browser.running import free_port
from tests.channels.inside import inside, settings_in, until
from tests.channels.telegram.conftest import Serve, Town, answer
from tests.fakes.telegram import TOKEN, Telegram
from tests.holding import held
from tests.schema import place


def test_an_update_is_forgotten_by_telegram_only_when_it_is_stored(
    serve: Serve, fake: Telegram, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.channel.RETRY_SECONDS", 0.1)
    server = serve()
    town = Town(server, server.season(server.house.now()), fake)
    user = town.joined()
    with held(server.house.db):
        update = user.says("开始")
        town.polled(3)
        assert [one["update_id"] for one in fake.pending] == [update["update_id"]]
    assert "【1/25】" in user.waits_for(2)[1]["text"]
    fake.waits_until(lambda: not fake.pending)
    assert len(town.rows(sa.select(INBOUND.c.id))) == 2


def test_somebody_else_who_polls_is_named_and_the_bot_goes_on(town: Town) -> None:
    user = town.joined()
    call = f"{town.fake.base}/bot{TOKEN}/getUpdates"
    httpx.post(call, json={"timeout": 0}, timeout=20, trust_env=False, verify=False)
    until(lambda: town.server.get("/readyz")["channels"]["telegram"] == "Conflict")
    assert "【1/25】" in answer(user, lambda: user.says("开始"))
    until(lambda: town.server.get("/readyz")["channels"]["telegram"] == "on")


def test_ids_that_begin_anew_after_a_quiet_week_are_heard(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.polling.POLL_SECONDS", 0)
    user = town.joined()
    town.polled(3)
    town.fake.platform.updates.confirmed = 0
    town.fake.platform.updates.next_id = 5
    assert "【1/25】" in answer(user, lambda: user.says("开始"))


def test_a_rejected_token_is_told_and_the_web_chat_lives(serve: Serve, fake: Telegram) -> None:
    server = serve(telegram_bot_token="123456:of-another-bot")
    until(lambda: server.get("/readyz")["channels"]["telegram"] == "the token was rejected")
    page = httpx.get(server.url, timeout=20, trust_env=False, verify=False)
    assert page.status_code == 200
    assert "of-another-bot" not in str(server.get("/readyz"))


def test_a_token_that_is_revoked_later_is_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.polling.POLL_SECONDS", 0)
    town.joined()
    town.fake.token = "123456:a-new-one"
    until(lambda: town.server.get("/readyz")["channels"]["telegram"] == "the token was rejected")


def test_without_telegram_the_web_chat_works_and_the_bot_connects_later(tmp_path: Path, hurried: None) -> None:
    port = free_port()
    with inside(tmp_path, telegram_bot_token=TOKEN, telegram_api_base=f"http://127.0.0.1:{port}") as server:
        until(lambda: "ConnectError" in server.get("/readyz")["channels"]["telegram"])
        assert httpx.get(server.url, timeout=20, trust_env=False, verify=False).status_code == 200
        with Telegram(port=port) as fake:
            town = Town(server, server.season(server.house.now()), fake)
            town.joined()


class Proxy:
    """Passes on what it is asked for by a whole address, and remembers the addresses."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                proxy.passed.append(self.path)
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                kept = {name: value for name, value in self.headers.items() if name.lower() == "content-type"}
                with httpx.Client(trust_env=False, verify=False, timeout=40) as client:
                    answer = client.request(self.command, self.path, content=content, headers=kept)
                self.send_response(answer.status_code)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST  # noqa: N815 - the names are http.server's

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    one = Proxy()
    yield one
    one.server.shutdown()
    one.server.server_close()


def test_everything_goes_through_the_proxy_of_the_settings(
    serve: Serve, fake: Telegram, hurried: None, proxy: Proxy
) -> None:
    server = serve(telegram_proxy=proxy.address)
    town = Town(server, server.season(server.house.now()), fake)
    user = town.joined()
    answer(user, lambda: user.says("开始"))
    answer(user, lambda: user.sends_document("a.pdf", b"%PDF-1.7"))
    asked = {call.method for call in fake.record.calls}
    assert {"getMe", "getUpdates", "sendMessage", "getFile", "file"} <= asked
    assert len(proxy.passed) >= len(fake.record.calls)


def test_a_proxy_may_speak_socks(tmp_path: Path) -> None:
    socks = {"telegram_proxy": "socks5://127.0.0.1:1080", "telegram_api_base": "http://127.0.0.1:1"}
    place(tmp_path / "data")
    house = open_house(settings_in(tmp_path, telegram_bot_token=TOKEN, **socks))
    bot, polling = bot_of(house)
    assert bot.request is not polling
    house.db.close()


def test_a_proxy_that_is_away_is_told_without_its_password(serve: Serve) -> None:
    server = serve(telegram_proxy=f"http://her:CANARY-proxy@127.0.0.1:{free_port()}")
    until(lambda: "ConnectError" in server.get("/readyz")["channels"]["telegram"])
    assert "CANARY" not in str(server.get("/readyz"))
