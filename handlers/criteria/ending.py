"""A round ended before its time by an officer who types the number, and begun again by two of them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers import rounds
from handlers.messages import Reply
from handlers.notices.calling import Call, call
from handlers.office import USUAL_CLOSING, Office
from handlers.phrasebook import phrasebook
from handlers.review.motions import LASTS
from handlers.rights import OFFICE
from handlers.societies import people
from handlers.understanding import moments
from storage import overviews, queries, seats
from storage.relations import ACT, PERSON, Row

END, AGAIN = "round_end", "round_again"
MOVED, REOPENED = "round_reopen_moved", "round_reopened"
NAMED = 6
SHORTEST = 2  # characters of a reason


def _left(office: Office) -> list[str]:
    """Who has not handed in."""
    rows = overviews.everybody(office.db, office.round.id, voluntary=office.round.voluntary)
    return [row.name for row in rows if row.status not in overviews.HANDED_IN]


def end(office: Office) -> list[Reply]:
    """«结束本轮»: what it would cut off, to be confirmed by how many have not handed in."""
    if office.round.closed_at is not None:
        return [phrasebook().reply("round_ended_before", {"round": office.round})]
    left = _left(office)
    office.wait_for(END, round=office.round.id, left=left)
    about = {"round": office.round, "count": len(left), "names": left[:NAMED]}
    return [phrasebook().reply("round_end_sure", about)]


def confirm_end(office: Office, waiting: dict[str, Any], typed: int) -> list[Reply]:
    office.done()
    seats.hold_entries(office.db, office.round.id)  # who is handing in now is waited for
    left = _left(office)
    count = len(left)
    if typed != count or waiting["round"] != office.round.id or left != waiting.get("left"):
        return [phrasebook().reply("not_the_number", {"number": typed, "now": count})]
    if not rounds.latch(office.db, office.round.id, office.now, person=office.actor.person_id):
        return [phrasebook().reply("round_ended_before", {"round": office.round})]
    return [phrasebook().reply("round_ended", {"round": office.round, "count": count, "receipt": office.receipt})]


def again(office: Office, said: str = "") -> list[Reply]:
    """«重开本轮 到1月25日17:30 原因»: moved by one officer, seconded by the number that another is shown."""
    office = office.held()
    if office.round.closed_at is None:
        return [phrasebook().reply("round_still_open", {"round": office.round})]
    standing = standing_of(office)
    if standing is not None:
        return _second(office, standing)
    if not said and (fallen := _moved(office)) is not None:
        return [_left_by(office, fallen)]
    until = moments.moment(said, office.now, office.round.timezone, usual=USUAL_CLOSING) if said else None
    reason = moments.rest(said)
    if until is None or until <= office.now or len(reason) < SHORTEST:
        return [phrasebook().reply("round_again_how", {"round": office.round})]
    about: dict[str, Any] = {"until": until.isoformat(), "reason": reason, "receipt": office.receipt}
    queries.note_act(office.db, office.now, MOVED, person=office.actor.person_id, round=office.round.id, **about)
    told = _tell_others(office, until, reason)
    said_of = {"round": office.round, "until": until, "reason": reason, "told": told, "receipt": office.receipt}
    return [phrasebook().reply("round_again_moved", said_of)]


def standing_of(office: Office) -> Row | None:
    """What an officer has moved and nobody has seconded, while it still lies ahead and she is one."""
    moved = _moved(office)
    return None if moved is None or people.left_office(office.db, moved.person_id) else moved


def _left_by(office: Office, moved: Row) -> Reply:
    return phrasebook().reply("round_again_left", {"round": office.round, "by": moved.name})


def _moved(office: Office) -> Row | None:
    """What was moved last and not seconded, while it still lies ahead, whoever moved it."""
    acts = sa.select(ACT, PERSON.c.name).join(PERSON, PERSON.c.id == ACT.c.person_id)
    begun = sa.select(sa.func.max(ACT.c.id)).where(ACT.c.round_id == office.round.id, ACT.c.act == REOPENED)
    since = ACT.c.id > sa.func.coalesce(begun.scalar_subquery(), 0)
    here = (ACT.c.round_id == office.round.id, ACT.c.act == MOVED, since, ACT.c.at > office.now - LASTS)
    row = office.db.execute(acts.where(*here).order_by(ACT.c.id.desc()).limit(1)).one_or_none()
    return row if row is not None and datetime.fromisoformat(row.details["until"]) > office.now else None


def _tell_others(office: Office, until: datetime, reason: str) -> int:
    """The other officers hear of it; how many can be reached."""
    about = {"round": office.round, "until": until, "reason": reason, "by": office.actor.name}
    reply = phrasebook().reply("round_again_notice", about)
    others = [one for one in people.of_society(office.db, None) if one.role in OFFICE]
    cause = f"reopen:{office.round.id}:{office.now.isoformat()}"
    states = [
        call(office.db, one.id, Call(f"{cause}:{one.id}", "notice"), reply, office.now)
        for one in others
        if one.id != office.actor.person_id
    ]
    return sum(state != "unreachable" for state in states)


def _second(office: Office, standing: Row) -> list[Reply]:
    about = {"round": office.round, "by": standing.name, "at": standing.at, "details": standing.details}
    about |= {"until": datetime.fromisoformat(standing.details["until"]), "count": len(_left(office))}
    if standing.person_id == office.actor.person_id:
        return [phrasebook().reply("round_again_own", about)]
    office.wait_for(AGAIN, round=office.round.id, moved=standing.id)
    return [phrasebook().reply("round_again_sure", about)]


def confirm_again(office: Office, waiting: dict[str, Any], typed: int) -> list[Reply]:
    """The number typed by a different officer: the round is open until then, and both are on record."""
    office.done()
    office = office.held()
    row = office.round
    standing = _moved(office) if row.closed_at is not None else None
    if standing is not None and people.left_office(office.db, standing.person_id):
        return [_left_by(office, standing)]
    if standing is None or standing.id != waiting["moved"] or standing.person_id == office.actor.person_id:
        return [phrasebook().reply("motion_gone", {})]
    count = len(_left(office))
    if typed != count:
        return [phrasebook().reply("not_the_number", {"number": typed, "now": count})]
    until = datetime.fromisoformat(standing.details["until"])
    rounds.reopen(office.db, row.id, until, office.now, by=office.actor.person_id, moved_by=standing.person_id)
    about = {"round": row, "until": until, "receipt": office.receipt}
    reply = phrasebook().reply("round_reopened_told", about)
    call(office.db, standing.person_id, Call(f"reopened:{standing.id}", "notice"), Reply(reply.text), office.now)
    return [reply]
