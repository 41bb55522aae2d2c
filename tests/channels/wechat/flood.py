"""python -m tests.channels.wechat.flood: forged and malformed posts, then valid ones doubled, mixed up and in parallel."""

import argparse
import logging
import random
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import sqlalchemy as sa

from handlers.societies import joining
from handlers.societies.roster import add_society
from storage.relations import ARRIVAL, EVIDENCE, INBOUND, OUTBOX, SOCIETY
from tests.channels.inside import Inside, inside
from tests.channels.wechat.conftest import ours
from tests.conftest import NEW_YEAR
from tests.fakes.wechat import AES_KEY, APP_ID, TOKEN, User, WeChat
from tests.fakes.wechat_crypto import Seal

HANDS = 8
PEOPLE = 20
LINES = ("8分", "下一项", "围绕数字经济办了研讨会3次", "进度", "跳过", "还缺什么", "5", "看依据", "不适用", "分数")
PHOTO = b"\xff\xd8\xff\xe0"


@dataclass(frozen=True)
class Post:
    """One request to the callback."""

    kind: str
    query: str
    body: bytes
    method: str = "POST"


class Forger:
    """Knows one user's valid pushes and everything but the secrets; `signed` kinds know the secrets, too."""

    def __init__(self, fake: WeChat, user: User, chance: random.Random) -> None:
        self.fake = fake
        self.user = user
        self.chance = chance
        self.seal = Seal(TOKEN, AES_KEY, APP_ID)
        self.kinds: dict[str, Callable[[], Post]] = {
            "bad signature": lambda: self._spoilt(msg_signature=secrets.token_hex(20)),
            "no signature": lambda: self._spoilt(msg_signature=None),
            "empty signature": lambda: self._spoilt(msg_signature=""),
            "no query": lambda: Post("", "", self._valid()[1]),
            "other nonce": lambda: self._spoilt(nonce=str(self.chance.random())),
            "other timestamp": lambda: self._spoilt(timestamp=str(int(time.time()) + 1)),
            "stale": lambda: self._old(-self.chance.randint(1500, 10**9)),
            "from the future": lambda: self._old(self.chance.randint(1500, 10**9)),
            "strange timestamp": self._strange_time,
            "plain": lambda: self._mode("plain"),
            "compatible, forged": self._compatible,
            "the query's signature": self._query_signature,
            "other account": lambda: self._by(Seal(TOKEN, AES_KEY, "wx_other")),
            "other key": lambda: self._by(Seal(TOKEN, "B" * 43, APP_ID)),
            "other token": lambda: self._by(Seal("guess", AES_KEY, APP_ID), itself=True),
            "truncated": self._truncated,
            "garbled": self._garbled,
            "signed garbage": lambda: self._signed(self.chance.choice(GARBAGE)),
            "signed no cipher": self._no_cipher,
            "huge": lambda: Post("", self._valid()[0], b"<xml>" + b"x" * (self.chance.randint(65, 200) << 10)),
            "bomb": lambda: Post("", self._valid()[0], BOMB + self._valid()[1]),
            "noise": lambda: Post("", self._noise(), self.chance.randbytes(self.chance.randint(0, 3000))),
            "wrong method": self._wrong_method,
            "greeting, forged": lambda: Post("", urlencode({"signature": "0" * 40, "echostr": "<script>"}), b"", "GET"),
            "JSON": lambda: Post("", self._valid()[0], b'{"ToUserName": "gh", "Encrypt": "AAAA"}'),
        }

    def posts(self, count: int) -> list[Post]:
        """Every kind about as often."""
        names = list(self.kinds)
        return [
            replace(self.kinds[name](), kind=name) for name in (names[number % len(names)] for number in range(count))
        ]

    def _xml(self) -> str:
        return self.fake.xml(self.user, MsgType="text", Content="9分", MsgId=self.chance.randrange(2**63))

    def _valid(self) -> tuple[str, bytes]:
        url, body = self.fake.delivery(self.user, self._xml())
        return urlsplit(url).query, body

    def _spoilt(self, **other: str | None) -> Post:
        sealed = self.seal.seal(self._xml())
        query: dict[str, str | None] = {**self.fake.courier.signed(sealed), **other}
        return Post("", urlencode({name: value for name, value in query.items() if value is not None}), _body(sealed))

    def _old(self, seconds: int) -> Post:
        stamp = max(int(time.time()) + seconds, 1)
        url, body = self.fake.delivery(self.user, self._xml(), timestamp=stamp)
        return Post("", urlsplit(url).query, body)

    def _strange_time(self) -> Post:
        stamp = self.chance.choice(["", "-1", "1e9", "９９", "0x10", "9" * 12, "9" * 400, "\x00", "🙂"])
        sealed = self.seal.seal(self._xml())
        query = {"timestamp": stamp, "nonce": "1", "msg_signature": self.seal.sign(stamp, "1", sealed)}
        return Post("", urlencode(query), _body(sealed))

    def _mode(self, mode: str) -> Post:
        url, body = self.fake.delivery(self.user, self._xml(), mode=mode)
        return Post("", urlsplit(url).query, body)

    def _compatible(self) -> Post:
        """The plain half is the forger's, the sealed half is of an old push."""
        query, body = self._old(-(10**6)).query, self._mode("compatible").body
        return Post("", query, body)

    def _query_signature(self) -> Post:
        query = self.fake.courier.signed()
        query["msg_signature"] = query["signature"]
        return Post("", urlencode(query), self._valid()[1])

    def _by(self, seal: Seal, *, itself: bool = False) -> Post:
        sealed = seal.seal(self._xml())
        signing = seal if itself else self.seal
        stamp = str(int(time.time()))
        query = {"timestamp": stamp, "nonce": "1", "msg_signature": signing.sign(stamp, "1", sealed)}
        return Post("", urlencode(query), _body(sealed))

    def _truncated(self) -> Post:
        query, body = self._valid()
        return Post("", query, body[: self.chance.randrange(body.index(b"</Encrypt>"))])

    def _garbled(self) -> Post:
        query, body = self._valid()
        at = self.chance.randrange(body.index(b"<Encrypt>"), body.index(b"]]></Encrypt>"))
        return Post("", query, body[:at] + bytes([body[at] ^ self.chance.randint(1, 255)]) + body[at + 1 :])

    def _signed(self, xml: str) -> Post:
        url, body = self.fake.delivery(self.user, xml)
        return Post("", urlsplit(url).query, body)

    def _no_cipher(self) -> Post:
        sealed = self.chance.choice(["A", "AAAA", "=" * 8, "A" * 43 + "=", "A" * 4000, "/" * 64])
        return Post("", urlencode(self.fake.courier.signed(sealed)), _body(sealed))

    def _noise(self) -> str:
        noise = self.chance.randbytes(self.chance.randint(0, 200))
        return "".join(f"%{byte:02x}" for byte in noise) + "&timestamp&nonce=&nonce=2&msg_signature[]=1"

    def _wrong_method(self) -> Post:
        query, body = self._valid()
        method = self.chance.choice(["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "GET", "HEAD"])
        return Post("", query.replace("signature=", "sig="), body if method in ("PUT", "PATCH") else b"", method)


DEEP = "<a>" * 4000 + "</a>" * 4000
GARBAGE = (
    "",
    "x",
    "<xml/>",
    "<xml>",
    "<yml><a/></yml>",
    '{"json": 1}',
    f"<xml>{DEEP}</xml>",
    f"<xml><MsgType>text</MsgType><FromUserName>{DEEP}</FromUserName></xml>",
    "<xml><MsgType>text</MsgType><FromUserName>o</FromUserName></xml>",
    "<xml><MsgType>text</MsgType><MsgType>event</MsgType></xml>",
    "<xml><ToUserName>gh</ToUserName><FromUserName/><CreateTime>1</CreateTime><MsgType>text</MsgType><MsgId>1</MsgId></xml>",
    "<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName><CreateTime>x</CreateTime><MsgType>text</MsgType></xml>",
    f"<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType>"
    f"<MsgId>{DEEP}</MsgId></xml>",
    "<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType></xml>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]><xml><MsgType>&a;</MsgType></xml>",
    "<xml><MsgType>text\x07</MsgType></xml>",
)
BOMB = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><xml>&b;</xml>"


def _body(sealed: str) -> bytes:
    return f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()


# What became of it


def counted(server: Inside) -> dict[str, int]:
    """Rows that a message leaves behind."""
    tables = {"inbound": INBOUND, "arrival": ARRIVAL, "outbox": OUTBOX, "evidence": EVIDENCE}
    with server.house.db.read() as db:
        return {name: db.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for name, table in tables.items()}


def send(address: str, posts: Sequence[Post]) -> Counter[tuple[str, int]]:
    """All of them, a few at a time: how often each kind was answered with each status."""
    with httpx.Client(trust_env=False, verify=False, timeout=30) as client, ThreadPoolExecutor(HANDS) as hands:

        def sent(post: Post) -> tuple[str, int]:
            url = f"{address}?{post.query}"
            answer = client.request(post.method, url, content=post.body)
            return post.kind, answer.status_code

        return Counter(hands.map(sent, posts))


def forged(server: Inside, fake: WeChat, count: int, seed: int) -> Counter[tuple[str, int]]:
    """Raises AssertionError where one left a row, or was answered with a fault of ours."""
    user = fake.user("受害者")
    posts = Forger(fake, user, random.Random(seed)).posts(count)
    before = counted(server)
    statuses = send(f"{server.url}/wechat", posts)
    assert counted(server) == before, "a forged post left a row"
    assert not [found for found in statuses if found[1] >= 500], statuses
    return statuses


# Valid ones, again and again


def repeated(server: Inside, fake: WeChat, count: int, seed: int) -> int:
    """So many deliveries of a tenth as many messages, mixed up and in parallel; raises AssertionError where one had
    two effects, or two answers. How many messages there were."""
    chance = random.Random(seed)
    people = [joined(server, fake, f"第{number}位") for number in range(min(PEOPLE, max(count // 50, 2)))]
    messages = [said(fake, chance.choice(people), number) for number in range(max(count // 10, 1))]
    deliveries = [chance.choice(messages) for _ in range(count - len(messages))] + messages
    for at in range(len(deliveries)):  # mixed up, but not so far that everybody's first words come last
        other = min(at + chance.randrange(50), len(deliveries) - 1)
        deliveries[at], deliveries[other] = deliveries[other], deliveries[at]
    before = counted(server)
    with ThreadPoolExecutor(HANDS) as hands:
        answers = list(hands.map(lambda one: (one, fake.courier.once(*one)), deliveries))
    said_to: dict[str, set[str]] = {}
    for (user, xml), (status, content) in answers:
        assert status == 200, (status, content[:200])
        if shown := fake.courier.read(user, status, content):
            said_to.setdefault(xml, set()).add(shown["text"])
    after = counted(server)
    assert after["inbound"] - before["inbound"] == len(messages)
    assert all(len(texts) == 1 for texts in said_to.values()), [texts for texts in said_to.values() if len(texts) > 1]
    assert len(said_to) == len(messages), "somebody was never answered"
    with server.house.db.read() as db:
        files = list(db.scalars(sa.select(EVIDENCE.c.sha256).where(EVIDENCE.c.sha256.is_not(None))))
    assert len(files) == len(set(files)), "a photo counts twice"
    return len(messages)


def joined(server: Inside, fake: WeChat, name: str) -> User:
    def work(db: sa.Connection) -> str:
        now = server.house.now()
        add_society(db, f"{name}的学会", now)
        id = db.scalar(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == f"{name}的学会"))
        return joining.invite(db, society_id=id, role="secretary", name=None, now=now)

    user = fake.user(name)
    user.says(server.house.db.write(work))
    user.says("开始")
    return user


def said(fake: WeChat, user: User, number: int) -> tuple[User, str]:
    id = next(fake.courier.ids)
    if number % 5:
        return user, fake.xml(user, MsgType="text", Content=LINES[number % len(LINES)], MsgId=id)
    medium = fake.account.keep("image", PHOTO + str(number).encode(), "photo.jpg")
    return user, fake.xml(user, MsgType="image", PicUrl="http://x", MediaId=medium.id, MsgId=id)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.channels.wechat.flood", description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000, help="of each: forged ones, and deliveries of valid ones")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # a line for each forged post is what the server is to write, not this command
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fake = stack.enter_context(WeChat())
        server = stack.enter_context(inside(folder, **ours(fake)))
        fake.callback = f"{server.url}/wechat"
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


if __name__ == "__main__":
    main()
