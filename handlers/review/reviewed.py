"""What must be true of reviews on live data: the folds equal the events, and an entry's sum equals its verdicts."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from handlers.review.judging import total_of
from handlers.rounds import answered
from storage.relations import ENTRY, REVIEW, REVIEW_EVENT, ROUND, SENT_BACK, VERDICT


def folded(db: sa.Connection) -> Iterator[str]:
    """Every reviewer's score and every verdict is the fold of its events."""
    given: dict[Any, Any] = {}
    decided: dict[Any, Any] = {}
    for row in db.execute(sa.select(REVIEW_EVENT).order_by(REVIEW_EVENT.c.id)):
        if row.kind == "score":
            given[row.entry_id, row.item, row.person_id] = (row.score, row.finding, row.reason, row.id)
        elif row.kind == "reopened":
            decided.pop((row.entry_id, row.item), None)
        else:
            decided[row.entry_id, row.item] = (row.score, row.finding, row.reason, row.id)
    reviews = {(row.entry_id, row.item, row.person_id): _kept(row) for row in db.execute(sa.select(REVIEW))}
    verdicts = {(row.entry_id, row.item): _kept(row) for row in db.execute(sa.select(VERDICT))}
    pairs: tuple[tuple[dict[Any, Any], dict[Any, Any]], ...] = ((given, reviews), (decided, verdicts))
    for made, kept in pairs:
        for key in made.keys() | kept.keys():
            if made.get(key) != kept.get(key):
                yield f"{key}: {made.get(key)} but {kept.get(key)}"


def _kept(row: Any) -> tuple[Any, ...]:
    return row.score, row.finding, row.reason, row.event_id


def totals(db: sa.Connection) -> Iterator[str]:
    """An entry's reviewed total is what its verdicts count for, and only what is final has one or is released."""
    decided: dict[int, list[Any]] = defaultdict(list)
    for row in db.execute(sa.select(VERDICT)):
        decided[row.entry_id].append(row)
    rounds = {row.id: row for row in db.execute(sa.select(ROUND))}
    for row in db.execute(sa.select(ENTRY)):
        given = decided[row.id]
        made = total_of(answered(db, rounds[row.round_id], row), given) if given else None
        if row.reviewed != made:
            yield f"entry {row.id}: {row.reviewed} but its verdicts make {made}"
        elif (row.finalized_at is None) != (not given) or (row.released_at and not given):
            yield f"entry {row.id} is final without verdicts, or has them and is not"


def sent_back(db: sa.Connection) -> Iterator[str]:
    """An entry is returned exactly while something that was sent back is open."""
    still = set(db.scalars(sa.select(SENT_BACK.c.entry_id).where(SENT_BACK.c.closed_at.is_(None))))
    for row in db.execute(sa.select(ENTRY.c.id, ENTRY.c.status)):
        if (row.status == "returned") != (row.id in still):
            yield f"entry {row.id} is {row.status}, with {'something' if row.id in still else 'nothing'} sent back"
