"""A server that is killed between storing a message and answering it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.running import Running, free_port
from tests.channels.inside import inside
from tests.channels.wechat.conftest import ours, shown, until
from tests.fakes.wechat import User, WeChat
from tests.fakes.wechat_push import Unanswered


class Dying(Running):
    """Started as the program that dies on request."""

    command = (sys.executable, "-m", "tests.channels.wechat.dying")

    def start(self) -> None:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        with self._log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment(), stdout=log, stderr=log, text=True
            )
        until(lambda: self._answers() or self._ended(within=0))
        assert not self._ended(within=0), self.log()


@pytest.fixture
def fake() -> Iterator[WeChat]:
    """In the time of the real server."""
    with WeChat() as running:
        yield running


@pytest.fixture
def dying(fake: WeChat, tmp_path: Path) -> Iterator[Dying]:
    server = Dying(tmp_path, free_port())
    names = {name.upper(): str(value) for name, value in ours(fake).items()}
    server.settings = {**names, "BOT_TEST_MODE": "1", "PORT": str(server.port)}
    server.start()
    fake.callback = f"{server.address}/wechat"
    yield server
    if server.process and server.process.poll() is None:
        server.kill()


def killed(dying: Dying, user: User, text: str) -> None:
    """She says it, and the server dies with her message stored; nobody answers her."""
    (dying.folder / "data" / "die").touch()
    push = {"MsgType": "text", "Content": text, "MsgId": next(user.courier.ids)}
    xml = user.courier.message(user, push)
    user.triggers("message")
    user.courier.last[user.openid] = xml
    with pytest.raises(Unanswered):
        user.courier.once(user, xml)
    assert dying.process
    assert dying.process.wait(10) == -9


def test_the_retry_gets_the_stored_answer(dying: Dying, fake: WeChat) -> None:
    user = fake.user("王老师")
    killed(dying, user, code := dying.invite())
    dying.start()
    first, again = (shown(one) for one in fake.deliver_again(user, 2))
    assert first.startswith("您好，测试学会")
    assert again == first
    assert "邀请码不对" not in shown(user.says(code)), "the first delivery had used it"


@pytest.mark.usefixtures("hurried")
def test_when_all_tries_are_lost_the_answer_comes_by_itself(dying: Dying, fake: WeChat, tmp_path: Path) -> None:
    user = fake.user("王老师")
    killed(dying, user, dying.invite())
    with inside(tmp_path, **ours(fake)) as server:
        fake.callback = f"{server.url}/wechat"
        [late] = user.waits_for(1)
        assert late["way"] == "custom"
        assert late["text"].startswith("您好，测试学会")
        assert [shown(one) for one in fake.deliver_again(user, 2)] == [late["text"]] * 2
    assert len(user.sees) == 1
