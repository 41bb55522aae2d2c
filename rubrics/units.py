"""What a kind of unit owes by the document, which items it is asked and what they are worth for it (Q-ZJ17, Q-ZJ18)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel

from rubrics.model import Item, Rubric, Section
from rubrics.programme import Applicant, Deliverable

# The deliverable that is the questionnaire itself: it is in electronically once it has been handed in by chat.
TABLE = "table"
Part = TypeVar("Part", bound=BaseModel)


def unit(rubric: Rubric, kind: str | None) -> Applicant | None:
    """The kind of unit; the document's first where none is known. None where the document names no kinds."""
    return next((one for one in rubric.applicants if one.id == kind), next(iter(rubric.applicants), None))


def owed(rubric: Rubric, kind: str | None) -> tuple[Deliverable, ...]:
    """The papers that this kind of unit owes, in printed order."""
    one = unit(rubric, kind)
    return tuple(paper for paper in rubric.deliverables if _owes(one, paper))


def _owes(unit: Applicant | None, paper: Deliverable) -> bool:
    return unit is None or not paper.applicants or unit.id in paper.applicants


def answers_table(rubric: Rubric, kind: str | None) -> bool:
    """Whether the items are asked: only a table that others owe and this kind does not excuses from them."""
    named = any(paper.id == TABLE for paper in rubric.deliverables)
    return not named or any(paper.id == TABLE for paper in owed(rubric, kind))


def fitted(rubric: Rubric, kind: str | None) -> Rubric:
    """The rubric as this kind of unit is asked it: with its own maxima and without what is not asked of it; without any
    item where it owes no table, so that it has no totals."""
    if not answers_table(rubric, kind):
        return _with(rubric, {"sections": (), "links": ()})
    one = unit(rubric, kind)
    if one is None or not differs(rubric):
        return rubric
    sections = _sections(rubric.sections, one.id)
    asked = {item.id for section in sections for each in section.walk() for item in each.items}
    links = tuple(link for link in rubric.links if link.item in asked)
    return _with(rubric, {"sections": sections, "links": links, **_worth(rubric, one.id)})


def differs(rubric: Rubric) -> bool:
    """Whether the items or what they are worth depend on the kind of unit."""
    parts: list[Section | Item] = [*rubric.items, *(one for one in rubric.walk() if holds_items(one))]
    return bool(rubric.points_for) or any(one.applicants or one.points_for for one in parts)


def holds_items(section: Section) -> bool:
    return any(one.items for one in section.walk())


def asked_of(one: Item | Section, kind: str) -> bool:
    """Whether a kind of unit is asked it; no applicants named means all of them."""
    return not one.applicants or kind in one.applicants


def points_of(one: Item | Section | Rubric, kind: str | None) -> Decimal | None:
    """Its printed points as they are for a kind of unit."""
    return next((each.points for each in one.points_for if each.applicant == kind), one.points)


def _sections(sections: Sequence[Section], kind: str) -> tuple[Section, ...]:
    """Projects and other sections without items are left as they are: who may apply for them is judged elsewhere."""
    kept = (one for one in sections if not holds_items(one) or asked_of(one, kind))
    made = (_section(one, kind) if holds_items(one) else one for one in kept)
    return tuple(one for one in made if one is not None)


def _section(section: Section, kind: str) -> Section | None:
    items = tuple(_with(item, _worth(item, kind)) for item in section.items if asked_of(item, kind))
    below = _sections(section.sections, kind)
    if not items and not below:
        return None
    return _with(section, {"items": items, "sections": below, **_worth(section, kind)})


def _worth(one: Item | Section | Rubric, kind: str) -> dict[str, Any]:
    return {"points": points_of(one, kind), "points_for": ()}


def _with(part: Part, changed: dict[str, Any]) -> Part:
    """A copy that was validated anew: what a rubric tells its items of their places differs."""
    return type(part).model_validate({name: getattr(part, name) for name in type(part).model_fields} | changed)
