"""What a person has said and heard lately, whatever the channel, for a page that opens anew."""

from typing import Any

import sqlalchemy as sa

from handlers.rights import Actor
from handlers.turn import posted
from storage import queries, relations
from storage.relations import CONVERSATION, ENTRY, INBOUND, OUTBOX, ROUND

TURNS = 60


def history(db: sa.Connection, actor: Actor, address: str) -> dict[str, Any]:
    """The last turns, oldest first; `last` is the newest reply that this very address was given."""
    chosen = sa.select(INBOUND).where(INBOUND.c.person_id == actor.person_id).order_by(INBOUND.c.id.desc()).limit(TURNS)
    rows = list(db.execute(chosen))[::-1]
    causes = [f"inbound:{row.id}" for row in rows]
    replies: dict[str, list[Any]] = {cause: [] for cause in causes}
    said = sa.or_(OUTBOX.c.cause.in_(causes), OUTBOX.c.fronted.in_([row.id for row in rows]))
    for reply in db.execute(sa.select(OUTBOX).where(said).order_by(OUTBOX.c.id)):
        # What was put in front of an answer was said there.
        replies[f"inbound:{reply.fronted}" if reply.fronted else reply.cause].append(posted(reply))
    turns = [(row.received_at, _turn(row, replies[f"inbound:{row.id}"], address)) for row in rows]
    unasked = [(row.created_at, _unasked(row)) for row in _said_unasked(db, address)]
    if rows:
        unasked = [one for one in unasked if one[0] >= rows[0].received_at]
    last = db.scalar(sa.select(sa.func.max(OUTBOX.c.id)).where(OUTBOX.c.channel == "web", OUTBOX.c.address == address))
    return {
        "person": actor.name,
        "society": actor.society,
        "title": title(db, actor.person_id),
        "turns": [turn for _, turn in sorted(turns + unasked, key=lambda one: one[0])],
        "last": last or 0,
    }


def title(db: sa.Connection, person: int) -> str:
    """Of the round that this person is at; once it is closed, of the newest that is open; "" where there is none."""
    at = sa.func.coalesce(ENTRY.c.round_id, CONVERSATION.c.round_id)
    seats = CONVERSATION.outerjoin(ENTRY, ENTRY.c.id == CONVERSATION.c.entry_id).join(ROUND, ROUND.c.id == at)
    hers = db.execute(sa.select(ROUND).select_from(seats).where(CONVERSATION.c.person_id == person)).one_or_none()
    if hers and hers.closed_at is None:
        return str(hers.title)
    shown = queries.newest_open_round(db) or hers or queries.newest_round(db)
    return str(shown.title) if shown else ""


def _said_unasked(db: sa.Connection, address: str) -> list[relations.Row]:
    """Notices, reminders and announcements that stand on this page, without what an answer has brought along."""
    here = (OUTBOX.c.channel == "web", OUTBOX.c.address == address, OUTBOX.c.kind != "reply")
    chosen = sa.select(OUTBOX).where(*here, OUTBOX.c.state == "sent", OUTBOX.c.fronted.is_(None))
    return list(db.execute(chosen.order_by(OUTBOX.c.id.desc()).limit(TURNS)))[::-1]


def _unasked(row: relations.Row) -> dict[str, Any]:
    at = row.created_at.isoformat()
    return {"id": f"out{row.id}", "text": "", "files": [], "at": at, "replies": [posted(row)]}


def _turn(row: relations.Row, replies: list[Any], address: str) -> dict[str, Any]:
    own = f"{address}:"
    login = row.key.startswith("login:")
    return {
        "id": row.key.removeprefix(own) if row.key.startswith(own) else f"in{row.id}",
        "text": "" if login else row.text,
        "files": [one["name"] for one in row.files],
        "at": row.received_at.isoformat(),
        "replies": replies,
    }
