"""What only two officers together open again: a final review, and a society's table after its deadline."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from handlers import rounds
from handlers.late import extending
from handlers.messages import Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.office import USUAL_CLOSING, Office
from handlers.phrasebook import phrasebook
from handlers.review import judging, motions
from handlers.review.judging import Mark
from handlers.review.motions import Deed, Impossible
from handlers.societies import whose
from handlers.understanding import moments
from storage.relations import ENTRY, Row


def review(office: Office, said: str) -> list[Reply]:
    """«复核 医学会 原因»: the final scores are to be open to the reviewers again."""
    society, reason = whose.one(office, said)
    return motions.move(office, "review", DEEDS["review"], society, reason, counted=_pointless(office))


def table(office: Office, said: str) -> list[Reply]:
    """«重新开放 医学会 到1月20日 原因»: the society may fill in again until then."""
    society, rest = whose.one(office, said)
    standing = motions.open_one(office, "table", society)
    why = motions.stale(office, standing, society, DEEDS["table"]) if standing is not None else None
    if standing is not None and (why is None or not rest.strip()):
        return motions.move(office, "table", DEEDS["table"], society, rest)
    zone = office.round.timezone
    length = moments.span(rest)
    until = office.now + length if length else moments.moment(rest, office.now, zone, usual=USUAL_CLOSING)
    if until is None or until <= office.now:
        return [phrasebook().reply("motion_how_table", {"society": society.name})]
    about = {"until": until.isoformat(), "counted": _pointless(office)}
    return motions.move(office, "table", DEEDS["table"], society, moments.rest(rest), **about)


def _entry(office: Office, society: Row) -> Row | None:
    mine = sa.select(ENTRY).where(ENTRY.c.round_id == office.round.id, ENTRY.c.society_id == society.id)
    return office.db.execute(mine.with_for_update()).one_or_none()


def _reviewed(office: Office, society: Row) -> Decimal:
    """Its total, while its scores are final; of items without points how many are met."""
    if office.actor.person_id in judging.recused(office.db, office.round.id, society.id):
        raise Impossible("review_recused")
    entry = _entry(office, society)
    if entry is None or entry.finalized_at is None:
        raise Impossible("reopen_not_final")
    if entry.reviewed is not None:
        return Decimal(entry.reviewed)
    found = judging.tallied([one.finding for one in judging.verdicts(office.db, entry.id).values()])
    return Decimal(found["met"])


def _pointless(office: Office) -> bool:
    """Without points the number that is shown is one of items."""
    return rounds.pinned(office.db, office.round.rubric_sha256).maximum is None


def _reopen_review(office: Office, motion: Row, society: Row) -> str:
    entry = _entry(office, society)
    assert entry is not None, "its total was just looked at"
    marks = [Mark(item, None, motion.reason) for item in judging.verdicts(office.db, entry.id)]
    receipt = judging.write(office, entry, "reopened", marks)
    clear = {"finalized_at": None, "released_at": None, "objections_until": None}
    office.db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(**clear))
    about = {"old": f"{motion.number:f}", "reason": motion.reason, "moved_by": motion.person_id}
    judging.on_record(office, "review_reopened", society.id, **about, receipt=receipt)
    if entry.released_at is not None:
        reply = phrasebook().reply("review_reopened_notice", {"round": office.round, "motion": motion})
        for person in secretaries(office.db, society.id):
            call(office.db, person.id, Call(f"review_reopened:{motion.id}:{person.id}", "notice"), reply, office.now)
    return receipt


def _claimed(office: Office, society: Row) -> Decimal:
    """What it claims, while its time is over; of items without points how many are answered."""
    entry = _entry(office, society)
    if not (rounds.over(office.round, entry, office.now) or rounds.closed(office.round, entry)):
        raise Impossible("reopen_still_open")
    if office.round.closed_at is not None and _early(office.round):
        raise Impossible("reopen_round_closed")
    if entry is not None and (entry.status == "returned" or entry.finalized_at is not None):
        raise Impossible("reopen_under_review")
    if entry is not None and _pointless(office):
        return Decimal(entry.complete)
    return entry.claimed if entry is not None and entry.claimed is not None else Decimal(0)


def _early(round: Row) -> bool:
    """A round that the office closed before its time is closed for everybody."""
    return round.closes_at is None or round.closed_at < round.closes_at


def _reopen_table(office: Office, motion: Row, society: Row) -> str:
    """More time; what is handed in stays so, and every answer in time joins it."""
    until = datetime.fromisoformat(motion.about["until"])
    try:
        extending.extend(office.db, office.round, society, until, motion.reason, office.now, by=office.actor.person_id)
    except extending.NoExtension as refused:
        raise Impossible(refused.why, until=until, zone=office.round.timezone) from None
    entry = _entry(office, society)
    if entry is not None and entry.status == "submitted":
        office.db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(supplementing=True))
    about = {"until": motion.about["until"], "reason": motion.reason, "moved_by": motion.person_id}
    judging.on_record(office, "table_reopened", society.id, **about, receipt=office.receipt)
    return office.receipt


DEEDS = {
    "review": Deed(_reviewed, _reopen_review, "motion_how_review"),
    "table": Deed(_claimed, _reopen_table, "motion_how_table"),
}
