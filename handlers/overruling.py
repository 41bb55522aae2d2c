"""The office answers objections: upheld, or changed with old and new on record; the society is told."""

import re
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from handlers import judging
from handlers.calling import Call, call, secretaries
from handlers.judging import Mark
from handlers.messages import Reply
from handlers.numerals import NUMBER, fold, number
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.rounds import answered
from rubrics.model import Item
from storage.queries import ENTRY, OBJECTION, SOCIETY, Row

CHANGED = re.compile(rf"(?P<n>{NUMBER})\s*分?(?:[\s,，:：;；]+(?P<why>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Case:
    row: Row
    society: Row
    entry: Row
    item: Item


def cases(office: Office, *, open_only: bool = True, number: int | None = None) -> list[Case]:
    """The objections of the round that this person may see, oldest first."""
    joined = sa.select(OBJECTION, ENTRY.c.society_id).join(ENTRY, ENTRY.c.id == OBJECTION.c.entry_id)
    chosen = joined.where(ENTRY.c.round_id == office.round.id).order_by(OBJECTION.c.id)
    if open_only:
        chosen = chosen.where(OBJECTION.c.answered_at.is_(None))
    if number is not None:
        chosen = chosen.where(OBJECTION.c.id == number)
    return [one for row in office.db.execute(chosen).all() if (one := _case(office, row))]


def _case(office: Office, row: Row) -> Case | None:
    if office.actor.person_id in judging.recused(office.db, office.round.id, row.society_id):
        return None
    society = office.db.execute(sa.select(SOCIETY).where(SOCIETY.c.id == row.society_id)).one()
    entry = office.db.execute(sa.select(ENTRY).where(ENTRY.c.id == row.entry_id).with_for_update()).one()
    return Case(row, society, entry, answered(office.db, office.round, entry).item(row.item))


def listed(office: Office) -> list[Reply]:
    """«申诉»"""
    found = cases(office)
    zone = {"zone": office.round.timezone}
    lines = [phrasebook().text("objection_line", {"one": one, **zone}) for one in found]
    about = {"count": len(found), "title": office.round.title}
    texts = pages([*lines, phrasebook().text("objections_end", about)], phrasebook().text("objections", about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices("objections_end", about))]


def answer(office: Office, id: str, outcome: str, said: str) -> list[Reply]:
    """«申诉 3 维持 理由», «申诉 3 改 8分 理由»"""
    found = cases(office, open_only=False, number=int(id))
    if not found:
        return [phrasebook().reply("objection_none", {"number": id})]
    case = found[0]
    if case.row.answered_at is not None:
        return [phrasebook().reply("objection_answered_before", {"one": case})]
    if case.entry.finalized_at is None:
        return [phrasebook().reply("objection_reopened", {"one": case})]
    upheld = fold(outcome).startswith("维")
    changed = None if upheld else CHANGED.fullmatch(fold(said).strip())
    told = number(changed["n"]) if changed else None
    score = None if told is None else case.item.signed(told)
    why = said.strip() if upheld else said.strip()[slice(*changed.span("why"))] if changed and changed["why"] else ""
    if not why.strip() or (not upheld and score is None):
        return [phrasebook().reply("objection_how", {"number": id})]
    if score is not None and (fault := judging.fault(case.item, score)):
        return [phrasebook().reply(fault, {"item": case.item, "said": score})]
    return [_settle(office, case, score, why.strip())]


def _settle(office: Office, case: Case, score: Decimal | None, why: str) -> Reply:
    """Store the answer; a changed score is a new event, and the entry's sum follows."""
    db, by = office.db, office.actor.person_id
    old, new = case.row.old_score, case.row.old_score if score is None else score
    receipt = office.receipt
    if score is not None:
        receipt = judging.write(office, case.entry, "changed", [Mark(case.item.id, score, why)])
    outcome = {"outcome": "upheld" if score is None else "changed", "new_score": new, "answer": why}
    mine = sa.update(OBJECTION).where(OBJECTION.c.id == case.row.id)
    db.execute(mine.values(answered_at=office.now, answered_by=by, **outcome))
    about = {"number": case.row.id, "position": case.item.position, "old": f"{old:f}", "new": f"{new:f}"}
    judging.on_record(office, "objection_answered", case.society.id, **about, reason=why, receipt=receipt)
    total = db.scalar(sa.select(ENTRY.c.reviewed).where(ENTRY.c.id == case.entry.id))
    said = {"one": case, "old": old, "new": new, "why": why, "total": total, "round": office.round, "receipt": receipt}
    reply = phrasebook().reply("objection_outcome", {**said, "upheld": score is None})
    for person in secretaries(db, case.society.id):
        call(db, person.id, Call(f"objection_answered:{case.row.id}:{person.id}", "notice"), reply, office.now)
    return phrasebook().reply("objection_settled", {**said, "upheld": score is None})
