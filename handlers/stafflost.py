"""What staff hear where their words are no command: a number that nothing waits for, a society's name alone, or neither."""

import sqlalchemy as sa

from handlers import staffhelp
from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import before
from handlers.rights import OFFICE, Actor
from handlers.societies import roster
from handlers.societies.registrar import counted
from handlers.understanding.intents import Explain, Intent, Move, Plain, ShowEvidence, Tell
from handlers.understanding.lexicon import lexicon

ANSWERS = (Plain("agree"), Plain("refuse"))
CALLS = (Plain("greet"), Tell("help"), Explain())
SURELY_NO_NAME = 30  # characters: longer words are a sentence, and names are not looked for in it


def answer(db: sa.Connection, actor: Actor, desk: Office | None, words: str) -> list[Reply]:
    """A greeting or a call for help gets the topics; anything else is named, nothing is done, and a way on is told."""
    said = words.strip()
    command = lexicon().command(said)
    if desk is None:
        return staffhelp.first(db, actor.person_id, said="" if command in CALLS else said)
    if not said or command in CALLS:
        return staffhelp.opening(desk)
    return _at_item(desk, said) or _lost(actor, desk, said, command)


def _at_item(desk: Office, said: str) -> list[Reply]:
    """While an item is open for review: how it may be answered."""
    at = before.seat(desk)
    society = before.society_of(desk, at.entry_id) if at and at.item and at.entry_id else None
    if at is None or society is None:
        return []
    item = before.looked_at(desk, society).found.rubric.item(at.item)
    return [phrasebook().reply("review_puzzled", {"said": said, "item": item, "society": society.name})]


def _lost(actor: Actor, desk: Office, said: str, command: Intent | None) -> list[Reply]:
    reviewer = actor.role not in OFFICE
    if command == Plain("thanks"):
        return [phrasebook().reply("staff_thanked", {"reviewer": reviewer})]
    if counted(said) is not None or command in ANSWERS:
        return [phrasebook().reply("staff_number_idle", {"said": said, "reviewer": reviewer})]
    if isinstance(command, Move | ShowEvidence) or lexicon().reviewing(said) is not None:
        return [phrasebook().reply("staff_review_idle", {"said": said})]
    certain = roster.meant(desk.db, said).certain if len(said) <= SURELY_NO_NAME else None
    if society := certain or (roster.within(desk.db, said) if len(said) <= SURELY_NO_NAME else None):
        about = {"society": society.name, "reviewer": reviewer, "said": "" if certain else said}
        return [phrasebook().reply("staff_society_alone", about)]
    named = None if reviewer else staffhelp.topic(said)
    if named is None:
        return [phrasebook().reply("staff_not_understood", {"said": said, "reviewer": reviewer})]
    page = phrasebook().reply(staffhelp.PAGES[named], {})
    head = phrasebook().text("staff_perhaps", {"said": said})
    return [Reply(f"{head}\n{page.text}", page.choices)]
