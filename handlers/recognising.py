"""The office and the projects: who applied, who is proposed, published and recognised, quotas, empty seats, acceptance."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from handlers import applications, roster
from handlers.applications import PLACED, Case, Trace, case, facts_of, named, place_named, store
from handlers.calling import Call, call, secretaries
from handlers.intents import Plain
from handlers.messages import Reply
from handlers.numerals import fold, number
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.rights import authorize
from handlers.rounds import pinned
from handlers.screenful import screenful
from handlers.spoken import spoken
from rubrics.model import Rubric, Section
from rubrics.projects import Project, clashes, numbered, open_to, projects, quotas
from storage import queries
from storage.queries import ACT, APPLICATION, ENTRY, ROUND, SOCIETY, Row

LOOKS = ("overview", "one", "reports")
STEPS = {"publish": ("proposed", "published"), "decide": ("published", "decided")}
KEEP, SWAP = "同时保留", "替换"  # what the ways out of a conflict say


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
        return [one for one in self.applicants() if one.row.standing in PLACED and section in _taken(one)]

    def trace(self) -> Trace:
        return Trace(self.office.now, self.office.actor.person_id, self.office.receipt)

    def note(self, act: str, **details: Any) -> None:
        at = {"person": self.office.actor.person_id, "round": self.office.round.id}
        queries.note_act(self.office.db, self.office.now, act, **at, receipt=self.office.receipt, **details)


def _taken(one: Applicant) -> tuple[Section, ...]:
    return quotas(one.project, one.row.place)


def hear(office: Office, words: str, waiting: dict[str, Any] | None) -> list[Reply] | None:
    """What is said about projects; None where it is about something else."""
    bench = Bench(office, pinned(office.db, office.round.rubric_sha256))
    if waiting and waiting["wish"] in STEPS:
        office.done()
        counted = number(fold(words).strip(" 。.个项"))
        if counted is not None:
            return _step(bench, waiting, int(counted))
    said = spoken("projects_staff", words)
    if said is None:
        return None
    name, about = said
    if not authorize(office.actor, Plain("projects_look" if name in LOOKS else "projects_act")):
        return [phrasebook().reply("not_allowed_staff", {})]
    return COMMANDS[name](bench, *about)


def overview(bench: Bench) -> list[Reply]:
    """Every category and project with its applicants and its places."""
    those = bench.applicants()
    reasons = _reasons(bench)
    applied = Counter(one.project.id for one in those)
    lines = []
    for outline, section, is_one in numbered(bench.rubric):
        within = [one for one in those if one.row.standing in PLACED and section in _taken(one)]
        counts = Counter(one.row.standing for one in within)
        about = {"applied": applied[section.id] if is_one else None, "placed": len(within)}
        about |= {"published": counts["published"], "decided": counts["decided"]}
        line = {"number": outline, "section": section, "counts": about, "reason": reasons.get(section.id)}
        lines.append(phrasebook().text("staff_projects_line", line))
    head = {"title": bench.office.round.title, "societies": len({one.row.entry_id for one in those})}
    late = sum(one.row.late for one in those)
    return screenful("staff_projects", "staff_projects_end", lines, {**head, "applications": len(those), "late": late})


def one(bench: Bench, said: str) -> list[Reply]:
    """One project's applicants, in the order in which they came: no rank."""
    found = named(bench.rubric, [said])
    if not found.projects:
        return _no_project(found, said)
    [chosen] = found.projects
    everybody = bench.applicants()
    mine = [each for each in everybody if each.project.id == chosen.id]
    lines = [_line(bench, position, each, everybody) for position, each in enumerate(mine, 1)]
    return screenful("staff_project", "staff_project_end", lines, {"project": chosen, "count": len(mine)})


def _line(bench: Bench, position: int, each: Applicant, everybody: Sequence[Applicant]) -> str:
    others = [
        other.project.section.title
        for other in everybody
        if other.row.entry_id == each.row.entry_id and other.project.id != each.project.id
    ]
    about = {
        "number": position,
        "leaving": applications.wants_out(bench.office.db, each.row),
        "society": each.row.society,
        "case": _case(bench, each),
        "row": each.row,
        "submitted": each.row.status == "submitted",
        "open": open_to(bench.rubric, each.project, each.row.kind),
        "place": each.place.title if each.place else None,
        "others": others,
        "passed": each.row.passed,
    }
    return phrasebook().text("staff_project_line", about)


def _case(bench: Bench, each: Applicant) -> Case:
    return case(bench.rubric, each.project, each.row.kind, facts_of(bench.office.db, each.row.entry_id))


