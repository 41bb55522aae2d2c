"""Printed conditions on facts and their answer in three-valued logic: yes, no, or open."""

import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from rubrics.facts import Fact
from rubrics.terms import Strict, Text, exact

Met = Literal["yes", "no", "open"]
Facts = Mapping[str, Fact]
Values = Mapping[str, object]

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


def bound(value: object) -> object:
    """A number, true/false, a level or day, or the two inclusive ends of a range."""
    if isinstance(value, tuple) and len(value) == 2:
        value = tuple(map(exact, value))
        if all(isinstance(end, Decimal) for end in value):
            return value
    elif isinstance(exact(value), Decimal | bool | str):
        return exact(value)
    raise PydanticCustomError("not_a_bound", "a bound is a number, a level, a day, true/false or a pair of numbers")


Bound = Annotated[
    Any,
    BeforeValidator(bound),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["number", "boolean", "string"]},
                {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
            ]
        }
    ),
]


class Leaf(Strict):
    """One comparison; 以上, 不低于 and 不少于 include the number (domain.md Q-X04)."""

    fact: Text
    op: Literal[">=", "<=", "==", ">", "<", "in"]
    value: Bound
    unit: Text | None = None
    label: Text | None = None

    def met(self, facts: Facts, values: Values) -> Met:
        fact = facts[self.fact]
        measured = fact.measure(values)
        if measured is None:
            least = fact.least(values) if self.op in (">=", ">") else None
            return "yes" if least is not None and COMPARE[self.op](least, fact.target(self.value)) else "open"
        if self.op == "in":
            low, high = self.value
            return "yes" if low <= measured <= high else "no"
        return "yes" if COMPARE[self.op](measured, fact.target(self.value)) else "no"

    def leaves(self) -> Iterator["Leaf"]:
        yield self


class All(Strict):
    """Every part is demanded."""

    all: tuple["Condition", ...]

    def met(self, facts: Facts, values: Values) -> Met:
        parts = {part.met(facts, values) for part in self.all}
        return "no" if "no" in parts else "open" if "open" in parts else "yes"

    def leaves(self) -> Iterator[Leaf]:
        for part in self.all:
            yield from part.leaves()


class AnyOf(Strict):
    """One part is enough; the label names the whole."""

    any: tuple["Condition", ...]
    label: Text

    def met(self, facts: Facts, values: Values) -> Met:
        parts = {part.met(facts, values) for part in self.any}
        return "yes" if "yes" in parts else "open" if "open" in parts else "no"

    def leaves(self) -> Iterator[Leaf]:
        for part in self.any:
            yield from part.leaves()


class OnlyIf(Strict):
    """`then` is demanded where `only_if` holds and counts as met where it does not (domain.md Q-WZ08, Q-WZ22)."""

    only_if: "Condition"
    then: "Condition"
    label: Text

    def met(self, facts: Facts, values: Values) -> Met:
        applies, kept = self.only_if.met(facts, values), self.then.met(facts, values)
        if applies == "no" or kept == "yes":
            return "yes"
        return kept if applies == "yes" else "open"

    def leaves(self) -> Iterator[Leaf]:
        yield from self.only_if.leaves()
        yield from self.then.leaves()


class Open(Strict):
    """A demand without a number (若干, 一定比例): a person decides, we never do."""

    open: Text

    @property
    def label(self) -> str:
        return self.open

    def met(self, facts: Facts, values: Values) -> Met:
        return "open"

    def leaves(self) -> Iterator[Leaf]:
        yield from ()


def shape(value: object) -> str | None:
    """Which condition this is, by the key that only it has; a tag is no key, so that it can't be mistaken for one."""
    if isinstance(value, Strict):
        return f"<{type(value).__name__}>"
    if not isinstance(value, Mapping):
        raise PydanticCustomError("not_a_mapping", "a condition is a mapping")
    return next((f"<{kind.__name__}>" for key, kind in SHAPES.items() if key in value), "<Leaf>")


SHAPES: dict[str, type[Strict]] = {"all": All, "any": AnyOf, "only_if": OnlyIf, "open": Open}
Condition = Annotated[
    Annotated[All, Tag("<All>")]
    | Annotated[AnyOf, Tag("<AnyOf>")]
    | Annotated[OnlyIf, Tag("<OnlyIf>")]
    | Annotated[Open, Tag("<Open>")]
    | Annotated[Leaf, Tag("<Leaf>")],
    Discriminator(shape),
]
for recursive in (All, AnyOf, OnlyIf):
    recursive.model_rebuild()
