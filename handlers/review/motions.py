"""What takes two officers: one moves it with a reason, a different one seconds it by the number she is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices.calling import Call, call
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import judging
from handlers.rights import OFFICE
from handlers.societies import people
from storage import queries
from storage.relations import INSERT, MOTION, PERSON, SOCIETY, Row

SHORTEST = 2  # characters of a reason
LASTS = timedelta(days=7)
RECUSED = "review_recused"


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
    standing = open_one(office, act, society)
    try:
        number = deed.number(office, society)
    except Impossible as impossible:
        if standing is not None and impossible.why != RECUSED:
            end(office, standing, "overtaken")
        return [phrasebook().reply(impossible.why, {"society": society.name, **impossible.about})]
    why = stale(office, standing, society, deed) if standing is not None else None
    if standing is not None and why is None:
        return [_shown(office, standing)]
    ended = [_ended(office, standing, str(why))] if standing is not None else []
    if len(reason) < SHORTEST:
        return [*ended, phrasebook().reply(deed.how, {"society": society.name})]
    values = {"act": act, "round_id": office.round.id, "society_id": society.id, "reason": reason, "about": about}
    whose = {"person_id": office.actor.person_id, "at": office.now, "number": number}
    insert = INSERT[office.db.dialect.name](MOTION).values(**values, **whose)
    motion = office.db.execute(insert.returning(MOTION)).one()
    judging.on_record(office, "moved", society.id, motion=motion.id, what=act, reason=reason, receipt=office.receipt)
    told = tell_others(office, motion, "motion_notice", but=office.actor.person_id)
    said = {**spoken_of(office, motion), "receipt": office.receipt, "told": told}
    return [*ended, phrasebook().reply("moved", said)]


def _ended(office: Office, motion: Row, why: str) -> Reply:
    """It can't come about any more: it ends, and she who would second it is told why."""
    end(office, motion, why)
    return phrasebook().reply("motion_stale", {**spoken_of(office, motion), "why": why})


def stale(office: Office, motion: Row, society: Row, deed: Deed) -> str | None:
    """Why it can't come about any more: its time is over, or what it is about has changed; None where it can."""
    if office.now >= motion.at + LASTS:
        return "expired"
    if people.left_office(office.db, motion.person_id):
        return "overtaken"
    try:
        same = deed.number(office, society) == motion.number
    except Impossible as impossible:
        return None if impossible.why == RECUSED else "overtaken"
    until = motion.about.get("until")
    past = until is not None and office.now >= datetime.fromisoformat(until)
    return None if same and not past else "overtaken"


def spoken_of(office: Office, motion: Row) -> dict[str, Any]:
    """What every message about a motion speaks of."""
    society = office.db.execute(sa.select(SOCIETY).where(SOCIETY.c.id == motion.society_id)).one()
    by = office.db.scalar(sa.select(PERSON.c.name).where(PERSON.c.id == motion.person_id))
    left = people.left_office(office.db, motion.person_id)
    said = motion.about.get("until")
    until = datetime.fromisoformat(said) if said else None
    what = phrasebook().text("motion_act", {"motion": motion, "to": until, "zone": office.round.timezone})
    about = {"motion": motion, "society": society.name, "what": what, "by": by, "until": motion.at + LASTS}
    return {**about, "left": left, "zone": office.round.timezone}


def tell_others(office: Office, motion: Row, name: str, *, but: int | None = None, **more: Any) -> int:
    """Every officer but the one who acts hears of it; how many can be reached."""
    reply = phrasebook().reply(name, {**spoken_of(office, motion), **more, "actor": office.actor.name})
    others = [one for one in people.of_society(office.db, None) if one.role in OFFICE]
    told = [one.id for one in others if one.id != but]
    causes = [(id, f"{name}:{motion.id}:{id}") for id in told]
    states = [call(office.db, id, Call(cause, "notice"), reply, office.now) for id, cause in causes]
    return sum(state != "unreachable" for state in states)


def _shown(office: Office, motion: Row) -> Reply:
    about = spoken_of(office, motion)
    if motion.person_id == office.actor.person_id:
        return phrasebook().reply("motion_own", about)
    office.wait_for("second", motion=motion.id, number=f"{motion.number:f}")
    return phrasebook().reply("motion_sure", about)


def second(office: Office, waiting: dict[str, Any], counted: Decimal, deeds: Mapping[str, Deed]) -> list[Reply]:
    """The number typed by a different officer: it is done, and both are on record."""
    chosen = sa.select(MOTION).where(MOTION.c.id == waiting["motion"], MOTION.c.ended_at.is_(None))
    motion = office.db.execute(chosen.with_for_update()).one_or_none()
    if motion is None or motion.person_id == office.actor.person_id:
        return [phrasebook().reply("motion_gone", {})]
    society = office.db.execute(sa.select(SOCIETY).where(SOCIETY.c.id == motion.society_id)).one()
    deed = deeds[motion.act]
    if why := stale(office, motion, society, deed):
        return [_ended(office, motion, why)]
    if counted != motion.number:
        return [phrasebook().reply("motion_number", {"number": counted})]
    try:
        deed.number(office, society)  # whoever is recused seconds nothing
        receipt = deed.do(office, motion, society)
    except Impossible as impossible:
        return [phrasebook().reply(impossible.why, {"society": society.name, **impossible.about})]
    done = {"ended_at": office.now, "seconded_by": office.actor.person_id}
    office.db.execute(sa.update(MOTION).where(MOTION.c.id == motion.id).values(**done))
    reply = phrasebook().reply("seconded", {**spoken_of(office, motion), "receipt": receipt})
    tell_others(office, motion, "seconded", but=office.actor.person_id, receipt=receipt)
    return [reply]


def end(office: Office, motion: Row, outcome: str, *, why: str = "", by: int | None = None) -> int:
    """It does not come about; everybody who was asked and who asked hears of it. How many can be reached."""
    values = {"ended_at": office.now, "outcome": outcome, "why": why or None, "ended_by": by}
    office.db.execute(sa.update(MOTION).where(MOTION.c.id == motion.id).values(**values))
    about = {"motion": motion.id, "what": motion.act, "outcome": outcome, "reason": why, "receipt": office.receipt}
    at = {"person": by, "channel": office.channel, "round": motion.round_id, "society": motion.society_id}
    queries.note_act(office.db, office.now, "motion_ended", **at, **about)
    return tell_others(office, motion, "motion_ended", but=by, outcome=outcome, why=why)
