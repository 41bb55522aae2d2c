"""The office and the projects: what it says, and the steps from proposed to published and from published to recognised."""

from collections.abc import Callable
from typing import Any

from handlers.messages import Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.projects import acceptance, applicants, applications, placing, seats, unplacing
from handlers.projects.bench import Applicant, Bench, lock, stand
from handlers.projects.seats import unfilled
from handlers.rights import authorize
from handlers.rounds import pinned
from handlers.screenful import screenful
from handlers.understanding.intents import Plain
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold, number
from handlers.understanding.spoken import spoken

LOOKS = ("overview", "one", "reports")

STEPS = {"publish": ("proposed", "published"), "decide": ("published", "decided")}


def hear(office: Office, words: str, waiting: dict[str, Any] | None) -> list[Reply] | None:
    """What is said about projects; None where it is about something else."""
    bench = Bench(office, pinned(office.db, office.round.rubric_sha256))
    undoes = lexicon().command(words) == Plain("undo")
    if waiting and waiting["wish"] in STEPS:
        office.done()
        if undoes:
            return [phrasebook().reply("office_dropped", {})]
        counted = number(fold(words).strip(" 。.个项"))
        if counted is not None:
            return _step(bench, waiting, int(counted))
    elif undoes:
        return unplacing.take_back(bench)
    said = spoken("projects_staff", words)
    if said is None:
        return None
    name, about = said
    if not authorize(office.actor, Plain("projects_look" if name in LOOKS else "projects_act")):
        return [phrasebook().reply("not_allowed_staff", {})]
    return COMMANDS[name](bench, *about)


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
            {
                "society": one.row.society,
                "project": one.project,
                "place": one.place.title if one.place else None,
                "submitted": one.row.status == "submitted",
                "waits": one.row.late and one.row.counts is None,
            },
        )
        for one in those
    ]
    about = {"wish": wish, "count": len(those), "unfilled": unfilled(bench) if wish == "decide" else []}
    return screenful("staff_step_sure", "staff_step_end", lines, about)


def _step(bench: Bench, waiting: dict[str, Any], counted: int) -> list[Reply]:
    """The number typed, and the list as it was shown: all of it is done, else nothing."""
    lock(bench)
    wish = str(waiting["wish"])
    before, after = STEPS[wish]
    those = [one for one in bench.applicants() if one.row.standing == before]
    now = [[one.row.entry_id, one.project.id, one.row.version] for one in those]
    if counted != waiting["number"] or now != waiting["meant"]:
        about = {"wish": wish, "number": counted, "expected": waiting["number"], "now": len(now)}
        return [phrasebook().reply("staff_step_changed", about)]
    for one in those:
        stand(bench, one, after, one.row.place)
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
        "stages": [one.text or "" for one in bench.rubric.stages],
    }
    reply = phrasebook().reply("recognised", about)
    people = secretaries(bench.office.db, one.row.society_id)
    for person in people:
        cause = f"recognised:{one.row.entry_id}:{one.project.id}:{one.row.version}:{person.id}"
        call(bench.office.db, person.id, Call(cause, "notice"), reply, bench.office.now)
    return [person.id for person in people]


COMMANDS: dict[str, Callable[..., list[Reply]]] = {
    "overview": applicants.overview,
    "one": applicants.one,
    "drop": placing.drop,
    "propose": placing.propose,
    "publish": publish,
    "decide": decide,
    "empty": seats.empty,
    "reports": acceptance.reports,
    "accept": acceptance.accept,
}
