"""What the answers are worth: claimed, supported, suggested, reviewed, and what every missing point is missing for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from rubrics.asked import Measure
from rubrics.conditions import All, AnyOf, Condition, Leaf, Met, OnlyIf, Open
from rubrics.model import Item, Requirement, Rubric

ZERO = Decimal(0)
Part = Leaf | AnyOf | OnlyIf | Open


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


class Gap(NamedTuple):
    """What is missing at one item; None points where the document prints none."""

    item: Item
    kind: Literal["score", "fact", "evidence", "conflict", "below_max", "not_applicable"]
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Standing:
    """All totals of one society, each saying what it is; the gaps add up to maximum − supported."""

    claimed: Decimal | None
    supported: Decimal | None
    suggested: Decimal | None
    reviewed: Decimal | None
    maximum: Decimal | None
    gaps: tuple[Gap, ...]
    complete: int
    total: int
    percent: int


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
    """The value of the suggestion alone."""
    if not facts:
        return None
    if item.ladder is not None:
        return item.ladder.value(item.known, [one.met for one in criteria(item, facts)], facts)
    if item.suggest is None or item.condition is None:
        return None
    met = item.condition.met(item.known, facts)
    return None if met == "open" else item.points if met == "yes" else ZERO


def shortfall(item: Item, answer: Answer, hint: Decimal | None) -> Iterator[Gap]:
    """Where an item's full points went that are not supported: each point is missing for exactly one reason."""
    full = item.points or ZERO
    if answer.state == "not_applicable":
        yield Gap(item, "not_applicable", full)
    elif answer.state == "unanswered" or answer.self_score is None:
        yield Gap(item, "score", full)
    else:
        claim = min(answer.self_score, full)
        kept = claim if hint is None or claim <= hint else hint
        if claim > kept:
            yield Gap(item, "conflict", claim - kept)
        if kept and not answer.evidence:
            yield Gap(item, "evidence", kept)
        if full > claim:
            yield Gap(item, "below_max", full - claim)


def worth(item: Item, answer: Answer) -> Decimal:
    """The points of an item that are supported."""
    hint = None if answer.state == "not_applicable" else suggested(item, answer.facts)
    return (item.points or ZERO) - sum((gap.points or ZERO for gap in shortfall(item, answer, hint)), ZERO)


def complete(answer: Answer) -> bool:
    """Nothing more is to be asked: a score with evidence, a plain 0, or 不适用."""
    if answer.state != "answered":
        return answer.state == "not_applicable"
    return answer.self_score is not None and (answer.evidence > 0 or not answer.self_score)


def percent(done: int, total: int) -> int:
    """Rounded down, so that 100 always means complete."""
    return done * 100 // total if total else 0


def standing(rubric: Rubric, answers: Mapping[str, Answer]) -> Standing:
    """Where a society stands; `answers` by item id, an item without one is unanswered."""
    if rubric.maximum is None:
        return unscored(rubric, answers)
    gaps: list[Gap] = []
    claims: list[Decimal] = []
    hints: list[Decimal] = []
    reviews: list[Decimal] = []
    done = 0
    for item in rubric.items:
        answer = answers.get(item.id, UNANSWERED)
        hint = None if answer.state == "not_applicable" else suggested(item, answer.facts)
        gaps += shortfall(item, answer, hint)
        done += complete(answer)
        if hint is not None:
            hints.append(hint)
        if answer.state == "answered" and answer.self_score is not None:
            claims.append(answer.self_score)
        if answer.reviewed is not None:
            reviews.append(answer.reviewed)
    gaps.sort(key=lambda gap: -(gap.points or ZERO))  # stable: equal points stay in the order of the document
    total = len(rubric.items)
    return Standing(
        claimed=sum(claims, ZERO),
        supported=rubric.maximum - sum((gap.points or ZERO for gap in gaps), ZERO),
        suggested=sum(hints, ZERO) if hints else None,
        reviewed=sum(reviews, ZERO) if reviews else None,
        maximum=rubric.maximum,
        gaps=tuple(gaps),
        complete=done,
        total=total,
        percent=percent(done, total),
    )


def unscored(rubric: Rubric, answers: Mapping[str, Answer]) -> Standing:
    """Where the document prints no points there is no total, only what is still unsaid or unproved (Q-WZ01)."""
    found = [gap for item in rubric.items if (gap := unproved(item, answers.get(item.id, UNANSWERED)))]
    open_ones = [gap for gap in found if gap.kind != "conflict"]
    total = len(rubric.items)
    done = total - len(open_ones)
    gaps = tuple(sorted(found, key=lambda gap: gap.kind == "conflict"))  # stable: what can be filled comes first
    return Standing(None, None, None, None, None, gaps, done, total, percent(done, total))


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
