"""Which file the answers of a round may be put back into: the Word or Excel that somebody brought and that was read."""

from typing import NamedTuple

import sqlalchemy as sa

from storage.relations import ENTRY, PROPOSAL, RUBRIC_DRAFT

WORD, EXCEL = "docx", "xlsx"


class Layout(NamedTuple):
    """The file, what kind it is (docx or xlsx), and as which table of criteria the office brought it."""

    sha256: str
    kind: str
    draft: int | None = None


def of(db: sa.Connection, round: int, society: int | None = None) -> Layout | None:
    """The society's own before the office's; None where neither brought one."""
    return (_society(db, round, society) if society is not None else None) or _office(db, round)


def _society(db: sa.Connection, round: int, society: int) -> Layout | None:
    """The table that she sent last and has confirmed something of, which is always in Word."""
    read = sa.select(PROPOSAL.c.sha256).join(ENTRY, ENTRY.c.id == PROPOSAL.c.entry_id)
    hers = (ENTRY.c.round_id == round, ENTRY.c.society_id == society, PROPOSAL.c.state == "confirmed")
    found: str | None = db.scalar(read.where(*hers).order_by(PROPOSAL.c.id.desc()).limit(1))
    return Layout(found, WORD) if found else None


def _office(db: sa.Connection, round: int) -> Layout | None:
    """The table that the round was opened by, or changed to last."""
    name, ours = RUBRIC_DRAFT.c.name, (RUBRIC_DRAFT.c.round_id == round, RUBRIC_DRAFT.c.kind == "table")
    known = sa.or_(name.ilike(f"%.{WORD}"), name.ilike(f"%.{EXCEL}"))
    brought = sa.select(RUBRIC_DRAFT.c.id, RUBRIC_DRAFT.c.sha256, name).where(*ours, known)
    found = db.execute(brought.order_by(RUBRIC_DRAFT.c.id.desc()).limit(1)).one_or_none()
    if found is None:
        return None
    return Layout(found.sha256, EXCEL if found.name.lower().endswith(EXCEL) else WORD, found.id)
