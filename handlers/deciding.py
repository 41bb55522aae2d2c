"""What the office decides about late input: whether it counts; folded anew, handed in anew, on record, and told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers import folding, rounds
from handlers.calling import Call, call, secretaries
from handlers.folding import Folded
from handlers.phrasebook import phrasebook
from rubrics.scoring import Answer, Standing, standing
from storage import queries
from storage.queries import ANSWER, ANSWER_EVENT, ENTRY, EVIDENCE, LATE_DECISION, SUBMISSION, Row


class NoDecision(Exception):
    """There is nothing to decide here; `why` is the message that says so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Came:
    """What came late of one entry, and what was decided of it so far."""

    events: Sequence[Row]
    wishes: Sequence[Row]  # to hand in, after the deadline
    decisions: Sequence[Row]

    @property
    def fresh(self) -> list[Row]:
        """What nobody has decided about yet."""
        wishes_to = max((one.wishes_to for one in self.decisions), default=0)
        events = [one for one in self.events if folding.ruling(self.decisions, one.id) is None]
        return [*events, *(one for one in self.wishes if one.id > wishes_to)]

    @property
    def up_to(self) -> int:
        """The newest late event."""
        return max((one.id for one in self.events), default=0)

    @property
    def counting(self) -> bool:
        """Whether any of it counts by now."""
        return bool(self.decisions and self.decisions[-1].counts)

    @property
    def last_at(self) -> datetime:
        last: datetime = max(one.at for one in (*self.events, *self.wishes))
        return last

    @property
    def sender(self) -> int:
        """Who said the last of it."""
        return int(max((*self.events, *self.wishes), key=lambda one: one.at).person_id)


@dataclass(frozen=True)
class Supposed:
    """A decision not made yet, in the shape in which folding reads it."""

    counts: bool
    up_to: int


@dataclass(frozen=True)
class Decided:
    """A decision as it is on record, how many things it is about, and how many people of the society were told."""

    row: Row
    about: int
    turns: bool  # what had counted by an earlier one counts no more
    told: int

    @property
    def receipt(self) -> str:
        return receipt(self.row.entry_id, self.row.number)


@dataclass(frozen=True)
class Counted:
    """An entry as it counts under a decision."""

    folded: Mapping[str, Folded]
    totals: Standing

    @property
    def snapshot(self) -> dict[str, Any]:
        return {item: _frozen(one) for item, one in self.folded.items()}


def _frozen(one: Folded) -> dict[str, Any]:
    score = None if one.score is None else f"{one.score:f}"
    kept = {"state": one.state, "score": score, "reason": one.reason, "facts": one.facts}
    return {**kept, "evidence": len(one.live), "version": one.version}


def came_late(db: sa.Connection, entry: int) -> Came:
    """Everything of this entry that came late."""
    events = sa.select(ANSWER_EVENT).where(ANSWER_EVENT.c.entry_id == entry, ANSWER_EVENT.c.late)
    decisions = queries.late_decisions(db, entry)
    ours = {one.submission_id for one in decisions}
    late = sa.select(SUBMISSION).where(SUBMISSION.c.entry_id == entry, SUBMISSION.c.late)
    wishes = [one for one in db.execute(late.order_by(SUBMISSION.c.id)) if one.id not in ours]
    return Came(db.execute(events.order_by(ANSWER_EVENT.c.id)).all(), wishes, decisions)


def decide(
    db: sa.Connection, round: Row, society: Row, *, counts: bool, reason: str, now: datetime, by: int | None
) -> Decided:
    """Decide about everything that has come late by now, whatever was decided before. Raises NoDecision."""
    one = sa.select(ENTRY).where(ENTRY.c.round_id == round.id, ENTRY.c.society_id == society.id)
    entry = db.execute(one.with_for_update()).one_or_none()
    came = came_late(db, entry.id) if entry else Came((), (), ())
    if entry is None or not (came.events or came.wishes):
        raise NoDecision("late_nothing")
    if now < rounds.deadline(round, entry) + timedelta(minutes=round.grace_minutes) and not rounds.closed(round, entry):
        raise NoDecision("late_still_open")
    if not came.fresh and came.decisions[-1].counts == counts:
        raise NoDecision("late_already")
    counted = count(db, round, entry.id, came, counts=counts)
    number = len(came.decisions) + 1
    submission = _hand_in(db, entry, came, counted, now, counts=counts, given=receipt(entry.id, number))
    _write(db, entry.id, counted, now)
    decision = {
        "entry_id": entry.id,
        "number": number,
        "counts": counts,
        "up_to": came.up_to,
        "wishes_to": max((one.id for one in came.wishes), default=0),
        "reason": reason,
        "at": now,
        "person_id": by,
        "submission_id": submission,
        "old_claimed": entry.claimed,
        "old_supported": entry.supported,
        "new_claimed": counted.totals.claimed,
        "new_supported": counted.totals.supported,
    }
    made = db.execute(sa.insert(LATE_DECISION).values(decision).returning(LATE_DECISION)).one()
    _on_record(db, round, society, made)
    about = len(came.events) + len(came.wishes)
    told = _tell(db, round, society, made, about=about)
    return Decided(made, about, came.counting and not counts, told)


def count(db: sa.Connection, round: Row, entry: int, came: Came, *, counts: bool) -> Counted:
    """The entry as its events would make it if all that came late counted, or none of it."""
    pieces = folding.pieces_of(db, entry)
    folded = folding.fold(_events(db, entry), pieces, [Supposed(counts, came.up_to)])
    answers = {item: Answer(one.state, one.score, len(one.live), one.facts, None) for item, one in folded.items()}
    return Counted(folded, standing(rounds.pinned(db, round.rubric_sha256), answers))


