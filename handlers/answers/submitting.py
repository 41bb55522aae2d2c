"""Handing in, with a numbered receipt, and taking back while the round is open."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers import wording
from handlers.answers import tallying
from handlers.answers.lasthours import near
from handlers.answers.telling import common
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.papers import delivering
from handlers.papers.papers import owing
from handlers.phrasebook import phrasebook
from handlers.review import returned
from handlers.rounds import season
from storage import queries
from storage.relations import ENTRY, SUBMISSION


def submit(desk: Desk, *, sure: bool) -> list[Reply]:
    """Hand in; what is unfinished is named first and needs a second word. After the deadline the wish is kept as
    late, for staff to decide."""
    if desk.submitted:
        already = "supplementing_already" if desk.scene.mode == "open" else "submitted_already"
        return [phrasebook().reply(already, common(desk))]
    if desk.season.late:
        return hand_in_late(desk)
    gaps = [gap for gap in desk.standing().gaps if not desk.scene.locks(gap.item.id)]
    unanswered = [gap.item.position for gap in gaps if gap.kind in ("score", "fact")]
    unproved = sorted(gap.item.position for gap in gaps if gap.kind == "evidence")
    if (unanswered or unproved) and not sure:
        lost = sum((gap.points or Decimal(0) for gap in gaps if gap.kind == "score"), Decimal(0))
        about = {"unanswered": sorted(unanswered), "unproved": unproved, "lost": lost}
        question = "submit_anyway_now" if near(desk) else "submit_anyway"
        said = {**common(desk), **about, "first": [*unanswered, *unproved][0]}
        return [wording.reply(question, desk.season.rubric, said)]
    again = desk.scene.allowed is not None
    hand_in(desk, late=False)
    desk.status = "submitted"
    close(desk)
    if again:
        returned.answered(desk.db, desk.actor, desk.entry.id, desk.season.title, desk.now)
    sent = {
        "number": queries.submissions(desk.db, desk.entry.id),
        "at": desk.now,
        "receipt": desk.receipt,
        "owing": owing(delivering.matrix(desk)),
    }
    formless = [one.title for one in desk.season.rubric.deliverables if not one.forms]
    said = {**common(desk), **sent, "tally": tallying.whole(desk), "formless": formless}
    if again:
        return [phrasebook().reply("submitted_again", said)]
    return [wording.reply("submitted", desk.season.rubric, said)]


def hand_in_late(desk: Desk) -> list[Reply]:
    """The wish is kept; whether it counts is for the office to say."""
    hand_in(desk, late=True)
    desk.late = True
    return [phrasebook().reply("submitted_late", {**common(desk), "receipt": desk.receipt})]


def hand_in(desk: Desk, *, late: bool) -> int:
    """Keep the answers as they are, numbered; in time they stand from now on in place of what stood before."""
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
        "rubric_sha256": desk.season.rubric_sha256,
    }
    id = int(desk.db.execute(sa.insert(SUBMISSION).returning(SUBMISSION.c.id), row).scalar_one())
    if not late:
        _stand(desk, id)
    note(desk, "submitted", number=id, late=late)
    return id


def _stand(desk: Desk, id: int) -> None:
    before = queries.live_submission(desk.db, desk.entry.id)
    if before is not None:
        replaced = {"withdrawn_at": desk.now, "replaced_by": id}
        desk.db.execute(sa.update(SUBMISSION).where(SUBMISSION.c.id == before.id).values(**replaced))
    marks = {"submission_id": id, "submitted_at": desk.now, "supplementing": desk.supplementing}
    desk.db.execute(sa.update(ENTRY).where(ENTRY.c.id == desk.entry.id).values(**marks))
    desk.handed_in = desk.scene.held


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
    if desk.scene.allowed is not None:
        return [phrasebook().reply("recall_returned", common(desk))]
    if desk.entry.finalized_at is not None:
        return [phrasebook().reply("locked_final", common(desk))]
    if not desk.submitted:
        return [phrasebook().reply("nothing_to_recall", common(desk))]
    if desk.season.late:
        return [phrasebook().reply("recall_closed", common(desk))]
    about = common(desk)
    if live := queries.live_submission(desk.db, desk.entry.id):
        desk.db.execute(sa.update(SUBMISSION).where(SUBMISSION.c.id == live.id).values(withdrawn_at=desk.now))
    clear = {"submission_id": None, "submitted_at": None, "supplementing": False, "own_rubric": None}
    desk.db.execute(sa.update(ENTRY).where(ENTRY.c.id == desk.entry.id).values(**clear))
    desk.status, desk.supplementing = "in_progress", False
    changed = _by_the_new_table(desk)
    reopen(desk)
    note(desk, "submission_withdrawn", number=about["number"])
    return [phrasebook().reply("recalled", {**about, "receipt": desk.receipt, "changed": changed})]


def _by_the_new_table(desk: Desk) -> bool:
    """Where the round's rubric has been changed since she handed in, it holds for her from now on."""
    row = queries.round_of(desk.db, desk.season.id)
    if row.rubric_sha256 == desk.season.rubric_sha256:
        return False
    own = desk.entry._replace(own_rubric=None)
    desk.season = season(desk.db, row, desk.now, own, kind=desk.actor.kind)
    desk.scene = replace(desk.scene.at(None), rubric=desk.season.rubric, last_item=None)
    desk.reckoned = None
    return True


def close(desk: Desk) -> None:
    """From here on the answers are locked, within this very turn too; no question stays open."""
    desk.scene = desk.scene.at(None).in_mode("submitted")


def reopen(desk: Desk) -> None:
    """From here on she may answer, within this very turn too."""
    desk.scene = desk.scene.in_mode("open")


def note(desk: Desk, act: str, **details: Any) -> None:
    """A line in the record, with this turn's receipt."""
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
