"""What scores count for: caps of sections, bonuses beside the points, deductions that never take more than there is."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from rubrics.model import Item, Rubric, Section, capped

ZERO = Decimal(0)
Scores = Mapping[str, Decimal]


class Counted(NamedTuple):
    """What a part of the document counts for: within its maximum, and what a bonus adds above it."""

    within: Decimal
    above: Decimal

    @property
    def total(self) -> Decimal:
        return self.within + self.above


def total(rubric: Rubric, scores: Scores) -> Decimal:
    """The points of all scores together; what deductions take away ends at 0."""
    return whole(rubric, scores).total


def whole(rubric: Rubric, scores: Scores) -> Counted:
    """The same, with what lies above the maximum apart."""
    if rubric.summed:
        return _sum(rubric.items, scores)
    return _kept(_together(rubric.sections, (), scores), rubric.maximum, None)


def of_section(section: Section, scores: Scores) -> Counted:
    """Within its cap, and never below 0 but where a section holds deductions and nothing to take them from: what it
    holds is set off against the rest then."""
    if section.summed:
        return _sum(section.within, scores)
    return _kept(_together(section.sections, section.items, scores), section.full, section.most)


def _sum(items: Iterable[Item], scores: Scores) -> Counted:
    return Counted(sum([scores[item.id] for item in items if item.id in scores], ZERO), ZERO)


def _together(sections: Iterable[Section], items: Iterable[Item], scores: Scores) -> Counted:
    parts = [of_section(one, scores) for one in sections] + [_of_item(one, scores) for one in items]
    return Counted(sum((one.within for one in parts), ZERO), sum((one.above for one in parts), ZERO))


def _of_item(item: Item, scores: Scores) -> Counted:
    score = scores.get(item.id, ZERO)
    return Counted(ZERO, score) if item.above else Counted(score, ZERO)


def _kept(found: Counted, full: Decimal | None, most: Decimal | None) -> Counted:
    """What of it counts: without a maximum of its own a part only adds to, or takes from, what stands around it.

    A cap never holds a bonus above beside points within (sums.capless): points would push the bonus out, and a better
    score could lower the total."""
    within = found.within
    if full:
        within = min(max(within, ZERO), full)
    elif most is not None:
        within = min(max(within, -most), most)
    return Counted(within, capped(found.above, most) or ZERO)
