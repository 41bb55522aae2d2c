"""An item that only takes points off: people say how often it happened, and what is stored is a score below 0."""

import re

from handlers.answers.scene import Change, Judged, Learned, Scene
from handlers.understanding.intents import Fact, OddScore, Score
from handlers.understanding.numerals import NUMBER, fold, number
from rubrics.facts import Count
from rubrics.model import Item
from rubrics.suggesting import suggested


def times(item: Item, intent: Score) -> Fact | None:
    """A bare number where it was asked how often: so many times, not so many points."""
    if item.counts != "deduction" or item.each is None or intent.value is None or not intent.bare:
        return None
    whole = isinstance(item.known[item.each.fact], Count) and intent.value == int(intent.value)
    return Fact(item.each.fact, int(intent.value), f"{intent.value:f}", intent.at) if whole else None


def taken_off(item: Item, intent: OddScore) -> Score | None:
    """«扣4分», «-4»: of other items no score is below 0."""
    found = re.search(NUMBER, fold(intent.said)) if item.counts == "deduction" and intent.why == "negative" else None
    value = number(found[0]) if found else None
    return None if value is None else Score(value, intent.at)


def follows(scene: Scene, item: Item, learned: Learned) -> tuple[Change, ...]:
    """The score that so many times are by the printed rule; somebody else's score is not overwritten."""
    if item.counts != "deduction" or item.each is None or learned.fact != item.each.fact:
        return ()
    held = scene.of(item.id)
    score = suggested(item, {**held.answer.facts, learned.fact: learned.value})
    others = held.answer.state != "unanswered" and held.scored_by not in (None, scene.person_id)
    if score is None or others or score == held.answer.self_score:
        return ()
    return (Judged(item.id, "answered", score),)
