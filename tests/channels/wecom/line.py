"""WeCom's people for the replay of dialogues: words in the chat, files by the page that the bot links to."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx
import sqlalchemy as sa

from bot.rendering import unlinked
from handlers.turn import Posted
from storage.relations import OUTBOX
from tests.channels.inside import Inside
from tests.channels.replaying import NAMES
from tests.fakes.wecom import WeCom
from tests.fakes.wecom_rules import Seen
from tests.fakes.wecom_user import User

WAYS = "可回："  # with what may be said next, the last line of a message without buttons
ITEM = re.compile(r'name="item" value="([^"]*)"')
LINK = re.compile(r'<a href="([^"]*)">([^<]*)</a>')
MARK = re.compile("[\u200b\u200c]{20}$")  # the number of the message and of its part (bot.rendering.told_apart)
TASK = re.compile(r"reply-(\d+)-\d+")
BETWEEN = 2.5  # seconds: so far apart the platform shows every message (platform.md B: 30 a minute)


@dataclass
class Answer:
    """One reply as it was shown: its number, its texts, its files."""

    row: int
    parts: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        lines = "\n".join(self.parts).split("\n")
        return "\n".join(line for line in lines if not line.startswith(WAYS))


class WeComLine:
    """One member for each person."""

    def __init__(self, fake: WeCom, server: Inside) -> None:
        self.fake = fake
        self.server = server
        self.people: dict[str, User] = {}
        self.read: Counter[str] = Counter()  # how many messages each has had before her eyes

    def say(self, person: str, text: str, files: Mapping[str, bytes], replies: Sequence[Posted]) -> list[str]:
        user = self.user(person)
        if files:
            self._uploads(user, text, files)
        else:
            assert user.says(text).arrived
        before, enough = self.read[person], letters(_whole(replies))
        shown = user.waits_until(lambda sees: letters(_all(sees[before:])) >= enough, f"«{_whole(replies)}»")[before:]
        self.read[person] += len(shown)
        self.fake.passes(seconds=BETWEEN * len(shown))
        return [_bare(one, reply) for one, reply in zip(answers(shown), replies, strict=True)]

    def unread(self) -> list[Seen]:
        """What came to people for nothing that they said."""
        return [one for person, user in self.people.items() for one in user.sees[self.read[person] :]]

    def user(self, person: str) -> User:
        if person not in self.people:
            self.people[person] = self.fake.user(f"Person{len(self.people) + 1}", person)
        return self.people[person]

    def _uploads(self, user: User, text: str, files: Mapping[str, bytes]) -> None:
        """By the newest message's own link, where it has one; a form of hidden item, files and words."""
        page = self._page(user)
        with httpx.Client(trust_env=False, verify=False, timeout=20) as browser:
            form = browser.get(page)
            assert form.status_code == 200, form.text
            item = ITEM.search(form.text)
            assert item
            parts = [("file", (name, data)) for name, data in files.items()]
            answer = browser.post(page, data={"item": item[1], "text": text}, files=parts)
            assert answer.status_code == 200, answer.text

    def _page(self, user: User) -> str:
        offered = [address for address, _ in LINK.findall(user.sees[-1]["text"]) if "/u/" in address]
        if offered:
            return str(offered[-1])
        # She would ask for it: «上传» costs a message, and every receipt after it would differ from those told.
        with self.server.house.db.read() as db:
            mine = sa.select(OUTBOX).where(OUTBOX.c.address == user.userid).order_by(OUTBOX.c.id.desc()).limit(1)
            newest = db.execute(mine).one()
        return self.server.house.links.upload(newest.id, newest.created_at)


def marked(shown: Seen) -> tuple[int, int] | None:
    """Which row of the outbox it is, below 65536, and which part of it; None for a file, which bears no mark."""
    if found := TASK.fullmatch(shown["task_id"] or ""):
        return int(found[1]) % 65536, 0
    if found := MARK.search(shown["text"]):
        number = sum(1 << bit for bit, letter in enumerate(found[0]) if letter == "\u200b")
        return number % 65536, number // 65536
    assert shown["kind"] == "file", f"nothing tells it from its like: {shown}"
    return None


def answers(shown: Sequence[Seen]) -> list[Answer]:
    """The replies among what was shown, in order, every one whole."""
    told: list[Answer] = []
    for one in shown:
        assert one["kind"] in ("text", "template_card", "file"), one
        mark = marked(one)
        if mark is None or (told and mark == (told[-1].row, 0)):  # a file too small to be sent comes as a link
            told[-1].files.append(one["name"] or LINK.findall(one["text"])[0][1])
            continue
        row, part = mark
        if part == 0:
            told.append(Answer(row))
        assert (told[-1].row, len(told[-1].parts)) == (row, part), "parts in another order"
        told[-1].parts.append(MARK.sub("", one["text"]))
    return told


def letters(text: str) -> int:
    """How much is said, wherever lines and messages end, on whichever channel."""
    return len(re.sub(r"\s", "", NAMES.sub("…", text)))


def _whole(replies: Sequence[Posted]) -> str:
    return "".join(reply.text + "".join(name for name, _ in reply.files) for reply in replies)


def _all(shown: Sequence[Seen]) -> str:
    return "".join(one.text + "".join(one.files) for one in answers(shown))


def _bare(shown: Answer, reply: Posted) -> str:
    """As it was said; her own «<» is shown in a text as one that no client reads."""
    assert [unlinked(name) for name in shown.files] == [unlinked(name) for name, _ in reply.files]
    if len(shown.parts) > 1 and "".join(shown.text.split("\n")) == "".join(unlinked(reply.text).split("\n")):
        return reply.text
    return reply.text if shown.text == unlinked(reply.text) else shown.text
