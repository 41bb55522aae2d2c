"""Motions that wait: listed to officers, taken back by who moved them, declined by another, ended when their time is over."""

import re
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import judging, motions
from handlers.review.motions import SHORTEST
from handlers.review.reopening import DEEDS
from handlers.rights import Actor
from handlers.societies import whose
from storage import queries
from storage.relations import MOTION, PERSON, SOCIETY, Row

NUMBERED = re.compile(r"(?:第|编号|#)?\s*(\d{1,9})号?(?:[\s,，:：、;；]+(.*))?", re.DOTALL)


def waiting(db: sa.Connection, round: int | None = None) -> list[Row]:
    """Every motion that is open, oldest first."""
    chosen = sa.select(MOTION).where(MOTION.c.ended_at.is_(None)).order_by(MOTION.c.id)
    return list(db.execute(chosen if round is None else chosen.where(MOTION.c.round_id == round)))


def listed(office: Office) -> list[Reply]:
    """«待确认»: what waits for a second officer in this round, whoever moved it."""
    found = _current(office)
    lines = [{**motions.spoken_of(office, one), "own": one.person_id == office.actor.person_id} for one in found]
    return office.paged("motions", "motion_line", lines, title=office.round.title)


def _current(office: Office) -> list[Row]:
    """Those that can still come about; what has gone stale ends here."""
    return [one for one in waiting(office.db, office.round.id) if not lapse(office, one)]


def lapse(office: Office, motion: Row) -> bool:
    """End it where its time is over or what it is about has changed; whether that was so."""
    live = sa.select(MOTION).where(MOTION.c.id == motion.id, MOTION.c.ended_at.is_(None))
    if office.db.execute(live.with_for_update()).one_or_none() is None:
        return True
    society = office.db.execute(sa.select(SOCIETY).where(SOCIETY.c.id == motion.society_id)).one()
    why = motions.stale(office, motion, society, DEEDS[motion.act])
    if why is not None:
        motions.end(office, motion, why)
    return why is not None


def take_back(office: Office, said: str = "") -> list[Reply]:
    """«撤回申请», «撤回申请 3», «撤回申请 医学会»: by whoever moved it. Raises Unsure."""
    own = [one for one in _current(office) if one.person_id == office.actor.person_id]
    found, _ = _meant(office, own, said)
    if len(found) != 1:
        return _none_or_which(office, found)
    told = motions.end(office, found[0], "withdrawn", by=office.actor.person_id)
    about = {**motions.spoken_of(office, found[0]), "told": told, "receipt": office.receipt}
    return [phrasebook().reply("motion_withdrawn", about)]


def decline(office: Office, said: str) -> list[Reply]:
    """«不同意 3 原因», «不同意 医学会 原因»: by a different officer. Raises Unsure."""
    others = [one for one in _current(office) if one.person_id != office.actor.person_id]
    found, why = _meant(office, others, said)
    if len(found) != 1:
        return _none_or_which(office, found)
    motion = found[0]
    if office.actor.person_id in judging.recused(office.db, motion.round_id, motion.society_id):
        society = motions.spoken_of(office, motion)["society"]
        return [phrasebook().reply("review_recused", {"society": society})]
    if len(why) < SHORTEST:
        return [phrasebook().reply("motion_how_declined", motions.spoken_of(office, motion))]
    told = motions.end(office, motion, "declined", why=why, by=office.actor.person_id)
    about = {**motions.spoken_of(office, motion), "told": told, "why": why, "receipt": office.receipt}
    return [phrasebook().reply("motion_declined", about)]


def _meant(office: Office, open_ones: Sequence[Row], said: str) -> tuple[list[Row], str]:
    """The motions that are named by number or by society, and the words behind."""
    if not said.strip():
        return list(open_ones), ""
    if numbered := NUMBERED.fullmatch(said.strip()):
        return [one for one in open_ones if one.id == int(numbered[1])], (numbered[2] or "").strip()
    society, rest = whose.one(office, said)
    return [one for one in open_ones if one.society_id == society.id], rest


def _none_or_which(office: Office, found: Sequence[Row]) -> list[Reply]:
    if not found:
        return [phrasebook().reply("motion_none", {})]
    lines = [phrasebook().text("motion_line", {**motions.spoken_of(office, one), "own": False}) for one in found]
    return [phrasebook().reply("motion_which", {"lines": lines, "first": found[0].id})]


def expire(db: sa.Connection, now: datetime) -> list[int]:
    """End every motion that can't come about any more; their ids."""
    return [one.id for one in waiting(db) if lapse(_for_mover(db, one, now), one)]


def _for_mover(db: sa.Connection, motion: Row, now: datetime) -> Office:
    """Nobody acts, and everybody is told: the round as it stands for no one in particular."""
    round = queries.round_of(db, motion.round_id)
    role = db.scalar(sa.select(PERSON.c.role).where(PERSON.c.id == motion.person_id)) or ""
    return Office(db, Actor(0, 0, "", role, None, None), round, now)
