"""What a society has said about one item, whether the item can have it, and whether anything more is to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from rubrics.model import Item


@dataclass(frozen=True, slots=True)
class Answer:
    """What a society has said about one item; `evidence` counts its live pieces."""

    state: Literal["unanswered", "answered", "not_applicable"] = "unanswered"
    self_score: Decimal | None = None
    evidence: int = 0
    facts: Mapping[str, object] = field(default_factory=dict)
    reviewed: Decimal | None = None
    met: bool | None = None  # what she says of an item without points: met or not (domain.md Q-WZ18)


UNANSWERED = Answer()


def fits(item: Item, answer: Answer) -> bool:
    """Whether the item can have this score: not where its points have been changed since."""
    if answer.self_score is None or item.points is None:
        return True
    within = item.lowest <= answer.self_score <= item.highest
    return within and not (item.step and answer.self_score % item.step)


def current(item: Item, answer: Answer) -> Answer:
    """The answer as it counts: a score that the item can't have any more is to be given anew."""
    return answer if fits(item, answer) else replace(answer, state="unanswered", self_score=None)


def complete(item: Item, answer: Answer) -> bool:
    """Nothing more is to be asked: a score with evidence, a plain 0, 不适用; of points lost nobody has to bring proof."""
    if answer.state != "answered":
        return answer.state == "not_applicable"
    if answer.self_score is None:
        return False
    return answer.evidence > 0 or not answer.self_score or item.counts == "deduction"
