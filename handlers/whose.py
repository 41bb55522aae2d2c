"""The one society that the words after a command begin with; several are offered by number, none is guessed."""

import re
from collections.abc import Callable

from handlers import roster
from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from storage.queries import Row

PARTED = r"[\s,，:：、;；]+"
OFFERED = 8


class Unclear(Exception):
    """It is not certain which society is meant; the replies ask back."""

    def __init__(self, replies: list[Reply]) -> None:
        super().__init__(len(replies))
        self.replies = replies


def one(office: Office, said: str, way: Callable[[str], str]) -> tuple[Row, str]:
    """The society and what is said behind its name; `way` makes of a full name the words that would mean just it.
    Raises Unclear."""
    begun = [row for row in roster.societies(office.db) if re.match(rf"{re.escape(row.name)}(?:{PARTED}|$)", said)]
    if begun:
        exact = max(begun, key=lambda row: len(row.name))
        return exact, re.sub(rf"^{PARTED}", "", said[len(exact.name) :]).strip()
    whom, *rest = re.split(PARTED, said.strip(), maxsplit=1)
    behind = rest[0].strip() if rest else ""
    found = roster.find(office.db, whom) if whom else []
    if len(found) == 1:
        return found[0], behind
    names = [row.name for row in found[:OFFERED]]
    if names:
        office.wait_for("choose", ways=[way(f"{name} {behind}".strip()) for name in names])
    about = {"said": whom, "names": names, "more": len(found) > OFFERED}
    raise Unclear([phrasebook().reply("review_whose", about)])
