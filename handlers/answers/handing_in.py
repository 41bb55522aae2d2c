"""What is complete at the deadline and was not handed in: kept, and by the round's rule handed in for the society."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers import rounds
from handlers.notices.calling import Call, call, secretaries
from handlers.phrasebook import phrasebook
from handlers.rounds import over, pinned
from storage import queries
from storage.relations import ANSWER_EVENT, ENTRY, SOCIETY, SUBMISSION, Row


def complete_ones(db: sa.Connection, round: Row, now: datetime) -> Iterable[Row]:
    """The entries of a round whose time is over, with nothing open, and not handed in."""
    waiting = (ENTRY.c.round_id == round.id, ENTRY.c.status == "in_progress", ENTRY.c.complete > 0)
    chosen = sa.select(ENTRY, SOCIETY.c.kind).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    rows = db.execute(chosen.where(*waiting, ENTRY.c.submission_id.is_(None)).with_for_update(of=ENTRY)).all()
    return [row for row in rows if over(round, row, now) and row.complete == _asked(db, round, row)]


def _asked(db: sa.Connection, round: Row, row: Row) -> int:
    """How many items she is asked; none in a programme of projects, which the society alone hands in."""
    return len(pinned(db, rounds.version(round, row), row.kind).items)


def hand_in(db: sa.Connection, round: Row, entry: Row, now: datetime, *, said: str = "handed_in_for_you") -> None:
    """A submission as the society would have made it, marked as made by the rule; its people are told."""
    last = sa.select(ANSWER_EVENT.c.person_id).where(ANSWER_EVENT.c.entry_id == entry.id)
    by = db.scalar(last.order_by(ANSWER_EVENT.c.id.desc()).limit(1))
    before = queries.submissions(db, entry.id)
    receipt = f"AUTO-{entry.id}" if not before else f"AUTO-{entry.id}-{before + 1}"
    row = {
        "entry_id": entry.id,
        "at": now,
        "person_id": by,
        "claimed": entry.claimed,
        "supported": entry.supported,
        "snapshot": {answer.item: _answer(answer) for answer in queries.answers(db, entry.id)},
        "receipt": receipt,
        "late": False,
        "automatic": True,
        "rubric_sha256": rounds.version(round, entry),
    }
    id = int(db.execute(sa.insert(SUBMISSION).returning(SUBMISSION.c.id), row).scalar_one())
    marks = {"status": "submitted", "submission_id": id, "submitted_at": now}
    db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(**marks))
    at = {"round": round.id, "society": entry.society_id}
    queries.note_act(db, now, "submitted", **at, number=id, automatic=True, receipt=receipt)
    about = {"title": round.title, "claimed": entry.claimed, "receipt": receipt, "at": now, "zone": round.timezone}
    reply = phrasebook().reply(said, about)
    for person in secretaries(db, entry.society_id):
        call(db, person.id, Call(f"handed_in:{id}:{person.id}", "notice"), reply, now)


def _answer(row: Row) -> dict[str, Any]:
    return {
        "state": row.state,
        "score": None if row.self_score is None else f"{row.self_score:f}",
        "met": row.met,
        "reason": row.reason,
        "facts": row.facts,
        "evidence": row.evidence,
        "version": row.version,
    }
