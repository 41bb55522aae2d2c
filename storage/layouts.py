"""Which Word file the answers of a round may be put back into: the one that somebody brought and that was read."""

import sqlalchemy as sa

from storage.relations import ENTRY, PROPOSAL, RUBRIC_DRAFT


def of(db: sa.Connection, round: int, society: int | None = None) -> str | None:
    """The sha256 of the file: the society's own before the office's; None where neither brought one in Word."""
    return (_society(db, round, society) if society is not None else None) or _office(db, round)


def _society(db: sa.Connection, round: int, society: int) -> str | None:
    """The table that she sent last and has confirmed something of."""
    read = sa.select(PROPOSAL.c.sha256).join(ENTRY, ENTRY.c.id == PROPOSAL.c.entry_id)
    hers = (ENTRY.c.round_id == round, ENTRY.c.society_id == society, PROPOSAL.c.state == "confirmed")
    found: str | None = db.scalar(read.where(*hers).order_by(PROPOSAL.c.id.desc()).limit(1))
    return found


def _office(db: sa.Connection, round: int) -> str | None:
    """The table that the round was opened by, or changed to last."""
    brought = sa.select(RUBRIC_DRAFT.c.sha256).where(RUBRIC_DRAFT.c.round_id == round, RUBRIC_DRAFT.c.kind == "table")
    in_word = brought.where(RUBRIC_DRAFT.c.name.ilike("%.docx")).order_by(RUBRIC_DRAFT.c.id.desc())
    found: str | None = db.scalar(in_word.limit(1))
    return found
