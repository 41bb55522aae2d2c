"""Whether the printed points and quotas agree from the items up to the total, as printed control sums must."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rubrics.model import Item, Rubric, Section
from rubrics.paths import Path, Problem, items, sections


def problems(rubric: Rubric) -> Iterator[Problem]:
    """A section's points are the sum of its children, never added to them (domain.md Q-ZJ03, Q-ZJ05)."""
    yield from total(rubric, (), rubric.sections, "sum_sections")
    yield from quota(rubric, (), rubric.sections)
    for path, section in sections(rubric):
        if section.items and section.sections:
            yield Problem(path, "both_children", {})
        yield from total(section, path, section.items, "sum_items")
        yield from total(section, path, section.sections, "sum_sections")
        yield from quota(section, path, section.sections)
    yield from steps(rubric)


def total(parent: Rubric | Section, path: Path, children: Sequence[Item | Section], code: str) -> Iterator[Problem]:
    """All children have points and add up, or none has any (domain.md Q-X06)."""
    without = [child.id for child in children if child.points is None]
    if without and len(without) < len(children):
        yield Problem(path, "points_partly", {"id": without[0]})
    elif children and not without and parent.points is not None:
        found = sum((child.points for child in children if child.points is not None), Decimal(0))
        if found != parent.points:
            yield Problem((*path, "points"), code, {"sum": plain(found), "points": plain(parent.points)})


def quota(parent: Rubric | Section, path: Path, children: Sequence[Section]) -> Iterator[Problem]:
    """Quotas of all children add up to the quota above them."""
    quotas = [child.quota for child in children if child.quota is not None]
    if parent.quota is not None and quotas and len(quotas) == len(children) and sum(quotas) != parent.quota:
        yield Problem((*path, "quota"), "sum_quotas", {"sum": sum(quotas), "quota": parent.quota})


def steps(rubric: Rubric) -> Iterator[Problem]:
    """Full points can be reached in whole steps."""
    for path, item in items(rubric):
        if rubric.step is not None and item.points is not None and item.points % rubric.step:
            yield Problem((*path, "points"), "off_step", {"points": plain(item.points), "step": plain(rubric.step)})


def plain(points: Decimal) -> str:
    """35, not 35.0 or 3.5E+1."""
    return f"{points.normalize():f}"
