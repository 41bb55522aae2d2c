"""What came late of an entry, what was decided of it so far, and what it would count for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers import rounds
from handlers.answers import folding
from handlers.answers.folding import Folded
from handlers.late import late_applications
from rubrics.answers import Answer
from rubrics.scoring import Standing, standing
from storage import queries
from storage.relations import ANSWER_EVENT, ENTRY, SUBMISSION, Row


@dataclass(frozen=True)
class Came:
    """What came late of one entry, and what was decided of it so far."""

    events: Sequence[Row]
    wishes: Sequence[Row]  # to hand in, after the deadline
    decisions: Sequence[Row]
    applications: Sequence[Row] = ()  # for projects, and wishes to withdraw them

    @property
    def fresh(self) -> list[Row]:
        """What nobody has decided about yet."""
        wishes_to = max((one.wishes_to for one in self.decisions), default=0)
        events = [one for one in self.events if folding.ruling(self.decisions, one.id) is None]
        applied = [one for one in self.applications if one.id > self.applications_ruled]
        return [*events, *(one for one in self.wishes if one.id > wishes_to), *applied]

    @property
    def applications_ruled(self) -> int:
        """The newest event of an application that a decision was about."""
        return max((one.applications_to for one in self.decisions), default=0)

    @property
    def whole(self) -> list[Row]:
        """Everything that came late."""
        return [*self.events, *self.wishes, *self.applications]

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
        last: datetime = max(one.at for one in self.whole)
        return last

    @property
    def sender(self) -> int:
        """Who said the last of it."""
        return int(max(self.whole, key=lambda one: one.at).person_id)


@dataclass(frozen=True)
class Supposed:
    """A decision not made yet, in the shape in which folding reads it."""

    counts: bool
    up_to: int


@dataclass(frozen=True)
class Counted:
    """An entry as it counts under a decision."""

    folded: Mapping[str, Folded]
    totals: Standing
    rubric_sha256: str

    @property
    def snapshot(self) -> dict[str, Any]:
        return {item: _frozen(one) for item, one in self.folded.items()}


def _frozen(one: Folded) -> dict[str, Any]:
    score = None if one.score is None else f"{one.score:f}"
    kept = {"state": one.state, "score": score, "met": one.met, "reason": one.reason, "facts": one.facts}
    return {**kept, "evidence": len(one.live), "version": one.version}


def came_late(db: sa.Connection, entry: int) -> Came:
    """Everything of this entry that came late."""
    events = sa.select(ANSWER_EVENT).where(ANSWER_EVENT.c.entry_id == entry, ANSWER_EVENT.c.late)
    decisions = queries.late_decisions(db, entry)
    ours = {one.submission_id for one in decisions}
    late = sa.select(SUBMISSION).where(SUBMISSION.c.entry_id == entry, SUBMISSION.c.late)
    wishes = [one for one in db.execute(late.order_by(SUBMISSION.c.id)) if one.id not in ours]
    return Came(
        db.execute(events.order_by(ANSWER_EVENT.c.id)).all(), wishes, decisions, late_applications.came_late(db, entry)
    )


def every_event(db: sa.Connection, entry: int) -> Sequence[Row]:
    """Every event of an entry, by item and in the order of their versions."""
    chosen = sa.select(ANSWER_EVENT).where(ANSWER_EVENT.c.entry_id == entry)
    return db.execute(chosen.order_by(ANSWER_EVENT.c.item, ANSWER_EVENT.c.version)).all()


def count(db: sa.Connection, round: Row, entry: int, came: Came, *, counts: bool) -> Counted:
    """The entry as its events would make it if all that came late counted, or none of it."""
    pieces = folding.pieces_of(db, entry)
    folded = folding.fold(every_event(db, entry), pieces, [Supposed(counts, came.up_to)])
    answers = {
        item: Answer(one.state, one.score, len(one.live), one.facts, None, one.met) for item, one in folded.items()
    }
    own = db.execute(sa.select(ENTRY.c.own_rubric, ENTRY.c.society_id).where(ENTRY.c.id == entry)).one()
    rubric = rounds.answered(db, round, own)
    return Counted(folded, standing(rubric, answers), rounds.version(round, own))
