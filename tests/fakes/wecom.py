"""A fake WeCom: the API of an application, its encrypted pushes, and the members who use it."""

import argparse
import socket
import time
from collections.abc import Callable
from typing import Any

from tests.fakes.serving import Serving
from tests.fakes.wecom_api import Answering
from tests.fakes.wecom_asked import Hanging
from tests.fakes.wecom_page import page_routes
from tests.fakes.wecom_push import Delivering
from tests.fakes.wecom_user import User

CORP_ID = "wwcanarycorp0001"
AGENT_ID = 1000002
SECRET = "CANARY-wecom-secret"
TOKEN = "CANARY-wecom-token"
AES_KEY = "Q0FOQVJZLXdlY29tLWFlcy1rZXktZm9yLXRlc3Rpbmc"  # CANARY-wecom-aes-key-for-testing
PORT = 9003
CALLBACK = "http://127.0.0.1:8000/wecom"
SOMEBODY = {"WangLaoShi": "王老师", "LiMiShu": "李秘书"}


class WeCom(Answering, Delivering, Serving):
    """Used as a context manager: `with WeCom() as fake: fake.user("WangLaoShi").says("你好")`."""

    def __init__(
        self,
        corp_id: str = CORP_ID,
        agent_id: int = AGENT_ID,
        secret: str = SECRET,
        token: str = TOKEN,
        aes_key: str = AES_KEY,
        *,
        callback: str | None = None,
        port: int = 0,
        second: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        Answering.__init__(
            self, corp_id, agent_id, secret, token, aes_key, callback=callback, second=second, clock=clock
        )
        Serving.__init__(self, [*self.api_routes(), *page_routes(self)], port)
        # asyncio does this only for sockets made with proto=IPPROTO_TCP; without it an answer takes 40 ms.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.config.app = Hanging(self.app)

    @property
    def base(self) -> str:
        """The API is below /cgi-bin/ here."""
        return self.address

    def user(self, userid: str, name: str | None = None) -> User:
        """A member of the corp; the same one for the same userid."""
        with self.changed:
            found = self.members.get(userid.lower())
            if not isinstance(found, User):
                found = User(self, self.base, userid, name or SOMEBODY.get(userid, userid))
                self.members[userid.lower()] = found
            return found

    def settings(self) -> dict[str, Any]:
        """What the bot needs in its environment to talk to this platform."""
        return {
            "WECOM_CORP_ID": self.corp_id,
            "WECOM_AGENT_ID": self.agent_id,
            "WECOM_SECRET": self.secret,
            "WECOM_TOKEN": self.token,
            "WECOM_AES_KEY": self.aes_key,
            "WECOM_API_BASE": self.base,
        }


def main(arguments: list[str]) -> None:
    """Serve until interrupted, for a human at the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes wecom", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--callback", default=CALLBACK)
    parser.add_argument("--corp-id", default=CORP_ID)
    parser.add_argument("--agent-id", type=int, default=AGENT_ID)
    parser.add_argument("--secret", default=SECRET)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--aes-key", default=AES_KEY)
    given = parser.parse_args(arguments)
    fake = WeCom(
        given.corp_id,
        given.agent_id,
        given.secret,
        given.token,
        given.aes_key,
        callback=given.callback,
        port=given.port,
    )
    for userid in SOMEBODY:
        fake.user(userid)
    with fake:
        print(f"# {fake.base}/ -> {fake.callback}; put this in .env:")
        for name, value in fake.settings().items():
            print(f"{name}={value}", flush=True)
        try:
            fake.thread.join()
        except KeyboardInterrupt:
            print("ended")
