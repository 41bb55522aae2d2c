"""A rubric as data for outsiders, in the shape of contract.md."""

from typing import Any

from handlers.reports.writing import exact
from rubrics.conditions import Leaf
from rubrics.model import Item, Rubric, Section


def described(rubric: Rubric) -> dict[str, Any]:
    return {
        "id": rubric.id,
        "title": rubric.title,
        "issuer": rubric.issuer,
        "region": rubric.region,
        "year": rubric.year,
        "points": exact(rubric.points),
        "sections": [_section(section) for section in rubric.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    deeper = {"sections": [_section(one) for one in section.sections]} if section.sections else {}
    return {
        "title": section.title,
        "label": section.label,
        "points": exact(section.points),
        "items": [_item(item) for item in section.items],
        **deeper,
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "position": item.position,
        "no": item.no,
        "section": item.section.label,
        "heading": item.heading,
        "text": item.text,
        "max": exact(item.points),
        "criteria": [_criterion(leaf) for leaf in (item.condition.leaves() if item.condition else ())],
        "source_line": item.source_line,
    }


def _criterion(leaf: Leaf) -> dict[str, Any]:
    value = leaf.value
    written: Any = value if isinstance(value, bool | str) else str(value)
    if isinstance(value, tuple):
        written = [str(end) for end in value]
    return {"fact": leaf.fact, "op": leaf.op, "value": written, "unit": leaf.unit}
