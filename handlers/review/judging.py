"""Reviewers' scores and the final ones: appended as events, folded beside, with the entry's sum."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import rechecks
from handlers.review.agreeing import agreed, apart, concord
from handlers.review.sheet import Sheet
from handlers.rounds import answered
from rubrics import counting
from rubrics.model import Item, Rubric
from storage import queries
from storage.relations import ENTRY, INSERT, PERSON, RECUSAL, REVIEW, REVIEW_EVENT, SOCIETY, VERDICT, Row

FINAL = ("final", "changed", "reopened")
JUDGED = ("score", "changed")


@dataclass(frozen=True)
class Mark:
    """What is to be written of one item: a score, a finding where there are no points; neither reopens it."""

    item: str
    score: Decimal | None
    reason: str = ""
    answer_event: int = 0
    finding: str | None = None


@dataclass(frozen=True)
class Opinion:
    """The reviewers' scores of one item that count: of the answer as it is handed in, by who is not recused."""

    rows: Sequence[Row]
    agreed: Decimal | None
    apart: Decimal | None
    finding: str | None = None
    split: bool = False  # not everybody finds the same

    @property
    def settled(self) -> bool:
        return self.agreed is not None or self.finding is not None

    @property
    def wide(self) -> bool:
        return self.apart is not None or self.split

    @property
    def reason(self) -> str:
        """Every reason given; where the last decides, hers."""
        return "；".join(dict.fromkeys(row.reason for row in self.rows if row.reason))


def recused(db: sa.Connection, round: int, society: int) -> set[int]:
    """Who takes no part in this society's review."""
    live = (RECUSAL.c.round_id == round, RECUSAL.c.society_id == society, RECUSAL.c.ended_at.is_(None))
    return set(db.scalars(sa.select(RECUSAL.c.person_id).where(*live)))


def barred(office: Office, society: Row) -> list[Reply]:
    """The refusal for whoever takes no part in it; nothing for anybody else."""
    out = office.actor.person_id in recused(office.db, office.round.id, society.id)
    return [phrasebook().reply("review_recused", {"society": society.name})] if out else []


def avoided(db: sa.Connection, round: int, person: int | None) -> set[int]:
    """The societies whose review this person takes no part in."""
    live = (RECUSAL.c.round_id == round, RECUSAL.c.person_id == person, RECUSAL.c.ended_at.is_(None))
    return set(db.scalars(sa.select(RECUSAL.c.society_id).where(*live)))


def barred_names(office: Office) -> set[str]:
    """The societies that this person sees by name alone."""
    ids = avoided(office.db, office.round.id, office.actor.person_id)
    return set(office.db.scalars(sa.select(SOCIETY.c.name).where(SOCIETY.c.id.in_(ids)))) if ids else set()


def opinions(db: sa.Connection, found: Sheet) -> dict[str, Opinion]:
    """What the reviewers make of each item by the round's rule; what a mark has put out of date counts no more."""
    outdated = rechecks.outdated(db, found.entry.id)
    out = recused(db, found.round.id, found.society.id)
    chosen = sa.select(REVIEW, PERSON.c.name).join(PERSON, PERSON.c.id == REVIEW.c.person_id)
    given: dict[str, list[Row]] = defaultdict(list)
    for row in db.execute(chosen.where(REVIEW.c.entry_id == found.entry.id).order_by(REVIEW.c.event_id)):
        counts = row.answer_event == found.handed(row.item).newest and row.event_id > outdated.get(row.item, 0)
        if row.person_id not in out and counts:
            given[row.item].append(row)
    return {item.id: _opinion(found, item, given[item.id]) for item in found.rubric.items}


def _opinion(found: Sheet, item: Item, rows: list[Row]) -> Opinion:
    rule = found.round.review_rule
    if item.points is None:
        findings = [row.finding for row in rows if row.finding is not None]
        one = concord(findings, rule)
        return Opinion(_alike(rows, one, rule), None, None, one, len(set(findings)) > 1)
    rows = [row for row in rows if row.score is not None]
    scores = [row.score for row in rows]
    counting = rows[-1:] if rule == "single" else rows
    return Opinion(
        counting, agreed(scores, rule) if rows else None, apart(scores, item.points, found.round.review_spread)
    )


