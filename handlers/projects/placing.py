"""A place is given or taken back: within the quota, and one of those that are not recognised together (Q-YZ05)."""

from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.projects.applications import PLACED, Case, named, place_named
from handlers.projects.bench import Applicant, Bench, case_of, lock, meant, of_bench, stand
from rubrics.projects import clashes, open_to, quotas

KEEP, SWAP = "同时保留", "替换"  # what the ways out of a conflict say


def propose(bench: Bench, whom: str, what: str, rest: str) -> list[Reply]:
    """«推荐 学会 项目»: within the quota, and only one of what is not recognised together (Q-YZ05, Q-YZ06, Q-YZ23)."""
    lock(bench)
    each, refusal = meant(bench, whom, what, f"推荐 {{}} {what} {rest}".strip())
    if each is None:
        return refusal
    about = {"society": each.row.society, "project": each.project}
    if each.row.standing in PLACED:
        return [phrasebook().reply("staff_placed_already", {**about, "standing": each.row.standing})]
    if each.row.late and each.row.counts is False:
        return [phrasebook().reply("staff_late_refused", about)]
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
        stand(bench, freed, "none", None, reason=each.project.section.title)
    stand(bench, each, "proposed", place)
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
    made = case_of(bench, each)
    verdict = made.verdict if of_bench(bench).reads(each) else _unread(made)
    found = [verdict] if verdict not in ("met", "people") else []
    marks = {
        "late": each.row.late and not each.row.counts,
        "strange": not open_to(bench.rubric, each.project, each.row.kind),
        "unsubmitted": each.row.status != "submitted",
        "undecided": kept,
    }
    return [*found, *(name for name, holds in marks.items() if holds)]


def _unread(made: Case) -> str:
    """What may be said of an application before it is handed in: what is open, and not what she answered."""
    return next((one for one in ("lost", "asked", "pending") if made.of(one)), "met")


def drop(bench: Bench, whom: str, what: str, reason: str) -> list[Reply]:
    """«撤销推荐 学会 项目 原因»: the place returns to its quota."""
    lock(bench)
    each, refusal = meant(bench, whom, what, f"撤销推荐 {{}} {what} {reason}".strip())
    if each is None:
        return refusal
    about = {"society": each.row.society, "project": each.project, "standing": each.row.standing}
    if each.row.standing not in PLACED:
        return [phrasebook().reply("staff_not_placed", about)]
    if each.row.standing != "proposed" and not reason:
        return [phrasebook().reply("staff_drop_reason", about)]
    stand(bench, each, "none", None, reason=reason)
    bench.note("project_dropped", society=each.row.society_id, project=each.project.id, reason=reason)
    placed = len(bench.placed_in(each.project.section))
    return [phrasebook().reply("staff_dropped", {**about, "placed": placed, "receipt": bench.office.receipt})]