def _events(db: sa.Connection, entry: int) -> Sequence[Row]:
    chosen = sa.select(ANSWER_EVENT).where(ANSWER_EVENT.c.entry_id == entry)
    return db.execute(chosen.order_by(ANSWER_EVENT.c.item, ANSWER_EVENT.c.version)).all()


def _write(db: sa.Connection, entry: int, counted: Counted, now: datetime) -> None:
    """The answers, the evidence and the totals beside the events, as they count now."""
    for item, one in counted.folded.items():
        values = {"state": one.state, "self_score": one.score, "reason": one.reason, "facts": one.facts}
        same = sa.update(ANSWER).where(ANSWER.c.entry_id == entry, ANSWER.c.item == item)
        db.execute(same.values(**values, evidence=len(one.live)))
    _mark_evidence(db, entry, counted, now)
    totals = counted.totals
    figures = {"claimed": totals.claimed, "supported": totals.supported, "suggested": totals.suggested}
    db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry).values(**figures, complete=totals.complete, late=True))


def _mark_evidence(db: sa.Connection, entry: int, counted: Counted, now: datetime) -> None:
    """A piece that counts is withdrawn by what counts; one that does not, by her word alone."""
    whatever = folding.fold(_events(db, entry), folding.pieces_of(db, entry), (), all_late=True)
    for piece in db.execute(sa.select(EVIDENCE).where(EVIDENCE.c.entry_id == entry)).all():
        one = counted.folded[piece.item]
        withdrawn = (one if piece.id in one.counting else whatever[piece.item]).withdrawn
        if (piece.id in withdrawn) != (piece.withdrawn_at is not None):
            queries.withdraw_evidence(db, piece.id, now if piece.id in withdrawn else None)


def _hand_in(
    db: sa.Connection, entry: Row, came: Came, counted: Counted, now: datetime, *, counts: bool, given: str
) -> int | None:
    """What stands handed in from now on: with late matter a new submission; once none counts any more, the one made in
    time. The submission made by this decision, if any."""
    if not counts and not came.counting:
        return None  # it did not count before either
    timely = None if counts else _timely(db, entry.id)
    if not counts and (timely is None or _same(timely.snapshot, counted.snapshot)):
        _stand(db, entry, timely, now)
        return None
    row = {
        "entry_id": entry.id,
        "at": now,
        "person_id": came.sender,
        "receipt": given,
        "late": counts,
        "claimed": counted.totals.claimed,
        "supported": counted.totals.supported,
        "snapshot": counted.snapshot,
        "automatic": False,
    }
    made = db.execute(sa.insert(SUBMISSION).values(row).returning(SUBMISSION)).one()
    _stand(db, entry, made, now)
    return int(made.id)


def _timely(db: sa.Connection, entry: int) -> Row | None:
    """What the society handed in in time and did not take back."""
    live = (SUBMISSION.c.entry_id == entry, SUBMISSION.c.late.is_(False), SUBMISSION.c.withdrawn_at.is_(None))
    return db.execute(sa.select(SUBMISSION).where(*live).order_by(SUBMISSION.c.id.desc()).limit(1)).one_or_none()


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the same was handed in; a version counts events that changed nothing, too."""
    return _contents(one) == _contents(other)


def _contents(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    def content(held: Mapping[str, Any]) -> tuple[Any, ...]:
        score = None if held["score"] is None else Decimal(held["score"])
        return held["state"], score, held["reason"], held["facts"], held["evidence"]

    blank: tuple[Any, ...] = ("unanswered", None, None, {}, 0)
    return {item: told for item, held in snapshot.items() if (told := content(held)) != blank}


def _stand(db: sa.Connection, entry: Row, submission: Row | None, now: datetime) -> None:
    """Let this submission stand; one that stood by the office's leave stands no more, one made in time is kept."""
    before = queries.live_submission(db, entry.id)
    if before is not None and before.late:
        replaced = {"withdrawn_at": now, "replaced_by": submission.id if submission else None}
        db.execute(sa.update(SUBMISSION).where(SUBMISSION.c.id == before.id).values(**replaced))
    started = submission is None and any(not one.late for one in _events(db, entry.id))
    marks = {
        "status": "submitted" if submission else "in_progress" if started else "not_started",
        "submission_id": submission.id if submission else None,
        "submitted_at": submission.at if submission else None,
    }
    db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(**marks))


def receipt(entry: int, number: int) -> str:
    """The receipt of a decision, and of the submission made by it."""
    return f"LATE-{entry}-{number}"


def _on_record(db: sa.Connection, round: Row, society: Row, made: Row) -> None:
    queries.note_act(
        db,
        made.at,
        "late_counted" if made.counts else "late_refused",
        person=made.person_id,
        round=round.id,
        society=society.id,
        number=made.number,
        reason=made.reason,
        old=[str(made.old_claimed), str(made.old_supported)],
        new=[str(made.new_claimed), str(made.new_supported)],
        submission=made.submission_id,
        receipt=receipt(made.entry_id, made.number),
    )


def _tell(db: sa.Connection, round: Row, society: Row, made: Row, *, about: int) -> int:
    """Everybody who answers for the society hears it, with the reason; how many can be reached."""
    said = {"made": made, "title": round.title, "count": about, "receipt": receipt(made.entry_id, made.number)}
    reply = phrasebook().reply("late_decided", said)
    people = secretaries(db, society.id)
    states = [call(db, one.id, Call(f"late_decision:{made.id}:{one.id}", "notice"), reply, made.at) for one in people]
    return sum(state != "unreachable" for state in states)
