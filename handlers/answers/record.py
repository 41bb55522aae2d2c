"""What happened to a society's table: the latest changes of all its people, for whoever has taken over."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.answers.acknowledging import learned, valued
from handlers.criteria.amending import asked_ever
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import pages, phrasebook
from storage.relations import ACT, ANSWER_EVENT, PERSON, Row

LATEST = 15  # events: as much as is read at once
# What a society may know of the acts about it: neither who reviews it nor what it is given before that is released.
SHOWN = (
    *("submitted", "submission_withdrawn", "extended", "late_counted", "late_refused", "table_reopened"),
    *("sent_back", "locked_again", "released_review", "objected", "objection_answered", "review_reopened"),
    *("ruled", "paper_ticked", "paper_unticked"),
    *("consent_asked", "consent_given", "consent_refused", "consent_ended", "contents_read"),
)


def record(desk: Desk) -> list[Reply]:
    """The latest, newest first: when, who, which item, old → new; and what the office did."""
    found = sorted([*_changes(desk), *_acts(desk)], key=lambda one: one[0], reverse=True)
    head = phrasebook().text("record", {"any": bool(found), "more": len(found) > LATEST, "latest": LATEST})
    texts = pages([line for _, line in found[:LATEST]], head)
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices("record", {}))]


def _changes(desk: Desk) -> list[tuple[tuple[datetime, int], str]]:
    chosen = sa.select(ANSWER_EVENT, PERSON.c.name, PERSON.c.role).join(PERSON, PERSON.c.id == ANSWER_EVENT.c.person_id)
    newest = chosen.where(ANSWER_EVENT.c.entry_id == desk.entry.id).order_by(ANSWER_EVENT.c.id.desc())
    rows = desk.db.execute(newest.limit(LATEST + 1))
    return [((row.at, row.id), phrasebook().text("record_line", _about(desk, row))) for row in rows]


def _acts(desk: Desk) -> list[tuple[tuple[datetime, int], str]]:
    chosen = sa.select(ACT, PERSON.c.name, PERSON.c.role).outerjoin(PERSON, PERSON.c.id == ACT.c.person_id)
    hers = (ACT.c.society_id == desk.entry.society_id, ACT.c.round_id == desk.season.id, ACT.c.act.in_(SHOWN))
    rows = desk.db.execute(chosen.where(*hers).order_by(ACT.c.id.desc()).limit(LATEST + 1))
    return [((row.at, row.id), phrasebook().text("record_act", _act(desk, row))) for row in rows]


def _act(desk: Desk, row: Row) -> dict[str, Any]:
    """Who of the office it was; of reviewers only that it was one."""
    about = {"at": row.at, "zone": desk.season.timezone, "act": row.act, "details": row.details}
    return {**about, "who": row.name, "role": row.role}


def _about(desk: Desk, row: Row) -> dict[str, Any]:
    asked = asked_ever(desk.db, desk.season.rubric, row.item)
    return {
        "at": row.at,
        "zone": desk.season.timezone,
        "who": row.name,
        "staff": row.role != "secretary",
        "item": asked,
        "gone": row.item not in {one.id for one in desk.season.rubric.asked()},
        "kind": row.kind,
        "old": valued(row.old) if row.kind == "score" else row.old,
        "new": valued(row.new) if row.kind == "score" else row.new,
        "fact": learned(asked, row.new) if row.kind == "fact" else None,
        "late": row.late,
        "receipt": row.receipt,
    }
