"""python -m tests.channels.wecom.flood: forged and malformed posts, then valid ones doubled, mixed up and in parallel."""

import argparse
import base64
import logging
import random
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa

from handlers.societies import joining
from handlers.societies.roster import add_society
from storage.relations import ARRIVAL, EVIDENCE, INBOUND, OUTBOX, SOCIETY
from tests.channels.inside import Inside, inside, until
from tests.channels.wechat.flood import BOMB, DEEP, GARBAGE, HANDS, PEOPLE, PHOTO, Post, counted, send
from tests.channels.wecom.line import marked
from tests.conftest import NEW_YEAR
from tests.fakes.wecom import AES_KEY, AGENT_ID, CORP_ID, TOKEN, WeCom
from tests.fakes.wecom_crypto import Seal
from tests.fakes.wecom_user import User

LINES = ("8分", "下一项", "围绕数字经济办了研讨会3次", "进度", "跳过", "还缺什么", "5", "截止", "不适用", "分数")
SETTLED_SECONDS = 1200.0  # of 28 messages a minute to each member
AGENT = f"<AgentID>{AGENT_ID}</AgentID>"
HEAD = f"<ToUserName>{CORP_ID}</ToUserName><FromUserName>Victim</FromUserName>"
TEXT = "<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>9分</Content>"
INSIDE = (
    *GARBAGE,
    f"<xml>{HEAD}{TEXT}{AGENT}</xml>",
    f"<xml>{HEAD}{TEXT}<MsgId>-1</MsgId>{AGENT}</xml>",
    f"<xml>{HEAD}{TEXT}<MsgId>{DEEP}</MsgId>{AGENT}</xml>",
    f"<xml>{HEAD}{TEXT.replace('>1<', '>x<')}<MsgId>1</MsgId>{AGENT}</xml>",
    f"<xml>{HEAD}{HEAD}{TEXT}<MsgId>1</MsgId>{AGENT}</xml>",
    f"<xml><FromUserName>Victim</FromUserName>{TEXT}<MsgId>1</MsgId>{AGENT}</xml>",
    f"<xml><ToUserName>{CORP_ID}</ToUserName>{TEXT}<MsgId>1</MsgId>{AGENT}</xml>",
    f"<xml>{HEAD}<CreateTime>1</CreateTime><MsgType>event</MsgType><Event>unheard_of</Event>{AGENT}</xml>",
    f"<xml>{HEAD}{TEXT}<MsgId>1</MsgId>{AGENT}</xml><xml/>",
)


def ours(fake: WeCom) -> dict[str, Any]:
    """The settings of the channel, by their names."""
    return {name.lower(): str(value) for name, value in fake.settings().items()}


def wrong(fake: WeCom) -> list[Any]:
    """What the platform has to complain of, and what it did not show."""
    return [*fake.complaints, *fake.faulty_answers, *fake.dropped_silently, *fake.swallowed]


