"""The push side: encrypted callbacks, three tries of five seconds, and what the answers must be."""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx

from tests.fakes.wecom_crypto import Unsealed, cdata
from tests.fakes.wecom_office import Member, Office
from tests.fakes.wecom_rules import TEXT_BYTES, Refused, cut, seen

TRIES = 3
PATIENCE = 5.0  # seconds

PASSIVE = {"text", "image", "voice", "video", "news", "update_button", "update_template_card"}


@dataclass
class Delivery:
    """One message on its way to the callback."""

    xml: str
    statuses: list[int | None] = field(default_factory=list)  # of every try; None when no answer came
    answer: Mapping[str, str] = field(default_factory=dict)  # the passive reply's nodes, decrypted

    @property
    def tries(self) -> int:
        return len(self.statuses)

    @property
    def arrived(self) -> bool:
        return self.statuses[-1:] == [200]


class Delivering(Office):
    """Pushes to the application."""

    def message(self, member: Member, kind: str, fields: Mapping[str, str | int | float]) -> str:
        """The plain XML of a message or event, as the platform builds it. Events have no MsgId."""
        given: dict[str, str | int | float] = {
            "ToUserName": self.corp_id,
            "FromUserName": member.userid,
            "CreateTime": int(self.now()),
            "MsgType": kind,
            **fields,
        }
        if kind != "event":
            given["MsgId"] = next(self.numbers)
        given["AgentID"] = self.agent_id
        inner = (f"<{name}>{cdata(it) if isinstance(it, str) else it}</{name}>" for name, it in given.items())
        return f"<xml>{''.join(inner)}</xml>"

    def delivery(self, user: Member, xml: str) -> tuple[str, str]:
        """A valid signed request: its address with the query, its body."""
        assert self.callback is not None, "no callback is set"
        query, body = self.seal.request(xml, self.agent_id, self.now())
        return f"{self.callback}?{query}", body

    def post_raw(self, body: str | bytes, query: Mapping[str, str] | str) -> tuple[int, str]:
        """Anything to the callback, once: (status, text)."""
        assert self.callback is not None, "no callback is set"
        text = query if isinstance(query, str) else urlencode(query)
        response = self.post(f"{self.callback}?{text}", body)
        return response.status_code, response.text

    def post(self, url: str, body: str | bytes) -> httpx.Response:
        content = body.encode() if isinstance(body, str) else body
        with self.line() as client:
            return client.post(url, content=content, headers={"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0"})

    def line(self) -> httpx.Client:
        # Without verify=False every client reads the certificates of the whole world first, 30 ms.
        return httpx.Client(timeout=PATIENCE * self.second, trust_env=False, verify=False)

    def deliver(self, member: Member, xml: str) -> Delivery:
        """The real delivery; ends when the application has answered or the third try has failed."""
        member.last_pushed = xml
        done = Delivery(xml)
        while done.tries < TRIES:
            url, body = self.delivery(member, xml)
            try:
                response = self.post(url, body)
            except httpx.TransportError:
                done.statuses.append(None)
                continue
            done.statuses.append(response.status_code)
            self.judge(member, done, response)
            break
        return done

    def deliver_again(self, user: Member, *, threads: int = 1) -> list[Delivery]:
        """The last message of this member once more, the same MsgId; from several threads at once if asked."""
        assert user.last_pushed is not None, f"{user.userid} has sent nothing"
        xml, done = user.last_pushed, list[Delivery]()
        pushing = [threading.Thread(target=lambda: done.append(self.deliver(user, xml))) for _ in range(threads)]
        for thread in pushing:
            thread.start()
        for thread in pushing:
            thread.join()
        return done

    def judge(self, member: Member, done: Delivery, response: httpx.Response) -> None:
        """Show a passive reply, or note what is wrong with the answer."""
        fault: Exception | None = None
        if response.status_code != 200:
            fault = Unsealed(f"HTTP {response.status_code}")
        elif response.content:
            try:
                done.answer = self.seal.answer(response.text)
                self.reply(member, done.answer)
            except (Unsealed, Refused) as refused:
                fault = refused
        if fault:
            with self.changed:
                self.faulty_answers.append(f"{fault}: {response.text[:200]!r}")
                self.changed.notify_all()

    def reply(self, member: Member, nodes: Mapping[str, str]) -> None:
        if (nodes.get("ToUserName"), nodes.get("FromUserName")) != (member.userid, self.corp_id):
            raise Unsealed(f"to {nodes.get('ToUserName')} from {nodes.get('FromUserName')}")
        if not nodes.get("CreateTime", "").isdigit():
            raise Unsealed("CreateTime is no number")
        kind = nodes.get("MsgType", "")
        if kind not in PASSIVE:
            raise Unsealed(f"MsgType {kind}")
        if kind == "text":
            content = nodes.get("Content", "")
            if not content:
                raise Unsealed("empty text")
            if too_long := len(content.encode()) > TEXT_BYTES:
                self.complain(f"passive text of {len(content.encode())} bytes was cut to {TEXT_BYTES}")
            self.show(member, seen("text", cut(content), cut=too_long, passive=True))
        elif kind == "image":
            media = self.held(nodes.get("Image.MediaId"))
            self.show(member, seen("image", name=media.name, data=media.data, passive=True))
        elif kind == "update_button":
            task_id = self.tapped(member)
            self.replace_button(member, task_id, nodes.get("Button.ReplaceName", ""))
        else:
            self.complain(f"a passive {kind} is not modelled here")

    def tapped(self, member: Member) -> str:
        """The card whose tap is being answered."""
        for entry in reversed(member.transcript):
            if entry["kind"] == "tap":
                return str(entry["task_id"])
        raise Unsealed("update_button without a tap")

    def verifies(self) -> str:
        """What the administrator's click on 保存 does: the echo must come back decrypted, and nothing else."""
        assert self.callback is not None, "no callback is set"
        echo = str(secrets.randbelow(10**19))
        sealed = self.seal.close(echo)
        query = {**self.seal.query(sealed, self.now()), "echostr": sealed}
        with self.line() as client:
            response = client.get(f"{self.callback}?{urlencode(query)}")
        assert response.status_code == 200, f"HTTP {response.status_code}: {response.text[:200]}"
        assert response.content == echo.encode(), f"{response.content[:200]!r} instead of {echo}"
        return echo
