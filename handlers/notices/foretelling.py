"""What the office is told of a round's course: the plan of the reminders, one society's part in it, a text for the group."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices import planning
from handlers.notices.unreached import contacted, unreached
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.rounds import deadline
from handlers.societies import roster
from storage.relations import ENTRY, Row

SHOWN = 8  # of one society's reminders


def plan(office: Office) -> list[Reply]:
    """«提醒计划»: what goes out next and to how many, what went and what became of it."""
    head, *lines = plan_lines(office.db, office.round, office.now)
    return [Reply(text) for text in pages(lines, head)]


def plan_lines(db: sa.Connection, round: Row, now: datetime) -> list[str]:
    """The plan of a round, its heading first."""
    next_ones, gone = planning.coming(db, round, now), planning.went(db, round)
    ends = {"coming": bool(next_ones), "went": bool(gone), "silent": len(unreached(db, round, now))}
    return [
        phrasebook().text("plan", {"round": round}),
        *(phrasebook().text("plan_coming", {"zone": round.timezone, "one": one}) for one in next_ones),
        phrasebook().text("plan_middle", ends),
        *(phrasebook().text("plan_went", {"zone": round.timezone, "one": one}) for one in gone),
        phrasebook().text("plan_end", ends),
    ]


def of_society(office: Office, said: str) -> list[Reply]:
    """«提醒 医学会»: one society's deadline, what it was reminded of and what comes, and whether somebody called."""
    society = roster.one(office.db, said)
    here = (ENTRY.c.round_id == office.round.id, ENTRY.c.society_id == society.id)
    entry = office.db.execute(sa.select(ENTRY).where(*here)).one_or_none()
    told = planning.said(office.db, office.round, society=society.id)
    about: dict[str, Any] = {
        "society": society.name,
        "status": entry.status if entry else "not_started",
        "closes": deadline(office.round, entry),
        "zone": office.round.timezone,
        "said": told[-SHOWN:],
        "more": max(len(told) - SHOWN, 0),
        "coming": planning.coming(office.db, office.round, office.now, society=society.id)[:SHOWN],
        "call": contacted(office.db, office.round.id).get(society.id),
    }
    return [phrasebook().reply("plan_of_society", about)]


def for_group(office: Office, named: str = "") -> list[Reply]:
    """«群进度», «群进度 名单»: counts and the deadline to paste into the group; names only where they are asked for."""
    joined = sa.select(ENTRY.c.society_id, ENTRY.c.status).where(ENTRY.c.round_id == office.round.id)
    states = {row.society_id: row.status for row in office.db.execute(joined)}
    everybody, closes = roster.societies(office.db), office.round.closes_at
    societies = [one for one in everybody if one.id in states] if office.round.voluntary else everybody
    by_state: dict[str, list[str]] = {"submitted": [], "not_started": [], "in_progress": []}
    for one in societies:
        state = states.get(one.id, "not_started")
        by_state["in_progress" if state == "returned" else state].append(one.name)
    waiting = by_state["in_progress"] + by_state["not_started"]
    about = {
        "round": office.round,
        "left": closes - office.now if closes else None,
        "late": office.round.closed_at is not None or (closes is not None and office.now >= closes),
        "total": len(societies),
        "counts": {state: len(names) for state, names in by_state.items()},
        "named": bool(named) and bool(waiting),
    }
    names = [phrasebook().text("group_name", {"name": name}) for name in waiting] if named else []
    texts = pages(names, phrasebook().text("group_progress", about))
    first = phrasebook().reply("group_paste", {"named": bool(named), "parts": len(texts)})
    return [first, *(Reply(text) for text in texts)]
