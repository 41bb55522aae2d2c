"""Which typed questions of an item still matter: not those that no open part of its condition rests on."""

from collections.abc import Iterator, Mapping

from rubrics.conditions import All, AnyOf, Condition, Leaf, OnlyIf
from rubrics.facts import Percent, Sum
from rubrics.model import Requirement


def wanted(item: Requirement, facts: Mapping[str, object]) -> frozenset[str]:
    """The facts still worth asking for: the lease only of tenants (Q-WZ08), the second scale only where the first is
    not enough (Q-WZ07); and those that no condition compares, which are recorded without a verdict (Q-WZ13)."""
    if item.condition is None:
        return frozenset(item.known)
    compared = {name for leaf in item.condition.leaves() for name in _sources(item, leaf)}
    still = set(_open(item.condition, item, facts))
    return frozenset(name for name in item.known if name in still or name not in compared)


def _open(part: Condition, item: Requirement, facts: Mapping[str, object]) -> Iterator[str]:
    met = part.met(item.known, facts)
    if isinstance(part, Leaf):
        yield from _sources(item, part) if met == "open" else ()
    elif isinstance(part, All):
        for one in part.all:
            yield from _open(one, item, facts)
    elif isinstance(part, AnyOf) and met == "open":
        for one in part.any:
            yield from _open(one, item, facts) if one.met(item.known, facts) != "no" else ()
    elif isinstance(part, OnlyIf):
        applies = part.only_if.met(item.known, facts)
        yield from _open(part.only_if, item, facts)
        yield from _open(part.then, item, facts) if applies == "yes" else ()


def _sources(item: Requirement, leaf: Leaf) -> tuple[str, ...]:
    fact = item.known[leaf.fact]
    if isinstance(fact, Percent):
        return fact.numerator, fact.denominator
    return fact.parts if isinstance(fact, Sum) else (leaf.fact,)
