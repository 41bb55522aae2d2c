"""The office decides who may take part where the facts can't; with its reason, beside what the facts say (R13)."""

from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.review import judging
from handlers.rounds import answered, pinned, version
from handlers.societies import roster
from handlers.standards import qualifying
from handlers.standards.qualifying import Eligibility
from storage import queries, seats
from storage.relations import ENTRY, RULING, SOCIETY, Row

PASSED = "通过"


def rule(office: Office, whom: str, verdict: str, reason: str = "") -> list[Reply]:
    """«资格 茶叶学会 通过 理由». Raises roster.Unsure."""
    society = roster.one(office.db, whom.strip())
    if barred := judging.barred(office, society):
        return barred
    if not reason.strip():
        return [phrasebook().reply("ruling_why", {"society": society.name, "verdict": verdict})]
    entry = seats.entry_of(office.db, office.round.id, society.id)
    office.db.execute(sa.select(ENTRY.c.id).where(ENTRY.c.id == entry).with_for_update())  # one ruling at a time
    before = _of_society(office, society)
    if before.reckoned is None:
        return [phrasebook().reply("no_gates", {})]
    passed, by = verdict == PASSED, office.actor.person_id
    row = {"entry_id": entry, "eligible": passed, "reason": reason.strip(), "at": office.now, "person_id": by}
    id = office.db.execute(sa.insert(RULING).values(**row, receipt=office.receipt).returning(RULING.c.id)).scalar_one()
    details: dict[str, Any] = {"old": before.met, "new": "yes" if passed else "no", "reason": reason.strip()}
    where = {"round": office.round.id, "society": society.id}
    queries.note_act(office.db, office.now, "ruled", person=by, **where, receipt=office.receipt, **details)
    _tell_society(office, society, int(id), passed=passed, reason=reason.strip())
    about = {"society": society.name, "passed": passed, "reason": reason.strip(), "before": before}
    return [phrasebook().reply("ruled", {**about, "receipt": office.receipt})]


def _tell_society(office: Office, society: Row, ruling: int, *, passed: bool, reason: str) -> None:
    reply = phrasebook().reply("ruled_for_you", {"title": office.round.title, "passed": passed, "reason": reason})
    for person in secretaries(office.db, society.id):
        call(office.db, person.id, Call(f"ruling:{ruling}:{person.id}", "notice"), reply, office.now)


def look(office: Office, whom: str) -> list[Reply]:
    """«资格 茶叶学会»: one society, condition by condition. Raises roster.Unsure."""
    society = roster.one(office.db, whom.strip())
    if barred := judging.barred(office, society):
        return barred
    found = _of_society(office, society)
    if found.reckoned is None:
        return [phrasebook().reply("no_gates", {})]
    return [phrasebook().reply("ruling_look", {"society": society.name, "eligibility": found})]


def _of_society(office: Office, society: Row) -> Eligibility:
    """By the rubric that it answers; by the round's where it has no entry."""
    mine = (ENTRY.c.round_id == office.round.id, ENTRY.c.society_id == society.id)
    entry = office.db.execute(sa.select(ENTRY).where(*mine)).one_or_none()
    if entry is None:
        return qualifying.of_entry(office.db, pinned(office.db, office.round.rubric_sha256, society.kind), None)
    return qualifying.of_entry(office.db, answered(office.db, office.round, entry), entry.id)


def overview(office: Office) -> list[Reply]:
    """«资格»: everybody who takes part, those that need a person first."""
    joined = sa.select(ENTRY, SOCIETY.c.name, SOCIETY.c.kind).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    rows = office.db.execute(joined.where(ENTRY.c.round_id == office.round.id).order_by(SOCIETY.c.id)).all()
    asked = {row.id: pinned(office.db, version(office.round, row), row.kind) for row in rows}
    judged = qualifying.of_entries(office.db, asked)
    found = [(row.name, judged[row.id]) for row in rows]
    if not rows or found[0][1].reckoned is None:
        return [phrasebook().reply("no_gates" if rows else "nobody_joined", {})]
    counts = {met: sum(one.met == met for _, one in found) for met in ("yes", "no", "open")}
    others = sorted((one for one in found if one[1].met != "yes"), key=lambda one: one[1].met == "no")
    out = judging.barred_names(office)
    lines = [
        phrasebook().text("ruling_line", {"society": name, "eligibility": one, "barred": name in out})
        for name, one in others
    ]
    about = {"counts": counts, "example": others[0][0] if others else ""}
    texts = pages([*lines, phrasebook().text("ruling_end", about)], phrasebook().text("ruling_overview", about))
    return [Reply(text) for text in texts]
