"""What does not add up in a draft, or can't be told apart in it, becomes a question to the person."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from rubrics.importing import unlike
from rubrics.importing.draft import UNSCORED, Draft, DraftItem, DraftSection, Fragment
from rubrics.importing.extras import extras
from rubrics.importing.findings import Finding
from rubrics.sums import plain
from rubrics.terms import UNDECIDED

CERTAIN = Decimal("1.0")


def doubt(draft: Draft, *, numbered: bool) -> None:
    """All doubts about a whole draft, noted where they arise; `numbered`: there is a column for printed numbers."""
    for item in draft.items:
        if not item.text:
            item.findings.append(Finding("text_missing", item.spot))
    if draft.scored:
        for item in draft.items:
            if item.points is None and item.unread is None:
                item.unread = UNDECIDED
                item.findings.append(Finding("points_missing", replace(item.spot, column=column(item))))
    elif draft.kind is None:
        draft.findings.append(Finding("points_nowhere", None))
    if draft.pointed and draft.decided == UNSCORED:
        draft.findings.append(Finding("points_somewhere", None))
    extras(draft)
    for section in draft.sections:
        mixed(section)
    for section in draft.sections:
        sums(section)
    control(draft)
    unlike.counted(draft)
    total(draft)
    unlike.doubts(draft)
    if numbered:
        numbers(draft)


def column(item: DraftItem) -> int | None:
    """The column where points should stand; None where the row does not reach so far."""
    return (item.worth.column or None) if item.worth else None


def sums(section: DraftSection) -> None:
    """The control sum of a category is the sum of its items, or a person decides (Q-ZJ03)."""
    printed = section.category.points
    if (
        section.beside
        or section.differs
        or printed is None
        or any(item.points is None for item in section.items)
        or section.sum == printed
    ):
        return
    details = {"title": section.category.title, "sum": plain(section.sum), "points": plain(printed)}
    section.findings.append(Finding("sum_of_section", section.spot, {**details, "count": len(section.items)}))


def mixed(section: DraftSection) -> None:
    """The points of a category of nothing but bonuses and deductions are its cap, which holds one kind of bonus."""
    printed, kinds = section.category.points, {item.above for item in section.items if item.counts == "bonus"}
    if section.beside and printed is not None and len(kinds) > 1:
        details = {"title": section.category.title, "points": plain(printed)}
        section.findings.append(Finding("extra_mixed", section.spot, details))


def control(draft: Draft) -> None:
    """Where sums are printed for some categories or for the whole, the others are counted from their items."""
    lacking = [section for section in draft.sections if section.category.points is None and not section.beside]
    if not lacking or (draft.total is None and len(lacking) == len(draft.counted)):
        return
    for section in lacking:
        if any(item.points is None for item in section.items):
            if not draft.pointed and len(lacking) < len(draft.counted):
                section.findings.append(Finding("section_points_missing", section.spot))
            continue
        section.category = section.category._replace(points=section.sum)
        details = {"title": section.category.title, "sum": plain(section.sum)}
        section.findings.append(Finding("section_counted", section.spot, details))


def total(draft: Draft) -> None:
    """The printed total is the sum of the categories."""
    known = [section.category.points for section in draft.counted if section.category.points is not None]
    apart = any(one.differs for one in draft.sections)  # then each kind of unit has its own
    if draft.total is None or apart or len(known) < len(draft.counted) or sum(known) == draft.total:
        return
    details = {"sum": plain(sum(known, Decimal(0))), "points": plain(draft.total)}
    draft.findings.append(Finding("sum_of_all", draft.total_spot, details))


def numbers(draft: Draft) -> None:
    """Printed numbers are labels, gaps and all (Q-ZJ01); a label that several items carry is no label."""
    times = Counter(item.no for item in draft.items if item.no)
    if not times:
        draft.findings.append(Finding("numbers_nowhere", None))
    repeated = {no for no, count in times.items() if count > 1}
    if not repeated:
        return
    if restarts(draft):
        draft.findings.append(Finding("numbers_restart", draft.items[0].spot, {"found": sorted(repeated)[0]}))
        for item in draft.items:
            unnumber(item)
        return
    for item in draft.items:
        if item.no in repeated:
            item.findings.append(Finding("number_twice", item.spot, {"found": item.no}))


def restarts(draft: Draft) -> bool:
    """Whether every category counts from the same number again, without a repetition inside."""
    counted = [labels for one in draft.sections if (labels := [item.no for item in one.items if item.no])]
    return len({labels[0] for labels in counted}) == 1 and all(len(one) == len(set(one)) for one in counted)


def unnumber(item: DraftItem) -> None:
    if item.no:
        item.printed.append(Fragment("no", item.no, CERTAIN, "numbers_restart"))
        item.no = None