def _no_project(found: applications.Named, said: str) -> list[Reply]:
    within = [each.section.title for _, those in found.within for each in those]
    return [phrasebook().reply("staff_no_project", {"said": said, "within": within})]


def _meant(bench: Bench, whom: str, what: str, way: str) -> tuple[Applicant | None, list[Reply]]:
    """The application that a society's and a project's name mean; or what to say instead. Names that only contain the
    words are offered, never acted on."""
    rows = roster.find(bench.office.db, whom)
    if [row.name for row in rows] != [whom]:
        names = [row.name for row in rows[:6]]
        ways = [way.format(name) for name in names]
        if ways:
            bench.office.wait_for("choose", ways=ways)
        return None, [phrasebook().reply("staff_whose", {"said": whom, "names": names, "ways": ways})]
    found = named(bench.rubric, [what])
    if len(found.projects) != 1:
        return None, _no_project(found, what)
    applied = [each for each in bench.applicants() if each.row.society_id == rows[0].id]
    hit = next((each for each in applied if each.project.id == found.projects[0].id), None)
    about = {"society": rows[0].name, "project": found.projects[0]}
    return hit, [] if hit else [phrasebook().reply("staff_not_applied", about)]


def propose(bench: Bench, whom: str, what: str, rest: str) -> list[Reply]:
    """«推荐 学会 项目»: within the quota, and only one of what is not recognised together (Q-YZ05, Q-YZ06, Q-YZ23)."""
    _lock(bench)
    each, refusal = _meant(bench, whom, what, f"推荐 {{}} {what} {rest}".strip())
    if each is None:
        return refusal
    about = {"society": each.row.society, "project": each.project}
    if each.row.standing in PLACED:
        return [phrasebook().reply("staff_placed_already", {**about, "standing": each.row.standing})]
    place = place_named(each.project, what)
    if each.project.places and place is None:
        ways = [f"推荐 {each.row.society} {one.title}" for one in each.project.places]
        bench.office.wait_for("choose", ways=ways)
        titles = [one.title for one in each.project.places]
        return [phrasebook().reply("staff_which_place", {**about, "places": titles, "ways": ways})]
    freed, conflict = _conflict(bench, each, what, rest)
    if conflict:
        return conflict
    return _placed(bench, each, place, freed, kept=rest.startswith(KEEP))


def _lock(bench: Bench) -> None:
    """Two officers never give one place away twice."""
    round = sa.select(ROUND.c.id).where(ROUND.c.id == bench.office.round.id)
    bench.office.db.execute(round.with_for_update())


def _conflict(bench: Bench, each: Applicant, what: str, rest: str) -> tuple[Applicant | None, list[Reply]]:
    """Whom to free, or the question which of the two it shall be."""
    mine = [one for one in bench.applicants() if one.row.entry_id == each.row.entry_id and one.row.standing in PLACED]
    against = [(one, how) for one in mine for _, _, how in clashes(bench.rubric, (one.project, each.project))]
    if rest.startswith(SWAP):
        wanted = {one.id for one in named(bench.rubric, [rest.removeprefix(SWAP).strip()]).projects}
        against_now = [pair for pair in against if pair[0].project.id not in wanted]
        freed = next((one for one, _ in against if one.project.id in wanted), None)
        if not against_now:
            return freed, []
        against = against_now
    if rest.startswith(KEEP):
        against = [pair for pair in against if pair[1] == "one"]  # the document forbids it, nobody may keep both
    if not against:
        return None, []
    old, how = against[0]
    opening = f"推荐 {each.row.society} {what}"
    ways = [f"{opening} {SWAP} {old.project.section.title}", *([f"{opening} {KEEP}"] if how == "undecided" else [])]
    ways.append(f"申报情况 {old.project.section.title}")
    bench.office.wait_for("choose", ways=ways)
    about = {"society": each.row.society, "old": old.project, "new": each.project, "how": how, "ways": ways}
    return None, [phrasebook().reply("staff_conflict", about)]


