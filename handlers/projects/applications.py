"""A society's applications for projects: stored event by event with the fold beside, and how each of them stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers import stages
from handlers.messages import Incoming
from handlers.rounds import pinned
from handlers.understanding.numerals import fold
from rubrics.model import Requirement, Rubric
from rubrics.programme import Deliverable, Stage
from rubrics.projects import Project, Standing, numbered, projects, requirements, standing
from storage import queries
from storage.relations import APPLICATION, APPLICATION_EVENT, Row

PLACED = ("proposed", "published", "decided")
SHORTEST_SHARED = 3  # letters that a paper's title and what names it have in common


@dataclass(frozen=True)
class Trace:
    """By whom, when and by which message something is done."""

    at: datetime
    person_id: int | None  # None: by a command
    receipt: str
    channel: str = ""
    inbound_id: int | None = None


def of_entry(db: sa.Connection, entry: int) -> list[Row]:
    """The applications of an entry, withdrawn ones too, in the order in which they came."""
    mine = sa.select(APPLICATION).where(APPLICATION.c.entry_id == entry)
    return list(db.execute(mine.order_by(APPLICATION.c.applied_at, APPLICATION.c.project)))


def live(db: sa.Connection, rubric: Rubric, entry: int) -> list[tuple[Project, Row]]:
    """What the society applies for, in printed order."""
    rows = {row.project: row for row in of_entry(db, entry) if row.state == "applied"}
    return [(one, rows[one.id]) for one in projects(rubric) if one.id in rows]


def store(
    db: sa.Connection,
    entry: int,
    project: str,
    kind: str,
    trace: Trace,
    *,
    fold: Mapping[str, Any] | None = None,
    late: bool = False,
    text: str = "",
    file: Incoming | None = None,
    reason: str | None = None,
    takes_back: int | None = None,
) -> None:
    """One event, and the fold of all of them beside it (R5)."""
    here = (APPLICATION.c.entry_id == entry, APPLICATION.c.project == project)
    before = db.execute(sa.select(APPLICATION).where(*here).with_for_update()).one_or_none()
    new = dict(fold or {})
    old = {name: getattr(before, name) for name in new} if before else None
    version = (before.version if before else 0) + 1
    event = {"entry_id": entry, "project": project, "version": version, "kind": kind, "late": late, "text": text}
    kept = {"name": file.name, "sha256": file.sha256, "size": file.size, "media_type": file.kind} if file else {}
    said = {**new, **({"reason": reason} if reason else {}), **({"takes_back": takes_back} if takes_back else {})}
    ordinal = _ordinal(db, trace.inbound_id)
    db.execute(sa.insert(APPLICATION_EVENT).values(**event, **kept, **vars(trace), old=old, new=said, ordinal=ordinal))
    if before is None:
        first = {"state": "applied", "standing": "none", "late": late, **new, "applied_at": trace.at}
        db.execute(sa.insert(APPLICATION).values(entry_id=entry, project=project, version=version, **first))
    else:
        again = {"applied_at": trace.at} if kind == "applied" else {}
        db.execute(sa.update(APPLICATION).where(*here).values(version=version, **new, **again))


def _ordinal(db: sa.Connection, inbound: int | None) -> int:
    if inbound is None:
        return 0
    counted = sa.select(sa.func.count()).where(APPLICATION_EVENT.c.inbound_id == inbound)
    return int(db.scalar(counted) or 0)


def reports(db: sa.Connection, entry: int, project: str | None = None) -> list[Row]:
    """The reports for the acceptance that were not taken back, oldest first."""
    mine = sa.select(APPLICATION_EVENT).where(APPLICATION_EVENT.c.entry_id == entry)
    mine = mine.where(APPLICATION_EVENT.c.kind.in_(("report", "taken_back")))
    chosen = mine.where(APPLICATION_EVENT.c.project == project) if project else mine
    rows = list(db.execute(chosen.order_by(APPLICATION_EVENT.c.id)))
    gone = {row.new["takes_back"] for row in rows if row.kind == "taken_back"}
    return [row for row in rows if row.kind == "report" and row.id not in gone]


def wants_out(db: sa.Connection, row: Row) -> bool:
    """Whether the society asked after the deadline to withdraw the application: people decide."""
    mine = (APPLICATION_EVENT.c.entry_id == row.entry_id, APPLICATION_EVENT.c.project == row.project)
    wished = sa.select(APPLICATION_EVENT.c.kind).where(*mine, APPLICATION_EVENT.c.kind.in_(("applied", "withdrawn")))
    return db.scalar(wished.order_by(APPLICATION_EVENT.c.version.desc()).limit(1)) == "withdrawn"


@dataclass(frozen=True)
class Case:
    """One application against what the document asks for it."""

    asked: tuple[tuple[Requirement, Standing], ...]

    def of(self, *standings: Standing) -> list[Requirement]:
        return [one for one, found in self.asked if found in standings]

    @property
    def verdict(self) -> Standing:
        """The gravest of them: unmet, lost, asked, pending, people, met."""
        found = {standing for _, standing in self.asked}
        grave: tuple[Standing, ...] = ("unmet", "lost", "asked", "pending", "people")
        return next((one for one in grave if one in found), "met")


def case(rubric: Rubric, project: Project, kind: str | None, facts: Mapping[str, Mapping[str, object]]) -> Case:
    """The application as the facts have it; `facts` by requirement."""
    asked = requirements(rubric, project, kind)
    return Case(tuple((one, standing(one, facts.get(one.id, {}))) for one in asked))


def facts_of(db: sa.Connection, entry: int) -> dict[str, Mapping[str, object]]:
    return {row.item: row.facts for row in queries.answers(db, entry)}


@dataclass(frozen=True)
class Named:
    """What words for projects mean: projects, categories to choose within, and what is none."""

    projects: tuple[Project, ...] = ()
    within: tuple[tuple[str, tuple[Project, ...]], ...] = ()
    unknown: tuple[str, ...] = ()


def named(rubric: Rubric, parts: Sequence[str]) -> Named:
    """By number (2.1), title, a part of it or another name that the document uses."""
    chosen: dict[str, Project] = {}
    within: list[tuple[str, tuple[Project, ...]]] = []
    unknown: list[str] = []
    for said in parts:
        found = _named(rubric, said)
        if len(found) == 1:
            chosen[found[0].id] = found[0]
        elif found:
            within.append((said, found))
        else:
            unknown.append(said)
    return Named(tuple(chosen.values()), tuple(within), tuple(unknown))


def _named(rubric: Rubric, said: str) -> tuple[Project, ...]:
    bare = _bare(said)
    if not bare:
        return ()
    offered = projects(rubric)
    numbers = {number: section.id for number, section, _ in numbered(rubric)}
    exact = [one for one in offered for part in one.line if bare in _names(part)]
    exact = exact or [one for one in offered for part in one.line if numbers.get(bare.strip(".")) == part.id]
    exact = exact or [one for one in offered for place in one.places if bare in _names(place)]
    exact = exact or [one for one in offered if any(bare in name for name in _names(one.section))]
    exact = exact or [one for one in offered for part in one.line if any(bare in name for name in _names(part))]
    exact = exact or [one for one in offered if any(name in bare for name in _names(one.section))]
    return tuple({one.id: one for one in exact}.values())


def place_named(project: Project, said: str) -> str | None:
    """The place in a project that the words name: its first prize."""
    return next((one.id for one in project.places if _bare(said) in _names(one)), None)


def _names(section: Any) -> set[str]:
    titles = [section.title, *(one.text for one in section.printed if one.field == "title" and one.text)]
    return {_bare(one) for one in titles}


def _bare(said: str) -> str:
    return fold(said).strip(" 。.,:").translate(str.maketrans("", "", ' “”"「」《》'))


def deliverables(rubric: Rubric, said: str) -> list[Deliverable]:
    """The papers that the words (or a file's name) speak of, by what they share with the titles."""
    shared = {one.id: _shared(_bare(said), _bare(one.title)) for one in rubric.deliverables}
    most = max(shared.values(), default=0)
    return [one for one in rubric.deliverables if shared[one.id] == most >= SHORTEST_SHARED]


def _shared(one: str, other: str) -> int:
    """The length of the longest run of letters in both."""
    return max(
        (
            end - start
            for start in range(len(other))
            for end in range(start + 1, len(other) + 1)
            if other[start:end] in one
        ),
        default=0,
    )


def awaited(db: sa.Connection, round: Row | Any, entry: int | None, now: datetime) -> bool:
    """Whether a later stage of a round that is over still waits for this society: its report for the acceptance."""
    if entry is None or not round.stages:
        return False
    placed = (APPLICATION.c.entry_id == entry, APPLICATION.c.standing.in_(PLACED), APPLICATION.c.state == "applied")
    if db.scalar(sa.select(APPLICATION.c.project).where(*placed).limit(1)) is None:
        return False
    stage = later_stage(round, pinned(db, round.rubric_sha256))
    return stage is not None and (stage.closes_at is None or now < stage.closes_at)


def later_stage(round: Row | Any, rubric: Rubric) -> Stage | None:
    """The stage of the round in which a paper is due after the one that drives its deadline."""
    calendar = stages.stored(round.stages)
    if not calendar:
        return None
    driving = stages.driving(calendar, rubric)
    due = {one.stage for one in rubric.deliverables if one.stage and one.stage != driving}
    return next((one for one in calendar if one.id in due), None)
