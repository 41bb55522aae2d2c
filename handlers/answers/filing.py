"""A desk's changes are filed at the end of the turn: events first, then their fold and the totals beside (R5)."""

from collections.abc import Sequence
from typing import Any

from handlers.answers.scene import Added, Change, Judged, Learned, Scene, Withdrawn
from handlers.desk import Desk
from handlers.messages import Choice
from storage import queries, writes


def put_away(desk: Desk) -> None:
    """Write the turn's changes: events first, then the fold and the totals beside them (R5)."""
    late = desk.scene.mode == "late"
    versions = {item: held.version for item, held in desk.before.held.items()}
    for ordinal, change in enumerate(desk.changes):
        versions[change.item] = versions.get(change.item, 0) + 1
        old, new, kind = _old_and_new(desk.before, change)
        trace = {
            "entry_id": desk.entry.id,
            "item": change.item,
            "late": late,
            "at": desk.now,
            "person_id": desk.actor.person_id,
            "channel": desk.message.channel,
            "inbound_id": desk.inbound_id,
            "ordinal": ordinal,
            "receipt": desk.receipt,
        }
        event = {**trace, "version": versions[change.item], "kind": kind, "old": old, "new": new}
        writes.append_event(desk.db, event)
        if isinstance(change, Added):
            queries.add_evidence(desk.db, {**trace, **_evidence(change)})
        elif isinstance(change, Withdrawn) and (not late or change.of_late):
            # A late wish to withdraw is on record; what came in time goes on counting.
            queries.withdraw_evidence(desk.db, change.evidence_id, None if change.back else desk.now)
    for item in {change.item for change in desk.changes}:
        _save_answer(desk, item)
    if desk.changes or desk.status != desk.entry.status or desk.late != desk.entry.late:
        _save_totals(desk)


def _save_answer(desk: Desk, item: str) -> None:
    held = desk.scene.of(item)
    writes.save_answer(
        desk.db,
        {
            "entry_id": desk.entry.id,
            "item": item,
            "state": held.answer.state,
            "self_score": held.answer.self_score,
            "reason": held.reason,
            "facts": dict(held.answer.facts),
            "evidence": held.answer.evidence,
            "version": held.version,
            "scored_by": held.scored_by,
            "late": desk.scene.mode == "late",
            "met": held.answer.met,
        },
    )


def _save_totals(desk: Desk) -> None:
    totals = desk.standing()
    started = desk.status == "not_started" and desk.changes and desk.scene.mode == "open"
    writes.save_totals(
        desk.db,
        desk.entry.id,
        {
            "status": "in_progress" if started else desk.status,
            "claimed": totals.claimed,
            "supported": totals.supported,
            "suggested": totals.suggested,
            "complete": totals.complete,
            "late": desk.late or (desk.scene.mode == "late" and bool(desk.changes)),
            "touched_at": desk.now,
        },
    )


def _old_and_new(before: Scene, change: Change) -> tuple[dict[str, Any] | None, dict[str, Any] | None, str]:
    """An event's values: what stood before this message, and what stands after it."""
    held = before.of(change.item)
    if isinstance(change, Judged):
        told = held.answer
        old = _judgement(Judged(change.item, told.state, told.self_score, held.reason, told.met))
        return old, _judgement(change), "score"
    if isinstance(change, Learned):
        known = held.answer.facts.get(change.fact)
        return {"fact": change.fact, "value": known}, {"fact": change.fact, "value": change.value}, "fact"
    if isinstance(change, Added):
        return None, _evidence(change), "evidence"
    return {"evidence": change.evidence_id}, {"back": change.back, "of_late": change.of_late}, "withdrawal"


def _judgement(one: Judged) -> dict[str, Any] | None:
    if one.state == "unanswered":
        return None
    value = {"state": one.state, "score": None if one.score is None else f"{one.score:f}", "reason": one.reason}
    return value if one.met is None else {**value, "met": one.met}


def _evidence(change: Added) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "kind": change.kind,
        "text": change.text,
        "name": None,
        "sha256": None,
        "size": None,
        "media_type": None,
    }
    if change.file:
        named = {"name": change.file.name, "sha256": change.file.sha256, "size": change.file.size}
        kept |= {**named, "media_type": change.file.kind}
    return kept


def save_place(desk: Desk, options: Sequence[Choice], *, collided: bool) -> None:
    """Where she stands now, for the next turn and for whatever channel it comes through."""
    scene = desk.scene
    pending: dict[str, object] = {}
    if options:
        pending["options"] = [{"label": one.label, "words": one.words, "keys": list(one.keys)} for one in options]
        pending["collided"] = collided
    if scene.asking.reason_for:
        pending["reason_for"] = scene.asking.reason_for
    if desk.handing:
        pending["handing"] = desk.handing
    if desk.handed:
        pending["handed"] = True
    if scene.skips:
        pending["skips"] = True
    writes.save_place(
        desk.db,
        desk.actor.person_id,
        {
            "item": scene.asking.item,
            "field": scene.asking.field,
            "fact": scene.asking.fact,
            "version": scene.of(scene.asking.item).version if scene.asking.item else 0,
            "question_id": desk.conversation.question_id,
            "last_item": scene.last_item,
            "pending": pending or None,
            "tray": [vars(one) for one in scene.tray],
        },
    )
