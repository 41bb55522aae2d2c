"""A member of staff at work on the roster, and what she may be choosing from; no round is needed for it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.awaiting import SCREEN
from handlers.messages import Choice, Incoming, Reply
from handlers.phrasebook import phrasebook
from handlers.premises import Premises
from handlers.rights import Actor
from handlers.societies.roster import Unsure
from handlers.understanding.numerals import fold, number
from storage.files import FileStore
from storage.relations import CONVERSATION

ORDINAL = re.compile(r"(?:选|用|就)?第\s*(?P<n>[\d一二三四五六七八九十]{1,3})\s*(?:个|家|种|份|张|条)?(?:吧)?")
CHOOSING = "which_society"


@dataclass(frozen=True)
class Registrar:
    db: sa.Connection
    actor: Actor
    now: datetime
    place: Premises | None
    files: tuple[Incoming, ...] = ()  # what came with the message, stored already
    receipt: str = ""  # of what this turn stores

    @property
    def premises(self) -> Premises:
        assert self.place is not None, "a turn of the office that handles files is given where they lie"
        return self.place

    @property
    def store(self) -> FileStore:
        return self.premises.store

    def wait_for(self, wish: str, **about: Any) -> None:
        """The next message may answer this."""
        asked = {**about, "wish": wish, "role": self.actor.role}
        self._pend({name: one for name, one in asked.items() if name != SCREEN})

    def done(self) -> None:
        self._pend(None)

    def _pend(self, pending: dict[str, Any] | None) -> None:
        hers = sa.update(CONVERSATION).where(CONVERSATION.c.person_id == self.actor.person_id)
        self.db.execute(hers.values(pending=pending))


def counted(words: str) -> int | None:
    """The whole number that a message is: «12», «十二家», «第一个»."""
    said = fold(words).strip(" 。.!")
    ordinal = ORDINAL.fullmatch(said)
    value = number(ordinal["n"] if ordinal else said.strip("个家"))
    return int(value) if value is not None and value == int(value) else None


def which(registrar: Registrar, words: str, unsure: Unsure) -> list[Reply]:
    """The societies that her words may mean, to be chosen by number: what she said is then heard with the full name."""
    names = unsure.names
    at = fold(words).find(fold(unsure.said)) if unsure.said else -1
    if not names or at < 0:
        return [phrasebook().reply("society_unknown", {"said": unsure.said})]
    again = [f"{words[:at]}{name}{words[at + len(unsure.said) :]}" for name in names]
    registrar.wait_for(CHOOSING, options=again)
    text = phrasebook().text("society_which", {"said": unsure.said, "names": names})
    choices = (Choice(f"{n} {name}", said) for n, (name, said) in enumerate(zip(names, again, strict=True), 1))
    return [Reply(text, tuple(choices))]


def chosen(registrar: Registrar, waiting: dict[str, Any], words: str) -> list[Reply] | str | None:
    """The words behind the number she chose; None where she said something else."""
    options: list[str] = waiting["options"]
    picked = counted(words)
    if picked is None:
        return None
    if 1 <= picked <= len(options):
        return options[picked - 1]
    registrar.wait_for(CHOOSING, options=options)
    return [phrasebook().reply("not_on_the_list", {"number": picked, "count": len(options)})]
