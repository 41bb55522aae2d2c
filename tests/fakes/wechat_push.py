"""The platform's pushes to the bot: sealed, signed, five seconds, three tries, and what comes of the answer."""

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.fakes.serving import PATIENCE
from tests.fakes.wechat_account import Account, Follower, Shown
from tests.fakes.wechat_answers import Faulty, judged
from tests.fakes.wechat_crypto import Seal
from tests.fakes.wechat_showing import FAULT, shown_text

TRIES = 3
ANSWER_SECONDS = 5.0
# As the real one says it: a new connection for each request, XML in the body.
HEADERS = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0", "Pragma": "no-cache", "Connection": "close"}


class Unanswered(Exception):
    """No answer in time, or no connection."""


@dataclass(frozen=True)
class Try:
    """One request to the bot and its end; no status: no answer."""

    openid: str
    xml: str
    status: int | None
    body: bytes
    at: float  # time.monotonic() at the start
    took: float


def cdata(text: str) -> str:
    """A text as the platform writes it; what XML cannot carry is left out."""
    fit = "".join(
        letter for letter in text if letter in "\t\n\r" or (ord(letter) >= 0x20 and letter not in "\ufffe\uffff")
    )
    return f"<![CDATA[{fit.replace(']]>', ']]]]><![CDATA[>')}]]>"


def written(fields: Mapping[str, Any]) -> str:
    """Nodes of XML: numbers bare, texts in CDATA, mappings inside."""
    return "".join(f"<{name}>{_content(value)}</{name}>" for name, value in fields.items())


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return written(value)
    return cdata(value) if isinstance(value, str) else str(value)


