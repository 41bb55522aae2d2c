"""Shown before answered (R4): what means something only as an answer needs a question that was on her screen."""

from handlers.desk import Desk
from handlers.standards import qualifying
from handlers.understanding.intents import (
    Claim,
    DropEvidence,
    Excuse,
    Explain,
    Fact,
    Go,
    Intent,
    Move,
    OddScore,
    Plain,
    Score,
    ShowEvidence,
    Tell,
    Words,
)


def unseen(desk: Desk) -> bool:
    """The open question was not on her screen yet when she sent this (R4)."""
    seen = desk.message.seen
    open_one = desk.scene.asking.item is not None or desk.scene.asking.field == qualifying.FIELD
    return seen is not None and open_one and seen < desk.conversation.question_id


def needs_context(intent: Intent) -> bool:
    """Whether it means something only as the answer to the open question."""
    if isinstance(intent, Score | OddScore | Claim | Fact | Words | Excuse | DropEvidence):
        return intent.at is None
    return isinstance(intent, Move) or not isinstance(intent, Tell | Go | Explain | ShowEvidence | Plain)
