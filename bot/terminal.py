"""The same conversation in the terminal: one line in, the replies out."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from bot.house import House
from handlers import joining
from handlers.cleaning import clean_name
from handlers.inbox import Taken, take
from handlers.messages import Incoming, Message
from handlers.phrasebook import phrasebook
from handlers.reports.transcript import reply_lines
from storage import queries
from storage.filetypes import sniff

ATTACHED = re.compile(r"\[([^\[\]]+\.\w{1,5})\]\s*")


class Refused(Exception):
    """The code opened nothing; the text says why."""


def talk(house: House, code: str, lines: Iterable[str], *, name: str | None = None) -> Iterable[str]:
    """What is to be printed, line by line. The code is also the address: the same code goes on with the same talk.
    A part like [photo.jpg] sends that file. Raises Refused where the code opens nothing."""
    bare = joining.plain_code(code) or code
    address = "code:" + hashlib.sha256(bare.encode("utf-8", "replace")).hexdigest()[:24]
    yield from _shown(_enter(house, bare, address, name))
    for line in lines:
        yield from _turn(house, address, line)


def _enter(house: House, code: str, address: str, name: str | None) -> Taken:
    with house.db.read() as db:
        known = queries.who(db, "terminal", "", address)
    words = phrasebook().text("hello", {}) if known else code
    taken = take(house.db, Message("terminal", address, _key(), words, source="terminal", name=name), house.now())
    if taken.refused:
        raise Refused(taken.replies[0].text)
    return taken


def _turn(house: House, address: str, line: str) -> Iterable[str]:
    kept: list[Incoming] = []
    for path in map(Path, ATTACHED.findall(line)):
        found = _keep(house, path)
        if isinstance(found, str):
            yield found
            return
        kept.append(found)
    message = Message("terminal", address, _key(), ATTACHED.sub("", line) if kept else line, files=tuple(kept))
    yield from _shown(take(house.db, message, house.now()))


def _keep(house: House, path: Path) -> Incoming | str:
    """The file stored, or the sentence that refuses it."""
    name = clean_name(path.name)
    if not path.is_file():
        return phrasebook().text("terminal_no_file", {"name": name})
    if path.stat().st_size > 20 << 20:
        return phrasebook().text("http_file_too_big", {"name": name})
    with path.open("rb") as source:
        blob = house.store.put(source)
    kind = sniff(blob.head, house.store.path(blob.sha256), name) if blob.size else None
    if kind is None:
        return phrasebook().text("http_file_type" if blob.size else "http_file_empty", {"name": name})
    return Incoming(name, blob.sha256, blob.size, kind)


def _shown(taken: Taken) -> Iterable[str]:
    for reply in taken.replies:
        yield from reply_lines(reply.text, [label for _, label in reply.choices], [name for name, _ in reply.files])


def _key() -> str:
    return secrets.token_urlsafe(12)
