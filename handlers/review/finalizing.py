"""核定: once every item has a score, an officer makes them final by typing the total she was shown."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import before, judging, rechecks, returned, reviewrule, sheet
from handlers.review.judging import Mark, Opinion
from handlers.review.sheet import Sheet
from handlers.societies import whose
from rubrics import counting
from rubrics.model import Item
from storage.relations import ENTRY, SOCIETY, Row


class NotFinal(Exception):
    """It can't be made final yet; `why` is the message that says so, and `about` what it speaks of."""

    def __init__(self, why: str, **about: Any) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


@dataclass(frozen=True)
class Ready:
    """What would be made final."""

    found: Sheet
    opinions: dict[str, Opinion]

    @property
    def marks(self) -> list[Mark]:
        items = ((item, self.opinions[item.id]) for item in self.found.rubric.items)
        return [
            Mark(item.id, one.agreed, one.reason, self.found.handed(item.id).newest, one.finding) for item, one in items
        ]

    @property
    def counted(self) -> bool:
        """Without points there is no total: the items that are met are counted (R12)."""
        return self.found.rubric.maximum is None

    @property
    def tally(self) -> dict[str, int]:
        return judging.tallied([mark.finding for mark in self.marks])

    @property
    def number(self) -> Decimal:
        """What an officer types to make it final."""
        return Decimal(self.tally["met"]) if self.counted else self.total

    @property
    def total(self) -> Decimal:
        return counting.total(self.found.rubric, self.scores)

    @property
    def scores(self) -> dict[str, Decimal]:
        return {mark.item: mark.score or Decimal(0) for mark in self.marks}

    @property
    def sections(self) -> list[dict[str, Any]]:
        scores = self.scores
        return [
            {"section": one, "sum": counting.of_section(one, scores).total}
            for one in self.found.rubric.walk()
            if one.items
        ]

    @property
    def shown(self) -> list[list[str | None]]:
        """What an officer confirms: another sum of the same total is another thing."""
        scored = [(mark, None if mark.score is None else f"{mark.score:f}") for mark in self.marks]
        return [[mark.item, score, mark.finding] for mark, score in scored]

    @property
    def wide(self) -> list[Item]:
        return [item for item in self.found.rubric.items if self.opinions[item.id].wide]


def ready(db: sa.Connection, round: Row, society: Row) -> Ready:
    """Raises NotFinal, and NotHandedIn."""
    found = sheet.sheet(db, round, society)
    if found.final:
        raise NotFinal("review_final_already")
    if waiting := returned.open_ones(db, found.entry.id):
        raise NotFinal("final_sent_back", positions=sorted(found.rubric.item(one.item).position for one in waiting))
    if marked := rechecks.open_ones(db, found.entry.id).keys() & {item.id for item in found.rubric.items}:
        raise NotFinal("final_recheck", positions=sorted(found.rubric.item(one).position for one in marked))
    opinions = judging.opinions(db, found)
    open_ones = [item for item in found.rubric.items if not opinions[item.id].settled]
    split = [item.position for item in open_ones if opinions[item.id].split]
    if unscored := [item.position for item in open_ones if not opinions[item.id].split]:
        raise NotFinal("final_unscored", positions=unscored)
    if split:
        raise NotFinal("final_split", positions=split)
    return Ready(found, opinions)


def propose(office: Office, said: str) -> list[Reply]:
    """«核定 医学会»: the sums and the total, to be confirmed by typing it."""
    society, _ = whose.one(office, said)
    if barred := before.refusal(office, society):
        return barred
    try:
        prepared = ready(office.db, office.round, society)
    except NotFinal as refused:
        return [phrasebook().reply(refused.why, {"society": society.name, **refused.about})]
    office.wait_for("final", society=society.id, number=f"{prepared.number:f}", marks=prepared.shown)
    about = {"society": society.name, "sections": prepared.sections, "total": prepared.total, "wide": prepared.wide}
    about |= {"counted": prepared.counted, "found": prepared.tally, "count": len(prepared.marks)}
    about |= {"scored": sum(mark.score is not None for mark in prepared.marks)}
    rule = {
        "rule_name": reviewrule.name(office.round.review_rule, counted=prepared.counted),
        "claimed": prepared.found.submission.claimed,
    }
    return [phrasebook().reply("final_sure", {**about, **rule, "maximum": prepared.found.rubric.maximum})]


def confirm(office: Office, waiting: dict[str, Any], counted: Decimal) -> list[Reply]:
    """The total typed: reckoned again, and it is final."""
    office = office.held()  # the round's rule is what it is until they are final
    society = office.db.execute(sa.select(SOCIETY).where(SOCIETY.c.id == waiting["society"])).one()
    if barred := before.refusal(office, society):
        return barred
    try:
        if ready(office.db, office.round, society).shown != waiting.get("marks"):
            return [phrasebook().reply("final_moved", {"society": society.name})]
        made = finalize(office, society, counted)
    except NotFinal as refused:
        return [phrasebook().reply(refused.why, {"society": society.name, **refused.about})]
    return [phrasebook().reply("final_done", {"society": society.name, **made})]


def finalize(office: Office, society: Row, total: Decimal) -> dict[str, Any]:
    """Make the scores final where their sum is what the officer says it is. Raises NotFinal."""
    office = office.held()
    prepared = ready(office.db, office.round, society)
    if total != prepared.number:
        raise NotFinal("final_changed", number=total, total=prepared.number, counted=prepared.counted)
    entry = prepared.found.entry
    receipt = judging.write(office, entry, "final", prepared.marks)
    office.db.execute(
        sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(finalized_at=office.now, supplementing=False)
    )
    total_said = None if prepared.counted else prepared.total
    about = {"total": None if total_said is None else f"{total_said:f}", "rule": office.round.review_rule}
    found = prepared.tally if prepared.counted else None
    judging.on_record(office, "finalized", society.id, **about, found=found, receipt=receipt)
    return {"total": total_said, "found": found, "receipt": receipt}
