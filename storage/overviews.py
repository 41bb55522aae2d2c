"""What rankings and lists read: the totals that every answer has left beside its entry, never its words."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from storage.relations import ANSWER, ENTRY, SOCIETY, Row

HANDED_IN = ("submitted", "returned")  # what was sent back stays handed in
_COLUMNS = (
    SOCIETY.c.id.label("society_id"),
    SOCIETY.c.name,
    SOCIETY.c.kind,
    ENTRY.c.id.label("entry_id"),
    ENTRY.c.status,
    ENTRY.c.claimed,
    ENTRY.c.supported,
    ENTRY.c.complete,
    ENTRY.c.submitted_at,
    ENTRY.c.reviewed,
    ENTRY.c.touched_at,
    ENTRY.c.extended_to,
    ENTRY.c.closed_at,
    ENTRY.c.own_rubric,
)


def submitted(db: sa.Connection, round: int) -> list[Row]:
    """The entries of a round that are handed in, with their totals."""
    joined = ENTRY.join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    chosen = sa.select(*_COLUMNS).select_from(joined)
    return list(db.execute(chosen.where(ENTRY.c.round_id == round, ENTRY.c.status.in_(HANDED_IN))))


def everybody(db: sa.Connection, round: int, *, voluntary: bool) -> list[Row]:
    """Every society with its entry, if it has one; in a voluntary round those that take part."""
    hers = sa.and_(ENTRY.c.society_id == SOCIETY.c.id, ENTRY.c.round_id == round)
    joined = SOCIETY.join(ENTRY, hers) if voluntary else SOCIETY.outerjoin(ENTRY, hers)
    return list(db.execute(sa.select(*_COLUMNS).select_from(joined).order_by(SOCIETY.c.id)))


def scores(db: sa.Connection, round: int, items: Iterable[str]) -> list[Row]:
    """What all societies claim for some items and what they can show for it, without a word of theirs; the facts as the
    JSON that they are kept in, for many have the same."""
    what = (
        ANSWER.c.entry_id,
        ANSWER.c.item,
        ANSWER.c.state,
        ANSWER.c.self_score,
        ANSWER.c.evidence,
        sa.cast(ANSWER.c.facts, sa.Text).label("facts"),
        ANSWER.c.met,
    )
    joined = ENTRY.join(ANSWER, ANSWER.c.entry_id == ENTRY.c.id)
    chosen = sa.select(*what).select_from(joined)
    return list(db.execute(chosen.where(ENTRY.c.round_id == round, ANSWER.c.item.in_(list(items)))))


def scores_of(db: sa.Connection, entry: int) -> list[Row]:
    """The same for one society's whole table."""
    what = (ANSWER.c.item, ANSWER.c.state, ANSWER.c.self_score, ANSWER.c.evidence, ANSWER.c.facts, ANSWER.c.met)
    return list(db.execute(sa.select(*what).where(ANSWER.c.entry_id == entry)))


def handed_in(db: sa.Connection, round: int, since: datetime) -> list[datetime]:
    """When societies handed in what is handed in now."""
    here = (ENTRY.c.round_id == round, ENTRY.c.status.in_(HANDED_IN), ENTRY.c.submitted_at >= since)
    return list(db.scalars(sa.select(ENTRY.c.submitted_at).where(*here)))
