"""The one society that the words after a command begin with, and what is said behind its name."""

import re

from handlers.office import Office
from handlers.societies import roster
from storage.relations import Row

PARTED = r"[\s,，:：、;；]+"


def one(office: Office, said: str) -> tuple[Row, str]:
    """By its full name, however that is parted, else by the first word. Raises Unsure where that is not certain."""
    begun = [row for row in roster.societies(office.db) if re.match(rf"{re.escape(row.name)}(?:{PARTED}|$)", said)]
    if begun:
        exact = max(begun, key=lambda row: len(row.name))
        return exact, re.sub(rf"^{PARTED}", "", said[len(exact.name) :]).strip()
    whom, *rest = re.split(PARTED, said.strip(), maxsplit=1)
    return roster.one(office.db, whom), rest[0].strip() if rest else ""
