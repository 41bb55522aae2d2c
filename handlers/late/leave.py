"""What stands handed in by the office's leave: with late matter a new submission, without it the one made in time."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers.late.late_input import Came, Counted, every_event
from handlers.projects.applications import of_entry
from storage import queries
from storage.relations import ENTRY, SUBMISSION, Row


def hand_in_by_leave(
    db: sa.Connection, entry: Row, came: Came, counted: Counted, now: datetime, *, counts: bool, given: str
) -> int | None:
    """What stands handed in from now on: with late matter a new submission; once none counts any more, the one made in
    time. The submission made by this decision, if any."""
    if not counts and not came.counting:
        return None  # it did not count before either
    timely = None if counts else _timely(db, entry.id)
    if not counts and (timely is None or _same(timely.snapshot, counted.snapshot)):
        _stand(db, entry, timely, now)
        return None
    row = {
        "entry_id": entry.id,
        "at": now,
        "person_id": came.sender,
        "receipt": given,
        "late": counts,
        "claimed": counted.totals.claimed,
        "supported": counted.totals.supported,
        "snapshot": counted.snapshot,
        "automatic": False,
        "rubric_sha256": counted.rubric_sha256,
    }
    made = db.execute(sa.insert(SUBMISSION).values(row).returning(SUBMISSION)).one()
    _stand(db, entry, made, now)
    return int(made.id)


def _timely(db: sa.Connection, entry: int) -> Row | None:
    """What the society handed in in time and did not take back."""
    live = (SUBMISSION.c.entry_id == entry, SUBMISSION.c.late.is_(False), SUBMISSION.c.withdrawn_at.is_(None))
    return db.execute(sa.select(SUBMISSION).where(*live).order_by(SUBMISSION.c.id.desc()).limit(1)).one_or_none()


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the same was handed in; a version counts events that changed nothing, too."""
    return _contents(one) == _contents(other)


def _contents(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    def content(held: Mapping[str, Any]) -> tuple[Any, ...]:
        score = None if held["score"] is None else Decimal(held["score"])
        return held["state"], score, held.get("met"), held["reason"], held["facts"], held["evidence"]

    blank: tuple[Any, ...] = ("unanswered", None, None, None, {}, 0)
    return {item: told for item, held in snapshot.items() if (told := content(held)) != blank}


def _stand(db: sa.Connection, entry: Row, submission: Row | None, now: datetime) -> None:
    """Let this submission stand; one that stood by the office's leave stands no more, one made in time is kept."""
    before = queries.live_submission(db, entry.id)
    if before is not None and before.late:
        replaced = {"withdrawn_at": now, "replaced_by": submission.id if submission else None}
        db.execute(sa.update(SUBMISSION).where(SUBMISSION.c.id == before.id).values(**replaced))
    began = [*every_event(db, entry.id), *of_entry(db, entry.id)]
    started = submission is None and any(not one.late for one in began)
    marks = {
        "status": "submitted" if submission else "in_progress" if started else "not_started",
        "submission_id": submission.id if submission else None,
        "submitted_at": submission.at if submission else None,
    }
    db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(**marks))
