"""Who stands where by points: read from the totals beside the entries, equal points share a rank, nothing is decided."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import sqlalchemy as sa

from handlers import rounds
from handlers.looking import categories
from handlers.rounds import pinned
from rubrics.model import Rubric, Section
from rubrics.programme import Applicant
from rubrics.units import unit
from storage import overviews
from storage.overviews import HANDED_IN
from storage.relations import Row

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
    maximum: Decimal | None = None  # what a unit of its kind could have by the rubric that it answers
    barred: bool = False  # whoever looks takes no part in its review: neither its rank nor its points are hers to see


@dataclass(frozen=True)
class Ranking:
    """Those who have handed in, best first and equals by name; behind them, without a rank, whoever else is wanted."""

    rows: tuple[Ranked, ...]
    maximum: Decimal  # the highest there is, where kinds of units have different ones
    section: Section | None
    prescribed: bool  # the document itself ranks
    kind: Applicant | None = None
    decided: bool | None = None  # of the whole, where some of its rows are not hers to see

    @property
    def ranked(self) -> tuple[Ranked, ...]:
        return tuple(row for row in self.rows if row.rank is not None)

    @property
    def reviewed(self) -> bool:
        """Ordered by what people decided."""
        if self.decided is not None:
            return self.decided
        return bool(self.ranked) and all(row.reviewed is not None for row in self.ranked)

    @property
    def mixed(self) -> bool:
        """Whether not everybody could have the same points; nobody's are converted into another's."""
        return len({row.maximum for row in self.rows if not row.barred}) > 1

    @property
    def tied(self) -> bool:
        ranks = [row.rank for row in self.ranked]
        return len(set(ranks)) < len(ranks)

    def first(self, most: int) -> "Ranking":
        """The first so many, with everybody who shares the last of these ranks: people decide who falls out."""
        shown = tuple(row for place, row in enumerate(self.ranked) if place < most or _shares(self.ranked, row, most))
        left = max(most - len(shown), 0)
        return replace(self, rows=shown + tuple(row for row in self.rows if row.rank is None)[:left])

    def veiled(self, whole: "Ranking", barred: Collection[str]) -> "Ranking":
        """As somebody may see it who takes no part in the review of these societies: they stand last, by name alone, and
        every other keeps its rank."""
        hidden = (row for row in whole.rows if row.society in barred)
        last = tuple(Ranked(row.society, None, None, None, row.status, barred=True) for row in hidden)
        kept = tuple(row for row in self.rows if row.society not in barred)
        return replace(self, rows=(*kept, *last), decided=whole.reviewed) if last else self


def _shares(ranked: Sequence[Ranked], row: Ranked, most: int) -> bool:
    return 0 < most <= len(ranked) and row.rank == ranked[most - 1].rank


def ranking(
    db: sa.Connection,
    round: Row,
    section: Section | None = None,
    *,
    everybody: bool = False,
    kind: Applicant | None = None,
) -> Ranking:
    """All who have handed a table in, each by the rubric it answers; with `everybody` the others too, with `kind` only
    units of that kind. Raises NoTotal."""
    rubric = pinned(db, round.rubric_sha256)
    if not (rubric.maximum if section is None else section.full):
        raise NoTotal
    found = (
        overviews.everybody(db, round.id, voluntary=round.voluntary) if everybody else overviews.submitted(db, round.id)
    )
    rubrics = {row.society_id: pinned(db, rounds.version(round, row), row.kind) for row in found}
    found = [row for row in found if rubrics[row.society_id].items and kind in (None, unit(rubric, row.kind))]
    rows = [_row(round, row, rubrics[row.society_id].maximum) for row in found]
    if section is not None:
        rows = _of_section(db, round, section, list(zip(rows, found, strict=True)), rubrics)
    maxima = sorted({row.maximum for row in rows if row.maximum is not None}, reverse=True)
    maximum = maxima[0] if maxima else (rubric.maximum if section is None else section.full) or ZERO
    return Ranking(ordered(rows), maximum, section, prescribed=bool(rubric.awards), kind=kind)


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


def _row(round: Row, row: Row, maximum: Decimal | None) -> Ranked:
    own = rounds.OwnTime(row.extended_to, row.closed_at) if row.entry_id is not None else None
    status = row.status or "not_started"
    late = status not in HANDED_IN and rounds.closed(round, own)
    shown = "closed" if late else status
    return Ranked(row.name, row.claimed, row.supported, row.reviewed, shown, maximum=maximum)


def _of_section(
    db: sa.Connection,
    round: Row,
    section: Section,
    found: Sequence[tuple[Ranked, Row]],
    rubrics: Mapping[int, Rubric],
) -> list[Ranked]:
    """The same societies by one category: by what it was in the rubric that each of them answers, if it was there."""
    different = {id(rubric): rubric for rubric in rubrics.values()}  # by identity: a rubric is not compared in no time
    parts = {id: _part(rubric, section) for id, rubric in different.items()}
    there = [(one, row, part) for one, row in found if (part := parts[id(rubrics[row.society_id])]) and part.full]
    begun = {row.entry_id: part for one, row, part in there if row.entry_id is not None and one.claimed is not None}
    points = categories.points(db, round.id, begun)
    # What is reviewed is the whole.
    made: list[Ranked] = []
    for one, row, part in there:
        claimed, supported = points.get(row.entry_id) or (one.claimed, one.supported)
        made.append(replace(one, claimed=claimed, supported=supported, reviewed=None, maximum=part.full))
    return made


def _part(rubric: Rubric, section: Section) -> Section | None:
    return next((one for one in rubric.walk() if one.id == section.id), None)
