"""What the office decides about late input: whether it counts; folded anew, handed in anew, on record, and told."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from handlers import rounds
from handlers.answers import folding
from handlers.late import late_applications
from handlers.late.late_input import Came, Counted, came_late, count, every_event
from handlers.late.leave import hand_in_by_leave
from handlers.notices.calling import Call, call, secretaries
from handlers.phrasebook import phrasebook
from handlers.review import rechecks
from storage import queries
from storage.relations import ANSWER, ENTRY, EVIDENCE, LATE_DECISION, Row


class NoDecision(Exception):
    """There is nothing to decide here; `why` is the message that says so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Decided:
    """A decision as it is on record, how many things it is about, and how many people of the society were told."""

    row: Row
    about: int
    turns: bool  # what had counted by an earlier one counts no more
    told: int
    recheck: tuple[int, ...] = ()  # the positions of final items that it touches: their verdict stands, marked

    @property
    def receipt(self) -> str:
        return receipt(self.row.entry_id, self.row.number)


def decide(
    db: sa.Connection, round: Row, society: Row, *, counts: bool, reason: str, now: datetime, by: int | None
) -> Decided:
    """Decide about everything that has come late by now, whatever was decided before. Raises NoDecision."""
    one = sa.select(ENTRY).where(ENTRY.c.round_id == round.id, ENTRY.c.society_id == society.id)
    entry = db.execute(one.with_for_update()).one_or_none()
    came = came_late(db, entry.id) if entry else Came((), (), ())
    if entry is None or not came.whole:
        raise NoDecision("late_nothing")
    if not (rounds.over(round, entry, now) or rounds.closed(round, entry)):
        raise NoDecision("late_still_open")
    if not came.fresh and came.decisions[-1].counts == counts:
        raise NoDecision("late_already")
    if late_applications.placed(db, entry.id, came.applications, counts=counts):
        raise NoDecision("late_placed")
    counted = count(db, round, entry.id, came, counts=counts)
    number = len(came.decisions) + 1
    touched = _touched(db, entry.id, counted)
    submission = hand_in_by_leave(db, entry, came, counted, now, counts=counts, given=receipt(entry.id, number))
    _write(db, entry.id, counted, now)
    given = receipt(entry.id, number)
    late_applications.rule(db, entry.id, came.applications, now, counts=counts, by=by, receipt=given)
    decision = {
        "entry_id": entry.id,
        "number": number,
        "counts": counts,
        "up_to": came.up_to,
        "wishes_to": max((one.id for one in came.wishes), default=0),
        "applications_to": max((one.id for one in came.applications), default=0),
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
    about = len(came.whole)
    told = _tell(db, round, society, made, about=about)
    recheck = _recheck(db, round, society, made, touched)
    return Decided(made, about, came.counting and not counts, told, recheck)


def _touched(db: sa.Connection, entry: int, counted: Counted) -> set[str]:
    """The items whose answer counts otherwise from now on."""
    before = {row.item: row for row in queries.answers(db, entry)}
    return {item for item, one in counted.folded.items() if item not in before or _other(before[item], one)}


def _other(row: Row, one: folding.Folded) -> bool:
    was = (row.state, row.self_score, row.met, row.reason, row.facts, row.evidence)
    return was != (one.state, one.score, one.met, one.reason, one.facts, len(one.live))


def _recheck(db: sa.Connection, round: Row, society: Row, made: Row, touched: set[str]) -> tuple[int, ...]:
    """A verdict stays as it is until people judge anew: it is marked, and the office is told."""
    given = receipt(made.entry_id, made.number)
    why = {"reason": made.reason, "receipt": given}
    final = touched & rechecks.final(db, made.entry_id)
    rechecks.mark(db, made.entry_id, final, "late", made.at, **why)
    rubric = rounds.pinned(db, round.rubric_sha256)
    positions = tuple(item.position for item in rubric.items if item.id in final)
    if positions:
        rechecks.tell(db, round, {society.name: positions}, "late", given, made.at, but=made.person_id)
    return positions


def _write(db: sa.Connection, entry: int, counted: Counted, now: datetime) -> None:
    """The answers, the evidence and the totals beside the events, as they count now."""
    for item, one in counted.folded.items():
        values = {"state": one.state, "self_score": one.score, "met": one.met, "reason": one.reason, "facts": one.facts}
        same = sa.update(ANSWER).where(ANSWER.c.entry_id == entry, ANSWER.c.item == item)
        db.execute(same.values(**values, evidence=len(one.live)))
    _mark_evidence(db, entry, counted, now)
    totals = counted.totals
    figures = {"claimed": totals.claimed, "supported": totals.supported, "suggested": totals.suggested}
    db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry).values(**figures, complete=totals.complete, late=True))


def _mark_evidence(db: sa.Connection, entry: int, counted: Counted, now: datetime) -> None:
    """A piece that counts is withdrawn by what counts; one that does not, by her word alone."""
    whatever = folding.fold(every_event(db, entry), folding.pieces_of(db, entry), (), all_late=True)
    for piece in db.execute(sa.select(EVIDENCE).where(EVIDENCE.c.entry_id == entry)).all():
        one = counted.folded[piece.item]
        withdrawn = (one if piece.id in one.counting else whatever[piece.item]).withdrawn
        if (piece.id in withdrawn) != (piece.withdrawn_at is not None):
            queries.withdraw_evidence(db, piece.id, now if piece.id in withdrawn else None)


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
