"""A rubric as data for outsiders, in the shape of contract.md."""

from typing import Any

from handlers.reports.writing import exact
from rubrics.conditions import Leaf
from rubrics.model import Item, Requirement, Rubric, Section
from rubrics.programme import Award, Link, Stage


def described(rubric: Rubric) -> dict[str, Any]:
    return {
        "id": rubric.id,
        "title": rubric.title,
        "issuer": rubric.issuer,
        "region": rubric.region,
        "year": rubric.year,
        "points": exact(rubric.points),
        **_by_kind(rubric),
        "sections": [_section(section) for section in rubric.sections],
        "kind": rubric.kind,
        "quota": rubric.quota,
        "requirements": [_requirement(one) for one in rubric.requirements],
        "stages": [_stage(one) for one in rubric.stages],
        "awards": [_award(one) for one in rubric.awards],
        "tables": [{"title": one.title, "columns": one.columns, "rows": one.rows} for one in rubric.tables],
        "links": [_link(one) for one in rubric.links],
    }


def _section(section: Section) -> dict[str, Any]:
    deeper = {"sections": [_section(one) for one in section.sections]} if section.sections else {}
    return {
        "title": section.title,
        "label": section.label,
        "points": exact(section.points),
        **({"most": exact(section.most)} if section.most is not None else {}),
        **_by_kind(section),
        "items": [_item(item) for item in section.items],
        "quota": section.quota,
        "requirements": [_requirement(one) for one in section.requirements],
        **deeper,
    }


def _requirement(asked: Requirement) -> dict[str, Any]:
    return {
        "id": asked.id,
        "role": asked.role,
        "text": asked.text,
        "criteria": [_criterion(leaf) for leaf in asked.leaves],
        "source_line": asked.source_line,
    }


def _stage(stage: Stage) -> dict[str, Any]:
    """Times as exact as they are printed: 2022-10 is a month."""
    return {
        "title": stage.title,
        "opens": stage.opens,
        "closes": stage.closes,
        "precision": stage.precision,
        "status": stage.status,
    }


def _award(award: Award) -> dict[str, Any]:
    return {"title": award.title, "quota": award.quota, "open": award.open, "benefits": award.benefits}


def _link(link: Link) -> dict[str, Any]:
    return {"item": link.item, "rubric": link.rubric, "to": link.to, "confidence": exact(link.confidence)}


def _item(item: Item) -> dict[str, Any]:
    return {
        "position": item.position,
        "no": item.no,
        "section": item.section.label,
        "heading": item.heading,
        "text": item.text,
        "max": exact(item.points),
        **({"counts": item.counts, "above": item.above} if item.counts != "score" else {}),
        **({"applicants": item.applicants} if item.applicants else {}),
        **_by_kind(item),
        "criteria": [_criterion(leaf) for leaf in item.leaves],
        "source_line": item.source_line,
    }


def _by_kind(one: Rubric | Section | Item) -> dict[str, Any]:
    """What it is worth for a kind of unit that has another maximum."""
    points = {each.applicant: exact(each.points) for each in one.points_for}
    return {"points_for": points} if points else {}


def _criterion(leaf: Leaf) -> dict[str, Any]:
    value = leaf.value
    written: Any = value if isinstance(value, bool | str) else str(value)
    if isinstance(value, tuple):
        written = [str(end) for end in value]
    return {"fact": leaf.fact, "op": leaf.op, "value": written, "unit": leaf.unit}
