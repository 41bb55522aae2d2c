"""A society passes to a new secretary: she is invited, and once she is in, those before her are put out and told."""

import re
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.phrasebook import phrasebook
from handlers.rights import Actor
from handlers.societies import inviting, people, roster
from handlers.societies.registrar import CHOOSING, Registrar
from storage import queries
from storage.relations import INVITATION, PERSON, Row

OLD_ONES = re.compile(
    r"\s*(?:(?P<out>停用旧的|旧的停用|不留旧的|停用原来的)|(?P<stay>保留旧的|旧的留着|留着旧的|都留着))$"
)
LONGEST_NAME = 20


def hand_over(registrar: Registrar, said: str) -> list[Reply]:
    """«交接 医学会 张三», and with it what becomes of those who come for it now. Raises roster.Unsure."""
    decided = OLD_ONES.search(said)
    front, _, name = said[: decided.start() if decided else None].strip().rpartition(" ")
    society, name = front.strip().removesuffix("给").strip(), name.strip().removeprefix("给")
    if not society or not 0 < len(name) <= LONGEST_NAME:
        return [phrasebook().reply("hand_over_how", {})]
    row = roster.one(registrar.db, society)
    there = secretaries(registrar.db, row.id)
    about = {"society": row.name, "name": name, "people": there}
    if any(one.name == name for one in there):
        return [phrasebook().reply("hand_over_known", about)]
    if there and decided is None:
        reply = phrasebook().reply("hand_over_old_ones", about)
        registrar.wait_for(CHOOSING, options=[one.words for one in reply.choices])
        return [reply]
    replaces = [one.id for one in there] if decided and decided["out"] else []
    return _begun(registrar, row, name, replaces)


def _begun(registrar: Registrar, society: Row, name: str, replaces: list[int]) -> list[Reply]:
    by = registrar.actor.person_id
    made = inviting.invited(registrar.db, registrar.premises, society, name, registrar.now, by=by, replaces=replaces)
    begin(registrar.db, society, name, replaces, registrar.now, by=by)
    return inviting.told(registrar, made, "hand_over_begun" if replaces else "invitation")


def begin(db: sa.Connection, society: Row, name: str, replaces: list[int], now: datetime, *, by: int | None) -> None:
    """On record, and in the roster: who is to take over, and from whom."""
    roster.expect(db, society.name, name)
    queries.note_act(db, now, "handing_over", person=by, society=society.id, to=name, replaces=replaces)


def complete(db: sa.Connection, actor: Actor, now: datetime) -> None:
    """She has come in: those whom her invitation replaces are put out and told, and so is who made it."""
    by_it = sa.select(INVITATION).where(INVITATION.c.contact_id == actor.contact_id, INVITATION.c.replaces.is_not(None))
    invitation = db.execute(by_it).one_or_none()
    if invitation is None:
        return
    before = [id for id in invitation.replaces if id != actor.person_id]
    out = [row for id in before if (row := people.revoke(db, id, now, by=invitation.made_by))]
    about = {"society": actor.society, "name": actor.name, "out": [row.name for row in out]}
    for row in out:
        # As a reply: what is said unasked goes to nobody who is out.
        call(db, row.id, Call(f"handover:{invitation.id}:{row.id}", "reply"), _said("handed_over_from", about), now)
    if invitation.made_by is not None and _there(db, invitation.made_by):
        cause = f"handover:{invitation.id}:office"
        call(db, invitation.made_by, Call(cause, "notice"), _said("handed_over_office", about), now)
    put_out = [row.id for row in out]
    by, whose = invitation.made_by, actor.society_id
    queries.note_act(db, now, "handed_over", person=by, society=whose, to=actor.person_id, put_out=put_out)


def _said(name: str, about: Mapping[str, object]) -> Reply:
    return phrasebook().reply(name, about)


def _there(db: sa.Connection, person: int) -> bool:
    return db.scalar(sa.select(PERSON.c.id).where(PERSON.c.id == person, PERSON.c.revoked_at.is_(None))) is not None
