"""What must be true of reviews on live data: the folds equal the events, and an entry's sum equals its verdicts."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from storage.queries import ENTRY, REVIEW, REVIEW_EVENT, SENT_BACK, VERDICT


def folded(db: sa.Connection) -> Iterator[str]:
    """Every reviewer's score and every verdict is the fold of its events."""
    given: dict[Any, Any] = {}
    decided: dict[Any, Any] = {}
    for row in db.execute(sa.select(REVIEW_EVENT).order_by(REVIEW_EVENT.c.id)):
        if row.kind == "score":
            given[row.entry_id, row.item, row.person_id] = (row.score, row.reason, row.id)
        elif row.kind == "reopened":
            decided.pop((row.entry_id, row.item), None)
        else:
            decided[row.entry_id, row.item] = (row.score, row.reason, row.id)
    reviews = {(row.entry_id, row.item, row.person_id): _kept(row) for row in db.execute(sa.select(REVIEW))}
    verdicts = {(row.entry_id, row.item): _kept(row) for row in db.execute(sa.select(VERDICT))}
    pairs: tuple[tuple[dict[Any, Any], dict[Any, Any]], ...] = ((given, reviews), (decided, verdicts))
    for made, kept in pairs:
        for key in made.keys() | kept.keys():
            if made.get(key) != kept.get(key):
                yield f"{key}: {made.get(key)} but {kept.get(key)}"


def _kept(row: Any) -> tuple[Any, ...]:
    return row.score, row.reason, row.event_id


def totals(db: sa.Connection) -> Iterator[str]:
    """An entry's reviewed total is the sum of its verdicts, and only what is final has one or is released."""
    sums: dict[int, Any] = {}
    for row in db.execute(sa.select(VERDICT)):
        sums[row.entry_id] = sums.get(row.entry_id, 0) + row.score
    for row in db.execute(sa.select(ENTRY)):
        if row.reviewed != sums.get(row.id):
            yield f"entry {row.id}: {row.reviewed} but its verdicts make {sums.get(row.id)}"
        elif (row.finalized_at is None) != (row.reviewed is None) or (row.released_at and row.reviewed is None):
            yield f"entry {row.id} is final without verdicts, or has them and is not"


def sent_back(db: sa.Connection) -> Iterator[str]:
    """An entry is returned exactly while something that was sent back is open."""
    still = set(db.scalars(sa.select(SENT_BACK.c.entry_id).where(SENT_BACK.c.closed_at.is_(None))))
    for row in db.execute(sa.select(ENTRY.c.id, ENTRY.c.status)):
        if (row.status == "returned") != (row.id in still):
            yield f"entry {row.id} is {row.status}, with {'something' if row.id in still else 'nothing'} sent back"
