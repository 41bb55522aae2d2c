"""The kinds of facts an item may ask for."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PrivateAttr

from rubrics.asked import ORDER, Asked, Measure
from rubrics.terms import Slug, Text

LARGEST = 10**9  # far above any society, low enough that a percent never rounds up to its threshold
AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")


class Count(Asked):
    """How many: a whole number from 0."""

    kind: Literal["count"]
    ask: Text
    unit: Text

    def accepts(self, value: object) -> bool:
        return type(value) is int and 0 <= value <= LARGEST


class Amount(Asked):
    """How much: an exact number, stored as an int, a Decimal or its decimal string."""

    kind: Literal["amount"]
    ask: Text
    unit: Text

    def accepts(self, value: object) -> bool:
        if type(value) is str:
            return AMOUNT.fullmatch(value) is not None
        return type(value) is int or (isinstance(value, Decimal) and value.is_finite())

    def gauge(self, value: object) -> Measure:
        return Decimal(str(value))


class Sum(Asked):
    """Several counts together, never stored: unknown until each of them is known."""

    kind: Literal["sum"]
    parts: tuple[Slug, ...] = Field(min_length=2)
    unit: Text

    def accepts(self, value: object) -> bool:
        return False

    def counts(self, values: Mapping[str, object]) -> list[int]:
        parts = (counted(values.get(part)) for part in self.parts)
        return [part for part in parts if part is not None]

    def measure(self, values: Mapping[str, object]) -> Measure | None:
        known = self.counts(values)
        return sum(known) if len(known) == len(self.parts) else None

    def least(self, values: Mapping[str, object]) -> Measure | None:
        return sum(self.counts(values))


class Percent(Asked):
    """One count as a share of another, never stored and never rounded up; a denominator of 0 leaves it unknown."""

    kind: Literal["percent"]
    numerator: Slug
    denominator: Slug
    unit: Literal["%"] = "%"

    def accepts(self, value: object) -> bool:
        return False

    def measure(self, values: Mapping[str, object]) -> Measure | None:
        part, whole = counted(values.get(self.numerator)), counted(values.get(self.denominator))
        return Decimal(part) * 100 / Decimal(whole) if part is not None and whole else None


class Level(Asked):
    """One step of a named scale; the scale is part of the value (domain.md Q-X01)."""

    kind: Literal["level"]
    ask: Text
    scale: Slug
    ops: ClassVar[frozenset[str]] = ORDER
    _levels: tuple[str, ...] = PrivateAttr(())

    @property
    def levels(self) -> tuple[str, ...]:
        """The steps from lowest to highest."""
        return self._levels

    def tie(self, levels: tuple[str, ...]) -> None:
        """Told once, by the rubric that declares the scale."""
        self._levels = levels

    def accepts(self, value: object) -> bool:
        return type(value) is str and value in self._levels

    def gauge(self, value: object) -> Measure:
        return self._levels.index(str(value))

    def target(self, value: object) -> Measure | None:
        return self.gauge(value) if self.accepts(value) else None


class YesNo(Asked):
    """A plain question, worded so that "yes" is the good answer."""

    kind: Literal["yes_no"]
    ask: Text
    absence: bool = False  # «yes» means that there was none: 无 is the good answer (domain.md Q-WZ21)
    ops: ClassVar[frozenset[str]] = frozenset({"=="})

    def accepts(self, value: object) -> bool:
        return type(value) is bool

    def target(self, value: object) -> Measure | None:
        return value if type(value) is bool else None


class Date(Asked):
    """A day, stored as YYYY-MM-DD, which also sorts."""

    kind: Literal["date"]
    ask: Text
    ops: ClassVar[frozenset[str]] = ORDER

    def accepts(self, value: object) -> bool:
        if type(value) is not str or len(value) != 10:
            return False
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
        return True

    def target(self, value: object) -> Measure | None:
        return str(value) if self.accepts(value) else None


class Choice(Asked):
    """At least one of several; `open` where the printed list ends in 等 and others count as well. Measured by number."""

    kind: Literal["choice"]
    ask: Text
    options: tuple[Text, ...] = Field(min_length=2)
    open: bool = False

    def accepts(self, value: object) -> bool:
        if not isinstance(value, list | tuple) or not value or len(set(map(str, value))) != len(value):
            return False
        return all(isinstance(one, str) and (self.open or one in self.options) for one in value)

    def gauge(self, value: object) -> Measure:
        return len(value) if isinstance(value, Sequence) else 0


class Events(Asked):
    """A list of events, each at least named: {"name", "date", "place", "people"}. Measured by number."""

    kind: Literal["events"]
    ask: Text
    unit: Text

    def accepts(self, value: object) -> bool:
        if not isinstance(value, list | tuple):
            return False
        return all(isinstance(one, Mapping) and isinstance(one.get("name"), str) and one["name"] for one in value)

    def gauge(self, value: object) -> Measure:
        return len(value) if isinstance(value, Sequence) else 0


class Words(Asked):
    """Free words, which no condition can measure."""

    kind: Literal["text"]
    ask: Text
    ops: ClassVar[frozenset[str]] = frozenset()

    def accepts(self, value: object) -> bool:
        return isinstance(value, str) and not value.isspace() and value != ""


Fact = Annotated[
    Count | Amount | Sum | Percent | Level | YesNo | Date | Choice | Events | Words, Field(discriminator="kind")
]


def counted(value: object) -> int | None:
    """A stored count, or None."""
    return value if type(value) is int and 0 <= value <= LARGEST else None
