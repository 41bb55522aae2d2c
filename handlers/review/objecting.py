"""申诉: a society objects to the score of an item, within the window that its release opened."""

import re
from typing import Any

import sqlalchemy as sa

from handlers.answers.submitting import note
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.notices.alarming import officers
from handlers.notices.calling import Call, call
from handlers.phrasebook import phrasebook
from handlers.review import judging, outcome
from handlers.understanding import places
from handlers.understanding.lexicon import lexicon
from storage.relations import OBJECTION, REVIEW_EVENT

NAMED = re.compile(r"(?:会话)?第|序号")
SHORTEST = 2  # characters of a reason


def take(desk: Desk, words: str) -> list[Reply]:
    """What an objection is answered; nothing where the words are none."""
    if desk.message.files or desk.message.edits:
        return []
    named = lexicon().society_command(words)
    asks = lexicon().asks_to_object(words)
    if named is not None and named[0] != "object":
        return _disputed(desk, named[1])
    if desk.entry.released_at is None:
        about = asks or (named is not None and (not named[1] or _place(desk, named[1])))
        return [phrasebook().reply("object_not_yet", {"locked": desk.scene.mode == "submitted"})] if about else []
    if named is not None and (not asks or _place(desk, named[1])):
        return [_taken(desk, named[1])]
    return [_ways(desk)] if asks else []


def _disputed(desk: Desk, said: str) -> list[Reply]:
    """«我对第5项有意见» once scores are out: no objection yet, for it is made once an item; how it is made, a tap away."""
    if desk.entry.released_at is None:
        return []
    named = NAMED.search(said)
    found = _place(desk, said[named.start() :]) if named else None
    if found is None or not outcome.may_object(desk):
        return [_ways(desk)]
    item = desk.season.rubric.item(found.place.items[0])
    return [phrasebook().reply("object_meant", {"item": item, "reason": said})]


def _ways(desk: Desk) -> Reply:
    """What can be done about a score that is out, and until when."""
    about = {"open": outcome.may_object(desk), "until": desk.entry.objections_until, "zone": desk.season.timezone}
    return phrasebook().reply("object_ways", about)


def _place(desk: Desk, said: str) -> places.Addressed | None:
    found = places.address(said, desk.season.rubric)
    return found if found and found.place.items else None


def _taken(desk: Desk, said: str) -> Reply:
    found = _place(desk, said)
    if not outcome.may_object(desk):
        until = {"until": desk.entry.objections_until, "zone": desk.season.timezone}
        return phrasebook().reply("object_too_late", until)
    if found is None or len(found.rest.strip()) < SHORTEST:
        return phrasebook().reply("object_how", {})
    item = desk.season.rubric.item(found.place.items[0])
    verdict = judging.verdicts(desk.db, desk.entry.id)[item.id]
    before = outcome.objections(desk.db, desk.entry.id).get(item.id)
    if before is not None and (before.answered_at is None or before.at >= desk.entry.released_at):
        return phrasebook().reply("object_before", {"item": item, "row": before})
    reason = found.rest.strip()
    row: dict[str, Any] = {"entry_id": desk.entry.id, "item": item.id, "reason": reason, "old_score": verdict.score}
    row |= {"old_finding": verdict.finding}
    trace = {"at": desk.now, "person_id": desk.actor.person_id, "inbound_id": desk.inbound_id, "receipt": desk.receipt}
    made = sa.insert(OBJECTION).values(**row, **trace, ordinal=0).returning(OBJECTION.c.id)
    id = desk.db.execute(made).scalar_one()
    note(desk, "objected", number=id, item=item.id, position=item.position, reason=reason)
    desk.noted = True
    _tell(desk, id, item, verdict.event_id, reason)
    about = {"item": item, "given": judging.worded(verdict), "reason": reason, "receipt": desk.receipt, "number": id}
    return phrasebook().reply("objected", about)


def _tell(desk: Desk, id: int, item: Any, event: int, reason: str) -> None:
    """Whoever made the score final hears of it; where she may see it no more, or is gone, every officer who may."""
    made = desk.db.scalar(sa.select(REVIEW_EVENT.c.person_id).where(REVIEW_EVENT.c.id == event))
    known = [
        one for one in officers(desk.db) if one not in judging.recused(desk.db, desk.season.id, desk.entry.society_id)
    ]
    about = {"society": desk.actor.society, "item": item, "reason": reason, "number": id}
    reply = phrasebook().reply("objection_notice", about)
    for one in [made] if made in known else known:
        call(desk.db, one, Call(f"objection:{id}:{one}", "notice"), reply, desk.now)
