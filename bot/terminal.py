"""The same conversation in the terminal: one line in, the replies out."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from bot.house import House
from bot.uploads import Unfit, keep
from handlers.cleaning import clean_name
from handlers.inbox import take
from handlers.messages import Incoming, Message
from handlers.phrasebook import phrasebook
from handlers.reports.transcript import reply_lines
from handlers.societies import joining
from handlers.turn import Taken, posted
from scheduler.drawing import draw_due
from storage import exchanges, seats

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
        known = seats.who(db, "terminal", "", address)
    words = phrasebook().text("hello", {}) if known else code
    message = Message("terminal", address, _key(), words, source="terminal", name=name)
    taken = take(house.db, message, house.now(), premises=house.premises)
    if taken.refused:
        raise Refused(taken.replies[0].text)
    return taken


def _turn(house: House, address: str, line: str) -> Iterable[str]:
    try:
        kept = tuple(_keep(house, path) for path in map(Path, ATTACHED.findall(line)))
    except Unfit as error:
        yield str(error)
        return
    message = Message("terminal", address, _key(), ATTACHED.sub("", line) if kept else line, files=kept)
    taken = take(house.db, message, house.now(), premises=house.premises)
    yield from _shown(taken)
    yield from _followed(house, address, taken)


def _followed(house: House, address: str, taken: Taken) -> Iterable[str]:
    """The pictures that were promised; elsewhere the scheduler draws them."""
    if draw_due(house.db, house.store, house.now()):
        with house.db.read() as db:
            rows = exchanges.replies_after(db, "terminal", address, taken.replies[-1].id)
        yield from _shown(Taken(tuple(posted(row) for row in rows), None))


def _keep(house: House, path: Path) -> Incoming:
    name = clean_name(path.name)
    if not path.is_file():
        raise Unfit(404, "terminal_no_file", name)
    with path.open("rb") as source:
        return keep(house.store, source, name)


def _shown(taken: Taken) -> Iterable[str]:
    for reply in taken.replies:
        yield from reply_lines(reply.text, [label for _, label in reply.choices], [name for name, _ in reply.files])


def _key() -> str:
    return secrets.token_urlsafe(12)
