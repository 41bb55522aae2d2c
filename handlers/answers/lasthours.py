"""The last hours before a society's deadline: three ways to go on and no more, and the server's clock on every receipt."""

from dataclasses import replace
from datetime import timedelta

from handlers.desk import Desk
from handlers.messages import Choice, Reply
from handlers.phrasebook import phrasebook

LAST_HOURS = timedelta(hours=4)


def near(desk: Desk) -> bool:
    """Whether these are this society's last hours."""
    rest = left(desk)
    return not desk.season.late and rest is not None and rest <= LAST_HOURS


def left(desk: Desk) -> timedelta | None:
    """How long until her deadline, where one is known; minutes of grace are announced to nobody."""
    closes = desk.season.closes_at
    return max(closes - desk.now, timedelta(0)) if closes else None


def stamp(desk: Desk) -> str:
    """The server's time to the second and how long is left, for a receipt; nothing before the last hours."""
    if not near(desk):
        return ""
    return phrasebook().text("stamp", {"now": desk.now, "zone": desk.season.timezone, "left": left(desk)})


def offered(desk: Desk, replies: list[Reply], asked_back: tuple[Choice, ...] = ()) -> list[Reply]:
    """In the last hours the last reply offers the three ways, behind what answers the bot's own question; a way to the
    upload page stays where files need one."""
    if not near(desk) or not replies:
        return replies
    ways = phrasebook().choices("last_hours", {})
    labels = {one.label for one in asked_back}
    uploads = tuple(one for reply in replies for one in reply.choices if one.upload)
    last = (*asked_back, *(one for one in ways if one.label not in labels), *uploads[:1])
    return [*(replace(one, choices=()) for one in replies[:-1]), replace(replies[-1], choices=last)]
