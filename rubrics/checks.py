"""What a well-formed rubric may still get wrong, apart from sums and questions: ids, references, times and tables."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from rubrics import questions, sums
from rubrics.model import Item, Rubric, Section
from rubrics.paths import Path, Problem, asked, items, sections
from rubrics.programme import PRECISIONS, Stage

EXAMPLES = {"minute": "2021-01-15T17:30", "day": "2021-01-15", "month": "2021-01", "none": "-"}
MOST_IN_ALL = 1_000_000  # points
LISTS = ("applicants", "scales", "stages", "deliverables", "awards", "tables")


def problems(rubric: Rubric) -> Iterator[Problem]:
    """Every problem with the path to the place where it is mended."""
    yield from repeated(rubric)
    yield from large(rubric)
    yield from sums.problems(rubric)
    yield from questions.problems(rubric)
    yield from references(rubric)
    yield from moments(rubric)
    yield from cells(rubric)


def large(rubric: Rubric) -> Iterator[Problem]:
    """No total is larger than every database keeps exactly."""
    total = sum((item.points for item in rubric.items if item.points is not None), Decimal(0))
    if total > MOST_IN_ALL:
        yield Problem(("sections",), "too_many_points", {"total": total, "limit": MOST_IN_ALL})


def repeated(rubric: Rubric) -> Iterator[Problem]:
    """Ids are unique in the whole tree and in each list beside it, facts at one place, printed numbers among items."""
    nodes = [(path, node.id) for path, node in sections(rubric)] + [(path, node.id) for path, node in asked(rubric)]
    yield from twice(nodes, "id")
    for name in LISTS:
        yield from twice([((name, number), one.id) for number, one in enumerate(getattr(rubric, name))], "id")
    for path, one in asked(rubric):
        yield from twice([((*path, "facts", number), fact.name) for number, fact in enumerate(one.facts)], "name")
    yield from twice([(path, item.no) for path, item in items(rubric) if item.no is not None], "no")


def twice(found: Iterable[tuple[Path, str]], key: str) -> Iterator[Problem]:
    """The second and later uses of a word that may be used once."""
    seen: set[str] = set()
    for path, word in found:
        if word in seen:
            yield Problem((*path, key), "duplicate_no" if key == "no" else "duplicate_id", {"id": word, "no": word})
        seen.add(word)


def references(rubric: Rubric) -> Iterator[Problem]:
    """Every id that is mentioned exists."""
    applicants, stages = {one.id for one in rubric.applicants}, {one.id for one in rubric.stages}
    tree = {section.id for section in rubric.walk()}
    for path, section in sections(rubric):
        yield from absent((*path, "applicants"), section.applicants, applicants, "applicant")
    for path, one in asked(rubric):
        yield from absent((*path, "applicants"), one.applicants, applicants, "applicant")
        yield from absent((*path, "only_sections"), one.only_sections, tree, "section")
    yield from kinds(rubric, applicants)
    known = {item.id for item in rubric.items}
    for path, item in items(rubric):
        yield from absent((*path, "other_than"), item.other_than, known, "item")
    for number, paper in enumerate(rubric.deliverables):
        yield from absent(("deliverables", number, "applicants"), paper.applicants, applicants, "applicant")
        if paper.stage is not None and paper.stage not in stages:
            yield Problem(("deliverables", number, "stage"), "unknown_reference", {"what": "stage", "id": paper.stage})
    for number, rule in enumerate(rubric.stacking):
        for place, family in enumerate(rule.families):
            yield from absent(("stacking", number, "families", place), family, tree, "section")
    known = {item.id for item in rubric.items}
    for number, link in enumerate(rubric.links):
        if link.item not in known:
            yield Problem(("links", number, "item"), "unknown_reference", {"what": "item", "id": link.item})


def kinds(rubric: Rubric, known: set[str]) -> Iterator[Problem]:
    """Every other maximum is of a kind of unit that exists, named once, and replaces one that is printed."""
    everything: list[tuple[Path, Rubric | Section | Item]] = [((), rubric), *sections(rubric), *items(rubric)]
    for path, one in everything:
        places = [((*path, "points_for", number), each.applicant) for number, each in enumerate(one.points_for)]
        for here, kind in places:
            yield from absent((*here, "applicant"), (kind,), known, "applicant")
        yield from twice(places, "applicant")
        if one.points_for and one.points is None:
            yield Problem((*path, "points_for"), "points_for_blind", {})


def absent(path: Path, mentioned: tuple[str, ...], known: set[str], what: str) -> Iterator[Problem]:
    for number, id in enumerate(mentioned):
        if id not in known:
            yield Problem((*path, number), "unknown_reference", {"what": what, "id": id})


def moments(rubric: Rubric) -> Iterator[Problem]:
    """Times are written as exactly as they are printed, in a zone that exists."""
    for number, stage in enumerate(rubric.stages):
        path: Path = ("stages", number)
        for key, value in (("opens", stage.opens), ("closes", stage.closes)):
            if value is not None and not written(value, stage):
                details: dict[str, object] = {"value": value, "precision": stage.precision}
                yield Problem((*path, key), "not_a_moment", {**details, "example": EXAMPLES[stage.precision]})
        if stage.zone is not None and not charted(stage.zone):
            yield Problem((*path, "zone"), "unknown_zone", {"zone": stage.zone})
        if stage.zone is None and stage.precision == "minute":
            yield Problem(path, "zone_missing", {})


def written(value: str, stage: Stage) -> bool:
    """Whether a time has the declared precision, zeros included."""
    layout = PRECISIONS.get(stage.precision)
    try:
        return layout is not None and datetime.strptime(value, layout).strftime(layout) == value
    except ValueError:
        return False


def charted(zone: str) -> bool:
    """Whether the time zone database knows a zone; odd names make it raise anything from KeyError to OSError."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def cells(rubric: Rubric) -> Iterator[Problem]:
    """Every row has a cell for every column (domain.md Q-HZ04)."""
    for number, table in enumerate(rubric.tables):
        for place, row in enumerate(table.rows):
            if len(row) != len(table.columns):
                details: dict[str, object] = {"cells": len(row), "columns": len(table.columns)}
                yield Problem(("tables", number, "rows", place), "row_length", details)
