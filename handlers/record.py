"""What happened to a society's table: the latest changes of all its people, for whoever has taken over."""

from typing import Any

import sqlalchemy as sa

from handlers.composing import learned, valued
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import pages, phrasebook
from storage.queries import ANSWER_EVENT, PERSON, Row

LATEST = 15  # events: as much as is read at once


def record(desk: Desk) -> list[Reply]:
    """The latest events, newest first: when, who, which item, old → new."""
    chosen = sa.select(ANSWER_EVENT, PERSON.c.name).join(PERSON, PERSON.c.id == ANSWER_EVENT.c.person_id)
    newest = chosen.where(ANSWER_EVENT.c.entry_id == desk.entry.id).order_by(ANSWER_EVENT.c.id.desc())
    rows = list(desk.db.execute(newest.limit(LATEST + 1)))
    lines = [phrasebook().text("record_line", _about(desk, row)) for row in rows[:LATEST]]
    head = phrasebook().text("record", {"any": bool(rows), "more": len(rows) > LATEST, "latest": LATEST})
    texts = pages(lines, head)
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices("record", {}))]


def _about(desk: Desk, row: Row) -> dict[str, Any]:
    asked = desk.season.rubric.requirement(row.item)
    return {
        "at": row.at,
        "zone": desk.season.timezone,
        "who": row.name,
        "item": asked,
        "kind": row.kind,
        "old": valued(row.old) if row.kind == "score" else row.old,
        "new": valued(row.new) if row.kind == "score" else row.new,
        "fact": learned(asked, row.new) if row.kind == "fact" else None,
        "late": row.late,
        "receipt": row.receipt,
    }
