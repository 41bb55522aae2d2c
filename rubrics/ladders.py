"""Points by steps: 1场2分、2场4分, or by how many of the printed conditions hold; data, and no formulas."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from rubrics.conditions import Met
from rubrics.facts import Fact
from rubrics.terms import Slug, Strict, Text, exact

Amount = Annotated[Decimal, Field(ge=0), BeforeValidator(exact), WithJsonSchema({"type": "number", "minimum": 0})]


class Rung(Strict):
    """From `at` on it is `points`; printed inclusive, as 以上 is (domain.md Q-X04)."""

    at: Amount
    points: Amount
    label: Text | None = None


class Ladder(Strict):
    """Rungs by a number that is asked (`fact`), else by how many parts of the item's condition hold; below the first
    it is 0. Points may fall from rung to rung, where a document deducts for every time."""

    fact: Slug | None = None
    steps: tuple[Rung, ...] = Field(min_length=1)

    def worth(self, measure: Decimal) -> Decimal:
        """The points of the highest rung that is reached."""
        reached = [rung.points for rung in self.steps if rung.at <= measure]
        return reached[-1] if reached else Decimal(0)

    def between(self, low: Decimal, high: Decimal | None) -> Decimal | None:
        """The points where all measures from `low` to `high` are worth the same; None for no upper end, or where not."""
        ends = [rung.points for rung in self.steps if rung.at > low and (high is None or rung.at <= high)]
        sure = self.worth(low)
        return sure if all(points == sure for points in ends) else None

    def value(self, facts: Mapping[str, Fact], met: Sequence[Met], values: Mapping[str, object]) -> Decimal | None:
        """The points that the stored values give, or None while they leave it open; `met` are the condition's parts."""
        if self.fact is None:
            held = Decimal(met.count("yes"))
            return self.between(held, held + met.count("open"))
        fact = facts[self.fact]
        measured = fact.measure(values)
        if measured is not None:
            return self.worth(Decimal(measured))
        least = fact.least(values)
        return self.between(Decimal(least), None) if least is not None else None
