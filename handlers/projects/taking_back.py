"""«撤销» in a round of projects: what the society's last message stored is taken back by new events; nothing is erased."""

from typing import Any

import sqlalchemy as sa

from handlers.answers import wishes
from handlers.answers.acknowledging import learned
from handlers.answers.scene import Change, Learned, Withdrawn
from handlers.desk import Desk, look_at_evidence
from handlers.messages import Incoming, Reply
from handlers.phrasebook import phrasebook
from handlers.projects import demands
from handlers.projects.applications import Trace, live, of_entry, store
from rubrics.projects import project
from storage import queries
from storage.relations import APPLICATION_EVENT, PAPER, Row

HERS = ("applied", "withdrawn", "report", "taken_back")


def take_back(desk: Desk) -> list[Reply]:
    """The newest of what she applied for, reported, answered and proved, if nobody has changed it since."""
    applied, answered = _applied(desk), queries.last_changes(desk.db, desk.entry.id, desk.actor.person_id)
    newest = max(applied[0].inbound_id if applied else 0, answered[0].inbound_id if answered else 0)
    if (_last_paper(desk) or 0) > newest:
        return [phrasebook().reply("project_undo_paper", {})]
    applied = [row for row in applied if row.inbound_id == newest]
    answered = [row for row in answered if row.inbound_id == newest]
    if not newest:
        return [phrasebook().reply("project_nothing_to_undo", {"why": "nothing"})]
    if any(row.late for row in (*applied, *answered)):
        return [phrasebook().reply("project_nothing_to_undo", {"why": "late"})]
    if desk.season.late and any(row.kind not in ("report", "taken_back") for row in (*applied, *answered)):
        return [phrasebook().reply("project_nothing_to_undo", {"why": "over"})]
    versions = {row.project: row.version for row in of_entry(desk.db, desk.entry.id)}
    if any(
        versions[row.project] > max(one.version for one in applied if one.project == row.project) for row in applied
    ):
        return [phrasebook().reply("project_nothing_to_undo", {"why": "changed"})]
    changes = _answers_back(desk, answered)
    if answered and not changes:
        return [phrasebook().reply("project_nothing_to_undo", {"why": "changed"})]
    done = [_one_back(desk, row) for row in reversed(applied)] + [_told(desk, one) for one in changes]
    demands.store(desk, *changes)
    desk.noted = True
    desk.scene = desk.scene.at(None)
    left = len(live(desk.db, desk.season.rubric, desk.entry.id))
    queries.note_act(
        desk.db,
        desk.now,
        "project_undone",
        person=desk.actor.person_id,
        channel=desk.message.channel,
        round=desk.season.id,
        society=desk.actor.society_id,
        receipt=desk.receipt,
        undone=[row.receipt for row in (*applied, *answered)][:1],
    )
    about = {"done": done, "left": left, "submitted": desk.submitted, "receipt": desk.receipt}
    told = phrasebook().reply("project_undone", about)
    return [told, *demands.ask(desk)] if left and not desk.season.late and demands.questions(desk) else [told]


def _applied(desk: Desk) -> list[Row]:
    """The events of her latest message about applications."""
    mine = (APPLICATION_EVENT.c.entry_id == desk.entry.id, APPLICATION_EVENT.c.person_id == desk.actor.person_id)
    hers = sa.select(APPLICATION_EVENT).where(*mine, APPLICATION_EVENT.c.kind.in_(HERS))
    rows = list(desk.db.execute(hers.order_by(APPLICATION_EVENT.c.id)))
    return [row for row in rows if row.inbound_id == rows[-1].inbound_id]


def _last_paper(desk: Desk) -> int | None:
    mine = (PAPER.c.entry_id == desk.entry.id, PAPER.c.person_id == desk.actor.person_id)
    found: int | None = desk.db.scalar(sa.select(sa.func.max(PAPER.c.inbound_id)).where(*mine))
    return found


def _answers_back(desk: Desk, rows: list[Row]) -> tuple[Change, ...]:
    look_at_evidence(desk, {row.item for row in rows})
    return wishes.inverse(desk, rows)


def _one_back(desk: Desk, row: Row) -> str:
    trace = Trace(desk.now, desk.actor.person_id, desk.receipt, desk.message.channel, desk.inbound_id)
    here = (desk.db, desk.entry.id, row.project)
    about = {"kind": row.kind, "project": project(desk.season.rubric, row.project), "name": row.name or row.text}
    file = Incoming(row.name, row.sha256, row.size, row.media_type) if row.sha256 else None
    if row.kind == "applied":
        store(*here, "withdrawn", trace, fold={"state": "withdrawn", "standing": "none", "place": None})
    elif row.kind == "withdrawn":
        store(*here, "applied", trace, fold={"state": "applied"})
    elif row.kind == "report":
        store(*here, "taken_back", trace, text=row.text, file=file, takes_back=row.id)
    else:
        store(*here, "report", trace, text=row.text, file=file)
    return phrasebook().text("project_undone_line", about)


def _told(desk: Desk, change: Change) -> str:
    requirement = desk.season.rubric.requirement(change.item)
    about: dict[str, Any] = {"kind": "fact", "requirement": requirement, "label": "", "value": ""}
    if isinstance(change, Learned):
        about |= {"label": requirement.known[change.fact].label}
        if change.value is not None:
            about |= learned(requirement, {"fact": change.fact, "value": change.value})
    elif isinstance(change, Withdrawn):
        about["kind"] = "back" if change.back else "evidence"
    return phrasebook().text("project_undone_fact", about)