def _placed(bench: Bench, each: Applicant, place: str | None, freed: Applicant | None, *, kept: bool) -> list[Reply]:
    for section in quotas(each.project, place):
        taken = [one for one in bench.placed_in(section) if freed is None or one.row != freed.row]
        if section.quota is not None and len(taken) >= section.quota:
            names = [one.row.society for one in taken]
            return [phrasebook().reply("staff_full", {"section": section, "names": names})]
    if freed is not None:
        _stand(bench, freed, "none", None, reason=each.project.section.title)
    _stand(bench, each, "proposed", place)
    bench.note("project_proposed", society=each.row.society_id, project=each.project.id, place=place, kept=kept)
    narrow = quotas(each.project, place)[0]
    about = {
        "society": each.row.society,
        "project": each.project,
        "place": next((one.title for one in each.project.places if one.id == place), None),
        "placed": len(bench.placed_in(narrow)),
        "quota": narrow.quota,
        "freed": freed.project if freed else None,
        "freed_placed": len(bench.placed_in(freed.project.section)) if freed else 0,
        "doubts": [phrasebook().text("staff_doubt", {"what": one}) for one in _doubts(bench, each, kept=kept)],
        "receipt": bench.office.receipt,
    }
    return [phrasebook().reply("staff_proposed", about)]


def _doubts(bench: Bench, each: Applicant, *, kept: bool) -> list[str]:
    verdict = _case(bench, each).verdict
    found = [verdict] if verdict not in ("met", "people") else []
    marks = {
        "late": each.row.late,
        "strange": not open_to(bench.rubric, each.project, each.row.kind),
        "unsubmitted": each.row.status != "submitted",
        "undecided": kept,
    }
    return [*found, *(name for name, holds in marks.items() if holds)]


def _stand(bench: Bench, each: Applicant, standing: str, place: str | None, *, reason: str | None = None) -> None:
    fold = {"standing": standing, "place": place}
    store(bench.office.db, each.row.entry_id, each.project.id, "standing", bench.trace(), fold=fold, reason=reason)


def drop(bench: Bench, whom: str, what: str, reason: str) -> list[Reply]:
    """«撤销推荐 学会 项目 原因»: the place returns to its quota."""
    _lock(bench)
    each, refusal = _meant(bench, whom, what, f"撤销推荐 {{}} {what} {reason}".strip())
    if each is None:
        return refusal
    about = {"society": each.row.society, "project": each.project, "standing": each.row.standing}
    if each.row.standing not in PLACED:
        return [phrasebook().reply("staff_not_placed", about)]
    if each.row.standing != "proposed" and not reason:
        return [phrasebook().reply("staff_drop_reason", about)]
    _stand(bench, each, "none", None, reason=reason)
    bench.note("project_dropped", society=each.row.society_id, project=each.project.id, reason=reason)
    placed = len(bench.placed_in(each.project.section))
    return [phrasebook().reply("staff_dropped", {**about, "placed": placed, "receipt": bench.office.receipt})]


def publish(bench: Bench) -> list[Reply]:
    return _sure(bench, "publish")


def decide(bench: Bench) -> list[Reply]:
    return _sure(bench, "decide")


def _sure(bench: Bench, wish: str) -> list[Reply]:
    """The exact list and its number, to be typed."""
    those = [one for one in bench.applicants() if one.row.standing == STEPS[wish][0]]
    if not those:
        return [phrasebook().reply("staff_step_none", {"wish": wish})]
    meant = [[one.row.entry_id, one.project.id, one.row.version] for one in those]
    bench.office.wait_for(wish, meant=meant, number=len(those))
    lines = [
        phrasebook().text(
            "staff_step_line",
            {"society": one.row.society, "project": one.project, "place": one.place.title if one.place else None},
        )
        for one in those
    ]
    about = {"wish": wish, "count": len(those), "unfilled": _unfilled(bench) if wish == "decide" else []}
    return screenful("staff_step_sure", "staff_step_end", lines, about)


def _unfilled(bench: Bench) -> list[str]:
    """Projects with seats left and no word why."""
    reasons, found = _reasons(bench), []
    for one in projects(bench.rubric):
        placed = len(bench.placed_in(one.section))
        if one.section.quota is not None and placed < one.section.quota and one.id not in reasons:
            found.append(f"{one.section.title} {placed}/{one.section.quota}")
    return found


def _step(bench: Bench, waiting: dict[str, Any], counted: int) -> list[Reply]:
    """The number typed, and the list as it was shown: all of it is done, else nothing."""
    _lock(bench)
    wish = str(waiting["wish"])
    before, after = STEPS[wish]
    those = [one for one in bench.applicants() if one.row.standing == before]
    now = [[one.row.entry_id, one.project.id, one.row.version] for one in those]
    if counted != waiting["number"] or now != waiting["meant"]:
        about = {"wish": wish, "number": counted, "expected": waiting["number"], "now": len(now)}
        return [phrasebook().reply("staff_step_changed", about)]
    for one in those:
        _stand(bench, one, after, one.row.place)
    told = len({person for one in those for person in _tell(bench, one)}) if after == "decided" else 0
    bench.note(f"projects_{after}", projects=[each[:2] for each in now])
    about = {"wish": wish, "count": len(those), "told": told, "receipt": bench.office.receipt}
    return [phrasebook().reply("staff_step_done", about)]


