"""Wishes that need no more than their name: begin, pause, undo, submit, greet, log out, come in on another device."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers.answers import (
    answering,
    composing,
    confirming,
    lasthours,
    proposing,
    submitting,
    supplementing,
    telling,
    walking,
)
from handlers.answers.scene import Change, Judged, Learned, Withdrawn
from handlers.desk import Desk, look_at_evidence
from handlers.looking import consenting, requesting
from handlers.messages import Choice, Reply
from handlers.notices import announcing
from handlers.notices.quiet import MORNING
from handlers.phrasebook import phrasebook
from handlers.projects import keynoted
from handlers.societies import joining
from handlers.standards import qualifying
from storage import queries, seats
from storage.relations import PERSON, Row

OWN_CODE_LASTS = timedelta(minutes=30)

# The replies, how the open question is asked again (full, short or not at all), and the ways offered to answer the
# bot's own question.
Granted = tuple[list[Reply], str | None] | tuple[list[Reply], str | None, tuple[Choice, ...]]


def begin(desk: Desk) -> Granted:
    step = qualifying.ask(desk.scene) if qualifying.due(desk.scene) else walking.begin(desk.scene)
    return composing.after(desk, step), step.ask


def pause(desk: Desk) -> Granted:
    desk.scene = desk.scene.at(None)
    return [phrasebook().reply("pause", telling.common(desk))], None


def take_back(desk: Desk) -> Granted:
    if desk.before.asking.options or desk.before.asking.reason_for:
        return unneeded(desk)  # what she takes back is what was just asked about: nothing is stored of it
    asked = {one.id for one in desk.season.rubric.asked()}
    rows = [row for row in queries.last_changes(desk.db, desk.entry.id, desk.actor.person_id) if row.item in asked]
    noted = keynoted.last(desk)
    if noted and noted[-1].inbound_id > (rows[-1].inbound_id if rows else 0):
        return keynoted.take_back(desk), "short"
    look_at_evidence(desk, {row.item for row in rows})
    step = answering.undo(desk.scene, inverse(desk, rows))
    desk.undone = bool(step.changes)
    return composing.after(desk, step), step.ask


def inverse(desk: Desk, rows: list[Row]) -> tuple[Change, ...]:
    """What takes the last message's changes back; only what nobody has changed since."""
    if not rows:
        return ()
    ids = queries.evidence_of_message(desk.db, rows[0].inbound_id)
    live = {piece.id for pieces in desk.scene.pieces.values() for piece in pieces}
    made: list[Change] = []
    newest = {row.item: row.version for row in rows}
    for row in reversed(rows):
        if row.late or desk.scene.of(row.item).version != newest[row.item]:
            continue
        if row.kind == "score":
            old = row.old or {"state": "unanswered", "score": None, "reason": None}
            score = None if old["score"] is None else Decimal(old["score"])
            made.append(Judged(row.item, old["state"], score, old["reason"], old.get("met")))
        elif row.kind == "fact":
            made.append(Learned(row.item, row.old["fact"], row.old["value"]))
        elif row.kind == "evidence" and ids.get(row.ordinal) in live:
            made.append(Withdrawn(row.item, ids[row.ordinal]))
        elif row.kind == "withdrawal":
            counted = {"back": not row.new["back"], "of_late": row.new["of_late"]}
            made.append(Withdrawn(row.item, row.old["evidence"], **counted))
    return tuple(made)


def submit(desk: Desk) -> Granted:
    """In the last hours the second word may be the same as the first: it is one of the ways offered."""
    replies = submitting.submit(desk, sure=False)
    asked_back = lasthours.near(desk) and not desk.submitted
    return replies, None, replies[-1].choices if asked_back else ()


def greet(desk: Desk) -> Granted:
    return telling.again(desk), None


def thanks(desk: Desk) -> Granted:
    """«收到» is also how she says that she has read an announcement."""
    if (desk.message.choice or "收到" in desk.message.text) and announcing.acknowledge(
        desk.db, desk.actor.person_id, desk.now
    ):
        return [phrasebook().reply("acknowledged", {})], "short"
    return [phrasebook().reply("thanks", {})], "short"


def logout(desk: Desk) -> Granted:
    seats.end_contact(desk.db, desk.actor.contact_id, desk.now)
    return [phrasebook().reply("logged_out", telling.common(desk))], None


def leave(desk: Desk) -> Granted:
    """«退出»: for today, or for good? She would need a new code to come back."""
    reply = phrasebook().reply("leaving", {})
    return [reply], None, reply.choices


def another_device(desk: Desk) -> Granted:
    """A code that brings this very person in on another phone or computer."""
    actor = desk.actor
    code = joining.invite(
        desk.db,
        society_id=actor.society_id,
        role=actor.role,
        name=actor.name,
        person_id=actor.person_id,
        now=desk.now,
        lasts=OWN_CODE_LASTS,
    )
    minutes = int(OWN_CODE_LASTS.total_seconds() // 60)
    return [phrasebook().reply("another_device", {"code": code, "minutes": minutes})], None


def rest(desk: Desk) -> Granted:
    """«今天别再提醒»: nothing more until tomorrow morning."""
    zone = ZoneInfo(desk.season.timezone)
    tomorrow = desk.now.astimezone(zone).date() + timedelta(days=1)
    _wish_reminders(desk, quiet_until=datetime.combine(tomorrow, MORNING, zone))
    return [phrasebook().reply("reminders_rest", telling.common(desk))], None


def no_reminders(desk: Desk) -> Granted:
    _wish_reminders(desk, unreminded=True)
    return [phrasebook().reply("reminders_off", telling.common(desk))], None


def reminders(desk: Desk) -> Granted:
    _wish_reminders(desk, unreminded=False, quiet_until=None)
    return [phrasebook().reply("reminders_on", telling.common(desk))], None


def _wish_reminders(desk: Desk, **wish: object) -> None:
    desk.db.execute(sa.update(PERSON).where(PERSON.c.id == desk.actor.person_id).values(**wish))
    queries.note_act(desk.db, desk.now, "reminders_wished", person=desk.actor.person_id, wish=str(wish))


def unneeded(desk: Desk) -> Granted:
    """Yes or no, where nothing was asked."""
    return [phrasebook().reply("nothing_asked", {})], "short"


WISHES: dict[str, Callable[[Desk], Granted]] = {
    "export_layout": lambda desk: (requesting.own(desk, requesting.LAYOUT), None),
    "export_form": lambda desk: (requesting.own(desk, "docx"), None),
    "export_sheet": lambda desk: (requesting.own(desk, "xlsx"), None),
    "export_evidence": lambda desk: (requesting.own(desk, "zip"), None),
    "begin": begin,
    "pause": pause,
    "undo": take_back,
    "submit": submit,
    "supplement": supplementing.supplement,
    "submit_now": lambda desk: (submitting.submit(desk, sure=True), None),
    "recall": lambda desk: (submitting.recall(desk), None),
    "agree": unneeded,
    "refuse": unneeded,
    "greet": greet,
    "thanks": thanks,
    "reminders_rest": rest,
    "reminders_off": no_reminders,
    "reminders_on": reminders,
    "leave": leave,
    "logout": logout,
    "another_device": another_device,
    "read_table": proposing.read,
    "table_evidence": proposing.as_evidence,
    "confirm_table": confirming.everything,
    "show_table": proposing.show,
    "refuse_table": proposing.refuse,
    "consent": consenting.give,
    "consent_end": consenting.end,
    "consent_refuse": consenting.refuse,
}
