"""«待确认»: what waits for a second officer, in this round and in the others, the reopening of a round included."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from handlers.criteria import ending
from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import unmoved
from storage.relations import ROUND, Row

MOST_ROUNDS = 9


def listed(office: Office) -> list[Reply]:
    """The motions of this round; before them rounds to be begun again, behind them where else something waits."""
    again = _begun_again(office)
    here = unmoved.waiting(office.db, office.round.id)
    elsewhere = _elsewhere(office)
    told = [phrasebook().reply("round_again_waits", one) for one in again]
    if here or not (again or elsewhere):
        told += unmoved.listed(office)
    return told + [phrasebook().reply("motions_elsewhere", {"rounds": elsewhere}) for _ in elsewhere[:1]]


def _begun_again(office: Office) -> list[dict[str, object]]:
    closed = sa.select(ROUND).where(ROUND.c.closed_at.is_not(None)).order_by(ROUND.c.id.desc()).limit(MOST_ROUNDS)
    found: list[dict[str, object]] = []
    for row in office.db.execute(closed).all():
        moved = ending.standing_of(replace(office, round=row))
        if moved is not None:
            until = datetime.fromisoformat(moved.details["until"])
            own = moved.person_id == office.actor.person_id
            found.append(
                {"round": row, "by": moved.name, "until": until, "reason": moved.details["reason"], "own": own}
            )
    return found


def _elsewhere(office: Office) -> list[Row]:
    """The other rounds in which a motion waits."""
    others = {one.round_id for one in unmoved.waiting(office.db)} - {office.round.id}
    return list(office.db.execute(sa.select(ROUND).where(ROUND.c.id.in_(others)).order_by(ROUND.c.id.desc())))
