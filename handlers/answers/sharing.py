"""One piece of evidence for several items: allowed, and said where the document wants another one (Q-WZ20)."""

from collections.abc import Sequence

from handlers.answers.scene import Added
from handlers.desk import Desk, look_at_evidence
from rubrics.model import Item


def shared(desk: Desk, item: Item, added: Sequence[Added]) -> Item | None:
    """The item that has the same piece already, though its evidence is none for this one."""
    partners = [
        other for other in desk.season.rubric.items if other.id in item.other_than or item.id in other.other_than
    ]
    marks = {_mark(one) for one in added}
    if not partners or not marks:
        return None
    look_at_evidence(desk, [one.id for one in partners])
    return next((one for one in partners if marks & _known(desk, one)), None)


def _mark(one: Added) -> str:
    return one.file.sha256 if one.file else one.text


def _known(desk: Desk, item: Item) -> set[str]:
    """What the item has, with what this very turn adds to it."""
    now = {_mark(one) for one in desk.changes if isinstance(one, Added) and one.item == item.id}
    return now | {piece.sha256 or piece.text for piece in desk.scene.pieces.get(item.id, ())}
