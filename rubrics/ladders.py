"""Points by steps (1场2分、2场4分), by how many conditions hold, or for each time (每次0.5分, 每次扣1分); no formulas."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from rubrics.conditions import Met
from rubrics.facts import Fact
from rubrics.terms import Count, Points, Slug, Strict, Text, exact

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


class Each(Strict):
    """So many points for each time, or for every `per` times: 每次0.5分, 每2场1分. What is left over gives nothing."""

    fact: Slug
    points: Points
    per: Count = 1

    def times(self, measure: Decimal, most: Decimal) -> Decimal:
        """The points of so many times, at most `most`."""
        return min(self.points * (measure // self.per), most)

    def value(self, facts: Mapping[str, Fact], values: Mapping[str, object], most: Decimal) -> Decimal | None:
        """The points that the stored values give, or None while they leave it open."""
        fact = facts[self.fact]
        measured = fact.measure(values)
        if measured is not None:
            return max(self.times(Decimal(measured), most), Decimal(0))
        least = fact.least(values)
        sure = self.times(Decimal(least), most) if least is not None else None
        return sure if sure == most else None


class Deduct(Each):
    """So many points off the item's own for each time, down to 0 (扣完为止) or at most `most` of them."""

    most: Points | None = None