class Forger:
    """Knows one member's valid pushes and everything but the secrets; `signed` kinds know the secrets, too."""

    def __init__(self, fake: WeCom, user: User, chance: random.Random) -> None:
        self.fake = fake
        self.user = user
        self.chance = chance
        self.seal = Seal(TOKEN, AES_KEY, CORP_ID)
        self.kinds: dict[str, Callable[[], Post]] = {
            "bad signature": lambda: self._spoilt(msg_signature=secrets.token_hex(20)),
            "no signature": lambda: self._spoilt(msg_signature=None),
            "empty signature": lambda: self._spoilt(msg_signature=""),
            "strange signature": lambda: self._spoilt(msg_signature="签名\x00😀"),
            "signature of something else": lambda: Post("", urlencode(self.seal.query("")), self._valid()[1]),
            "no query": lambda: Post("", "", self._valid()[1]),
            "other nonce": lambda: self._spoilt(nonce=str(self.chance.random())),
            "other timestamp": lambda: self._spoilt(timestamp=str(int(time.time()) + 1)),
            "stale": lambda: self._old(-self.chance.randint(1500, 10**9)),
            "from the future": lambda: self._old(self.chance.randint(1500, 10**9)),
            "strange timestamp": self._strange_time,
            "other corp": lambda: self._by(Seal(TOKEN, AES_KEY, "wwother")),
            "other key": lambda: self._by(Seal(TOKEN, "B" * 43, CORP_ID)),
            "other token": lambda: self._by(Seal("guess", AES_KEY, CORP_ID)),
            "no token": lambda: self._by(Seal("", AES_KEY, CORP_ID)),
            "signed, other corp inside": lambda: self._signed(self._xml().replace(CORP_ID, "wwother")),
            "signed, other agent inside": lambda: self._signed(
                self._xml().replace(AGENT, "<AgentID>1000003</AgentID>")
            ),
            "signed, from everybody": lambda: self._signed(self._xml().replace(self.user.userid, "@all")),
            "signed, from two": lambda: self._signed(self._xml().replace(self.user.userid, f"a|{self.user.userid}")),
            "signed garbage": lambda: self._signed(self.chance.choice(INSIDE)),
            "signed bomb": lambda: self._signed(BOMB.decode() + self._xml()),
            "signed echo": lambda: self._signed(str(self.chance.randrange(10**19))),
            "signed no cipher": self._no_cipher,
            "signed cut cipher": self._cut_cipher,
            "truncated": self._truncated,
            "garbled": self._garbled,
            "plain": lambda: Post("", self._valid()[0], self._xml().encode()),
            "huge": lambda: Post("", self._valid()[0], b"<xml>" + b"x" * (self.chance.randint(65, 200) << 10)),
            "signed huge": lambda: self._signed(self._xml().replace("9分", "9" * (self.chance.randint(65, 200) << 10))),
            "bomb": lambda: Post("", "", BOMB + self._valid()[1]),
            "noise": lambda: Post("", self._noise(), self.chance.randbytes(self.chance.randint(0, 3000))),
            "wrong method": self._wrong_method,
            "verification, forged": self._forged_echo,
            "verification, no cipher": lambda: self._echo(self.chance.choice(["", "x", "AAAA", "=" * 8])),
            "JSON": lambda: Post("", self._valid()[0], b'{"tousername": "ww", "encrypt": "AAAA"}'),
        }

    def posts(self, count: int) -> list[Post]:
        """Every kind about as often."""
        names = list(self.kinds)
        return [
            replace(self.kinds[name](), kind=name) for name in (names[number % len(names)] for number in range(count))
        ]

    def _xml(self) -> str:
        return self.fake.message(self.user, "text", {"Content": "9分"})

    def _valid(self) -> tuple[str, bytes]:
        url, body = self.fake.delivery(self.user, self._xml())
        return urlsplit(url).query, body.encode()

    def _spoilt(self, **other: str | None) -> Post:
        sealed = self.seal.close(self._xml())
        query: dict[str, str | None] = {**self.seal.query(sealed), **other}
        return Post("", urlencode({name: value for name, value in query.items() if value is not None}), _body(sealed))

    def _old(self, seconds: int) -> Post:
        sealed = self.seal.close(self._xml())
        return Post("", urlencode(self.seal.query(sealed, max(time.time() + seconds, 1))), _body(sealed))

    def _strange_time(self) -> Post:
        stamp = self.chance.choice(["", "-1", "1e9", "９９", "0x10", "9" * 12, "9" * 400, "\x00", "🙂"])
        sealed = self.seal.close(self._xml())
        query = {"timestamp": stamp, "nonce": "1", "msg_signature": self.seal.signature(stamp, "1", sealed)}
        return Post("", urlencode(query), _body(sealed))

    def _by(self, seal: Seal) -> Post:
        query, body = seal.request(self._xml(), AGENT_ID)
        return Post("", query, body.encode())

    def _signed(self, xml: str) -> Post:
        query, body = self.seal.request(xml, AGENT_ID)
        return Post("", query, body.encode())

    def _carrying(self, sealed: str) -> Post:
        """A signature that is right for whatever this is."""
        return Post("", urlencode(self.seal.query(sealed)), _body(sealed))

    def _no_cipher(self) -> Post:
        return self._carrying(
            self.chance.choice(["A", "AAAA", "=" * 8, "A" * 43 + "=", "A" * 4000, "/" * 64, "签", "-_" * 32])
        )

    def _cut_cipher(self) -> Post:
        sealed = base64.b64decode(self.seal.close(self._xml()))
        at = self.chance.randrange(len(sealed) - 1)
        return self._carrying(base64.b64encode(sealed[: at // 16 * 16 if at % 2 else at]).decode())

    def _truncated(self) -> Post:
        query, body = self._valid()
        return Post("", query, body[: self.chance.randrange(body.index(b"</Encrypt>"))])

    def _garbled(self) -> Post:
        query, body = self._valid()
        at = self.chance.randrange(body.index(b"<Encrypt>"), body.index(b"]]></Encrypt>"))
        return Post("", query, body[:at] + bytes([body[at] ^ self.chance.randint(1, 255)]) + body[at + 1 :])

    def _noise(self) -> str:
        noise = self.chance.randbytes(self.chance.randint(0, 200))
        return "".join(f"%{byte:02x}" for byte in noise) + "&timestamp&nonce=&nonce=2&msg_signature[]=1"

    def _wrong_method(self) -> Post:
        query, body = self._valid()
        method = self.chance.choice(["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "GET", "HEAD"])
        return Post("", query, body if method in ("PUT", "PATCH") else b"", method)

    def _forged_echo(self) -> Post:
        seal = self.chance.choice([Seal("guess", AES_KEY, CORP_ID), Seal(TOKEN, "B" * 43, CORP_ID)])
        sealed = seal.close("<script>")
        return Post("", urlencode({**seal.query(sealed), "echostr": sealed}), b"", "GET")

    def _echo(self, echo: str) -> Post:
        return Post("", urlencode({**self.seal.query(echo), "echostr": echo}), b"", "GET")


def _body(sealed: str) -> bytes:
    return f"<xml><ToUserName>{CORP_ID}</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt>{AGENT}</xml>".encode()


def forged(server: Inside, fake: WeCom, count: int, seed: int) -> Counter[tuple[str, int]]:
    """Raises AssertionError where one left a row, or was answered with a fault of ours."""
    user = joined(server, fake, "Victim")
    posts = Forger(fake, user, random.Random(seed)).posts(count)
    before = counted(server)
    statuses = send(f"{server.url}/wecom", posts)
    assert counted(server) == before, "a forged post left a row"
    assert not [found for found in statuses if found[1] >= 500], statuses
    assert len(user.sees) == len(fake.record.of("message/send")), "a forged post was answered"
    return statuses


# Valid ones, again and again


def repeated(server: Inside, fake: WeCom, count: int, seed: int) -> int:
    """So many deliveries of a tenth as many messages, mixed up and in parallel; raises AssertionError where one had
    two effects, or was answered twice or never. How many messages there were."""
    chance = random.Random(seed)
    people = [joined(server, fake, f"Person{number}") for number in range(min(PEOPLE, max(count // 50, 2)))]
    messages = [said(fake, chance.choice(people), number) for number in range(max(count // 10, 1))]
    deliveries = [chance.choice(messages) for _ in range(count - len(messages))] + messages
    for at in range(len(deliveries)):  # mixed up, but not so far that everybody's first words come last
        other = min(at + chance.randrange(50), len(deliveries) - 1)
        deliveries[at], deliveries[other] = deliveries[other], deliveries[at]
    before, asked = counted(server), len(fake.record.of("message/send"))
    with ThreadPoolExecutor(HANDS) as hands:
        done = list(hands.map(lambda one: fake.deliver(*one), deliveries))
    assert all(one.statuses == [200] for one in done), Counter(str(one.statuses) for one in done)
    until(lambda: not arriving(server))
    assert counted(server)["inbound"] - before["inbound"] == len(messages), "a message was taken twice, or never"
    until(lambda: not owed(server), SETTLED_SECONDS)
    heard_once(server, people)
    assert len(fake.record.of("message/send")) - asked == counted(server)["outbox"] - before["outbox"]
    codes = Counter(call.given["response_code"] for call in fake.record.of("message/update_template_card"))
    assert max(codes.values(), default=1) == 1, "a card was changed twice"
    return len(messages)


def arriving(server: Inside) -> int:
    """How many messages are still to be taken."""
    return _count(server, sa.select(ARRIVAL.c.id).where(ARRIVAL.c.state == "waiting"))


def owed(server: Inside) -> int:
    """How many answers are still to be sent."""
    return _count(server, sa.select(OUTBOX.c.id).where(OUTBOX.c.state.in_(("pending", "on_wire"))))


def _count(server: Inside, chosen: sa.Select[Any]) -> int:
    with server.house.db.read() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(chosen.subquery())) or 0


def heard_once(server: Inside, people: list[User]) -> None:
    """Every message was answered, every answer was sent and shown once, no photo counts twice."""
    with server.house.db.read() as db:
        rows = list(db.execute(sa.select(OUTBOX)))
        heard = list(db.scalars(sa.select(INBOUND.c.id)))
        files = list(db.scalars(sa.select(EVIDENCE.c.sha256).where(EVIDENCE.c.sha256.is_not(None))))
    assert Counter(row.state for row in rows) == Counter(sent=len(rows))
    assert {row.cause for row in rows} == {f"inbound:{id}" for id in heard}, "somebody was never answered"
    assert len(files) == len(set(files)), "a photo counts twice"
    for user in people:
        hers = sorted(row.id for row in rows if row.address == user.userid)
        assert [marked(one) for one in user.sees] == [(id, 0) for id in hers], "shown twice, or out of order"


def joined(server: Inside, fake: WeCom, userid: str) -> User:
    """A secretary with a society of her own, at its first item."""

    def work(db: sa.Connection) -> str:
        now = server.house.now()
        add_society(db, f"{userid}的学会", now)
        id = db.scalar(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == f"{userid}的学会"))
        return joining.invite(db, society_id=id, role="secretary", name=None, now=now)

    user = fake.user(userid)
    assert user.says(server.house.db.write(work)).arrived
    user.waits_for(1)
    assert user.says("开始").arrived
    user.waits_for(2)
    return user


def said(fake: WeCom, user: User, number: int) -> tuple[User, str]:
    """Words, a photo, or a tap on her first card; the platform tells a tap from the next by its response_code."""
    if number % 5 == 0:
        media = fake.keep("photo.jpg", PHOTO + str(number).encode())
        return user, fake.message(user, "image", {"PicUrl": "http://x", "MediaId": media})
    if number % 5 == 1:
        card = user.card("说明")
        key, task = dict(card["buttons"])["说明"], card["task_id"]
        fields = {"EventKey": key, "TaskId": task, "CardType": card["card_type"], "ResponseCode": fake.new_code(task)}
        return user, fake.message(user, "event", {"Event": "template_card_event", **fields})
    return user, fake.message(user, "text", {"Content": LINES[number % len(LINES)]})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.channels.wecom.flood", description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000, help="of each: forged ones, and deliveries of valid ones")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # a line for each forged post is what the server is to write, not this command
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fake = stack.enter_context(WeCom())
        server = stack.enter_context(inside(folder, **ours(fake)))
        fake.callback = f"{server.url}/wecom"
        server.season(NEW_YEAR)
        for name, work in (("forged or malformed", forged), ("deliveries of valid ones", repeated)):
            began = time.monotonic()
            found = work(server, fake, given.posts, given.seed)
            print(f"{given.posts} {name}: {time.monotonic() - began:.0f} s")
            if isinstance(found, Counter):
                for (kind, status), times in sorted(found.items()):
                    print(f"  {kind}: {status} × {times}")
            else:
                print(f"  {found} messages, one effect and one answer each")
        assert wrong(fake) == []


if __name__ == "__main__":
    main()
