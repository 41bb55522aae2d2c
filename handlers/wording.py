"""Which words say it: a message that speaks of points has twins for what has none, and for what only takes them off."""

from collections.abc import Mapping
from typing import Any

from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from rubrics.model import Item, Rubric

TWIN = "_unscored"
LOSING = "_deduction"


def worded(name: str, about: Item | Rubric) -> str:
    """The name of the message as it is said of this item or document."""
    losing = f"{name}{LOSING}"
    if isinstance(about, Item) and about.counts == "deduction" and losing in phrasebook().messages:
        return losing
    scored = about.points if isinstance(about, Item) else about.maximum
    twin = f"{name}{TWIN}"
    return twin if scored is None and twin in phrasebook().messages else name


def reply(name: str, rubric: Rubric, about: Mapping[str, Any]) -> Reply:
    """A reply about an item, where it speaks of one, else about the whole document."""
    item = about.get("item")
    return phrasebook().reply(worded(name, item if isinstance(item, Item) else rubric), about)
