"""What takes two officers: one moves it with a reason, a different one seconds it by the number she is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers import judging, people
from handlers.calling import Call, call
from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.rights import OFFICE
from storage.queries import INSERT, MOTION, SOCIETY, Row

SHORTEST = 2  # characters of a reason


class Impossible(Exception):
    """It can't be done; `why` is the message that says so."""

    def __init__(self, why: str, **about: Any) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


@dataclass(frozen=True)
class Deed:
    """What a motion leads to: `number` is what is shown to the second officer; both raise Impossible."""

    number: Callable[[Office, Row], Decimal]
    do: Callable[[Office, Row, Row], str]  # the receipt
    how: str  # the message that says how it is moved


def open_one(office: Office, act: str, society: Row) -> Row | None:
    live = (MOTION.c.act == act, MOTION.c.round_id == office.round.id, MOTION.c.society_id == society.id)
    chosen = sa.select(MOTION).where(*live, MOTION.c.ended_at.is_(None))
    return office.db.execute(chosen.with_for_update()).one_or_none()


def move(office: Office, act: str, deed: Deed, society: Row, reason: str, **about: Any) -> list[Reply]:
    """Move it, or second what another officer has moved."""
    try:
        number = deed.number(office, society)
        standing = open_one(office, act, society)
        if standing is not None:
            return [_shown(office, standing, society)]
    except Impossible as impossible:
        return [phrasebook().reply(impossible.why, {"society": society.name, **impossible.about})]
    if len(reason) < SHORTEST:
        return [phrasebook().reply(deed.how, {"society": society.name})]
    values = {"act": act, "round_id": office.round.id, "society_id": society.id, "reason": reason, "about": about}
    whose = {"person_id": office.actor.person_id, "at": office.now, "number": number}
    insert = INSERT[office.db.dialect.name](MOTION).values(**values, **whose)
    motion = office.db.execute(insert.returning(MOTION)).one()
    judging.on_record(office, "moved", society.id, motion=motion.id, what=act, reason=reason, receipt=office.receipt)
    told = _tell_others(office, motion, society)
    said = {**_about(office, motion, society), "receipt": office.receipt, "told": told}
    return [phrasebook().reply("moved", said)]


def _about(office: Office, motion: Row, society: Row) -> dict[str, Any]:
    what = phrasebook().text("motion_act", {"motion": motion})
    return {"motion": motion, "society": society.name, "what": what, "zone": office.round.timezone}


def _tell_others(office: Office, motion: Row, society: Row) -> int:
    """The other officers hear of it; how many can be reached."""
    about = {**_about(office, motion, society), "by": office.actor.name}
    reply = phrasebook().reply("motion_notice", about)
    others = [one for one in people.of_society(office.db, None) if one.role in OFFICE and one.id != motion.person_id]
    states = [
        call(office.db, one.id, Call(f"motion:{motion.id}:{one.id}", "notice"), reply, office.now) for one in others
    ]
    return sum(state != "unreachable" for state in states)


def _shown(office: Office, motion: Row, society: Row) -> Reply:
    by = next((row.name for row in people.of_society(office.db, None, out=True) if row.id == motion.person_id), "")
    about = {**_about(office, motion, society), "by": by}
    if motion.person_id == office.actor.person_id:
        return phrasebook().reply("motion_own", about)
    office.wait_for("second", motion=motion.id, number=f"{motion.number:f}")
    return phrasebook().reply("motion_sure", about)


def second(office: Office, waiting: dict[str, Any], counted: Decimal, deeds: dict[str, Deed]) -> list[Reply]:
    """The number typed by a different officer: it is done, and both are on record."""
    chosen = sa.select(MOTION).where(MOTION.c.id == waiting["motion"], MOTION.c.ended_at.is_(None))
    motion = office.db.execute(chosen.with_for_update()).one_or_none()
    if motion is None or motion.person_id == office.actor.person_id:
        return [phrasebook().reply("motion_gone", {})]
    society = office.db.execute(sa.select(SOCIETY).where(SOCIETY.c.id == motion.society_id)).one()
    deed = deeds[motion.act]
    ended = sa.update(MOTION).where(MOTION.c.id == motion.id).values(ended_at=office.now)
    try:
        now = deed.number(office, society)
        if counted != motion.number or now != motion.number:
            return [phrasebook().reply("motion_number", {"number": counted})]
        receipt = deed.do(office, motion, society)
    except Impossible as impossible:
        office.db.execute(ended)
        return [phrasebook().reply(impossible.why, {"society": society.name, **impossible.about})]
    office.db.execute(ended.values(seconded_by=office.actor.person_id))
    reply = phrasebook().reply("seconded", {**_about(office, motion, society), "receipt": receipt})
    call(office.db, motion.person_id, Call(f"seconded:{motion.id}", "notice"), Reply(reply.text), office.now)
    return [reply]
