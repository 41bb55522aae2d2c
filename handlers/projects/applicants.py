"""Who applied, as the office sees it: every project with its places, and the applicants of one."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.projects import applications
from handlers.projects.applications import PLACED, named
from handlers.projects.bench import Applicant, Bench, Sight, case_of, no_project, of_bench, taken
from handlers.projects.seats import empty_seats
from handlers.rights import OFFICE
from handlers.screenful import screenful
from rubrics.projects import numbered, open_to
from storage import queries


def overview(bench: Bench) -> list[Reply]:
    """Every category and project with its applicants and its places; those that nobody applied for in one line."""
    those = bench.applicants()
    reasons = empty_seats(bench.office.db, bench.office.round.id)
    applied = Counter(one.project.id for one in those)
    lines, idle = [], []
    for outline, section, is_one in numbered(bench.rubric):
        within = [one for one in those if one.row.standing in PLACED and section in taken(one)]
        counts = Counter(one.row.standing for one in within)
        about = {"applied": applied[section.id] if is_one else None, "placed": len(within)}
        about |= {"published": counts["published"], "decided": counts["decided"]}
        if is_one and not (within or applied[section.id] or reasons.get(section.id)):
            idle.append(f"{outline} {section.title}")
        if within or applied[section.id] or reasons.get(section.id):
            line = {"number": outline, "section": section, "counts": about, "reason": reasons.get(section.id)}
            lines.append(phrasebook().text("staff_projects_line", line))
    head: dict[str, Any] = {"title": bench.office.round.title, "societies": len({one.row.entry_id for one in those})}
    head |= {"applications": len(those), "late": sum(one.row.late for one in those), "quota": bench.rubric.quota}
    head |= {"placed": sum(one.row.standing in PLACED for one in those), "idle": idle}
    return screenful("staff_projects", "staff_projects_end", lines, head)


def one(bench: Bench, said: str) -> list[Reply]:
    """One project's applicants, in the order in which they came: no rank."""
    found = named(bench.rubric, [said])
    if not found.projects:
        return no_project(found, said)
    [chosen] = found.projects
    everybody = bench.applicants()
    mine = [each for each in everybody if each.project.id == chosen.id]
    sight = of_bench(bench)
    lines = [_line(bench, position, each, everybody, sight) for position, each in enumerate(mine, 1)]
    unread = [each.row for each in mine if not sight.reads(each) and each.row.society_id not in sight.barred]
    veiled = unread[0].society if unread else None
    about = {"project": chosen, "count": len(mine), "veiled": veiled, "asks": bench.office.actor.role in OFFICE}
    return screenful("staff_project", "staff_project_end", lines, about)


def _told(bench: Bench, each: Applicant, sight: Sight) -> dict[str, Any]:
    """How the application stands by its facts; before it is handed in how much of it there is, and nothing else."""
    found, rows = case_of(bench, each), queries.answers(bench.office.db, each.row.entry_id)
    asked = {one.id for one, _ in found.asked if one.facts}
    counts = {"asked": len(asked), "answered": sum(row.item in asked and bool(row.facts) for row in rows)}
    proofs = sum(row.evidence for row in rows)
    return {"case": found, "veiled": not sight.reads(each), **counts, "proofs": proofs}


def _line(bench: Bench, position: int, each: Applicant, everybody: Sequence[Applicant], sight: Sight) -> str:
    if each.row.society_id in sight.barred:
        return phrasebook().text("staff_project_recused", {"number": position, "society": each.row.society})
    others = [
        other.project.section.title
        for other in everybody
        if other.row.entry_id == each.row.entry_id and other.project.id != each.project.id
    ]
    about = {
        "number": position,
        "leaving": applications.wants_out(bench.office.db, each.row),
        "society": each.row.society,
        **_told(bench, each, sight),
        "row": each.row,
        "submitted": each.row.status == "submitted",
        "open": open_to(bench.rubric, each.project, each.row.kind),
        "place": each.place.title if each.place else None,
        "others": others,
        "passed": each.row.passed,
    }
    return phrasebook().text("staff_project_line", about)
