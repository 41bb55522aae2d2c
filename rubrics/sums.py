"""Whether the printed points and quotas agree from the items up to the total, for every kind of unit."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rubrics.model import Item, Rubric, Section, capped
from rubrics.paths import Path, Problem, items, sections
from rubrics.units import answers_table, asked_of, differs, fitted, points_of

ZERO = Decimal(0)
Kind = str | None


def problems(rubric: Rubric) -> Iterator[Problem]:
    """A section's points are the sum of its children, never added to them (domain.md Q-ZJ03, Q-ZJ05); bonuses and
    deductions are outside of it."""
    kinds: list[Kind] = [one.id for one in rubric.applicants] if differs(rubric) else []
    for kind in kinds or [None]:
        yield from total(rubric, (), rubric.sections, "sum_sections", kind)
        for path, section in sections(rubric):
            if kind is None or asked_of(section, kind):
                yield from total(section, path, section.items, "sum_items", kind)
                yield from total(section, path, section.sections, "sum_sections", kind)
    yield from quota(rubric, (), rubric.sections)
    for path, section in sections(rubric):
        if section.items and section.sections:
            yield Problem(path, "both_children", {})
        yield from quota(section, path, section.sections)
        yield from capless(path, section)
    yield from steps(rubric)
    yield from alone(rubric)
    for number, one in enumerate(rubric.applicants):
        if differs(rubric) and answers_table(rubric, one.id) and not fitted(rubric, one.id).items:
            yield Problem(("applicants", number, "id"), "kind_unasked", {"id": one.id})


def total(
    parent: Rubric | Section, path: Path, children: Sequence[Item | Section], code: str, kind: Kind
) -> Iterator[Problem]:
    """All children have points and add up, or none has any (domain.md Q-X06)."""
    there = [child for child in children if kind is None or asked_of(child, kind)]
    worth = [(child.id, worth_of(child, kind)) for child in there if not extra(child)]
    without = [id for id, points in worth if points is None]
    printed = points_of(parent, kind)
    if without and any(points_of(child, kind) is not None for child in there if not extra(child)):
        yield Problem(path, "points_partly", {"id": without[0]})
    elif worth and not without and printed is not None:
        found = sum((points for _, points in worth if points is not None), ZERO)
        most = parent.most if isinstance(parent, Section) else None
        if capped(found, most) != printed:
            about: dict[str, object] = {
                "sum": plain(found),
                "points": plain(printed),
                "most": plain(most or ZERO),
                "kind": kind,
            }
            code = "sum_capped" if most is not None else code if kind is None else "sum_for"
            yield Problem(place(parent, path, kind), code, about)


def place(parent: Rubric | Section, path: Path, kind: Kind) -> Path:
    """Where the printed points stand that hold for this kind of unit."""
    number = next((at for at, one in enumerate(parent.points_for) if one.applicant == kind), None)
    return (*path, "points") if number is None else (*path, "points_for", number, "points")


def extra(child: Item | Section) -> bool:
    """Whether it is nothing but bonuses and deductions, which no control sum holds."""
    if isinstance(child, Item):
        return child.counts != "score"
    held = [item for one in child.walk() for item in one.items]
    return bool(held) and all(item.counts != "score" for item in held)


def worth_of(child: Item | Section, kind: Kind) -> Decimal | None:
    """What a child counts for in the sum above it: as it is printed, else as its cap leaves it."""
    printed = points_of(child, kind)
    if printed is not None or isinstance(child, Item) or child.most is None:
        return printed
    held: list[Item | Section] = [*child.items, *child.sections]
    parts = [worth_of(one, kind) for one in held if (kind is None or asked_of(one, kind)) and not extra(one)]
    known = [points for points in parts if points is not None]
    return capped(sum(known, ZERO), child.most) if known else None


def quota(parent: Rubric | Section, path: Path, children: Sequence[Section]) -> Iterator[Problem]:
    """Quotas of all children add up to the quota above them."""
    quotas = [child.quota for child in children if child.quota is not None]
    if parent.quota is not None and quotas and len(quotas) == len(children) and sum(quotas) != parent.quota:
        yield Problem((*path, "quota"), "sum_quotas", {"sum": sum(quotas), "quota": parent.quota})


def capless(path: Path, section: Section) -> Iterator[Problem]:
    """A cap is for items with points, and either all of what they add lies within the maximum or all of it above."""
    held = [item for one in section.walk() for item in one.items]
    if section.most is not None and (not held or any(item.points is None for item in held)):
        yield Problem((*path, "most"), "cap_blind", {})
    adding = {item.above for item in held if item.counts != "deduction"}
    if section.most is not None and len(adding) > 1:
        yield Problem((*path, "most"), "cap_mixed", {"id": next(item.id for item in held if item.above)})


def steps(rubric: Rubric) -> Iterator[Problem]:
    """Full points can be reached in whole steps, for every kind of unit."""
    for path, item in items(rubric):
        if rubric.step is None:
            return
        printed = [((*path, "points"), item.points)]
        printed += [((*path, "points_for", at, "points"), one.points) for at, one in enumerate(item.points_for)]
        for here, points in printed:
            if points is not None and points % rubric.step:
                yield Problem(here, "off_step", {"points": plain(points), "step": plain(rubric.step)})


def alone(rubric: Rubric) -> Iterator[Problem]:
    """Bonuses and deductions change a total, and there is none where the document prints no points."""
    if rubric.maximum is None:
        for path, item in items(rubric):
            if item.counts != "score":
                yield Problem((*path, "counts"), "counts_alone", {"counts": item.counts})


def plain(points: Decimal) -> str:
    """35, not 35.0 or 3.5E+1."""
    return f"{points.normalize():f}"
