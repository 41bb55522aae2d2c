"""What the answers are worth: claimed, supported, suggested, reviewed, and what every missing point is missing for."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rubrics import counting, missing
from rubrics.answers import UNANSWERED, Answer, complete, current
from rubrics.missing import Gap
from rubrics.model import Item, Rubric
from rubrics.suggesting import suggested
from rubrics.unscored import unproved

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Standing:
    """All totals of one society, each saying what it is; the gaps add up to `lacking`, which is maximum − supported
    where no bonus lies above the maximum."""

    claimed: Decimal | None
    supported: Decimal | None
    suggested: Decimal | None
    reviewed: Decimal | None
    maximum: Decimal | None
    gaps: tuple[Gap, ...]
    complete: int
    total: int
    percent: int
    above: Decimal = ZERO  # of what is supported, what a bonus adds above the maximum

    @property
    def lacking(self) -> Decimal | None:
        """What is missing of the maximum."""
        if self.maximum is None or self.supported is None:
            return None
        return self.maximum + self.above - self.supported


@dataclass(frozen=True, slots=True)
class Scored:
    """Every item's points, by item."""

    claimed: dict[str, Decimal]
    supported: dict[str, Decimal]
    suggested: dict[str, Decimal]
    reviewed: dict[str, Decimal]
    gaps: dict[str, list[Gap]]
    complete: dict[str, bool]


def scored(rubric: Rubric, answers: Mapping[str, Answer]) -> Scored:
    """What each item claims, can show, would be given and has been given; an item without an answer is unanswered."""
    found = Scored({}, {}, {}, {}, {}, {})
    for item in rubric.items:
        answer = answers.get(item.id)
        if answer is None:
            found.supported[item.id] = ZERO
            found.gaps[item.id] = [missing.unsaid(item)]
        else:
            _add(found, item, current(item, answer))
    return found


def _add(found: Scored, item: Item, answer: Answer) -> None:
    hint = _hint(item, answer)
    if answer.state == "answered" and answer.self_score is not None:
        found.claimed[item.id] = answer.self_score
    found.supported[item.id] = missing.worth(item, answer, hint)
    if hint is not None:
        found.suggested[item.id] = hint
    if answer.reviewed is not None:
        found.reviewed[item.id] = answer.reviewed
    found.gaps[item.id] = list(missing.shortfall(item, answer, hint))
    found.complete[item.id] = complete(item, answer)


def of_item(item: Item, answer: Answer) -> tuple[Decimal | None, Decimal]:
    """What one answer claims and what it can show, as `scored` has them."""
    given = current(item, answer)
    claim = given.self_score if given.state == "answered" else None
    return claim, missing.worth(item, given, _hint(item, given))


def _hint(item: Item, answer: Answer) -> Decimal | None:
    return None if answer.state == "not_applicable" else suggested(item, answer.facts)


def standing(rubric: Rubric, answers: Mapping[str, Answer]) -> Standing:
    """Where a society stands; `answers` by item id, an item without one is unanswered."""
    if rubric.maximum is None:
        return unscored(rubric, answers)
    found = scored(rubric, answers)
    supported = counting.whole(rubric, found.supported)
    total, done = len(rubric.items), sum(found.complete.values())
    return Standing(
        claimed=counting.total(rubric, found.claimed),
        supported=supported.total,
        suggested=counting.total(rubric, found.suggested) if found.suggested else None,
        reviewed=counting.total(rubric, found.reviewed) if found.reviewed else None,
        maximum=rubric.maximum,
        gaps=tuple(missing.listed(rubric, found.gaps, found.supported)),
        complete=done,
        total=total,
        percent=percent(done, total),
        above=supported.above,
    )


def percent(done: int, total: int) -> int:
    """Rounded down, so that 100 always means complete."""
    return done * 100 // total if total else 0


def unscored(rubric: Rubric, answers: Mapping[str, Answer]) -> Standing:
    """Where the document prints no points there is no total, only what is still unsaid or unproved (Q-WZ01)."""
    found = [gap for item in rubric.items if (gap := unproved(item, answers.get(item.id, UNANSWERED)))]
    open_ones = [gap for gap in found if gap.kind != "conflict"]
    total = len(rubric.items)
    done = total - len(open_ones)
    gaps = tuple(sorted(found, key=lambda gap: gap.kind == "conflict"))  # stable: what can be filled comes first
    return Standing(None, None, None, None, None, gaps, done, total, percent(done, total))
