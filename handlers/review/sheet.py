"""What a society handed in, as reviewers see it: the submission that stands, its evidence, and what it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers.answers.folding import accepted_pieces
from handlers.answers.scene import Piece, State
from handlers.rounds import pinned, version
from rubrics.model import Item, Rubric
from storage import queries
from storage.relations import ANSWER_EVENT, ENTRY, EVIDENCE, SUBMISSION, Row

ZERO = Decimal(0)


class NotHandedIn(Exception):
    """The society has handed nothing in, so there is nothing to review."""


@dataclass(frozen=True)
class Handed:
    """One answer as it was handed in."""

    state: State = "unanswered"
    score: Decimal | None = None
    reason: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    evidence: int = 0
    newest: int = 0  # the event that changed it last
    met: bool | None = None  # her word, where there are no points

    @property
    def claim(self) -> Decimal:
        """What she claims; nothing where she claims nothing."""
        return self.score if self.score is not None else ZERO

    @property
    def finding(self) -> str:
        """The same of an item without points: what was not said is not met."""
        return "excused" if self.state == "not_applicable" else "met" if self.met else "unmet"


@dataclass(frozen=True)
class Sheet:
    round: Row
    society: Row
    entry: Row
    rubric: Rubric
    submission: Row
    newest: Mapping[str, int]
    before: Row | None  # the submission that this one replaced
    newest_before: Mapping[str, int]

    def handed(self, item: str) -> Handed:
        return _handed(self.submission.snapshot, item, self.newest)

    def handed_before(self, item: str) -> Handed | None:
        """The answer as it had been handed in before, where this submission changed it."""
        old = _handed(self.before.snapshot, item, self.newest_before) if self.before is not None else None
        return old if old is not None and old.newest != self.handed(item).newest else None

    @property
    def final(self) -> bool:
        return self.entry.finalized_at is not None


def _handed(snapshot: Mapping[str, Any], item: str, newest: Mapping[str, int]) -> Handed:
    held = snapshot.get(item)
    if held is None:
        return Handed()
    score = None if held["score"] is None else Decimal(held["score"])
    return Handed(
        held["state"], score, held["reason"], held["facts"], held["evidence"], newest.get(item, 0), held.get("met")
    )


def sheet(db: sa.Connection, round: Row, society: Row) -> Sheet:
    """The society's entry as it is handed in, locked until the turn ends. Raises NotHandedIn."""
    mine = sa.select(ENTRY).where(ENTRY.c.round_id == round.id, ENTRY.c.society_id == society.id)
    entry = db.execute(mine.with_for_update()).one_or_none()
    submission = queries.live_submission(db, entry.id) if entry is not None else None
    if entry is None or submission is None:
        raise NotHandedIn
    replaced = sa.select(SUBMISSION).where(SUBMISSION.c.replaced_by == submission.id)
    before = db.execute(replaced.order_by(SUBMISSION.c.id.desc()).limit(1)).one_or_none()
    rubric = pinned(db, submission.rubric_sha256 or version(round, entry), society.kind)
    newest_before = _newest(db, entry.id, before) if before is not None else {}
    return Sheet(round, society, entry, rubric, submission, _newest(db, entry.id, submission), before, newest_before)


def _newest(db: sa.Connection, entry: int, submission: Row) -> dict[str, int]:
    """By item the event that changed last what was handed in; what came late and does not count changed nothing."""
    decisions = queries.late_decisions(db, entry)
    counting = decisions[-1].up_to if decisions and decisions[-1].counts else 0
    mine = (ANSWER_EVENT.c.entry_id == entry, ANSWER_EVENT.c.at <= submission.at)
    counts = sa.or_(ANSWER_EVENT.c.late.is_(False), ANSWER_EVENT.c.id <= counting)
    chosen = sa.select(ANSWER_EVENT.c.item, sa.func.max(ANSWER_EVENT.c.id).label("id")).where(*mine, counts)
    return {row.item: row.id for row in db.execute(chosen.group_by(ANSWER_EVENT.c.item))}


def pieces(db: sa.Connection, found: Sheet, item: Item) -> Sequence[Piece]:
    """The evidence that was handed in with it, oldest first."""
    at = found.submission.at
    mine = (EVIDENCE.c.entry_id == found.entry.id, EVIDENCE.c.item == item.id, EVIDENCE.c.at <= at)
    there = sa.or_(EVIDENCE.c.withdrawn_at.is_(None), EVIDENCE.c.withdrawn_at > at)
    rows = db.execute(sa.select(EVIDENCE).where(*mine, there).order_by(EVIDENCE.c.id)).all()
    accepted = accepted_pieces(db, found.entry.id) if any(row.late for row in rows) else set()
    return [
        Piece(row.id, row.kind, row.text, row.name, row.size, row.late, row.sha256)
        for row in rows
        if not row.late or row.id in accepted
    ]
