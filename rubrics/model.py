"""A rubric: the tree of what a programme asks and what each answer is worth, with the document behind every word."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal, Self

from pydantic import PrivateAttr, model_validator

from rubrics.conditions import Condition, Leaf, OnlyIf
from rubrics.facts import Fact, Level, YesNo
from rubrics.ladders import Deduct, Each, Ladder
from rubrics.programme import (
    Applicant,
    Award,
    Deliverable,
    Link,
    Printed,
    Programme,
    Scale,
    Stacking,
    Stage,
    Table,
)
from rubrics.terms import Count, Points, PointsFor, Slug, Strict, Text

ZERO = Decimal(0)


class Evidence(Strict):
    """What the document demands, apart from what helps (domain.md Q-X10)."""

    demanded: tuple[Text, ...] = ()
    helpful: tuple[Text, ...] = ()


class Requirement(Strict):
    """Something asked: a gate, a disqualifier, or (as an Item) a line of the questionnaire."""

    id: Slug
    text: Text
    role: Literal["scored", "gate", "disqualifier", "information"] = "gate"
    facts: tuple[Fact, ...] = ()
    condition: Condition | None = None
    applicants: tuple[Slug, ...] = ()
    only_sections: tuple[Slug, ...] = ()
    evidence: Evidence = Evidence()
    printed: tuple[Printed, ...] = ()
    note: Text | None = None
    source_line: Count | None = None

    @cached_property
    def known(self) -> dict[str, Fact]:
        """The facts by name."""
        return {fact.name: fact for fact in self.facts}

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every comparison in the condition, in printed order."""
        return tuple(self.condition.leaves()) if self.condition else ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands; the section is left out of comparison, or two equal rubrics would compare in circles."""

    position: int
    step: Decimal | None
    section: "Section" = field(compare=False, repr=False)


class Item(Requirement):
    """One line of the questionnaire; `no` and `heading` are printed, `name` and `subjects` are ours."""

    role: Literal["scored", "gate", "disqualifier", "information"] = "scored"
    no: Text | None = None
    heading: Text | None = None
    name: Text
    points: Points | None = None  # at most so many: to be had, to be had besides, or to be lost
    points_for: tuple[PointsFor, ...] = ()  # by kind of unit, where one has another maximum
    counts: Literal["score", "bonus", "deduction"] = "score"
    above: bool = False  # a bonus that may lift the sum above its section's maximum and the total's
    suggest: Literal["full_or_nothing"] | None = None
    ladder: Ladder | None = None
    each: Each | None = None
    deduct: Deduct | None = None
    example: Text | None = None
    subjects: tuple[Text, ...] = ()
    other_than: tuple[Slug, ...] = ()  # items whose evidence is none for this one (domain.md Q-WZ20)
    _place: Place = PrivateAttr()

    def put(self, place: Place) -> None:
        """Told once, by the rubric that holds the item."""
        self._place = place

    @property
    def section(self) -> "Section":
        """The section that holds the item directly."""
        return self._place.section

    @cached_property
    def highest(self) -> Decimal:
        """The most that a score can be: nothing is to be had where points are only lost."""
        return ZERO if self.counts == "deduction" else self.points or ZERO

    @cached_property
    def lowest(self) -> Decimal:
        """The least that a score can be; below 0 where points are lost."""
        return -(self.points or ZERO) if self.counts == "deduction" else ZERO

    def signed(self, said: Decimal) -> Decimal:
        """The score that a number means: of a deduction people say how much is taken off, 2 or -2."""
        return -abs(said) if self.counts == "deduction" else said

    @cached_property
    def negative(self) -> bool:
        """Whether it demands that something did not happen: 无 is the good answer, and no file can prove it."""
        return any(isinstance(fact, YesNo) and fact.absence for fact in self.facts)

    @cached_property
    def conditional(self) -> bool:
        """Whether it is demanded only of those to whom it happened (domain.md Q-WZ22)."""
        return isinstance(self.condition, OnlyIf)

    # Cached, because pydantic's private attributes are 30 times slower than fields and these are read on every turn.
    @cached_property
    def position(self) -> int:
        """1 … n in the order of the document; never the printed number (domain.md Q-ZJ01)."""
        return self._place.position

    @cached_property
    def step(self) -> Decimal | None:
        """The smallest difference between two scores."""
        return self._place.step


class Section(Strict):
    """A node of the tree with its printed label; nests sections, holds items, or is itself what is applied for.

    A tier is what a document calls its projects: model (示范学会) or key (重点项目)."""

    id: Slug
    label: Text | None = None
    title: Text
    text: Text | None = None
    points: Points | None = None
    points_for: tuple[PointsFor, ...] = ()
    most: Points | None = None  # the cap: however much its items add up to, no more counts
    quota: Count | None = None
    tier: Literal["model", "key"] | None = None
    applicants: tuple[Slug, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    sections: tuple["Section", ...] = ()
    items: tuple[Item, ...] = ()
    printed: tuple[Printed, ...] = ()
    note: Text | None = None
    source_line: Count | None = None

    def walk(self) -> Iterator["Section"]:
        """This section and all below it, in order."""
        yield self
        for section in self.sections:
            yield from section.walk()

    @cached_property
    def full(self) -> Decimal | None:
        """What it is worth at most, bonuses aside; None where not every item has printed points."""
        return capped(full_points(self.items, self.sections), self.most)

    @cached_property
    def summed(self) -> bool:
        """Whether its total is nothing but the sum of its scores; most are so, and reckoned at once."""
        inside = list(self.walk())
        return all(one.most is None for one in inside) and all(item.counts == "score" for item in self.within)

    @cached_property
    def within(self) -> tuple[Item, ...]:
        """Its items and those of the sections below it, in order."""
        return tuple(item for section in self.walk() for item in section.items)


def full_points(items: tuple[Item, ...], sections: tuple[Section, ...]) -> Decimal | None:
    """What these are worth together, bonuses and deductions aside; None where one has no printed points."""
    worth = [item.points for item in items if item.counts == "score"] + [one.full for one in sections]
    known = [points for points in worth if points is not None]
    return sum(known, ZERO) if len(known) == len(worth) else None


def capped(points: Decimal | None, most: Decimal | None) -> Decimal | None:
    return points if points is None or most is None else min(points, most)


class Rubric(Programme):
    """One programme's document as data; reading.read is the only way in that names every fault."""

    quota: Count | None = None
    applicants: tuple[Applicant, ...] = ()
    scales: tuple[Scale, ...] = ()
    stages: tuple[Stage, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    sections: tuple[Section, ...] = ()
    awards: tuple[Award, ...] = ()
    stacking: tuple[Stacking, ...] = ()
    tables: tuple[Table, ...] = ()
    links: tuple[Link, ...] = ()

    @model_validator(mode="after")
    def _tie(self) -> Self:
        """Tell every item its place and every level fact its scale."""
        placed = [(section, item) for section in self.walk() for item in section.items]
        for position, (section, item) in enumerate(placed, 1):
            item.put(Place(position, self.step, section))
        levels = {scale.id: scale.levels for scale in self.scales}
        for fact in (fact for one in self.asked() for fact in one.facts):
            if isinstance(fact, Level):
                fact.tie(levels.get(fact.scale, ()))
        return self

    def walk(self) -> Iterator[Section]:
        """Every section, in order."""
        for section in self.sections:
            yield from section.walk()

    def asked(self) -> Iterator[Requirement]:
        """Every requirement and item, in order."""
        yield from self.requirements
        for section in self.walk():
            yield from section.requirements
            yield from section.items

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items in the order of the document."""
        return tuple(item for section in self.walk() for item in section.items)

    @cached_property
    def maximum(self) -> Decimal | None:
        """What the items are worth together, bonuses aside; None where not every item has printed points: then there is
        no total."""
        return full_points((), self.sections) if any(item.counts == "score" for item in self.items) else None

    @cached_property
    def summed(self) -> bool:
        """Whether a total is nothing but the sum of its scores; most documents are so, and reckoned at once."""
        return all(section.summed for section in self.sections)

    @cached_property
    def _by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def _by_number(self) -> dict[str, Item]:
        return {item.no: item for item in self.items if item.no is not None}

    def item(self, id: str) -> Item:
        """The item with our own id; KeyError where there is none."""
        return self._by_id[id]

    @cached_property
    def _asked_by_id(self) -> dict[str, Requirement]:
        return {one.id: one for one in self.asked()}

    def requirement(self, id: str) -> Requirement:
        """The item, gate or other requirement with our own id; KeyError where there is none."""
        return self._asked_by_id[id]

    def at(self, position: int) -> Item | None:
        """The item at a position from 1."""
        return self.items[position - 1] if 1 <= position <= len(self.items) else None

    def numbered(self, no: str) -> Item | None:
        """The item with a printed number."""
        return self._by_number.get(no)
