"""The notes on key points that stand, and the last one taken back by «撤销»."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.projects.keypoints import plan_for
from rubrics.model import Item, Rubric
from storage import queries
from storage.relations import KEY_NOTE, Row


def standing(db: sa.Connection, entry: int) -> list[Row]:
    """What an entry has noted and not taken back, oldest first."""
    rows = list(db.execute(sa.select(KEY_NOTE).where(KEY_NOTE.c.entry_id == entry).order_by(KEY_NOTE.c.id)))
    gone = {row.undoes for row in rows}
    return [row for row in rows if row.undoes is None and row.id not in gone]


def notes(db: sa.Connection, entry: int, plan: Rubric) -> dict[str, list[Row]]:
    """What was noted, by point, oldest first."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in standing(db, entry):
        if row.plan == plan.id:
            found[row.point].append(row)
    return found


def store(desk: Desk, plan: Rubric, point: Item, text: str, *, undoes: int | None = None) -> None:
    """One more note, or one that takes another back; and a line in the record."""
    here = {"entry_id": desk.entry.id, "plan": plan.id, "point": point.id, "text": text, "undoes": undoes}
    counted = sa.select(sa.func.count()).where(KEY_NOTE.c.inbound_id == desk.inbound_id)
    by = {"at": desk.now, "person_id": desk.actor.person_id, "channel": desk.message.channel}
    trace = {"inbound_id": desk.inbound_id, "ordinal": desk.db.scalar(counted) or 0, "receipt": desk.receipt}
    desk.db.execute(sa.insert(KEY_NOTE).values(**here, **by, **trace))
    at: dict[str, Any] = {"person": desk.actor.person_id, "channel": desk.message.channel, "round": desk.season.id}
    act: dict[str, Any] = {"society": desk.actor.society_id, "receipt": desk.receipt, "point": point.id}
    queries.note_act(desk.db, desk.now, "point_noted" if undoes is None else "point_unnoted", **at, **act)
    desk.noted = True


def last(desk: Desk) -> list[Row]:
    """What her latest message about key points stored."""
    mine = (KEY_NOTE.c.entry_id == desk.entry.id, KEY_NOTE.c.person_id == desk.actor.person_id)
    rows = list(desk.db.execute(sa.select(KEY_NOTE).where(*mine).order_by(KEY_NOTE.c.id)))
    return [row for row in rows if row.inbound_id == rows[-1].inbound_id]


def take_back(desk: Desk) -> list[Reply]:
    """Her last notes count no more; taken back already, they count again."""
    plan, rows = plan_for(desk.season.rubric), last(desk)
    if plan is None or not rows:
        return [phrasebook().reply("nothing_to_undo", {})]
    replies = []
    for row in rows:
        point = next((one for one in plan.items if one.id == row.point), None)
        if point is None:
            continue
        text = _text_of(desk, row)
        store(desk, plan, point, "" if row.undoes is None else text, undoes=row.id if row.undoes is None else None)
        about = {"number": point.no, "title": point.name, "text": text, "back": row.undoes is not None}
        replies.append(phrasebook().reply("note_undone", {**about, "receipt": desk.receipt}))
    return replies or [phrasebook().reply("nothing_to_undo", {})]


def _text_of(desk: Desk, row: Row) -> str:
    if row.undoes is None:
        return str(row.text)
    return str(desk.db.scalar(sa.select(KEY_NOTE.c.text).where(KEY_NOTE.c.id == row.undoes)))
