"""What every missing point is missing for: each for exactly one reason, and none where a cap leaves nothing to gain."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from rubrics import counting
from rubrics.answers import Answer
from rubrics.counting import Scores
from rubrics.model import Item, Rubric, Section

ZERO = Decimal(0)
Kind = Literal["score", "fact", "evidence", "conflict", "below_max", "not_applicable", "deducted"]
# Which lines keep their points where a section can give no more than some of them: first what can still be done.
FIRST: tuple[Kind, ...] = ("score", "evidence", "conflict", "deducted", "below_max", "not_applicable")
TO_DO = ("score", "evidence")  # shown even where nothing is to be gained: the table is not complete without


class Gap(NamedTuple):
    """What is missing at one item; None points where the document prints none, 0 where filling it in gains nothing."""

    item: Item
    kind: Kind
    points: Decimal | None


def unsaid(item: Item) -> Gap:
    """Of an item without an answer: all of its points."""
    return Gap(item, "score", item.highest if item.counts == "score" else ZERO)


def shortfall(item: Item, answer: Answer, hint: Decimal | None) -> Iterator[Gap]:
    """Where an item's points went that are not supported. A bonus is not missed; a deduction is what it takes away."""
    full = item.highest if item.counts == "score" else ZERO
    if answer.state == "not_applicable":
        yield Gap(item, "not_applicable", full)
    elif answer.state == "unanswered" or answer.self_score is None:
        yield unsaid(item)
    else:
        claim, kept = _claim(item, answer.self_score, hint)
        bonus = item.counts == "bonus"
        if claim > kept:
            yield Gap(item, "conflict", ZERO if bonus else claim - kept)
        if kept > 0 and not answer.evidence:
            yield Gap(item, "evidence", ZERO if bonus else kept)
        if full > claim:
            yield Gap(item, "deducted" if item.counts == "deduction" else "below_max", full - claim)


def worth(item: Item, answer: Answer, hint: Decimal | None) -> Decimal:
    """The points of an item that are supported; what is lost is believed without proof."""
    if answer.state != "answered" or answer.self_score is None:
        return ZERO
    _, kept = _claim(item, answer.self_score, hint)
    return kept if answer.evidence or kept < 0 else ZERO


def _claim(item: Item, score: Decimal, hint: Decimal | None) -> tuple[Decimal, Decimal]:
    """What is claimed, and what a printed rule leaves of it."""
    claim = min(max(score, item.lowest), item.highest)
    return claim, claim if hint is None else min(claim, hint)


def listed(rubric: Rubric, gaps: Mapping[str, list[Gap]], supported: Scores) -> list[Gap]:
    """Every line, the most valuable first. Their points add up to what is missing: the maximum and what lies above it,
    less what is supported. Where a cap leaves less to gain than the lines say, those count less that can't be mended."""
    if rubric.summed:
        found = [gap for item in rubric.items for gap in gaps[item.id]]
    else:
        below = [gap for section in rubric.sections for gap in _of_section(section, gaps, supported)]
        found = _within(below, (rubric.maximum or ZERO) - counting.whole(rubric, supported).within)
    # Stable: equal points stay in the order of the document.
    return sorted(found, key=lambda gap: -(gap.points or ZERO))


def _of_section(section: Section, gaps: Mapping[str, list[Gap]], supported: Scores) -> list[Gap]:
    found = [gap for one in section.sections for gap in _of_section(one, gaps, supported)]
    found += [gap for item in section.items for gap in gaps.get(item.id, ())]
    return _within(found, max((section.full or ZERO) - counting.of_section(section, supported).within, ZERO))


def _within(gaps: list[Gap], room: Decimal) -> list[Gap]:
    """The lines, in their order, with no more points together than there is room."""
    if sum((gap.points or ZERO for gap in gaps), ZERO) <= room:
        return [gap for gap in gaps if gap.points or gap.kind in TO_DO]
    points = dict(_shared(sorted(enumerate(gaps), key=lambda one: _order(one[1])), room))
    cut = (gap._replace(points=points[place]) for place, gap in enumerate(gaps))
    return [gap for gap in cut if gap.points or gap.kind in TO_DO]


def _shared(gaps: Iterable[tuple[int, Gap]], room: Decimal) -> Iterator[tuple[int, Decimal]]:
    for place, gap in gaps:
        given = min(gap.points or ZERO, room)
        room -= given
        yield place, given


def _order(gap: Gap) -> tuple[int, Decimal]:
    return FIRST.index(gap.kind), -(gap.points or ZERO)
