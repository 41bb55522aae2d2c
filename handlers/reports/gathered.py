"""What is stored of a batch of entries: each table is asked once for all of them, and only when somebody wants it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from storage.relations import (
    ANSWER,
    ANSWER_EVENT,
    ENTRY,
    EVIDENCE,
    LATE_DECISION,
    OBJECTION,
    RECHECK,
    RECUSAL,
    REVIEW,
    RULING,
    SENT_BACK,
    SUBMISSION,
    VERDICT,
    Row,
)

BATCH = 100  # societies
Rows = Mapping[int, Sequence[Row]]  # by entry; of one that has none, an empty list


class Gathered:
    """The rows of these entries, as they stand in this transaction."""

    def __init__(self, db: sa.Connection, entries: Iterable[Row]) -> None:
        self.db = db
        self.ids = [one.id for one in entries]

    @cached_property
    def answers(self) -> Rows:
        return self._of(ANSWER, ANSWER.c.item)

    @cached_property
    def scored(self) -> Rows:
        """The events that gave a score."""
        return self._of(ANSWER_EVENT, ANSWER_EVENT.c.id, ANSWER_EVENT.c.kind == "score")

    @cached_property
    def evidence(self) -> Rows:
        """What was not withdrawn."""
        return self._of(EVIDENCE, EVIDENCE.c.id, EVIDENCE.c.withdrawn_at.is_(None))

    @cached_property
    def late_decisions(self) -> Rows:
        return self._of(LATE_DECISION, LATE_DECISION.c.number)

    @cached_property
    def submissions(self) -> Rows:
        return self._of(SUBMISSION, SUBMISSION.c.id)

    @cached_property
    def rulings(self) -> Rows:
        return self._of(RULING, RULING.c.id)

    @cached_property
    def reviews(self) -> Rows:
        return self._of(REVIEW, REVIEW.c.event_id)

    @cached_property
    def sent_back(self) -> Rows:
        return self._of(SENT_BACK, SENT_BACK.c.id)

    @cached_property
    def objections(self) -> Rows:
        return self._of(OBJECTION, OBJECTION.c.id)

    @cached_property
    def verdicts(self) -> Rows:
        return self._of(VERDICT, VERDICT.c.event_id)

    @cached_property
    def rechecks(self) -> Rows:
        """The marks that stand."""
        return self._of(RECHECK, RECHECK.c.id, RECHECK.c.cleared_at.is_(None))

    @cached_property
    def recusals(self) -> Rows:
        """Who takes no part in the review of the society."""
        part = sa.and_(RECUSAL.c.round_id == ENTRY.c.round_id, RECUSAL.c.society_id == ENTRY.c.society_id)
        chosen = sa.select(RECUSAL, ENTRY.c.id.label("entry_id")).select_from(RECUSAL.join(ENTRY, part))
        live = chosen.where(ENTRY.c.id.in_(self.ids), RECUSAL.c.ended_at.is_(None))
        return self._by_entry(live.order_by(RECUSAL.c.id))

    def _of(self, table: sa.Table, order: sa.ColumnElement[Any], *which: sa.ColumnElement[bool]) -> Rows:
        mine = sa.select(table).where(table.c.entry_id.in_(self.ids), *which)
        return self._by_entry(mine.order_by(order))

    def _by_entry(self, chosen: sa.Select[Any]) -> Rows:
        found: dict[int, list[Row]] = defaultdict(list)
        for row in self.db.execute(chosen):
            found[row.entry_id].append(row)
        return found


def in_batches(
    db: sa.Connection, societies: Sequence[Row], entries: Mapping[int, Row]
) -> Iterator[tuple[Row, Gathered]]:
    """Each society with what is stored of its batch; `entries` are those of the round by society."""
    for first in range(0, len(societies), BATCH):
        batch = societies[first : first + BATCH]
        gathered = Gathered(db, [entries[one.id] for one in batch if one.id in entries])
        yield from ((one, gathered) for one in batch)
