"""One round at one moment, society after society: what every format of the export reads, inside one transaction."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers.looking.consent import consenting
from handlers.phrasebook import phrasebook
from handlers.reports.entries import whole_entry
from handlers.reports.gathered import BATCH, Gathered
from handlers.reports.writing import Written
from handlers.rounds import pinned
from rubrics.model import Item, Rubric
from storage import layouts
from storage.layouts import Layout
from storage.overviews import HANDED_IN
from storage.relations import ENTRY, PERSON, SOCIETY, Row

VERSION_LETTERS = 12  # of the rubric's sha256

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Head:
    """What stands above every export: of what, which version, when, and the totals."""

    title: str
    rubric: str
    version: str
    at: datetime
    closes_at: datetime | None
    zone: str
    societies: int
    submitted: int
    claimed: Decimal | None
    supported: Decimal | None


@lru_cache(maxsize=16)
def version(head: Head) -> str:
    """Which rubric, which deadline and which moment, in words."""
    return phrasebook().text("export_version", {"head": head})


# Until a society hands in, its words are its own (design §4 R10), after the deadline too, unless it consents.
UNSEEN = ("not_started", "in_progress", "closed")


def _without_words(entry: dict[str, Any]) -> dict[str, Any]:
    """How far it is and what it claims, and nothing that it wrote or sent."""
    bare: dict[str, Any] = {"evidence": [], "events": [], "reason": None}
    answers = [{**answer, **bare, "facts": {}, "comment": None} for answer in entry["answers"]]
    return {**entry, "answers": answers, "removed": [{**one, **bare} for one in entry["removed"]]}


def _without_review(entry: dict[str, Any]) -> dict[str, Any]:
    """What a society may have of its own review: what was released, and never who gave what."""
    names: dict[str, Any] = {"reviews": [], "recheck": False}
    if entry["released_at"] is None:
        names |= {"reviewed": None, "finding": None, "comment": None}
        entry = {**entry, "reviewed": None, "finalized_at": None}
    return {**entry, "recused": [], "answers": [{**answer, **names} for answer in entry["answers"]]}


class Snapshot:
    """A round as it stands in this transaction; `entries` reads it society by society and keeps none of them."""

    def __init__(
        self,
        db: sa.Connection,
        round: Row,
        now: datetime,
        *,
        only: Collection[int] | None = None,
        without: Collection[int] = (),
        veiled: bool = False,
        own: bool = False,
        progress: Progress = lambda done, total: None,
    ) -> None:
        self.db, self.round, self.progress, self.veiled, self.own = db, round, progress, veiled, own
        self.rubric: Rubric = pinned(db, round.rubric_sha256)
        self.zone = ZoneInfo(round.timezone)
        chosen = sa.select(SOCIETY.c.id, SOCIETY.c.name, SOCIETY.c.kind).order_by(SOCIETY.c.id)
        if round.voluntary:
            chosen = chosen.where(sa.exists().where(ENTRY.c.round_id == round.id, ENTRY.c.society_id == SOCIETY.c.id))
        chosen = chosen.where(SOCIETY.c.id.not_in(without))
        self.societies = db.execute(chosen if only is None else chosen.where(SOCIETY.c.id.in_(only))).all()
        self.alone = only is not None and len(self.societies) == 1
        self.head = self._head(now, only, without)

    def entries(self) -> Iterator[dict[str, Any]]:
        """Each society's part in the round, in the shape of contract.md, in the order of the roster."""
        people = {row.id: row.name for row in self.db.execute(sa.select(PERSON.c.id, PERSON.c.name))}
        open_to_us = consenting(self.db, self.round.id) if self.veiled else set()
        for first in range(0, len(self.societies), BATCH):
            batch = self.societies[first : first + BATCH]
            within = (ENTRY.c.round_id == self.round.id, ENTRY.c.society_id.in_([one.id for one in batch]))
            rows = {row.society_id: row for row in self.db.execute(sa.select(ENTRY).where(*within))}
            gathered = Gathered(self.db, rows.values())
            for done, one in enumerate(batch, first + 1):
                entry = whole_entry(gathered, Written(self.round, self.rubric), one, rows.get(one.id), people)
                if self.own:
                    entry = _without_review(entry)
                seen = not self.veiled or entry["status"] not in UNSEEN or one.id in open_to_us
                yield entry if seen else _without_words(entry)
                self.progress(done, len(self.societies))

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item that a society of this round answers: those of the round's rubric, then those that stand only in the
        versions that were handed in before it was changed."""
        mine = sa.select(ENTRY.c.own_rubric).where(ENTRY.c.round_id == self.round.id, ENTRY.c.own_rubric.is_not(None))
        older = self.db.scalars(mine.distinct().order_by(ENTRY.c.own_rubric))
        found = {item.id: item for sha256 in older for item in pinned(self.db, sha256).items}
        newest = {item.id: item for item in self.rubric.items}
        return (*newest.values(), *(item for id, item in found.items() if id not in newest))

    @cached_property
    def layout(self) -> Layout | None:
        """The file that the answers may be put back into: a society's own where it asks for itself."""
        society = self.societies[0].id if self.own and self.societies else None
        return layouts.of(self.db, self.round.id, society)

    def rubric_of(self, entry: Mapping[str, Any]) -> Rubric:
        """The rubric that this society has answered: what was handed in stays with its version."""
        return pinned(self.db, entry["rubric_sha256"], entry["kind"])

    def _head(self, now: datetime, only: Collection[int] | None, without: Collection[int]) -> Head:
        within = [ENTRY.c.round_id == self.round.id, ENTRY.c.society_id.not_in(without)]
        within += [] if only is None else [ENTRY.c.society_id.in_(only)]
        totals = self.db.execute(
            sa.select(
                sa.func.count().filter(ENTRY.c.status.in_(HANDED_IN)).label("submitted"),
                sa.func.sum(ENTRY.c.claimed).label("claimed"),
                sa.func.sum(ENTRY.c.supported).label("supported"),
            ).where(*within)
        ).one()
        return Head(
            title=self.round.title,
            rubric=self.round.rubric,
            version=self.round.rubric_sha256[:VERSION_LETTERS],
            at=now,
            closes_at=self.round.closes_at,
            zone=self.round.timezone,
            societies=len(self.societies),
            submitted=totals.submitted,
            claimed=totals.claimed,
            supported=totals.supported,
        )
