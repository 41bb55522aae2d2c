"""The bench at which the office sits over a round's applications: whose there are, which one is meant, who has a place."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from handlers.looking import consent
from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.projects.applications import PLACED, Case, Named, Trace, case, facts_of, named, store
from handlers.review import judging
from handlers.societies import roster
from rubrics.model import Rubric, Section
from rubrics.projects import Project, projects, quotas
from storage import queries
from storage.overviews import HANDED_IN
from storage.relations import APPLICATION, ENTRY, ROUND, SOCIETY, Row


@dataclass(frozen=True)
class Applicant:
    """One application with its society."""

    project: Project
    row: Row  # of APPLICATION, with society, kind, status and society_id beside

    @property
    def place(self) -> Section | None:
        return next((one for one in self.project.places if one.id == self.row.place), None)


@dataclass(frozen=True)
class Bench:
    """A round's applications, at which a member of the office sits."""

    office: Office
    rubric: Rubric

    def applicants(self) -> list[Applicant]:
        """Every application that was not withdrawn, in the order of the projects and then of coming."""
        about = (SOCIETY.c.name.label("society"), SOCIETY.c.kind, SOCIETY.c.id.label("society_id"), ENTRY.c.status)
        joined = APPLICATION.join(ENTRY, ENTRY.c.id == APPLICATION.c.entry_id).join(SOCIETY)
        chosen = sa.select(APPLICATION, *about).select_from(joined).where(ENTRY.c.round_id == self.office.round.id)
        rows = list(
            self.office.db.execute(
                chosen.where(APPLICATION.c.state == "applied").order_by(APPLICATION.c.applied_at, SOCIETY.c.id)
            )
        )
        return [Applicant(one, row) for one in projects(self.rubric) for row in rows if row.project == one.id]

    def placed_in(self, section: Section) -> list[Applicant]:
        """Who has one of the section's places."""
        return [one for one in self.applicants() if one.row.standing in PLACED and section in taken(one)]

    def trace(self) -> Trace:
        return Trace(self.office.now, self.office.actor.person_id, self.office.receipt)

    def note(self, act: str, **details: Any) -> None:
        at = {"person": self.office.actor.person_id, "round": self.office.round.id}
        queries.note_act(self.office.db, self.office.now, act, **at, receipt=self.office.receipt, **details)


@dataclass(frozen=True)
class Sight:
    """Of which societies somebody of the office reads what they wrote, and from which she is recused."""

    consenting: set[int]
    barred: set[int]

    def reads(self, each: Applicant) -> bool:
        """Once it is handed in, or while the society consents."""
        return each.row.status in HANDED_IN or each.row.society_id in self.consenting


def of_bench(bench: Bench) -> Sight:
    db, round = bench.office.db, bench.office.round.id
    return Sight(consent.consenting(db, round), judging.avoided(db, round, bench.office.actor.person_id))


def taken(one: Applicant) -> tuple[Section, ...]:
    return quotas(one.project, one.row.place)


def case_of(bench: Bench, each: Applicant) -> Case:
    return case(bench.rubric, each.project, each.row.kind, facts_of(bench.office.db, each.row.entry_id))


def no_project(found: Named, said: str) -> list[Reply]:
    within = [each.section.title for _, those in found.within for each in those]
    return [phrasebook().reply("staff_no_project", {"said": said, "within": within})]


def meant(
    bench: Bench, whom: str, what: str, way: str, *, by_full_name: bool = False
) -> tuple[Applicant | None, list[Reply]]:
    """The application that a society's and a project's name mean; or what to say instead. Names that only contain the
    words are offered, never acted on; what a society is told at once wants its full name."""
    certain = roster.meant(bench.office.db, whom).certain
    rows = [certain] if certain is not None and not by_full_name else roster.find(bench.office.db, whom)
    if certain is None or (by_full_name and certain.name != whom):
        names = [row.name for row in rows[:6]]
        ways = [way.format(name) for name in names]
        if ways:
            bench.office.wait_for("choose", ways=ways)
        return None, [phrasebook().reply("staff_whose", {"said": whom, "names": names, "ways": ways})]
    if barred := judging.barred(bench.office, rows[0]):
        return None, barred
    found = named(bench.rubric, [what])
    if len(found.projects) != 1:
        return None, no_project(found, what)
    applied = [each for each in bench.applicants() if each.row.society_id == rows[0].id]
    hit = next((each for each in applied if each.project.id == found.projects[0].id), None)
    about = {"society": rows[0].name, "project": found.projects[0]}
    return hit, [] if hit else [phrasebook().reply("staff_not_applied", about)]


def lock(bench: Bench) -> None:
    """Two officers never give one place away twice."""
    round = sa.select(ROUND.c.id).where(ROUND.c.id == bench.office.round.id)
    bench.office.db.execute(round.with_for_update())


def stand(bench: Bench, each: Applicant, standing: str, place: str | None, *, reason: str | None = None) -> None:
    fold = {"standing": standing, "place": place}
    store(bench.office.db, each.row.entry_id, each.project.id, "standing", bench.trace(), fold=fold, reason=reason)
