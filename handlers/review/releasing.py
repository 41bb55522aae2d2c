"""公布核定: only then a society sees what it was given, is told so, and may object for so many working days."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.notices.workdays import after
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import judging
from handlers.societies import whose
from storage.relations import ENTRY, REVIEW_EVENT, SOCIETY, Row

EVERYBODY = ("全部", "所有", "全体", "all")


def waiting_ones(db: sa.Connection, round: int, *, hold: bool = False) -> list[Row]:
    """Entries whose scores are final and not released, with the names of their societies; `hold` them until it is done."""
    joined = sa.select(ENTRY, SOCIETY.c.name).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    final = (ENTRY.c.round_id == round, ENTRY.c.finalized_at.is_not(None), ENTRY.c.released_at.is_(None))
    chosen = joined.where(*final).order_by(SOCIETY.c.name)
    return list(db.execute(chosen.with_for_update(of=ENTRY) if hold else chosen))


def propose(office: Office, said: str) -> list[Reply]:
    """«公布核定 全部», «公布核定 医学会»: to whom, to be confirmed by the number."""
    found = waiting_ones(office.db, office.round.id)
    society = None
    if said.strip() not in EVERYBODY:
        society, _ = whose.one(office, said)
        if refused := judging.barred(office, society):
            return refused
        found = [row for row in found if row.society_id == society.id]
    out = judging.avoided(office.db, office.round.id, office.actor.person_id)
    others = [row for row in found if row.society_id not in out]
    barred, found = len(found) - len(others), others
    if not found:
        return [phrasebook().reply("release_nobody", {"society": society.name if society else None, "barred": barred})]
    office.wait_for("release", entries=[row.id for row in found], number=str(len(found)))
    until = after(office.now, office.round.objection_days, office.round.timezone)
    about = {"count": len(found), "names": [row.name for row in found[:5]], "until": until, "barred": barred}
    return [phrasebook().reply("release_sure", {**about, "zone": office.round.timezone})]


def confirm(office: Office, waiting: dict[str, Any], counted: Decimal) -> list[Reply]:
    still = waiting_ones(office.db, office.round.id, hold=True)
    out = judging.avoided(office.db, office.round.id, office.actor.person_id)  # she may be recused since
    found = [row for row in still if row.id in waiting["entries"] and row.society_id not in out]
    if counted != len(found):
        return [phrasebook().reply("review_number_changed", {"number": counted, "now": len(found)})]
    told, receipt = release(office, found)
    return [phrasebook().reply("release_done", {"count": len(found), "told": told, "receipt": receipt})]


def release(office: Office, entries: Sequence[Row]) -> tuple[int, str]:
    """Let these societies see their scores; how many of them were told, and the receipt."""
    receipt = office.receipt or f"P-{office.round.id}-{office.now:%y%m%d%H%M%S}"
    until = after(office.now, office.round.objection_days, office.round.timezone)
    return sum(_release(office, row, until, receipt) for row in entries), receipt


def _release(office: Office, entry: Row, until: Any, receipt: str) -> bool:
    db, now = office.db, office.now
    db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(released_at=now, objections_until=until))
    judging.on_record(office, "released_review", entry.society_id, receipt=receipt, **_given(db, entry))
    last = db.scalar(sa.select(sa.func.max(REVIEW_EVENT.c.id)).where(REVIEW_EVENT.c.entry_id == entry.id))
    found = _given(db, entry)["found"]
    about = {
        "round": office.round,
        "reviewed": entry.reviewed,
        "claimed": entry.claimed,
        "until": until,
        "found": found,
    }
    reply = phrasebook().reply("released_notice", about)
    people = secretaries(db, entry.society_id)
    states = [call(db, one.id, Call(f"released:{last}:{one.id}", "notice"), reply, now) for one in people]
    return any(state != "unreachable" for state in states)


def _given(db: sa.Connection, entry: Row) -> dict[str, Any]:
    """The total, or what was found where there are no points."""
    if entry.reviewed is not None:
        return {"total": f"{entry.reviewed:f}", "found": None}
    verdicts = judging.verdicts(db, entry.id).values()
    return {"total": None, "found": judging.tallied([one.finding for one in verdicts])}
