"""A society in a round of printed lists: its own records as they are; what is not right the office puts right."""

from handlers.answers import telling
from handlers.answers.wishes import WISHES, Granted
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.papers.paperwork import GRANTED
from handlers.phrasebook import phrasebook
from handlers.projects.printed_lists import found, listings, record
from handlers.screenful import screenful
from handlers.understanding.intents import Plain, Tell
from handlers.understanding.lexicon import lexicon
from handlers.understanding.spoken import spoken


def look(desk: Desk, words: str) -> Granted:
    """A society in such a round: its own records as they are; whatever is not right the office puts right."""
    meant = lexicon().command(words)
    if isinstance(meant, Plain) and meant.wish in GRANTED:
        return WISHES[meant.wish](desk)
    if meant == Tell("account"):
        return telling.tell(desk, "account"), None
    name, _ = spoken("list", words) or ("", ())
    if name == "show" or not (words or desk.message.files):
        return opening(desk), None
    said = words or "、".join(one.name for one in desk.message.files)
    return [
        phrasebook().reply("list_nothing_to_fill", {"said": said, "asks": name == "why", "known": meant is not None})
    ], None


def opening(desk: Desk) -> list[Reply]:
    lines = []
    for listing in listings(desk.db, desk.season.id, desk.season.rubric):
        position = found(listing, desk.actor.society or "")
        if position is not None:
            lines += [phrasebook().text("list_own", {"title": listing.table.title}), *record(listing, position)]
    return screenful(
        "list_mine",
        "list_mine_end",
        lines,
        {"society": desk.actor.society, "found": bool(lines), "title": desk.season.title},
    )
