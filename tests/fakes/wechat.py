"""A strict stand-in for a WeChat Official Account: the API that the bot calls, and the pushes that call the bot."""

import argparse
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.fakes.serving import Fault, Record, Serving
from tests.fakes.wechat_account import Account, Clock, Follower, Shown
from tests.fakes.wechat_api import Api
from tests.fakes.wechat_push import HEADERS, Courier, Try
from tests.fakes.wechat_sending import Sending
from tests.fakes.wechat_sim import Sim, passes
from tests.fakes.wechat_user import User, openid_of

__all__ = ["AES_KEY", "APP_ID", "SECRET", "TOKEN", "Fault", "Shown", "User", "WeChat", "main"]

APP_ID = "wxcanaryappid0001"
SECRET = "CANARY-wechat-secret"
TOKEN = "CANARY-wechat-token"
AES_KEY = "CANARYwechatAESkey0123456789abcdefghijklmnA"


class WeChat(Serving):
    """The hosts api.weixin, mp.weixin and open.weixin in one; `second` scales the five seconds of a push."""

    def __init__(
        self,
        app_id: str = APP_ID,
        secret: str = SECRET,
        token: str = TOKEN,
        aes_key: str = AES_KEY,
        callback: str | None = None,
        port: int = 0,
        second: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.record = Record()
        self.clock = Clock(clock)
        self.account = Account(app_id, secret, self.clock)
        self.courier = Courier(self.account, token, aes_key, callback, second)
        sending = Sending(self.account, self.courier)
        api = Api(self.account, sending, self.record, lambda: self.base)
        super().__init__(api.routes() + Sim(self.account, self.record, self.user).routes(), port)

    def __exit__(self, *_: object) -> None:
        try:
            self.courier.settles()
        finally:
            self.courier.client.close()
            super().__exit__()

    @property
    def base(self) -> str:
        return self.address

    @property
    def callback(self) -> str | None:
        return self.courier.callback

    @callback.setter
    def callback(self, address: str | None) -> None:
        self.courier.callback = address

    @property
    def mode(self) -> str:
        """How pushes come: safe, compatible or plain."""
        return self.courier.mode

    @mode.setter
    def mode(self, mode: str) -> None:
        assert mode in ("safe", "compatible", "plain")
        self.courier.mode = mode

    @property
    def stamps(self) -> Callable[[], float]:
        """The clock of CreateTime and of the signed timestamp: the moved one, unless the bot lives in real time."""
        return self.courier.stamps

    @stamps.setter
    def stamps(self, clock: Callable[[], float]) -> None:
        self.courier.stamps = clock

    @property
    def faulty_answers(self) -> list[str]:
        """Why people saw that the service is out of order."""
        return self.courier.faulty_answers

    @property
    def tries(self) -> list[Try]:
        """Every request that went to the callback."""
        return self.courier.tries

    def user(self, name: str, *, follows: bool = True) -> User:
        """The person of that name; new ones follow the account already, without an event or a quota."""
        with self.account.lock:
            found = self.account.followers.get(openid_of(self.account.app_id, name))
            if found is None:
                found = User(self.account, self.courier, self.base, name, follows=follows)
                self.account.followers[found.openid] = found
        assert isinstance(found, User)
        return found

    def fault(self, method: str, **what: Any) -> Fault:
        """The next calls of `method` (the path after /cgi-bin/) go wrong; an errcode: body={"errcode": -1}."""
        fault = Fault(method, **what)
        with self.record.lock:
            self.record.faults.append(fault)
        return fault

    def template(self, id: str, *fields: str) -> str:
        """A template of the account, with fields like thing1, time2."""
        self.account.templates[id] = fields
        return id

    def passes(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Time goes by for quotas, media, QR codes, tokens and timestamps of pushes."""
        passes(self.clock, days=days, hours=hours, minutes=minutes, seconds=seconds)

    def settles(self) -> None:
        """Pushes that nobody waits for (TEMPLATESENDJOBFINISH) have come to their end."""
        self.courier.settles()

    def verifies(self, token: str | None = None) -> bool:
        """Whether the callback passes the console's check; with another token it must not."""
        return self.courier.verifies(token)

    def xml(self, user: Follower, **fields: Any) -> str:
        """The XML of a push with the envelope around `fields`."""
        return self.courier.message(user, fields)

    def delivery(
        self,
        user: Follower,
        xml: str,
        *,
        mode: str | None = None,
        timestamp: int | None = None,
        nonce: str | None = None,
    ) -> tuple[str, bytes]:
        """Address and body of a valid request, for attackers to spoil."""
        return self.courier.delivery(user, xml, mode=mode, timestamp=timestamp, nonce=nonce)

    def deliver(self, user: Follower, xml: str) -> Shown | None:
        """A push of any XML, with all of the protocol."""
        return self.courier.deliver(user, xml)

    def deliver_again(self, user: Follower, times: int = 1, *, parallel: bool = False) -> list[Shown | None]:
        """The user's last push again, one try each: what each answer would show. Nothing of it is shown."""
        return self.courier.again(user, times, parallel=parallel)

    def post_raw(self, body: str | bytes, query: str | Mapping[str, str] = "") -> tuple[int, str]:
        """Any request to the callback: status and text of its answer."""
        assert self.callback, "no callback is set"
        query = query if isinstance(query, str) else urlencode(query)
        answer = httpx.post(
            f"{self.callback}?{query}", content=body, headers=HEADERS, trust_env=False, verify=False, timeout=30
        )
        return answer.status_code, answer.text


def main(arguments: list[str]) -> None:
    """Serve in the foreground, for a bot and a browser on this machine."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes wechat", description=__doc__)
    parser.add_argument("--port", type=int, default=9002)
    parser.add_argument("--callback", default="http://127.0.0.1:8000/wechat")
    parser.add_argument("--app-id", default=APP_ID)
    parser.add_argument("--secret", default=SECRET)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--aes-key", default=AES_KEY)
    given = parser.parse_args(arguments)
    fake = WeChat(given.app_id, given.secret, given.token, given.aes_key, given.callback, given.port)
    with fake:
        print(f"WECHAT_APP_ID={given.app_id}\nWECHAT_APP_SECRET={given.secret}\nWECHAT_TOKEN={given.token}")
        print(f"WECHAT_AES_KEY={given.aes_key}\nWECHAT_API_BASE={fake.base}")
        print(f"# the phone: {fake.base}/   pushes go to {given.callback}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("end")
