"""The acceptance of what was recognised: whose report is in, and what the experts found."""

from handlers.messages import Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.phrasebook import phrasebook
from handlers.projects import applications
from handlers.projects.applications import PLACED, store
from handlers.projects.bench import Applicant, Bench, lock, meant, of_bench
from handlers.screenful import screenful


def reports(bench: Bench) -> list[Reply]:
    """«验收情况»: whose report is in."""
    those = [one for one in bench.applicants() if one.row.standing in PLACED]
    stage = applications.later_stage(bench.office.round, bench.rubric)
    zone = bench.office.round.timezone
    came = {
        (one.row.entry_id, one.project.id): applications.reports(bench.office.db, one.row.entry_id, one.project.id)
        for one in those
    }
    barred = of_bench(bench).barred
    lines = [
        phrasebook().text(
            "staff_reports_line",
            {
                "barred": one.row.society_id in barred,
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
    lock(bench)
    each, refusal = meant(bench, whom, what, f"验收 {{}} {what} {verdict} {reason}".strip(), by_full_name=True)
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
    _tell(bench, each, reason, passed=passed)
    told = {"passed": passed, "reason": reason, "came": came, "receipt": bench.office.receipt}
    return [phrasebook().reply("staff_accepted", {**about, **told})]


def _tell(bench: Bench, one: Applicant, reason: str, *, passed: bool) -> None:
    """Whoever answers for the society hears what was found, and what the document says follows from it."""
    about = {"title": bench.office.round.title, "project": one.project, "passed": passed, "reason": reason}
    reply = phrasebook().reply("accepted", {**about, "stages": [stage.text or "" for stage in bench.rubric.stages]})
    for person in secretaries(bench.office.db, one.row.society_id):
        cause = f"accepted:{one.row.entry_id}:{one.project.id}:{bench.office.receipt}:{person.id}"
        call(bench.office.db, person.id, Call(cause, "notice"), reply, bench.office.now)
