"""Who stands where by points: read from the totals beside the entries, equal points share a rank, nothing is decided."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import sqlalchemy as sa

from handlers import rounds
from handlers.rounds import pinned
from rubrics.answers import Answer
from rubrics.missing import worth
from rubrics.model import Rubric, Section
from rubrics.units import answers_table
from storage import overviews
from storage.overviews import HANDED_IN
from storage.queries import Row

ZERO = Decimal(0)


class NoTotal(Exception):
    """The document prints no points: there is nothing to rank by (domain.md Q-HZ01, Q-WZ01)."""


@dataclass(frozen=True)
class Ranked:
    """One society; without a rank where it has not handed in."""

    society: str
    claimed: Decimal | None
    supported: Decimal | None
    reviewed: Decimal | None
    status: str
    rank: int | None = None


@dataclass(frozen=True)
class Ranking:
    """Those who have handed in, best first and equals by name; behind them, without a rank, whoever else is wanted."""

    rows: tuple[Ranked, ...]
    maximum: Decimal
    section: Section | None
    prescribed: bool  # the document itself ranks

    @property
    def ranked(self) -> tuple[Ranked, ...]:
        return tuple(row for row in self.rows if row.rank is not None)

    @property
    def reviewed(self) -> bool:
        """Ordered by what people decided."""
        return bool(self.ranked) and all(row.reviewed is not None for row in self.ranked)

    @property
    def tied(self) -> bool:
        ranks = [row.rank for row in self.ranked]
        return len(set(ranks)) < len(ranks)

    def first(self, most: int) -> "Ranking":
        """The first so many, with everybody who shares the last of these ranks: people decide who falls out."""
        shown = tuple(row for place, row in enumerate(self.ranked) if place < most or _shares(self.ranked, row, most))
        left = max(most - len(shown), 0)
        return replace(self, rows=shown + tuple(row for row in self.rows if row.rank is None)[:left])


def _shares(ranked: Sequence[Ranked], row: Ranked, most: int) -> bool:
    return 0 < most <= len(ranked) and row.rank == ranked[most - 1].rank


def ranking(db: sa.Connection, round: Row, section: Section | None = None, *, everybody: bool = False) -> Ranking:
    """All who have handed a table in; with `everybody` the others too. Raises NoTotal."""
    rubric = pinned(db, round.rubric_sha256)
    maximum = _maximum(rubric, section)
    found = (
        overviews.everybody(db, round.id, voluntary=round.voluntary) if everybody else overviews.submitted(db, round.id)
    )
    found = [row for row in found if answers_table(rubric, row.kind)]
    rows = [_row(round, row) for row in found]
    if section is not None:
        sums = _sums(rubric, section, overviews.scores(db, round.id, _items(section)))
        rows = [_of_section(one, row, sums) for one, row in zip(rows, found, strict=True)]
    return Ranking(ordered(rows), maximum, section, prescribed=bool(rubric.awards))


def ordered(rows: Iterable[Ranked]) -> tuple[Ranked, ...]:
    """With their ranks: 6, 6, 8. What people decided counts where it is known of everybody, else what is supported;
    claims decide nothing, and names only where a line stands."""
    every = list(rows)
    handed_in = [row for row in every if row.status in HANDED_IN]
    decided = all(row.reviewed is not None for row in handed_in)

    def points(row: Ranked) -> Decimal:
        return (row.reviewed if decided else row.supported) or ZERO

    best = sorted(handed_in, key=lambda row: (-points(row), row.society))
    others = sorted((row for row in every if row.status not in HANDED_IN), key=lambda row: (-points(row), row.society))
    first: dict[Decimal, int] = {}
    placed = [replace(row, rank=first.setdefault(points(row), place)) for place, row in enumerate(best, 1)]
    return (*placed, *others)


def _maximum(rubric: Rubric, section: Section | None) -> Decimal:
    items = rubric.items if section is None else tuple(item for one in section.walk() for item in one.items)
    points = [item.points for item in items if item.points is not None]
    if not points or len(points) < len(items):
        raise NoTotal
    return sum(points, ZERO)


def _items(section: Section) -> list[str]:
    return [item.id for one in section.walk() for item in one.items]


def _row(round: Row, row: Row) -> Ranked:
    own = rounds.OwnTime(row.extended_to, row.closed_at) if row.entry_id is not None else None
    status = row.status or "not_started"
    late = status not in HANDED_IN and rounds.closed(round, own)
    return Ranked(row.name, row.claimed, row.supported, row.reviewed, "closed" if late else status)


def _of_section(one: Ranked, row: Row, sums: Mapping[int, tuple[Decimal, Decimal]]) -> Ranked:
    if row.entry_id is None or one.claimed is None:
        return one
    claimed, supported = sums.get(row.entry_id, (ZERO, ZERO))
    return replace(one, claimed=claimed, supported=supported, reviewed=None)  # reviewed is the whole


def _sums(rubric: Rubric, section: Section, rows: Iterable[Row]) -> Mapping[int, tuple[Decimal, Decimal]]:
    """Claimed and supported of a section, by entry."""
    sums: dict[int, tuple[Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO))
    for row in rows:
        answer = Answer(row.state, row.self_score, row.evidence, row.facts, None, row.met)
        claimed, supported = sums[row.entry_id]
        sums[row.entry_id] = (claimed + (answer.self_score or ZERO), supported + worth(rubric.item(row.item), answer))
    return sums
