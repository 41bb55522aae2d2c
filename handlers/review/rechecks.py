"""需复核: an item was reviewed, and then what it rests on changed; the mark stands until the item is judged anew."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from handlers.notices import alarming
from handlers.notices.calling import Call, call
from handlers.phrasebook import phrasebook
from storage.relations import ENTRY, INSERT, RECHECK, REVIEW, REVIEW_EVENT, SOCIETY, VERDICT, Row


def reviewed(db: sa.Connection, entry: int) -> set[str]:
    """The items that somebody has scored, or that are final."""
    given = sa.select(REVIEW.c.item).where(REVIEW.c.entry_id == entry)
    return set(db.scalars(given)) | final(db, entry)


def final(db: sa.Connection, entry: int) -> set[str]:
    return set(db.scalars(sa.select(VERDICT.c.item).where(VERDICT.c.entry_id == entry)))


def mark(
    db: sa.Connection, entry: int, items: Iterable[str], cause: str, now: datetime, *, reason: str, receipt: str
) -> list[str]:
    """Mark these items; an item that is marked already stays so for its first cause. Those marked by this."""
    newest = db.scalar(sa.select(sa.func.max(REVIEW_EVENT.c.id)).where(REVIEW_EVENT.c.entry_id == entry)) or 0
    why = {"cause": cause, "reason": reason, "receipt": receipt, "after_event": newest, "at": now}
    insert = INSERT[db.dialect.name](RECHECK)
    rows = [insert.values(entry_id=entry, item=item, **why) for item in sorted(items)]
    made = [db.execute(row.on_conflict_do_nothing().returning(RECHECK.c.item)).one_or_none() for row in rows]
    return [row.item for row in made if row is not None]


def clear(db: sa.Connection, event: Row) -> None:
    """The item has been judged anew by this event."""
    mine = (RECHECK.c.entry_id == event.entry_id, RECHECK.c.item == event.item, RECHECK.c.cleared_at.is_(None))
    db.execute(sa.update(RECHECK).where(*mine).values(cleared_at=event.at, cleared_by=event.id))


def outdated(db: sa.Connection, entry: int) -> dict[str, int]:
    """By item the newest event of the review that a mark has put out of date, whether it stands or was cleared."""
    newest = sa.select(RECHECK.c.item, sa.func.max(RECHECK.c.after_event).label("event"))
    mine = newest.where(RECHECK.c.entry_id == entry).group_by(RECHECK.c.item)
    return {row.item: row.event for row in db.execute(mine)}


def open_ones(db: sa.Connection, entry: int) -> dict[str, Row]:
    """The marks that stand, by item."""
    mine = sa.select(RECHECK).where(RECHECK.c.entry_id == entry, RECHECK.c.cleared_at.is_(None))
    return {row.item: row for row in db.execute(mine.order_by(RECHECK.c.id))}


def of_round(db: sa.Connection, round: int) -> list[Row]:
    """Every mark that stands in a round, with its society and whether that is final."""
    joined = RECHECK.join(ENTRY, ENTRY.c.id == RECHECK.c.entry_id).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    chosen = sa.select(RECHECK, ENTRY.c.society_id, ENTRY.c.finalized_at, SOCIETY.c.name).select_from(joined)
    here = (ENTRY.c.round_id == round, RECHECK.c.cleared_at.is_(None))
    return list(db.execute(chosen.where(*here).order_by(SOCIETY.c.name, RECHECK.c.id)))


def tell(
    db: sa.Connection,
    round: Row,
    marked: Mapping[str, Sequence[int]],
    cause: str,
    receipt: str,
    now: datetime,
    *,
    but: int | None = None,
) -> None:
    """Every officer but the one who did it hears which items of which societies are to be looked at again."""
    said = {"round": round, "cause": cause, "societies": len(marked), "items": sum(map(len, marked.values()))}
    reply = phrasebook().reply("recheck_notice", {**said, "lines": list(marked.items())[:5], "receipt": receipt})
    for person in alarming.officers(db) if marked else ():
        if person != but:
            call(db, person, Call(f"recheck:{receipt}:{person}", "notice"), reply, now)
