"""«撤销» of the office in a round of projects: the last step of this officer, where nobody has gone on from it."""

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices import notifying
from handlers.phrasebook import phrasebook
from handlers.projects.applications import PLACED, store
from handlers.projects.bench import Applicant, Bench, lock
from handlers.rights import authorize
from handlers.understanding.intents import Plain
from rubrics.projects import quotas
from storage.relations import ANNOUNCEMENT, APPLICATION_EVENT, ENTRY, Row

STEPS = ("standing", "acceptance")


def take_back(bench: Bench) -> list[Reply]:
    """Every application of the step stands again as before; recognition has been told to societies and stays."""
    office = bench.office
    if not authorize(office.actor, Plain("projects_act")):
        return [phrasebook().reply("not_allowed_staff", {})]
    lock(bench)
    rows = _last_step(bench)
    if not rows or _announced_since(bench, rows[0]):
        return notifying.take_back(office) or [phrasebook().reply("staff_undo_none", {"why": "nothing"})]
    those = {(one.row.entry_id, one.project.id): one for one in bench.applicants()}
    if refusal := _why_not(bench, rows, those):
        return [phrasebook().reply("staff_undo_none", {"why": refusal})]
    lines = []
    for row in reversed(rows):
        one = those[row.entry_id, row.project]
        store(office.db, row.entry_id, row.project, row.kind, bench.trace(), fold=row.old, reason="undo")
        about = {"society": one.row.society, "project": one.project, "old": row.old}
        lines.append(phrasebook().text("staff_undone_line", about))
    bench.note("projects_undone", undone=rows[0].receipt)
    return [phrasebook().reply("staff_undone", {"lines": lines, "receipt": office.receipt})]


def _last_step(bench: Bench) -> list[Row]:
    """The events of this officer's newest step in this round, all by one receipt."""
    joined = sa.select(APPLICATION_EVENT).join(ENTRY, ENTRY.c.id == APPLICATION_EVENT.c.entry_id)
    mine = (ENTRY.c.round_id == bench.office.round.id, APPLICATION_EVENT.c.person_id == bench.office.actor.person_id)
    steps = joined.where(*mine, APPLICATION_EVENT.c.kind.in_(STEPS)).order_by(APPLICATION_EVENT.c.id.desc())
    newest = bench.office.db.execute(steps.limit(1)).one_or_none()
    if newest is None:
        return []
    return list(bench.office.db.execute(steps.where(APPLICATION_EVENT.c.receipt == newest.receipt)))[::-1]


def _announced_since(bench: Bench, row: Row) -> bool:
    mine = (ANNOUNCEMENT.c.person_id == bench.office.actor.person_id, ANNOUNCEMENT.c.made_at > row.at)
    return bench.office.db.scalar(sa.select(ANNOUNCEMENT.c.id).where(*mine).limit(1)) is not None


def _why_not(bench: Bench, rows: list[Row], those: dict[tuple[int, str], Applicant]) -> str | None:
    """accepted, recognised, changed or full; None where it can be taken back."""
    if any(row.kind == "acceptance" for row in rows):
        return "accepted"
    if any(row.kind == "standing" and row.new.get("standing") == "decided" for row in rows):
        return "recognised"
    newest = {(row.entry_id, row.project): row.version for row in rows}
    if any(those[at].row.version != version if at in those else True for at, version in newest.items()):
        return "changed"
    return "full" if any(_full(bench, row, those[row.entry_id, row.project], rows) for row in rows) else None


def _full(bench: Bench, row: Row, one: Applicant, rows: list[Row]) -> bool:
    """Whether the place that it would have again was given to another meanwhile."""
    if row.kind != "standing" or row.old["standing"] not in PLACED or one.row.standing in PLACED:
        return False
    taken = {
        section: [each for each in bench.placed_in(section) if _stays(each, rows)]
        for section in quotas(one.project, row.old["place"])
    }
    return any(section.quota is not None and len(those) >= section.quota for section, those in taken.items())


def _stays(each: Applicant, rows: list[Row]) -> bool:
    """Whether it keeps its place when this step is taken back."""
    old = next((row.old for row in rows if (row.entry_id, row.project) == (each.row.entry_id, each.project.id)), None)
    return old is None or old["standing"] in PLACED
