"""Somebody in a chat that carries no files, with what the upload page leads to; beside the real server."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.links import Links
from handlers.inbox import take
from handlers.messages import Message
from handlers.turn import Taken
from storage.database import Database
from storage.relations import CONTACT, CONVERSATION, EVIDENCE, INBOUND, OUTBOX, PERSON
from tests.browser.running import Running

CHANNEL, ACCOUNT = "wechat", "wx"


@dataclass
class Chat:
    """One person's chat on a channel whose platform is not there: what is owed to her stays in the outbox."""

    server: Running
    db: Database
    links: Links
    address: str
    person: int = 0

    def say(self, text: str) -> Taken:
        message = Message(CHANNEL, self.address, secrets.token_hex(8), text, account=ACCOUNT)
        return take(self.db, message, datetime.now(UTC))

    def offer(self) -> int:
        """The id of the message that offers to take files."""
        return self.say("上传").replies[-1].id

    def link(self) -> str:
        """The path of a fresh upload page."""
        return self.path(self.links.upload(self.offer(), datetime.now(UTC)))

    def path(self, address: str) -> str:
        return address.removeprefix(self.server.address)

    def pieces(self) -> list[tuple[str, str]]:
        """(item, name or text) of her live evidence."""
        chosen = sa.select(EVIDENCE).where(EVIDENCE.c.person_id == self.person, EVIDENCE.c.withdrawn_at.is_(None))
        return [(row.item, row.name or row.text) for row in self.rows(chosen.order_by(EVIDENCE.c.id))]

    def tray(self) -> list[str]:
        (row,) = self.rows(sa.select(CONVERSATION).where(CONVERSATION.c.person_id == self.person))
        return [one["name"] for one in row.tray]

    def uploads(self) -> int:
        """How many uploads were taken."""
        chosen = sa.select(INBOUND).where(INBOUND.c.person_id == self.person, INBOUND.c.key.startswith("upload:"))
        return len(self.rows(chosen))

    def owed(self) -> list[str]:
        """What the channel has still to bring her, oldest first."""
        chosen = sa.select(OUTBOX).where(OUTBOX.c.address == self.address, OUTBOX.c.state == "pending")
        return [row.text for row in self.rows(chosen.order_by(OUTBOX.c.id))]

    def rows(self, chosen: Any) -> list[Any]:
        with self.db.read() as connection:
            return list(connection.execute(chosen))

    def change(self, statement: Any) -> None:
        self.db.write(lambda connection: connection.execute(statement))

    def revoke(self) -> None:
        self.change(sa.update(PERSON).where(PERSON.c.id == self.person).values(revoked_at=datetime.now(UTC)))

    def leave(self) -> None:
        """The contact ends."""
        self.change(sa.update(CONTACT).where(CONTACT.c.address == self.address).values(ended_at=datetime.now(UTC)))

    def withdraw(self, evidence: int) -> None:
        self.change(sa.update(EVIDENCE).where(EVIDENCE.c.id == evidence).values(withdrawn_at=datetime.now(UTC)))


@contextmanager
def chatting(server: Running, secret: str, *, society: str | None = None, name: str | None = None) -> Iterator[Chat]:
    """Somebody new who has come in with her code."""
    chat = Chat(server, server.database(), Links(secret, server.address), f"o{secrets.token_hex(10)}")
    try:
        chat.say(server.invite(society=society, name=name))
        (row,) = chat.rows(sa.select(CONTACT).where(CONTACT.c.address == chat.address))
        chat.person = row.person_id
        yield chat
    finally:
        chat.db.close()