class Courier:
    """Carries pushes to the callback and shows what is answered."""

    def __init__(self, account: Account, token: str, aes_key: str, callback: str | None, second: float) -> None:
        self.account = account
        self.seal = Seal(token, aes_key, account.app_id)
        self.callback = callback
        self.second = second
        self.mode = "safe"
        self.stamps: Callable[[], float] = account.clock
        self.faulty_answers: list[str] = []
        self.tries: list[Try] = []
        self.last: dict[str, str] = {}
        self.running: list[threading.Thread] = []
        # MsgIds differ between runs, too: a bot keeps those it has seen.
        self.ids = itertools.count(time.time_ns() // 1000 * 1000)
        limits = httpx.Limits(max_keepalive_connections=0)
        self.client = httpx.Client(
            timeout=ANSWER_SECONDS * second, limits=limits, trust_env=False, verify=False, headers=HEADERS
        )

    def message(self, follower: Follower, fields: Mapping[str, Any]) -> str:
        """A push's XML with the envelope around `fields`."""
        head = {"ToUserName": self.account.id, "FromUserName": follower.openid, "CreateTime": int(self.stamps())}
        return f"<xml>{written({**head, **fields})}</xml>"

    def signed(self, *sealed: str, timestamp: int | None = None, nonce: str | None = None) -> dict[str, str]:
        """Query parameters of a request; msg_signature if something is sealed."""
        stamp = str(int(self.stamps()) if timestamp is None else timestamp)
        nonce = nonce or str(secrets.randbelow(10**10))
        query = {"signature": self.seal.sign(stamp, nonce), "timestamp": stamp, "nonce": nonce}
        if sealed:
            query |= {"encrypt_type": "aes", "msg_signature": self.seal.sign(stamp, nonce, *sealed)}
        return query

    def delivery(
        self,
        user: Follower,
        xml: str,
        *,
        mode: str | None = None,
        timestamp: int | None = None,
        nonce: str | None = None,
    ) -> tuple[str, bytes]:
        """Address and body of a valid request that carries `xml`; mode is safe, compatible or plain."""
        mode = mode or self.mode
        assert mode in ("safe", "compatible", "plain")
        assert self.callback, "no callback is set"
        sealed = [] if mode == "plain" else [self.seal.seal(xml)]
        query = self.signed(*sealed, timestamp=timestamp, nonce=nonce) | {"openid": user.openid}
        envelope = f"<ToUserName><![CDATA[{self.account.id}]]></ToUserName>" if mode == "safe" else ""
        plain = "" if mode == "safe" else xml.removeprefix("<xml>").removesuffix("</xml>")
        encrypt = "".join(f"<Encrypt><![CDATA[{each}]]></Encrypt>" for each in sealed)
        return f"{self.callback}?{urlencode(query)}", f"<xml>{plain}{envelope}{encrypt}</xml>".encode()

    def once(self, user: Follower, xml: str, mode: str | None = None) -> tuple[int, bytes]:
        """One try: status and body of the answer; raises Unanswered."""
        url, body = self.delivery(user, xml, mode=mode)
        started = time.monotonic()
        status, content = None, b""
        try:
            answer = self.client.post(url, content=body)
            status, content = answer.status_code, answer.content
        except httpx.TransportError as error:
            raise Unanswered(repr(error)) from error
        finally:
            took = time.monotonic() - started
            self.tries.append(Try(user.openid, xml, status, content, started, took))
        if took > ANSWER_SECONDS * self.second:
            raise Unanswered(f"{took:.2f} s")
        return status, content

    def read(self, user: Follower, status: int, content: bytes, mode: str | None = None) -> Shown | None:
        """What the user sees of an answer; raises Faulty."""
        if status != 200:
            raise Faulty(f"HTTP {status}")
        return judged(content, self.account, user, None if (mode or self.mode) == "plain" else self.seal)

    def deliver(self, user: Follower, xml: str, *, visible: bool = True) -> Shown | None:
        """The whole protocol for one push; what was shown, if anything."""
        if self.callback is None:
            return None
        self.last[user.openid] = xml
        try:
            shown = self.read(user, *self._answered(user, xml))
        except (Faulty, Unanswered) as error:
            self.faulty_answers.append(f"{user.name}: {error}")
            shown = shown_text("fault", "passive", FAULT)
        if shown is None or not visible:
            return None
        user.show(shown)
        return shown

    def _answered(self, user: Follower, xml: str) -> tuple[int, bytes]:
        for _ in range(TRIES - 1):
            try:
                return self.once(user, xml)
            except Unanswered:
                continue
        return self.once(user, xml)

    def later(self, user: Follower, xml: str) -> None:
        """A push that nobody waits for."""
        thread = threading.Thread(target=self.deliver, args=(user, xml), kwargs={"visible": False}, daemon=True)
        self.running.append(thread)
        thread.start()

    def settles(self, seconds: float = PATIENCE) -> None:
        """All such pushes have come to their end."""
        while self.running:
            thread = self.running.pop()
            thread.join(seconds)
            assert not thread.is_alive(), "a push does not end"

    def again(self, user: Follower, times: int, *, parallel: bool) -> list[Shown | None]:
        """The last push once more, one try each: what each answer says. Nothing of it is shown."""
        with ThreadPoolExecutor(times if parallel else 1) as pool:
            return list(pool.map(lambda _: self._read_again(user), range(times)))

    def _read_again(self, user: Follower) -> Shown | None:
        try:
            return self.read(user, *self.once(user, self.last[user.openid]))
        except (Faulty, Unanswered) as error:
            self.faulty_answers.append(f"{user.name}: {error}")
            return shown_text("fault", "passive", FAULT)

    def verifies(self, token: str | None = None) -> bool:
        """The console's check of the address: the echostr comes back raw."""
        assert self.callback, "no callback is set"
        echo = str(secrets.randbelow(10**19))
        query = self.signed() | {"echostr": echo}
        if token is not None:
            query["signature"] = Seal(token, "A" * 43, "").sign(query["timestamp"], query["nonce"])
        answer = self.client.get(self.callback, params=query)
        return answer.status_code == 200 and answer.text == echo