def _tell(bench: Bench, one: Applicant) -> list[int]:
    """Whoever answers for the society hears of it once, and only now (Q-WZ26)."""
    stage = applications.later_stage(bench.office.round, bench.rubric)
    about = {
        "title": bench.office.round.title,
        "project": one.project,
        "place": one.place.title if one.place else None,
        "closes": stage.closes_at if stage else None,
        "zone": bench.office.round.timezone,
    }
    reply = phrasebook().reply("recognised", about)
    people = secretaries(bench.office.db, one.row.society_id)
    for person in people:
        cause = f"recognised:{one.row.entry_id}:{one.project.id}:{one.row.version}:{person.id}"
        call(bench.office.db, person.id, Call(cause, "notice"), reply, bench.office.now)
    return [person.id for person in people]


def empty(bench: Bench, what: str, reason: str) -> list[Reply]:
    """«空缺 项目 原因»: quotas are a maximum, seats may stay empty (Q-YZ23)."""
    found = named(bench.rubric, [what])
    if len(found.projects) != 1:
        return _no_project(found, what)
    bench.note("seats_left_empty", project=found.projects[0].id, reason=reason)
    about = {"project": found.projects[0], "placed": len(bench.placed_in(found.projects[0].section))}
    return [phrasebook().reply("staff_empty_noted", {**about, "reason": reason, "receipt": bench.office.receipt})]


def _reasons(bench: Bench) -> dict[str, str]:
    return empty_seats(bench.office.db, bench.office.round.id)


def empty_seats(db: sa.Connection, round: int) -> dict[str, str]:
    """Why seats of a project stay empty, as it was said last."""
    noted = sa.select(ACT.c.details).where(ACT.c.round_id == round, ACT.c.act == "seats_left_empty")
    return {row["project"]: row["reason"] for row in db.scalars(noted.order_by(ACT.c.id))}


def reports(bench: Bench) -> list[Reply]:
    """«验收情况»: whose report is in."""
    those = [one for one in bench.applicants() if one.row.standing in PLACED]
    stage = applications.later_stage(bench.office.round, bench.rubric)
    zone = bench.office.round.timezone
    came = {
        (one.row.entry_id, one.project.id): applications.reports(bench.office.db, one.row.entry_id, one.project.id)
        for one in those
    }
    lines = [
        phrasebook().text(
            "staff_reports_line",
            {
                "society": one.row.society,
                "project": one.project,
                "reports": came[one.row.entry_id, one.project.id],
                "passed": one.row.passed,
                "zone": zone,
            },
        )
        for one in those
    ]
    about = {"closes": stage.closes_at if stage else None, "zone": zone, "count": len(those)}
    return screenful(
        "staff_reports", "staff_reports_end", lines, {**about, "came": sum(bool(one) for one in came.values())}
    )


def accept(bench: Bench, whom: str, what: str, verdict: str, reason: str) -> list[Reply]:
    """«验收 学会 项目 通过»: what the experts found, entered by the office."""
    _lock(bench)
    each, refusal = _meant(bench, whom, what, f"验收 {{}} {what} {verdict} {reason}".strip())
    if each is None:
        return refusal
    about = {"society": each.row.society, "project": each.project}
    if each.row.standing not in PLACED:
        return [phrasebook().reply("staff_not_placed", about)]
    passed = not verdict.startswith("不")
    if not passed and not reason:
        return [phrasebook().reply("staff_accept_reason", about)]
    here = (each.row.entry_id, each.project.id)
    store(bench.office.db, *here, "acceptance", bench.trace(), fold={"passed": passed}, reason=reason)
    bench.note("project_accepted", society=each.row.society_id, project=each.project.id, passed=passed, reason=reason)
    came = bool(applications.reports(bench.office.db, *here))
    told = {"passed": passed, "reason": reason, "came": came, "receipt": bench.office.receipt}
    return [phrasebook().reply("staff_accepted", {**about, **told})]


COMMANDS: dict[str, Callable[..., list[Reply]]] = {
    "overview": overview,
    "one": one,
    "drop": drop,
    "propose": propose,
    "publish": publish,
    "decide": decide,
    "empty": empty,
    "reports": reports,
    "accept": accept,
}
