"""What counts of an entry's events: the fold that every answer must equal, by what the office decided of late ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers.answers.scene import State
from storage import queries
from storage.relations import ANSWER_EVENT, EVIDENCE

Pieces = Mapping[tuple[int, int], int]  # evidence ids by the message and the ordinal they came with


@dataclass
class Folded:
    """One answer as its events make it."""

    state: State = "unanswered"
    score: Decimal | None = None
    reason: str | None = None
    met: bool | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    counting: set[int] = field(default_factory=set)  # the pieces whose coming counts
    withdrawn: set[int] = field(default_factory=set)
    version: int = 0

    @property
    def live(self) -> set[int]:
        return self.counting - self.withdrawn


def ruling(decisions: Sequence[Any], event: int) -> bool | None:
    """What the newest decision says of this late event; None where it came after, or nobody has decided yet."""
    newest = decisions[-1] if decisions else None
    return newest.counts if newest is not None and event <= newest.up_to else None


def fold(
    events: Iterable[Any], pieces: Pieces, decisions: Sequence[Any], *, all_late: bool = False
) -> dict[str, Folded]:
    """The answers of one entry by item, from its events in the order of their versions. A late event counts where the
    office said so; with `all_late` every one does."""
    folded: dict[str, Folded] = {}
    for event in events:
        answer = folded.setdefault(event.item, Folded())
        answer.version += 1
        if not event.late or all_late or ruling(decisions, event.id):
            _apply(answer, event, pieces)
    return folded


def _apply(answer: Folded, event: Any, pieces: Pieces) -> None:
    if event.kind == "score":
        new = event.new or {"state": "unanswered", "score": None, "reason": None}
        answer.state, answer.reason = new["state"], new["reason"]
        answer.score = None if new["score"] is None else Decimal(new["score"])
        answer.met = new.get("met")
    elif event.kind == "fact":
        known = {**answer.facts, event.new["fact"]: event.new["value"]}
        answer.facts = {name: value for name, value in known.items() if value is not None}
    elif event.kind == "evidence":
        # A piece whose row is lost counts on: that it is lost is told elsewhere.
        answer.counting.add(pieces.get((event.inbound_id, event.ordinal), -event.id))
    elif event.new["back"]:
        answer.withdrawn.discard(event.old["evidence"])
    else:
        answer.withdrawn.add(event.old["evidence"])


def pieces_of(db: sa.Connection, entry: int) -> dict[tuple[int, int], int]:
    """How the entry's pieces of evidence are found by their events."""
    rows = db.execute(sa.select(EVIDENCE).where(EVIDENCE.c.entry_id == entry))
    return {(row.inbound_id, row.ordinal): row.id for row in rows}


def accepted_pieces(db: sa.Connection, entry: int) -> set[int]:
    """The pieces that came late and count because the office said so."""
    decisions = queries.late_decisions(db, entry)
    came = (ANSWER_EVENT.c.entry_id == entry, ANSWER_EVENT.c.kind == "evidence", ANSWER_EVENT.c.late)
    events = db.execute(sa.select(ANSWER_EVENT).where(*came)).all() if decisions else []
    pieces = pieces_of(db, entry) if events else {}
    return {pieces[row.inbound_id, row.ordinal] for row in events if ruling(decisions, row.id)}
