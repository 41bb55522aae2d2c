"""What a person decided of a table that was read: points, words, numbers and places, put in before anything is doubted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from rubrics.importing import unlike
from rubrics.importing.draft import Draft, DraftItem, DraftSection

WHOLE = "rubric"
# The findings that a decision on this field answers; those of sums are found anew.
ANSWERED = {
    "points": ("points_unread", "points_odd", "points_shared"),
    "bonus": ("points_unread", "points_odd", "points_shared"),
    "bonus_above": ("points_unread", "points_odd", "points_shared"),
    "deduction": ("points_unread", "points_odd", "points_shared"),
    "heading": ("heading_joined", "heading_blank", "lost_heading"),
    "no": ("lost_no",),
    "text": ("text_joined",),
    "section": ("lost_category",),
}


@dataclass(frozen=True, slots=True)
class Correction:
    """One decision: `place` is rubric, section:2 or item:7, as they were counted when the file was read."""

    place: str
    field: str
    value: str


class Gone(Exception):
    """The item or category is no part of the table any more."""


def counted(draft: Draft) -> None:
    """Give every category and item the number by which corrections name it."""
    for number, section in enumerate(draft.sections, 1):
        section.ordinal = number
    for number, item in enumerate(draft.items, 1):
        item.ordinal = number


def correct(draft: Draft, corrections: Iterable[Correction]) -> None:
    """Put the decisions in, in their order. Raises Gone."""
    for one in corrections:
        kind, _, number = one.place.partition(":")
        if kind == "item":
            item = placed(draft, int(number))
            OF_ITEM[one.field](draft, item, one.value)
            item.findings = [found for found in item.findings if found.code not in ANSWERED.get(one.field, ())]
        elif kind == "section":
            OF_SECTION[one.field](headed(draft, int(number)), one.value)
        else:
            OF_WHOLE[one.field](draft, one.value)
    draft.sections = [section for section in draft.sections if section.items]


def placed(draft: Draft, ordinal: int) -> DraftItem:
    found = next((item for item in draft.items if item.ordinal == ordinal), None)
    if found is None:
        raise Gone
    return found


def headed(draft: Draft, ordinal: int) -> DraftSection:
    found = next((section for section in draft.sections if section.ordinal == ordinal), None)
    if found is None:
        raise Gone
    return found


def holder(draft: Draft, item: DraftItem) -> DraftSection:
    """The category that holds the item."""
    return next(section for section in draft.sections if item in section.items)


def _points(draft: Draft, item: DraftItem, value: str) -> None:
    item.points, item.unread = Decimal(value), None
    item.counts = item.counts or "score"


def _bonus(draft: Draft, item: DraftItem, value: str) -> None:
    item.points, item.unread, item.counts, item.above = Decimal(value), None, "bonus", False


def _bonus_above(draft: Draft, item: DraftItem, value: str) -> None:
    _bonus(draft, item, value)
    item.above = True


def _deduction(draft: Draft, item: DraftItem, value: str) -> None:
    item.points, item.unread, item.counts, item.above = Decimal(value), None, "deduction", False


def _number(draft: Draft, item: DraftItem, value: str) -> None:
    item.no = value or None


def _heading(draft: Draft, item: DraftItem, value: str) -> None:
    item.heading = value


def _text(draft: Draft, item: DraftItem, value: str) -> None:
    item.text = value


def _section(draft: Draft, item: DraftItem, value: str) -> None:
    there = headed(draft, int(value))
    here = holder(draft, item)
    if here is not there:
        here.items.remove(item)
        there.items.append(item)
        there.items.sort(key=lambda one: one.ordinal)


def _dropped(draft: Draft, item: DraftItem, value: str) -> None:
    holder(draft, item).items.remove(item)


def _merged(draft: Draft, item: DraftItem, value: str) -> None:
    """Part of the item above: its words go there, and its points were printed there."""
    above = draft.items[draft.items.index(item) - 1]
    above.text = "\n".join(filter(None, (above.text, item.text)))
    holder(draft, item).items.remove(item)


OF_ITEM: dict[str, Callable[[Draft, DraftItem, str], None]] = {
    "points": _points,
    "bonus": _bonus,
    "bonus_above": _bonus_above,
    "deduction": _deduction,
    "no": _number,
    "heading": _heading,
    "text": _text,
    "section": _section,
    "dropped": _dropped,
    "merged": _merged,
    "points_for": lambda draft, item, value: unlike.worth(item, value),
    "applicants": lambda draft, item, value: unlike.asked([item], value),
}


def _worth(section: DraftSection, value: str) -> None:
    section.category = section.category._replace(points=Decimal(value))


def _named(section: DraftSection, value: str) -> None:
    section.category = section.category._replace(title=value)


def _within(section: DraftSection, value: str) -> None:
    for item in section.items:
        item.above = False


def _above(section: DraftSection, value: str) -> None:
    for item in section.items:
        item.above = item.counts == "bonus"


OF_SECTION: dict[str, Callable[[DraftSection, str], None]] = {
    "points": _worth,
    "title": _named,
    "within": _within,
    "above": _above,
    "points_for": unlike.worth,
    "applicants": lambda section, value: unlike.asked(section.items, value),
}


def _total(draft: Draft, value: str) -> None:
    draft.total = Decimal(value)


def _title(draft: Draft, value: str) -> None:
    draft.title = value


def _step(draft: Draft, value: str) -> None:
    draft.step = Decimal(value)


def _kind(draft: Draft, value: str) -> None:
    draft.decided = value


def _looked(draft: Draft, value: str) -> None:
    draft.looked = True


OF_WHOLE: dict[str, Callable[[Draft, str], None]] = {
    "points": _total,
    "title": _title,
    "step": _step,
    "kind": _kind,
    "looked": _looked,
    "unit": unlike.named,
    "points_for": unlike.worth,
}
