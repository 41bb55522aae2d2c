"""What every kind of fact has in common: its question, the values it accepts and what a condition measures in them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from rubrics.terms import Slug, Strict, Text

Measure = Decimal | int | str | bool
ORDER = frozenset({">=", "<=", "==", ">", "<"})


class Asked(Strict):
    """What all kinds share; `unit` and `period` are part of the question (domain.md Q-X09, Q-X07)."""

    name: Slug
    label: Text
    ask: Text | None = None
    unit: Text | None = None
    period: Text | None = None
    ops: ClassVar[frozenset[str]] = ORDER | {"in"}

    def accepts(self, value: object) -> bool:
        """Whether `value`, as it would be stored, is a value of this kind."""
        raise NotImplementedError

    def gauge(self, value: object) -> Measure:
        """What an accepted value is compared by."""
        return value if isinstance(value, Measure) else ""

    def measure(self, values: Mapping[str, object]) -> Measure | None:
        """What a condition compares, or None while it is unknown."""
        value = values.get(self.name)
        return self.gauge(value) if self.accepts(value) else None

    def target(self, value: object) -> Measure | None:
        """The printed bound in the measure's own terms, or None where it can't be one."""
        return value if type(value) is Decimal else None

    def least(self, values: Mapping[str, object]) -> Measure | None:
        """What the measure can't fall below, where a part of it is known already."""
        return None
