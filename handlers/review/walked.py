"""Whom a reviewer still has before her: the societies that handed in, and how far she is with each."""

from collections import Counter

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import rechecks
from handlers.rights import OFFICE
from handlers.rounds import pinned, version
from storage.relations import ENTRY, RECUSAL, REVIEW, SOCIETY

MOST = 9


def listed(office: Office) -> list[Reply]:
    """«评审»: those not finished first, by number."""
    db, me = office.db, office.actor.person_id
    scored = sa.select(REVIEW.c.entry_id, sa.func.count().label("n")).where(REVIEW.c.person_id == me)
    done = {row.entry_id: row.n for row in db.execute(scored.group_by(REVIEW.c.entry_id))}
    mine = (RECUSAL.c.round_id == office.round.id, RECUSAL.c.person_id == me, RECUSAL.c.ended_at.is_(None))
    out = set(db.scalars(sa.select(RECUSAL.c.society_id).where(*mine)))
    joined = sa.select(ENTRY, SOCIETY.c.name, SOCIETY.c.kind).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    handed = (ENTRY.c.round_id == office.round.id, ENTRY.c.status.in_(("submitted", "returned")))
    rows = [row for row in db.execute(joined.where(*handed)) if row.society_id not in out]
    totals = {row.id: len(pinned(db, version(office.round, row), row.kind).items) for row in rows}
    rows.sort(key=lambda row: (row.finalized_at is not None, done.get(row.id, 0) >= totals[row.id], row.name))
    shown = rows[:MOST]
    if shown:
        ways = [phrasebook().text("say_review", {"name": row.name}) for row in shown]
        office.wait_for("choose", ways=ways)
    states = Counter("final" if row.finalized_at else "open" for row in rows)
    marked = Counter(row.entry_id for row in rechecks.of_round(db, office.round.id))
    lines = [
        {"row": row, "done": done.get(row.id, 0), "total": totals[row.id], "marked": marked[row.id]} for row in shown
    ]
    about = {"title": office.round.title, "lines": lines, "more": len(rows) - len(shown)}
    about["reviewer"] = office.actor.role not in OFFICE
    return [phrasebook().reply("review_list", {**about, "count": len(rows), "final": states["final"]})]
