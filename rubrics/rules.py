"""Whether an item's one rule can be reckoned: a ladder, points for each time, points off, or all or nothing."""

from collections.abc import Iterator
from decimal import Decimal

from rubrics.conditions import Facts
from rubrics.ladders import Each, Ladder
from rubrics.model import Item
from rubrics.paths import Path, Problem

WORDS = ("suggest", "ladder", "each", "deduct")


def problems(path: Path, item: Item) -> Iterator[Problem]:
    """Every problem of what an item counts as and of its rule."""
    yield from uncountable(path, item)
    used = [word for word in WORDS if getattr(item, word) is not None]
    for word in used[1:]:
        both: dict[str, object] = {"word": word, "other": used[0]}
        yield Problem((*path, word), "ladder_and_suggest" if set(used) == {"suggest", "ladder"} else "two_rules", both)
    if item.ladder is not None:
        yield from unclimbable((*path, "ladder"), item, item.ladder)
    for word, rule in (("each", item.each), ("deduct", item.deduct)):
        if rule is not None:
            yield from unreckoned((*path, word), item, rule)
    if item.deduct is not None and item.deduct.most is not None and item.points and item.deduct.most > item.points:
        details: dict[str, object] = {"points": item.deduct.most, "full": item.points}
        yield Problem((*path, "deduct", "most"), "deduct_above", details)
    if item.suggest and None in (item.points, item.condition):
        yield Problem((*path, "suggest"), "suggest_blind", {})


def uncountable(path: Path, item: Item) -> Iterator[Problem]:
    """What is beside the points needs a limit; points are taken off one way only; only a bonus lies above."""
    if item.counts != "score" and item.points is None:
        yield Problem((*path, "counts"), "counts_blind", {"counts": item.counts})
    for word in ("deduct", "suggest"):
        if item.counts == "deduction" and getattr(item, word) is not None:
            yield Problem((*path, word), "rule_of_deduction", {"word": word})
    if item.counts == "bonus" and item.deduct is not None:
        yield Problem((*path, "deduct"), "deduct_of_bonus", {})
    if item.above and item.counts != "bonus":
        yield Problem((*path, "above"), "above_alone", {})


def unreckoned(path: Path, item: Item, rule: Each) -> Iterator[Problem]:
    """It needs points to reach, something that is counted, and steps that scores can have."""
    yield from uncounted((*path, "fact"), item, rule.fact)
    if item.points is None:
        yield Problem(path, "rule_blind", {"word": path[-1]})
    if item.step is not None and rule.points % item.step:
        yield Problem((*path, "points"), "off_step", {"points": rule.points, "step": item.step})


def uncounted(path: Path, item: Item, name: str) -> Iterator[Problem]:
    """A rule goes by a number that is asked at the same item."""
    fact = item.known.get(name)
    if fact is None:
        yield unknown(path, name, item.known)
    elif ">=" not in fact.ops or fact.target(Decimal(1)) is None:
        yield Problem(path, "not_a_number", {"fact": name, "kind": fact.kind})


def unclimbable(path: Path, item: Item, ladder: Ladder) -> Iterator[Problem]:
    """A ladder needs points to reach, something that is counted, and rungs in order within the points."""
    if ladder.fact is not None:
        yield from uncounted((*path, "fact"), item, ladder.fact)
    if item.points is None or (ladder.fact is None and item.condition is None):
        yield Problem(path, "ladder_blind", {})
    for number, rung in enumerate(ladder.steps):
        here = (*path, "steps", number)
        if number and rung.at <= ladder.steps[number - 1].at:
            yield Problem((*here, "at"), "ladder_order", {"at": rung.at, "before": ladder.steps[number - 1].at})
        full = max(
            (one for one in (item.points, *(each.points for each in item.points_for)) if one is not None), default=None
        )
        if full is not None and rung.points > full:
            yield Problem((*here, "points"), "ladder_above", {"points": rung.points, "full": full})
        if item.step is not None and rung.points % item.step:
            yield Problem((*here, "points"), "off_step", {"points": rung.points, "step": item.step})


def unknown(path: Path, name: str, facts: Facts) -> Problem:
    return Problem(path, "unknown_fact", {"fact": name, "known": ", ".join(facts) or "-"})
