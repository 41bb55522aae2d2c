"""What a page break has cut in two stands whole again; what is no category by its column is one by its control sum."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from rubrics.importing.draft import Draft, DraftSection, Fragment
from rubrics.importing.findings import Finding
from rubrics.importing.grid import Cell
from rubrics.importing.lines import Line
from rubrics.importing.wording import category

LIKELY = Decimal("0.9")


def promoted(lines: list[Line]) -> list[Line]:
    """Where no category is printed but the projects carry control sums, the projects are the categories."""
    if any(line.cell("category").text.strip() for line in lines if line.kind in {"item", "category"}):
        return lines
    headed = [line.cell("heading").text for line in lines if line.own(line.cell("heading"))]
    if not any(category(heading).points is not None for heading in headed):
        return lines
    return [replace(line, cells=renamed(line)) for line in lines]


def renamed(line: Line) -> dict[str, Cell]:
    cells = {role: cell for role, cell in line.cells.items() if role != "heading"}
    return {**cells, "category": line.cell("heading")} if line.kind in {"item", "more"} else cells


def torn_headings(draft: Draft) -> None:
    """One heading that a page break has cut in two stands whole over the items of both halves (Q-ZJ02)."""
    usual = Counter(len(heading) for heading in {item.heading for item in draft.items} if heading).most_common(1)
    for section in draft.sections:
        for at, item in enumerate(section.items):
            if at and item.torn and usual and halves(section.items[at - 1].heading, item.heading, usual[0][0]):
                join(section, at)


def halves(before: str | None, after: str | None, usual: int) -> bool:
    """Whether two headings are too short alone and together as long as headings here are."""
    if not before or not after or before == after:
        return False
    return len(before) < usual and len(after) < usual and len(before) + len(after) == usual


def join(section: DraftSection, at: int) -> None:
    above, below = section.items[at - 1].heading, section.items[at].heading
    whole = f"{above}{below}"
    first, last = at, at
    while first and section.items[first - 1].heading == above:
        first -= 1
    while last < len(section.items) and section.items[last].heading == below:
        last += 1
    for item in section.items[first:last]:
        item.printed.append(Fragment("heading", item.heading or "", LIKELY, "heading_joined"))
        item.heading = whole
    section.items[at].findings.append(
        Finding("heading_joined", section.items[at].spot, {"above": above, "below": below, "whole": whole})
    )
