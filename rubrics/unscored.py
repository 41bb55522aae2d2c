"""Where the document prints no points: what is still unsaid or unproved, and how many items are met, never a total."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rubrics.answers import UNANSWERED, Answer
from rubrics.conditions import Met
from rubrics.missing import Gap
from rubrics.model import Item, Requirement


def unproved(item: Item, answer: Answer) -> Gap | None:
    """What an item without points still lacks: her word, evidence for it, or agreement with the printed condition."""
    if answer.state == "unanswered":
        return Gap(item, "fact", None)
    if answer.state == "not_applicable" or answer.met is False:
        return None
    if not answer.evidence and not item.negative:
        return Gap(item, "evidence", None)
    return Gap(item, "conflict", None) if contradicted(item, answer) else None


def verdict(item: Requirement, facts: Mapping[str, object]) -> Met:
    """Whether the printed condition holds; open where there is none, or where nothing is known yet."""
    return "open" if item.condition is None or not facts else item.condition.met(item.known, facts)


def contradicted(item: Item, answer: Answer) -> bool:
    """Whether the printed condition says otherwise than she does; her word stays."""
    if answer.state != "answered" or answer.met is None:
        return False
    return verdict(item, answer.facts) == ("no" if answer.met else "yes")


class Tally(NamedTuple):
    """How many items of a part are met by her word, not met, not applicable, and still unsaid."""

    met: int
    unmet: int
    not_applicable: int
    unsaid: int
    unproved: int  # met by her word, without the evidence that is demanded
    contradicted: int


def tally(items: Sequence[Item], answers: Mapping[str, Answer]) -> Tally:
    """Counted, never weighed: the document prints no points inside a category (Q-WZ01)."""
    given = [(item, answers.get(item.id, UNANSWERED)) for item in items]
    gaps = [gap.kind for item, answer in given if (gap := unproved(item, answer))]
    said = [answer for _, answer in given if answer.state == "answered"]
    excused = sum(answer.state == "not_applicable" for _, answer in given)
    return Tally(
        met=sum(answer.met is True for answer in said),
        unmet=sum(answer.met is False for answer in said),
        not_applicable=excused,
        unsaid=len(given) - len(said) - excused,
        unproved=gaps.count("evidence"),
        contradicted=sum(contradicted(item, answer) for item, answer in given),
    )
