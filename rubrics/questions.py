"""Whether what is asked at one place makes sense: facts that can be computed, conditions that can be measured."""

from collections.abc import Iterator, Mapping

from rubrics import rules
from rubrics.conditions import All, AnyOf, Condition, Facts, Leaf, OnlyIf
from rubrics.facts import Fact, Level, Percent, Sum
from rubrics.model import Item, Requirement, Rubric
from rubrics.paths import Path, Problem, asked

Scales = Mapping[str, tuple[str, ...]]


def problems(rubric: Rubric) -> Iterator[Problem]:
    """Every problem of every fact and condition."""
    scales = {scale.id: scale.levels for scale in rubric.scales}
    for path, requirement in asked(rubric):
        for number, fact in enumerate(requirement.facts):
            yield from unknowable((*path, "facts", number), fact, requirement, scales)
        if requirement.condition is not None:
            yield from unmeasurable((*path, "condition"), requirement.condition, requirement.known)
        if isinstance(requirement, Item):
            yield from rules.problems(path, requirement)


def unknowable(path: Path, fact: Fact, requirement: Requirement, scales: Scales) -> Iterator[Problem]:
    """What a fact is computed from must be counts asked at the same place; its scale must be declared."""
    if isinstance(fact, Level) and fact.scale not in scales:
        yield Problem((*path, "scale"), "unknown_scale", {"scale": fact.scale})
    for place, name in sources(fact):
        source = requirement.known.get(name)
        if source is None:
            yield rules.unknown((*path, *place), name, requirement.known)
        elif source.kind != "count":
            yield Problem((*path, *place), "not_a_count", {"fact": name})


def sources(fact: Fact) -> Iterator[tuple[Path, str]]:
    """The names a computed fact is computed from, each with its place in the fact."""
    if isinstance(fact, Percent):
        yield ("numerator",), fact.numerator
        yield ("denominator",), fact.denominator
    if isinstance(fact, Sum):
        for number, part in enumerate(fact.parts):
            yield ("parts", number), part


def unmeasurable(path: Path, condition: Condition, facts: Facts) -> Iterator[Problem]:
    """Every comparison that could never be made."""
    if isinstance(condition, Leaf):
        yield from incomparable(path, condition, facts)
    elif isinstance(condition, OnlyIf):
        yield from unmeasurable((*path, "only_if"), condition.only_if, facts)
        yield from unmeasurable((*path, "then"), condition.then, facts)
    elif isinstance(condition, All | AnyOf):
        key, parts = ("all", condition.all) if isinstance(condition, All) else ("any", condition.any)
        for number, part in enumerate(parts):
            yield from unmeasurable((*path, key, number), part, facts)


def incomparable(path: Path, leaf: Leaf, facts: Facts) -> Iterator[Problem]:
    """A leaf's fact, operator, value and unit must suit each other."""
    fact = facts.get(leaf.fact)
    if fact is None:
        yield rules.unknown((*path, "fact"), leaf.fact, facts)
        return
    if leaf.op not in fact.ops:
        yield Problem((*path, "op"), "unfit_op", {"kind": fact.kind, "op": leaf.op})
    else:
        yield from unfit((*path, "value"), leaf, fact)
    if leaf.unit is not None and leaf.unit != fact.unit:
        yield Problem((*path, "unit"), "other_unit", {"unit": leaf.unit, "expected": fact.unit})


def unfit(path: Path, leaf: Leaf, fact: Fact) -> Iterator[Problem]:
    """A printed bound must be a value of the fact's own kind, a range must have room."""
    ends = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    if isinstance(fact, Level) and not fact.levels:
        return
    if isinstance(leaf.value, tuple) != (leaf.op == "in") or any(fact.target(end) is None for end in ends):
        levels = ", ".join(fact.levels) if isinstance(fact, Level) else ""
        details: dict[str, object] = {"kind": fact.kind, "value": ", ".join(map(str, ends)), "levels": levels}
        yield Problem(path, "not_a_level" if levels else "unfit_value", details)
    elif len(ends) == 2 and ends[0] > ends[1]:
        yield Problem(path, "empty_range", {"low": ends[0], "high": ends[1]})
