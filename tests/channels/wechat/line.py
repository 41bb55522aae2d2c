"""WeChat's people for the replay of dialogues: words in the chat, files by the page that the bot links to."""

import re
from collections.abc import Mapping, Sequence

import httpx
import sqlalchemy as sa

from bot.rendering import unlinked
from handlers.turn import Posted
from storage.relations import OUTBOX
from tests.channels.inside import Inside
from tests.fakes.wechat import Shown, User, WeChat

WAYS = "可回："  # with what may be said next, the last line of a message
ITEM = re.compile(r'name="item" value="([^"]*)"')


class WeChatLine:
    """One follower for each person."""

    def __init__(self, fake: WeChat, server: Inside) -> None:
        self.fake = fake
        self.server = server

    def say(self, person: str, text: str, files: Mapping[str, bytes], replies: Sequence[Posted]) -> list[str]:
        user = self.fake.user(person)
        before = len(user.sees)
        if files:
            self._uploads(user, text, files)
            user.waits_for(before + 1)
        else:
            user.says(text)
        parts = [told(shown) for shown in user.sees[before:]]
        while len(whole := "\n\n".join(parts).split("\n\n")) < len(replies):
            parts.append(told(user.waits_for(before + len(parts) + 1)[-1]))
        return [_bare(one, reply) for one, reply in zip(whole, replies, strict=True)]

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
        offered = [url for _, url in user.sees[-1]["urls"] if "/u/" in url]
        if offered:
            return str(offered[-1])
        # She would ask for it: «上传» costs a message, and every receipt after it would differ from those told.
        with self.server.house.db.read() as db:
            mine = sa.select(OUTBOX).where(OUTBOX.c.address == user.openid).order_by(OUTBOX.c.id.desc()).limit(1)
            newest = db.execute(mine).one()
        return self.server.house.links.upload(newest.id, newest.created_at)


def told(shown: Shown) -> str:
    """What the eye sees, without what may be said next."""
    assert shown["kind"] in ("passive", "custom"), shown
    parts = str(shown["text"]).split("\n\n")
    return "\n\n".join("\n".join(line for line in part.split("\n") if not line.startswith(WAYS)) for part in parts)


def _bare(shown: str, reply: Posted) -> str:
    """Without the links to its files; her own «<» is shown as one that no client reads."""
    lines = shown.split("\n")
    for name, _ in reversed(reply.files):
        assert lines.pop() == unlinked(name)
    text = "\n".join(lines)
    return reply.text if text == unlinked(reply.text) else text
