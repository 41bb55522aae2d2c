"""Files that leave: where each is kept, in one word that messages and links carry."""

from datetime import datetime

import sqlalchemy as sa

from storage.relations import EVIDENCE, HANDOUT, Row


def evidence(id: int) -> str:
    """Where a piece of evidence is held."""
    return f"evidence:{id}"


def hand_out(
    db: sa.Connection, name: str, sha256: str, size: int, kind: str, now: datetime, *, person: int | None = None
) -> str:
    """Keep a file for handing out; its bytes are in the store already. Where it is held."""
    values = {"name": name, "sha256": sha256, "size": size, "media_type": kind, "made_at": now, "person_id": person}
    return f"handout:{db.execute(sa.insert(HANDOUT).values(**values).returning(HANDOUT.c.id)).scalar_one()}"


def file(db: sa.Connection, held: str) -> Row | None:
    """Name, sha256, size in bytes, media type and when it was withdrawn; None where nothing is held."""
    where, _, number = held.partition(":")
    if not number.isdecimal():
        return None
    return db.execute(_FILES[where], {"id": int(number)}).one_or_none() if where in _FILES else None


_FILES = {
    "evidence": sa.select(
        EVIDENCE.c.name, EVIDENCE.c.sha256, EVIDENCE.c.size, EVIDENCE.c.media_type, EVIDENCE.c.withdrawn_at
    ).where(EVIDENCE.c.id == sa.bindparam("id"), EVIDENCE.c.sha256.is_not(None)),
    "handout": sa.select(
        HANDOUT.c.name,
        HANDOUT.c.sha256,
        HANDOUT.c.size,
        HANDOUT.c.media_type,
        sa.cast(sa.null(), sa.DateTime(timezone=True)).label("withdrawn_at"),
    ).where(HANDOUT.c.id == sa.bindparam("id")),
}
