"""What the association's staff may ask in chat."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers import people
from handlers.intents import Plain, Tell
from handlers.lexicon import lexicon
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.rights import Actor, authorize
from handlers.rounds import season
from storage import queries
from storage.queries import ENTRY, ROUND, SOCIETY


def hear(db: sa.Connection, actor: Actor, words: str, now: datetime) -> list[Reply]:
    """A member of staff's turn: the state of the round, or what can be asked for."""
    meant = lexicon().command(words)
    named = lexicon().staff_command(words)
    if named:
        return _about_people(db, actor, *named, now)
    if meant in (Tell("account"), Plain("leave")):
        channels = "、".join(people.channels(db, actor.person_id))
        return [phrasebook().reply("account_staff", {"name": actor.name, "channels": channels})]
    if meant == Plain("logout"):
        queries.end_contact(db, actor.contact_id, now)
        return [phrasebook().reply("logged_out", {"society": actor.name})]
    if meant in (Tell("progress"), Plain("staff_progress"), Tell("missing")):
        return progress(db, now)
    return [phrasebook().reply("staff_help", {})]


def _about_people(db: sa.Connection, actor: Actor, wish: str, whom: str, now: datetime) -> list[Reply]:
    if not authorize(actor, Plain(wish)):
        return [phrasebook().reply("not_allowed_staff", {})]
    if wish == "people":
        return people.listed(db, whom)
    return people.put_out(db, actor, int(whom[:9]), now) if wish == "revoke_now" else people.doubted(db, whom)


def welcome(db: sa.Connection, actor: Actor) -> list[Reply]:
    rounds = db.scalar(sa.select(sa.func.count()).select_from(ROUND).where(ROUND.c.closed_at.is_(None)))
    return [phrasebook().reply("welcome_staff", {"name": actor.name, "rounds": rounds})]


def progress(db: sa.Connection, now: datetime) -> list[Reply]:
    row = queries.newest_open_round(db) or queries.newest_round(db)
    if row is None:
        return [phrasebook().reply("staff_help", {})]
    current = season(db, row, now)
    return [
        phrasebook().reply(
            "staff_progress",
            {
                **counts(db, current.id),
                "title": current.title,
                "closes": current.closes_at,
                "zone": current.timezone,
                "left": current.closes_at - now,
                "late": current.late,
            },
        )
    ]


def counts(db: sa.Connection, round: int) -> dict[str, Any]:
    """Societies by state; one that has no entry yet has not started."""
    by_state: dict[str, int] = dict(
        db.execute(sa.select(ENTRY.c.status, sa.func.count()).where(ENTRY.c.round_id == round).group_by(ENTRY.c.status))
        .tuples()
        .all()
    )
    total = db.scalar(sa.select(sa.func.count()).select_from(SOCIETY)) or 0
    submitted, started = by_state.get("submitted", 0), by_state.get("in_progress", 0) + by_state.get("returned", 0)
    return {"submitted": submitted, "started": started, "waiting": total - submitted - started, "total": total}
