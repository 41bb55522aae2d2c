"""Whether the office may read what a society wrote: once it has handed in, or while it consents in this round."""

import sqlalchemy as sa

from storage.overviews import HANDED_IN
from storage.relations import CONSENT, ENTRY, Row


def live(db: sa.Connection, round: int, society: int) -> Row | None:
    """The consent that stands now."""
    here = (CONSENT.c.round_id == round, CONSENT.c.society_id == society, CONSENT.c.ended_at.is_(None))
    return db.execute(sa.select(CONSENT).where(*here)).one_or_none()


def consenting(db: sa.Connection, round: int) -> set[int]:
    """The societies that let the office read before they hand in."""
    here = (CONSENT.c.round_id == round, CONSENT.c.ended_at.is_(None))
    return set(db.scalars(sa.select(CONSENT.c.society_id).where(*here)))


def handed_in(db: sa.Connection, round: int, society: int) -> bool:
    here = (ENTRY.c.round_id == round, ENTRY.c.society_id == society)
    return db.scalar(sa.select(ENTRY.c.status).where(*here)) in HANDED_IN


def readable(db: sa.Connection, round: int, society: int) -> bool:
    return handed_in(db, round, society) or live(db, round, society) is not None
