"""What the office was asked back: the number typed answers what was on her screen, in the round that it was shown of."""

from typing import Any

import sqlalchemy as sa

from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold, number
from storage.relations import CONVERSATION, ROUND, Row

Waiting = dict[str, Any]
SCREEN = "screen"  # the reply that asked
# What waits for a file, a list that may be pointed at, and what is answered in other ways than by a number.
UNNUMBERED = ("attach", "listing", "late_list", "template", "table_question", "table_ready")


def numbered(words: str) -> bool:
    """Whether this is nothing but a number: «12», «8.5分», «十二家»."""
    return number(fold(words).strip(" 。.个家项分")) is not None


def unseen(waiting: Waiting | None, words: str, seen: int | None) -> bool:
    """Whether she typed the number before the screen that asks for it was on its way to her (R4)."""
    asked = waiting.get(SCREEN) if waiting else None
    return asked is not None and seen is not None and seen < asked and numbered(words)


def nodded(waiting: Waiting | None, words: str) -> bool:
    """Whether she only says yes («确认», «好的») to what is confirmed by a number: nothing is done, and it stays open."""
    if waiting is None or waiting.get("wish") in UNNUMBERED or waiting.get("step") == "closes":
        return False
    return lexicon().nods(words)


def shown(db: sa.Connection, person: int, reply: int) -> None:
    """This reply is what asked; what waits from before keeps its own."""
    hers = CONVERSATION.c.person_id == person
    waiting = db.scalar(sa.select(CONVERSATION.c.pending).where(hers))
    if waiting and "wish" in waiting and SCREEN not in waiting:
        db.execute(sa.update(CONVERSATION).where(hers).values(pending={**waiting, SCREEN: reply}))


def round_of(db: sa.Connection, waiting: Waiting | None, words: str) -> Row | None:
    """The round that a number, or a file without words, answers in, whatever has been opened since."""
    if not waiting or "round" not in waiting or (words.strip() and not numbered(words)):
        return None
    return db.execute(sa.select(ROUND).where(ROUND.c.id == waiting["round"])).one_or_none()


def elsewhere(waiting: Waiting | None, round: int, words: str) -> bool:
    """Whether the number would confirm in one round what was shown of another."""
    return waiting is not None and waiting.get("round", round) != round and numbered(words)
