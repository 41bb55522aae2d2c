"""代填: an officer fills an item in for a society that is stuck: under her own name, labelled, and the society is told."""

from typing import Any

from handlers import desk
from handlers.answers import acknowledging, composing, filing, interview, supplementing
from handlers.answers.scene import Judged
from handlers.desk import Desk
from handlers.messages import Message, Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import judging, returned
from handlers.societies import whose
from handlers.understanding.intents import Asking, Excuse, Intent, Place, Score, Words
from handlers.understanding.understand import understand
from storage import queries, seats
from storage.relations import Row


def fill_in(office: Office, said: str) -> list[Reply]:
    """«代填 医学会 第5项 8分 理由»"""
    society, rest = whose.one(office, said)
    if barred := judging.barred(office, society):
        return barred
    hers = _sit(office, society)
    if hers.scene.mode != "open":
        why = "late" if hers.scene.mode == "late" else "submitted"
        return [phrasebook().reply("behalf_closed", {"society": society.name, "why": why})]
    return _filled(office, hers, society, rest)


def _sit(office: Office, society: Row) -> Desk:
    """The society's entry with the officer before it; everything she changes is hers by name."""
    entry = seats.entry_of(office.db, office.round.id, society.id)
    place = seats.place_at(office.db, office.actor.person_id, entry)
    if place.entry.status == "returned" and returned.lapse(office.db, place.entry, office.now):
        place = seats.place_at(office.db, office.actor.person_id, entry)
    message, inbound = Message(office.channel, "", ""), office.inbound or 0
    return desk.sit(office.db, office.actor, place, office.now, society.kind, message, inbound, office.receipt)


def _filled(office: Office, hers: Desk, society: Row, said: str) -> list[Reply]:
    intents = understand(said, Asking(year=hers.season.year), hers.season.rubric)
    aimed = [one for one in intents if isinstance(one, Score | Words | Excuse)]
    if doubtful := next((one.at for one in aimed if one.at and len(one.at.items) > 1), None):
        return [_which(office, hers, society, doubtful, said)]
    if not aimed or len(aimed) < len(intents) or any(not _certain(one) for one in aimed):
        return [phrasebook().reply("behalf_how", {"society": society.name})]
    refused: list[Reply] = []
    for intent in aimed:
        step = interview.step(hers.scene, intent)
        refused += composing.after(hers, step) if not step.changes else []
        hers.scene, hers.changes = step.scene, [*hers.changes, *step.changes]
    if not hers.changes:
        return refused or [phrasebook().reply("behalf_how", {"society": society.name})]
    recorded = "\n".join(acknowledging.recorded(hers, supplementing.keep_handed_in(hers)))
    filing.put_away(hers)
    told = _tell(office, hers, society)
    return [phrasebook().reply("behalf_done", {"society": society.name, "recorded": recorded, "told": told})]


def _which(office: Office, hers: Desk, society: Row, place: Place, said: str) -> Reply:
    """«第5项» is the fifth, or the one with 5 printed beside it."""
    items = [hers.season.rubric.item(id) for id in place.items]
    rest = said.replace(place.said, " ", 1).strip(" ,，")
    spoken = [phrasebook().text("say_behalf_of", {"name": society.name, "item": item, "rest": rest}) for item in items]
    office.wait_for("choose", ways=spoken)
    return phrasebook().reply("behalf_which", {"said": place.said, "items": items})


def _certain(intent: Intent) -> bool:
    at = getattr(intent, "at", None)
    return at is not None and len(at.items) == 1


def _tell(office: Office, hers: Desk, society: Row) -> int:
    """On record, and to everybody who answers for the society: by whom, what, old → new."""
    lines: list[dict[str, Any]] = []
    for change in hers.changes:
        item = hers.season.rubric.item(change.item)
        old, new = (acknowledging.valued_of(scene.of(item.id).answer) for scene in (hers.before, hers.scene))
        lines.append({"item": item, "old": old, "new": new, "judged": isinstance(change, Judged)})
    details = [[one["item"].id, one["old"], one["new"]] for one in lines]
    at = {"person": office.actor.person_id, "channel": office.channel, "round": office.round.id, "society": society.id}
    queries.note_act(office.db, office.now, "filled_in", **at, items=details, receipt=office.receipt)
    about = {"by": office.actor.name, "title": office.round.title, "lines": lines, "receipt": office.receipt}
    reply = phrasebook().reply("behalf_notice", about)
    people = secretaries(office.db, society.id)
    cause = f"filled_in:{office.receipt}"
    states = [call(office.db, one.id, Call(f"{cause}:{one.id}", "notice"), reply, office.now) for one in people]
    return sum(state != "unreachable" for state in states)
