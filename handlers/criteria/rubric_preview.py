"""An item of a brought table as societies will see it, whether or not the table is finished."""

from decimal import Decimal
from typing import Any

from handlers.answers.scene import Held
from handlers.criteria.rubric_drafts import Own
from handlers.criteria.rubric_shown import asked, together, unscored
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.societies.registrar import Registrar
from handlers.wording import worded
from rubrics.importing import naming
from rubrics.importing.draft import Draft
from rubrics.model import Item, Place, Section

STEP = Decimal("0.5")


def item(registrar: Registrar, own: Own, position: int) -> list[Reply]:
    """«看第3项»: the item as a secretary will be asked it."""
    items = own.rubric.items if own.rubric else _previewed(own.draft) if own.draft else ()
    if not 1 <= position <= len(items):
        return [phrasebook().reply("table_no_item", {"position": position, "count": len(items)})]
    shown = items[position - 1]
    about = {"item": shown, "total": len(items), "mode": "open", "held": Held()}
    name = "table_item_open" if shown.points is None and not unscored(own) else worded("question", shown)
    told = {"shown": phrasebook().text(name, about), **_unlike(own, position)}
    return together(phrasebook().text("table_item", told), asked(registrar, own))


def _unlike(own: Own, position: int) -> dict[str, Any]:
    """Which kinds of units have other points there, and which alone are asked it."""
    units = own.draft.units if own.draft else []
    drafted = own.draft.items[position - 1] if own.draft else None
    if drafted is None:
        return {"points_for": {}, "applicants": []}
    return {
        "points_for": {one.short: drafted.points_for[one.id] for one in units if one.id in drafted.points_for},
        "applicants": [one.short for one in units if one.id in drafted.applicants],
    }


def _previewed(draft: Draft) -> list[Item]:
    """The items of a table that is not finished, to look at only."""
    ids, names = naming.ids(draft), naming.names(draft)
    made: list[Item] = []
    for number, section in enumerate(draft.sections, 1):
        items = tuple(
            Item(
                id=ids[id(one)],
                name=names[id(one)],
                no=one.no,
                heading=one.heading,
                text=one.text or "？",
                points=one.points,
                counts=one.counts or "score",
                above=one.above,
            )
            for one in section.items
        )
        label, title = section.category.label, section.category.title or "？"
        within = Section(id=f"section-{number}", label=label, title=title, items=items)
        for one in items:
            one.put(Place(len(made) + 1, STEP, within))
            made.append(one)
    return made
