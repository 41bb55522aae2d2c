"""What a brought table asks of one kind of unit and not of another: decided by a person, its sums doubted for each kind."""

from collections.abc import Iterator
from decimal import Decimal

from rubrics.importing.draft import Draft, DraftItem, DraftSection, Unit
from rubrics.importing.findings import Finding
from rubrics.sums import plain


def named(draft: Draft, value: str) -> None:
    """A kind of unit that the table has to know: enterprise 企业科协."""
    id, _, title = value.partition(" ")
    if id not in {one.id for one in draft.units}:
        draft.units.append(Unit(id, title))


def worth(part: Draft | DraftSection | DraftItem, value: str) -> None:
    """Another maximum for one kind of unit: 5 enterprise."""
    points, _, kind = value.partition(" ")
    printed = part.total if isinstance(part, Draft) else _printed(part)
    if Decimal(points) == printed:
        part.points_for.pop(kind, None)
    else:
        part.points_for[kind] = Decimal(points)


def _printed(part: DraftSection | DraftItem) -> Decimal | None:
    return part.points if isinstance(part, DraftItem) else part.category.points


def asked(items: list[DraftItem], value: str) -> None:
    """Only these kinds of units are asked them: society enterprise; nothing for all."""
    for item in items:
        item.applicants = tuple(value.split())


def counted(draft: Draft) -> None:
    """A control sum that is counted from the items is counted for every kind of unit."""
    for section in draft.sections:
        if section.differs and any(one.code == "section_counted" for one in section.findings):
            usual = section.category.points
            section.points_for = {
                one.id: found for one in draft.units if (found := section.sum_for(one.id)) not in (usual, Decimal(0))
            }


def doubts(draft: Draft) -> None:
    """The control sums hold for every kind of unit, or a person decides."""
    for section in draft.sections:
        for unit in draft.units if section.differs and not section.beside else ():
            if finding := _of_section(section, unit):
                section.findings.append(finding)
    for unit in draft.units if draft.total is not None and any(one.differs for one in draft.sections) else ():
        parts = list(_parts(draft, unit))
        printed = draft.points_for.get(unit.id, draft.total or Decimal(0))
        if None not in parts and (found := sum(filter(None, parts), Decimal(0))) != printed:
            about = {"kind": unit.short, "id": unit.id, "sum": plain(found), "points": plain(printed)}
            draft.findings.append(Finding("sum_for_all", draft.total_spot, about))


def _of_section(section: DraftSection, unit: Unit) -> Finding | None:
    printed = section.points_for.get(unit.id, section.category.points)
    unknown = any(item.points is None for item in section.items)
    found = section.sum_for(unit.id)
    if printed is None or unknown or not section.asks(unit.id) or found == printed:
        return None
    about = {"kind": unit.short, "id": unit.id, "title": section.category.title}
    return Finding("sum_for_section", section.spot, {**about, "sum": plain(found), "points": plain(printed)})


def _parts(draft: Draft, unit: Unit) -> Iterator[Decimal | None]:
    """What the categories that this kind is asked anything of are worth for it."""
    for section in draft.counted:
        if section.asks(unit.id):
            yield section.points_for.get(unit.id, section.category.points)