def _alike(rows: list[Row], finding: str | None, rule: str) -> list[Row]:
    """Whose reasons stand for the finding: the last one's, or of those who find the same."""
    return rows[-1:] if rule == "single" else [row for row in rows if finding in (None, row.finding)]


def of(db: sa.Connection, entry: int, person: int) -> dict[str, Row]:
    """What one reviewer has given, by item."""
    mine = sa.select(REVIEW).where(REVIEW.c.entry_id == entry, REVIEW.c.person_id == person)
    return {row.item: row for row in db.execute(mine)}


def verdicts(db: sa.Connection, entry: int) -> dict[str, Row]:
    return {row.item: row for row in db.execute(sa.select(VERDICT).where(VERDICT.c.entry_id == entry))}


def fault(item: Item, score: Decimal) -> str | None:
    """Why the number can be no score of this item: the message that says so."""
    if item.points is None:
        return "review_pointless"
    if not item.lowest <= score <= item.highest:
        return "review_above"
    return "review_step" if item.step and score % item.step else None


def claimed(found: Sheet, item: Item) -> Mark:
    """What the society claims of an item, as a reviewer who agrees would put it."""
    handed = found.handed(item.id)
    if item.points is None:
        return Mark(item.id, None, "", handed.newest, handed.finding)
    return Mark(item.id, handed.claim, "", handed.newest)


def worded(one: Mark | Row | Opinion | None) -> str:
    """A score, or a finding, in words."""
    if one is None:
        return ""
    score = one.agreed if isinstance(one, Opinion) else one.score
    return phrasebook().text("judged", {"score": score, "finding": one.finding})


def tallied(findings: Sequence[str | None]) -> dict[str, int]:
    """How many items were found what."""
    return {one: list(findings).count(one) for one in ("met", "unmet", "excused")}


def write(office: Office, entry: Row, kind: str, marks: Sequence[Mark]) -> str:
    """Append the events of one turn, keep their fold and the entry's total beside; the receipt."""
    receipt = office.receipt or _numbered(office.db, entry.id)
    for ordinal, mark in enumerate(marks):
        values = {"entry_id": entry.id, **vars(mark), "at": office.now, "person_id": office.actor.person_id}
        trace = {"channel": office.channel, "inbound_id": office.inbound, "ordinal": ordinal, "receipt": receipt}
        made = sa.insert(REVIEW_EVENT).values(**values, **trace, kind=kind).returning(REVIEW_EVENT)
        event = office.db.execute(made).one()
        _fold(office.db, event)
        if kind in JUDGED:
            rechecks.clear(office.db, event)
    if kind in FINAL:
        rubric = answered(office.db, office.round, entry)
        total = total_of(rubric, verdicts(office.db, entry.id).values())
        office.db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(reviewed=total))
    return receipt


def _numbered(db: sa.Connection, entry: int) -> str:
    """The receipt of what a command stores: it answers no message."""
    count = db.scalar(sa.select(sa.func.count()).where(REVIEW_EVENT.c.entry_id == entry)) or 0
    return f"R-{entry}-{count + 1}"


def _fold(db: sa.Connection, event: Row) -> None:
    if event.kind == "reopened":
        db.execute(sa.delete(VERDICT).where(VERDICT.c.entry_id == event.entry_id, VERDICT.c.item == event.item))
        return
    key = {"entry_id": event.entry_id, "item": event.item}
    now = {"score": event.score, "finding": event.finding, "reason": event.reason, "event_id": event.id, "at": event.at}
    table = VERDICT
    if event.kind == "score":
        table, key = REVIEW, {**key, "person_id": event.person_id}
        now["answer_event"] = event.answer_event
    insert = INSERT[db.dialect.name](table).values(**key, **now)
    db.execute(insert.on_conflict_do_update(index_elements=list(key), set_=now))


def total_of(rubric: Rubric, decided: Iterable[Row]) -> Decimal | None:
    """What the verdicts of an entry count for together; None where there is none, or one of the items has no points
    (R12)."""
    scores = {row.item: row.score for row in decided}
    return counting.total(rubric, scores) if scores and None not in scores.values() else None


def on_record(office: Office, act: str, society: int, **details: Any) -> None:
    """A line in the record of what somebody of the office did to a society."""
    by, round = office.actor.person_id, office.round.id
    queries.note_act(
        office.db, office.now, act, person=by, channel=office.channel, round=round, society=society, **details
    )
