"""What staff hear where their words are no command: a number that nothing waits for, a society's name alone, or neither."""

import sqlalchemy as sa

from handlers import staffhelp
from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.rights import Actor
from handlers.societies import roster
from handlers.societies.registrar import counted
from handlers.understanding.intents import Plain
from handlers.understanding.lexicon import lexicon

ANSWERS = (Plain("agree"), Plain("refuse"))
SURELY_NO_NAME = 30  # characters: longer words are a sentence, and names are not looked for in it


def answer(db: sa.Connection, actor: Actor, desk: Office | None, words: str) -> list[Reply]:
    """A greeting or a call for help gets the topics; anything else is named, nothing is done, and a way on is told."""
    said = words.strip()
    if desk is None:
        return staffhelp.first(db)
    command = lexicon().command(said)
    if counted(said) is not None or command in ANSWERS:
        return [phrasebook().reply("staff_number_idle", {"said": said})]
    if not said or command is not None:
        return staffhelp.opening(desk)
    if lexicon().reviewing(said) is not None:
        return [phrasebook().reply("staff_review_idle", {"said": said})]
    society = roster.meant(db, said).certain if len(said) <= SURELY_NO_NAME else None
    if society is not None:
        return [phrasebook().reply("staff_society_alone", {"society": society.name})]
    named = staffhelp.topic(said)
    if named is None:
        return [phrasebook().reply("staff_not_understood", {"said": said})]
    page = phrasebook().reply(staffhelp.PAGES[named], {})
    head = phrasebook().text("staff_perhaps", {"said": said})
    return [Reply(f"{head}\n{page.text}", page.choices)]
