"""A rubric as far as an office's table could be read, with every repair and every doubt at its place."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from rubrics.importing.findings import Finding
from rubrics.importing.grid import Cell, Spot
from rubrics.importing.wording import Category

SCORED, UNSCORED = "self_evaluation", "standard"  # the kinds that a table may become


@dataclass(frozen=True, slots=True)
class Fragment:
    """What stands on paper where it was repaired: `code` is the sentence that says how."""

    field: str
    text: str
    confidence: Decimal
    code: str


class Unit(NamedTuple):
    """A kind of unit; the first of a table is the usual one."""

    id: str
    title: str

    @property
    def short(self) -> str:
        """Its title without what stands in brackets behind it."""
        return self.title.partition("（")[0]


@dataclass(slots=True)
class DraftItem:
    """An item as far as it could be read; `points` are None where none are printed, `unread` is what stood there."""

    spot: Spot
    no: str | None
    heading: str | None
    text: str
    points: Decimal | None
    unread: str | None = None
    note: str = ""
    demanded: str = ""
    printed: list[Fragment] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    worth: Cell | None = None
    torn: bool = False
    counts: Literal["score", "bonus", "deduction"] | None = (
        None  # score, bonus or deduction, where a person has said it
    )
    above: bool = False  # a bonus that may lift the sum above the total
    points_for: dict[str, Decimal] = field(default_factory=dict)  # by kind of unit, where a person has said so
    applicants: tuple[str, ...] = ()  # only these kinds of units are asked it; none: all are
    ordinal: int = 0  # as it was counted when the file was read

    @property
    def beside(self) -> bool:
        """Whether its points stand beside the total: a bonus or a deduction."""
        return self.counts not in (None, "score")

    def worth_for(self, kind: str | None) -> Decimal | None:
        """Its points as they are for a kind of unit; 0 for one that is not asked it."""
        if kind and self.applicants and kind not in self.applicants:
            return Decimal(0)
        return self.points_for.get(kind or "", self.points)


@dataclass(slots=True)
class DraftSection:
    """A category with its printed control sum."""

    spot: Spot
    category: Category
    items: list[DraftItem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    points_for: dict[str, Decimal] = field(default_factory=dict)  # by kind of unit
    ordinal: int = 0  # as it was counted when the file was read

    @property
    def sum(self) -> Decimal:
        """What its items are worth together, without bonuses and deductions."""
        return self.sum_for(None)

    def sum_for(self, kind: str | None) -> Decimal:
        """The same for a kind of unit."""
        worth = (item.worth_for(kind) for item in self.items if not item.beside)
        return sum((points for points in worth if points is not None), Decimal(0))

    def asks(self, kind: str | None) -> bool:
        """Whether a kind of unit is asked any of its items."""
        return any(not item.applicants or kind in item.applicants for item in self.items)

    @property
    def differs(self) -> bool:
        """Whether its items or what they are worth depend on the kind of unit."""
        return bool(self.points_for) or any(item.points_for or item.applicants for item in self.items)

    @property
    def beside(self) -> bool:
        """Whether nothing in it counts in the total."""
        return all(item.beside for item in self.items)


@dataclass(slots=True)
class Draft:
    """All that was read; `findings` are those of no item and no section."""

    sections: list[DraftSection] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    total: Decimal | None = None
    total_spot: Spot | None = None
    units: list[Unit] = field(default_factory=list)  # the kinds that a person has named
    points_for: dict[str, Decimal] = field(default_factory=dict)  # the whole, by kind of unit
    title: str | None = None
    step: Decimal | None = None  # where a person has said it; no table prints it
    looked: bool = False  # a person has seen what was put right
    decided: str | None = None  # the kind that a person gave a table without points

    @property
    def items(self) -> list[DraftItem]:
        return [item for section in self.sections for item in section.items]

    @property
    def counted(self) -> list[DraftSection]:
        """The categories whose points make up the total."""
        return [section for section in self.sections if not section.beside]

    @property
    def pointed(self) -> bool:
        """Whether points stand at the items at all, or only at the categories, or nowhere."""
        return any(item.points is not None or item.unread for item in self.items)

    @property
    def scored(self) -> bool:
        """Whether every item must have its points: some have, or a person said that they were left out."""
        return self.pointed or self.decided == SCORED

    @property
    def kind(self) -> str | None:
        """What the rubric is; None while nobody has said how a table without points is answered."""
        return SCORED if self.pointed else self.decided

    @property
    def all_findings(self) -> list[Finding]:
        """Every finding, in the order of the file."""
        found = [*self.findings]
        for section in self.sections:
            found += section.findings
            for item in section.items:
                found += item.findings
        return sorted(found, key=lambda one: place(one.spot))


def place(spot: Spot | None) -> tuple[int, int, int]:
    return (spot.table, spot.row, spot.column or 0) if spot else (0, 0, 0)
