"""What a changed rubric changes: items added, removed, renamed, worth something else, asked or judged otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass

from rubrics.model import Item, Rubric

# What of an item is compared, by the name of the change.
ASPECTS = {
    "points": ("points", "step", "counts", "above"),
    "kinds": ("points_for", "applicants"),
    "renamed": ("no", "heading", "name"),
    "text": ("text",),
    "condition": ("condition", "suggest", "ladder", "each", "deduct", "facts"),
    "hints": ("example", "subjects", "evidence", "note"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: added, removed, moved, or an aspect of an item; `head` for what is no item."""

    kind: str
    old: Item | None = None
    new: Item | None = None

    @property
    def item(self) -> Item | None:
        return self.new or self.old


def differences(old: Rubric, new: Rubric) -> list[Difference]:
    """Every change, in the order of the new rubric, what was removed last. Items are the same by our own id."""
    before, after = {one.id: one for one in old.items}, {one.id: one for one in new.items}
    found = [change for item in new.items for change in _of_item(before.get(item.id), item)]
    found += [Difference("removed", item, None) for id, item in before.items() if id not in after]
    found += [] if _caps(old) == _caps(new) else [Difference("caps")]
    return found if found or old == new else [Difference("head")]


def _caps(rubric: Rubric) -> dict[str, tuple[object, ...]]:
    """What each category counts for at most, and for whom."""
    return {one.id: (one.most, one.points_for, one.applicants) for one in rubric.walk()}


def _of_item(old: Item | None, new: Item) -> Iterator[Difference]:
    if old is None:
        yield Difference("added", None, new)
        return
    for kind, names in ASPECTS.items():
        if any(getattr(old, name) != getattr(new, name) for name in names):
            yield Difference(kind, old, new)
    if old.section.id != new.section.id:
        yield Difference("moved", old, new)
