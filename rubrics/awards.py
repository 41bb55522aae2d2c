"""Who would be named for an award by the order of given scores; a tie at the cut is shown and left to people."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple


class Ranked(NamedTuple):
    """A unit in the order of its total; equal totals have equal ranks."""

    rank: int
    unit: str
    total: Decimal


class Proposal(NamedTuple):
    """Who stands above the cut, and who is tied at it; never more than the quota (domain.md Q-WZ16)."""

    ranked: tuple[Ranked, ...]
    proposed: tuple[str, ...]
    tied: tuple[str, ...]
    places: int  # left for the tied ones


def totals(scores: Mapping[str, Mapping[str, Decimal]], categories: Sequence[str]) -> dict[str, Decimal]:
    """The total of every unit that has a score in each category; the others can't be compared yet."""
    return {
        unit: sum((given[one] for one in categories), Decimal(0))
        for unit, given in scores.items()
        if all(one in given for one in categories)
    }


def ranking(sums: Mapping[str, Decimal]) -> tuple[Ranked, ...]:
    """The highest total first; equal ones share their rank and stand in the order they came."""
    made: list[Ranked] = []
    for total, alike in groupby(sorted(sums, key=lambda unit: -sums[unit]), key=lambda unit: sums[unit]):
        rank = len(made) + 1
        made += [Ranked(rank, unit, total) for unit in alike]
    return tuple(made)


def propose(sums: Mapping[str, Decimal], quota: int) -> Proposal:
    """The units above the cut. Those that tie for the last places are named apart: people decide, not the alphabet."""
    ranked = ranking(sums)
    if len(ranked) <= quota:
        return Proposal(ranked, tuple(one.unit for one in ranked), (), 0)
    cut = ranked[quota - 1].total
    if ranked[quota].total != cut:
        return Proposal(ranked, tuple(one.unit for one in ranked[:quota]), (), 0)
    above = tuple(one.unit for one in ranked if one.total > cut)
    return Proposal(ranked, above, tuple(one.unit for one in ranked if one.total == cut), quota - len(above))
