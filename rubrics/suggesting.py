"""Which printed criteria the facts meet, and the points that a printed rule gives for them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from rubrics.asked import Measure
from rubrics.conditions import All, AnyOf, Condition, Leaf, Met, OnlyIf, Open
from rubrics.model import Item, Requirement

ZERO = Decimal(0)
Part = Leaf | AnyOf | OnlyIf | Open


class Criterion(NamedTuple):
    """One printed demand and whether the facts meet it; `measured` is what was compared, a percent unrounded."""

    name: str
    label: str
    met: Met
    measured: Measure | None
    applies: bool = True  # what is demanded only_if something happened that did not


class Suggestion(NamedTuple):
    """The points a printed rule gives and the criteria that are its reason."""

    value: Decimal
    reasons: tuple[Criterion, ...]


def criteria(item: Requirement, facts: Mapping[str, object]) -> tuple[Criterion, ...]:
    """Every part that the condition demands; an any-of is one part, for one of it is enough."""
    return tuple(criterion(part, item, facts) for part in parts(item.condition))


def parts(condition: Condition | None) -> Iterator[Part]:
    if isinstance(condition, All):
        for part in condition.all:
            yield from parts(part)
    elif condition is not None:
        yield condition


def criterion(part: Part, item: Requirement, facts: Mapping[str, object]) -> Criterion:
    met = part.met(item.known, facts)
    if isinstance(part, Leaf):
        fact = item.known[part.fact]
        return Criterion(part.fact, part.label or fact.label, met, fact.measure(facts))
    applies = not isinstance(part, OnlyIf) or part.only_if.met(item.known, facts) != "no"
    return Criterion("|".join(leaf.fact for leaf in part.leaves()) or "open", part.label, met, None, applies)


def suggestion(item: Item, facts: Mapping[str, object]) -> Suggestion | None:
    """Full points or none, or the points of a step, where the printed rule says so and the facts decide it (Q-ZJ11)."""
    value = suggested(item, facts)
    if value is None:
        return None
    met = "yes" if value else "no"
    return Suggestion(value, tuple(one for one in criteria(item, facts) if one.met == met or item.ladder))


def suggested(item: Item, facts: Mapping[str, object]) -> Decimal | None:
    """The value of the suggestion alone: below 0 where points are lost."""
    value = _printed(item, facts) if facts and item.points is not None else None
    return None if value is None else item.signed(min(value, item.points or ZERO))


def _printed(item: Item, facts: Mapping[str, object]) -> Decimal | None:
    """What the item's one rule gives, before its own maximum."""
    full = item.points or ZERO
    if item.ladder is not None:
        return item.ladder.value(item.known, [one.met for one in criteria(item, facts)], facts)
    if item.each is not None:
        return item.each.value(item.known, facts, full)
    if item.deduct is not None:
        lost = item.deduct.value(item.known, facts, min(item.deduct.most or full, full))
        return None if lost is None else full - lost
    if item.suggest is None or item.condition is None:
        return None
    met = item.condition.met(item.known, facts)
    return None if met == "open" else full if met == "yes" else ZERO
