"""Handing in, with a numbered receipt, and taking back while the round is open."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers import tallying, wording
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.telling import common, papers_owed
from storage import queries
from storage.queries import ENTRY, SUBMISSION


def submit(desk: Desk, *, sure: bool) -> list[Reply]:
    """Hand in; what is unfinished is named first and needs a second word. After the deadline the wish is kept as
    late, for staff to decide."""
    if desk.submitted:
        return [phrasebook().reply("submitted_already", common(desk))]
    if desk.season.late:
        return _submit_late(desk)
    gaps = desk.standing().gaps
    unanswered = [gap.item.position for gap in gaps if gap.kind in ("score", "fact")]
    unproved = sorted(gap.item.position for gap in gaps if gap.kind == "evidence")
    if (unanswered or unproved) and not sure:
        lost = sum((gap.points or Decimal(0) for gap in gaps if gap.kind == "score"), Decimal(0))
        about = {"unanswered": sorted(unanswered), "unproved": unproved, "lost": lost}
        said = {**common(desk), **about, "first": [*unanswered, *unproved][0]}
        return [wording.reply("submit_anyway", desk.season.rubric, said)]
    _hand_in(desk, late=False)
    desk.status = "submitted"
    close(desk)
    sent = {
        "number": queries.submissions(desk.db, desk.entry.id),
        "at": desk.now,
        "receipt": desk.receipt,
        "papers": papers_owed(desk),
    }
    said = {**common(desk), **sent, "tally": tallying.whole(desk)}
    return [wording.reply("submitted", desk.season.rubric, said)]


def _submit_late(desk: Desk) -> list[Reply]:
    _hand_in(desk, late=True)
    desk.late = True
    return [phrasebook().reply("submitted_late", {**common(desk), "receipt": desk.receipt})]


def _hand_in(desk: Desk, *, late: bool) -> int:
    totals = desk.standing()
    row = {
        "entry_id": desk.entry.id,
        "at": desk.now,
        "person_id": desk.actor.person_id,
        "claimed": totals.claimed,
        "supported": totals.supported,
        "snapshot": _snapshot(desk),
        "receipt": desk.receipt,
        "late": late,
        "automatic": False,
    }
    id = int(desk.db.execute(sa.insert(SUBMISSION).returning(SUBMISSION.c.id), row).scalar_one())
    if not late:
        marks = {"submission_id": id, "submitted_at": desk.now}
        desk.db.execute(sa.update(ENTRY).where(ENTRY.c.id == desk.entry.id).values(**marks))
    _note(desk, "submitted", number=id, late=late)
    return id


def _snapshot(desk: Desk) -> dict[str, Any]:
    """The answers as they were handed in; later changes of anything leave them as they are."""
    return {
        item: {
            "state": held.answer.state,
            "score": None if held.answer.self_score is None else f"{held.answer.self_score:f}",
            "met": held.answer.met,
            "reason": held.reason,
            "facts": dict(held.answer.facts),
            "evidence": held.answer.evidence,
            "version": held.version,
        }
        for item, held in desk.scene.held.items()
    }


def recall(desk: Desk) -> list[Reply]:
    """Take the submission back, while the round is open."""
    if not desk.submitted:
        return [phrasebook().reply("nothing_to_recall", common(desk))]
    if desk.season.late:
        return [phrasebook().reply("recall_closed", common(desk))]
    about = common(desk)
    taken_back = sa.update(SUBMISSION).where(SUBMISSION.c.id == desk.entry.submission_id).values(withdrawn_at=desk.now)
    desk.db.execute(taken_back)
    clear = {"submission_id": None, "submitted_at": None}
    desk.db.execute(sa.update(ENTRY).where(ENTRY.c.id == desk.entry.id).values(**clear))
    desk.status = "in_progress"
    reopen(desk)
    _note(desk, "submission_withdrawn", number=about["number"])
    return [phrasebook().reply("recalled", {**about, "receipt": desk.receipt})]


def close(desk: Desk) -> None:
    """From here on the answers are locked, within this very turn too; no question stays open."""
    desk.scene = desk.scene.at(None).in_mode("submitted")


def reopen(desk: Desk) -> None:
    desk.scene = desk.scene.in_mode("open")


def _note(desk: Desk, act: str, **details: Any) -> None:
    queries.note_act(
        desk.db,
        desk.now,
        act,
        person=desk.actor.person_id,
        channel=desk.message.channel,
        round=desk.season.id,
        society=desk.actor.society_id,
        receipt=desk.receipt,
        **details,
    )
