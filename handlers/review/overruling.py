"""The office answers objections: upheld, or changed with old and new on record; the society is told."""

import re
from dataclasses import dataclass

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.review import judging
from handlers.review.judging import Mark
from handlers.review.reviewing import FINDINGS
from handlers.rounds import answered, pinned
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import NUMBER, fold, number
from rubrics.model import Item
from storage.relations import ENTRY, OBJECTION, SOCIETY, Row

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
    lines = [phrasebook().text("objection_line", {"one": one, "given": given(one.row, "old"), **zone}) for one in found]
    pointless = pinned(office.db, office.round.rubric_sha256).maximum is None
    about = {"count": len(found), "title": office.round.title, "pointless": pointless}
    texts = pages([*lines, phrasebook().text("objections_end", about)], phrasebook().text("objections", about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices("objections_end", about))]


def answer(office: Office, id: str, outcome: str, said: str) -> list[Reply]:
    """«申诉 3 维持 理由», «申诉 3 改 8分 理由»"""
    office.db.execute(sa.select(OBJECTION.c.id).where(OBJECTION.c.id == int(id)).with_for_update())  # answered once
    found = cases(office, open_only=False, number=int(id))
    if not found:
        return [phrasebook().reply("objection_none", {"number": id})]
    case = found[0]
    if case.row.answered_at is not None:
        return [phrasebook().reply("objection_answered_before", {"one": case, "given": given(case.row, "new")})]
    if case.entry.finalized_at is None:
        return [phrasebook().reply("objection_reopened", {"one": case})]
    upheld = fold(outcome).startswith("维")
    judged, why = (None, said.strip()) if upheld else _read(case.item, said)
    if not why or (not upheld and judged is None):
        about = {"number": id, "pointless": case.item.points is None}
        return [phrasebook().reply("objection_how", about)]
    if judged is not None and judged.score is not None and (fault := judging.fault(case.item, judged.score)):
        return [phrasebook().reply(fault, {"item": case.item, "said": judged.score})]
    return [_settle(office, case, judged, why)]


def _read(item: Item, said: str) -> tuple[Mark | None, str]:
    """«8分 理由», or «达到 理由» where there are no points."""
    if item.points is None:
        wish, why = lexicon().reviewing(said) or ("", "")
        finding = FINDINGS.get(wish)
        return (Mark(item.id, None, why, finding=finding), why) if finding else (None, why)
    changed = CHANGED.fullmatch(fold(said).strip())
    told = number(changed["n"]) if changed else None
    score = None if told is None else item.signed(told)
    why = said.strip()[slice(*changed.span("why"))].strip() if changed and changed["why"] else ""
    return (Mark(item.id, score, why) if score is not None else None), why


def given(row: Row, which: str) -> str:
    """What stood before (old), or stands after (new), in words."""
    score, finding = getattr(row, f"{which}_score"), getattr(row, f"{which}_finding")
    return judging.worded(Mark("", score, finding=finding)) if score is not None or finding is not None else ""


def _settle(office: Office, case: Case, judged: Mark | None, why: str) -> Reply:
    """Store the answer; what changes is a new event, and the entry's sum follows."""
    db, by = office.db, office.actor.person_id
    receipt = judging.write(office, case.entry, "changed", [judged]) if judged is not None else office.receipt
    old = Mark(case.item.id, case.row.old_score, finding=case.row.old_finding)
    new = judged if judged is not None else old
    outcome = {"outcome": "upheld" if judged is None else "changed", "answer": why}
    decided = {"new_score": new.score, "new_finding": new.finding, "answered_at": office.now, "answered_by": by}
    db.execute(sa.update(OBJECTION).where(OBJECTION.c.id == case.row.id).values(**outcome, **decided))
    words = {"old": judging.worded(old), "new": judging.worded(new)}
    about = {"number": case.row.id, "position": case.item.position, **words}
    judging.on_record(office, "objection_answered", case.society.id, **about, reason=why, receipt=receipt)
    total = db.scalar(sa.select(ENTRY.c.reviewed).where(ENTRY.c.id == case.entry.id))
    said = {"one": case, **words, "why": why, "total": total, "round": office.round, "receipt": receipt}
    reply = phrasebook().reply("objection_outcome", {**said, "upheld": judged is None})
    for person in secretaries(db, case.society.id):
        call(db, person.id, Call(f"objection_answered:{case.row.id}:{person.id}", "notice"), reply, office.now)
    return phrasebook().reply("objection_settled", {**said, "upheld": judged is None})
