"""How a decision about a brought table is read back: where it is, what stood there before and what stands there now."""

from typing import Any

from handlers.criteria.rubric_drafts import Own
from rubrics.importing.correcting import WHOLE, Correction
from rubrics.sums import plain

WORTH = ("points", "bonus", "bonus_above", "deduction")
UNLIKE = ("points_for", "applicants", "unit")  # what is said of kinds of units is told in its own words


def position(own: Own, decided: Correction) -> int | None:
    draft, (kind, _, number) = own.draft, decided.place.partition(":")
    if draft is None or kind == WHOLE:
        return None
    rows: list[Any] = list(draft.items if kind == "item" else draft.sections)
    return next((place for place, one in enumerate(rows, 1) if one.ordinal == int(number)), None)


def old(own: Own, decided: Correction) -> str:
    """What stood there before, as it is read back."""
    draft, place = own.draft, position(own, decided)
    if draft is None or decided.field in UNLIKE:
        return ""
    if place is None:
        held: Any = {"title": draft.title, "points": draft.total, "step": draft.step}.get(decided.field)
        return _said(held)
    if decided.place.startswith("section"):
        section = draft.sections[place - 1]
        return _said(section.category.points if decided.field == "points" else section.category.title)
    item = draft.items[place - 1]
    if decided.field in WORTH:
        return _said(item.points if item.points is not None else item.unread)
    if decided.field == "section":
        return next(one.category.title for one in draft.sections if item in one.items)
    return _said(getattr(item, decided.field, None) or item.text)


def new(own: Own, decided: Correction) -> str:
    """What it is now, as it is read back."""
    if decided.field == "points_for":
        return decided.value.partition(" ")[0]
    if decided.field != "section" or own.draft is None:
        return decided.value
    return next(one.category.title for one in own.draft.sections if str(one.ordinal) == decided.value)


def _said(held: Any) -> str:
    return "" if held is None else plain(held) if hasattr(held, "normalize") else str(held)


def units(own: Own, decided: Correction) -> list[str]:
    """The titles of the kinds of units that a decision speaks of."""
    if decided.field == "unit":
        return [decided.value.partition(" ")[2]]
    if own.draft is None or decided.field not in UNLIKE:
        return []
    return [one.short for one in own.draft.units if one.id in decided.value.split()]
