"""The interview, one step at a time. Pure: what an intent does to a scene, and what is to be said about it."""

from collections.abc import Callable
from typing import Any

from handlers.answers import answering, walking
from handlers.answers.scene import Scene, Step
from handlers.understanding.intents import (
    Claim,
    DropEvidence,
    Either,
    Excuse,
    Explain,
    Fact,
    Go,
    Intent,
    Move,
    OddFact,
    OddScore,
    Puzzled,
    Score,
    ShowEvidence,
    Words,
)


def step(scene: Scene, intent: Intent) -> Step:
    """What the intent means here. Wishes and looks are answered elsewhere (handlers.wishes, handlers.telling)."""
    return STEPS[type(intent)](scene, intent)


STEPS: dict[type, Callable[[Scene, Any], Step]] = {
    Score: answering.score,
    OddScore: answering.odd_score,
    Claim: answering.claim,
    Words: answering.words,
    Fact: answering.fact,
    OddFact: answering.odd_fact,
    Excuse: answering.excuse,
    DropEvidence: answering.drop_evidence,
    Move: walking.move,
    Go: walking.go,
    Explain: walking.explain,
    ShowEvidence: walking.show_evidence,
    Puzzled: walking.puzzled,
    Either: walking.either,
}
