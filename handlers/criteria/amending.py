"""A round's rubric is changed in mid-season: answers stay, totals follow, and whoever is touched by it is told."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.phrasebook import pages, phrasebook
from handlers.review import rechecks
from handlers.rounds import pin, pinned, version
from rubrics.answers import Answer, fits
from rubrics.differences import Difference, differences
from rubrics.model import Item, Requirement, Rubric
from rubrics.reading import read
from rubrics.scoring import standing
from rubrics.suggesting import criteria, suggested
from storage import queries, seats
from storage.overviews import HANDED_IN
from storage.relations import ACT, CONVERSATION, ENTRY, ROUND, RUBRIC_TEXT, SOCIETY, Row


class NotAmended(Exception):
    """The rubric stays as it is; `why` is the message that says so, and `about` what it speaks of."""

    def __init__(self, why: str, **about: Any) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


@dataclass(frozen=True)
class Touch:
    """What the change does to one answer: above, added, removed or condition; or to the total of them all."""

    kind: str
    item: Item
    answer: Answer | None
    was: Any = None
    now: Any = None


@dataclass(frozen=True)
class Touched:
    """One society whose answers are touched; what it has handed in stays as it was."""

    society: Row
    entry: Row
    submitted: bool
    touches: tuple[Touch, ...]


@dataclass(frozen=True)
class Amendment:
    """A change of a round's rubric, before it is made and after."""

    round: Row
    changes: tuple[Difference, ...]
    touched: tuple[Touched, ...]
    sha256: str
    receipt: str = ""
    marked: Mapping[str, Sequence[int]] = field(default_factory=dict)  # by society: reviewed items to look at again


def amend(
    db: sa.Connection,
    round: int,
    source: str,
    name: str,
    now: datetime,
    *,
    yes: int | None,
    by: int | None = None,
) -> Amendment:
    """Look at what a new text would change, and where `yes` is the number of societies touched, make it so. Raises
    NotAmended and Faulty."""
    seats.hold_entries(db, round)  # entries before their round, as every turn of a society does (R1)
    row = db.execute(sa.select(ROUND).where(ROUND.c.id == round).with_for_update()).one()
    new = read(source, name)
    if row.closed_at is not None:
        raise NotAmended("rubric_change_closed", title=row.title)
    if new.id != row.rubric:
        raise NotAmended("rubric_change_other", id=new.id, known=row.rubric)
    old = pinned(db, row.rubric_sha256)
    if (old.maximum is None) != (new.maximum is None):
        raise NotAmended("rubric_change_unscored", title=row.title, unscored=new.maximum is None)
    known = set(db.scalars(sa.select(RUBRIC_TEXT.c.sha256))) & {hashlib.sha256(source.encode()).hexdigest()}
    sha256 = pin(db, source, name)
    if sha256 == row.rubric_sha256:
        raise NotAmended("rubric_change_same", title=row.title)
    entries = db.execute(sa.select(ENTRY).where(ENTRY.c.round_id == round).order_by(ENTRY.c.id).with_for_update()).all()
    societies = {one.id: one for one in db.execute(sa.select(SOCIETY))}
    found = [_touched(db, row, societies[one.society_id], one, sha256) for one in entries]
    made = Amendment(row, tuple(differences(old, new)), tuple(one for one in found if one.touches), sha256)
    if yes is None:
        if not known:
            db.execute(sa.delete(RUBRIC_TEXT).where(RUBRIC_TEXT.c.sha256 == sha256))
        return made
    if yes != len(made.touched):
        raise NotAmended("rubric_change_number", count=len(made.touched))
    return _make(db, made, entries, societies, now, by=by)


def _touched(db: sa.Connection, round: Row, society: Row, entry: Row, sha256: str) -> Touched:
    """What the new text does to the answers of one society, whatever version it answered by."""
    old, new = pinned(db, version(round, entry), society.kind), pinned(db, sha256, society.kind)
    answers = _answers(db, entry.id)
    submitted = entry.status in HANDED_IN
    return Touched(society, entry, submitted, tuple(_touches(old, new, answers)) if answers else ())


def _answers(db: sa.Connection, entry: int) -> dict[str, Answer]:
    rows = queries.answers(db, entry)
    return {row.item: Answer(row.state, row.self_score, row.evidence, row.facts, None, row.met) for row in rows}


def _touches(old: Rubric, new: Rubric, answers: Mapping[str, Answer]) -> list[Touch]:
    before, after = {one.id: one for one in old.items}, {one.id: one for one in new.items}
    found = [Touch("added", item, None) for item in new.items if item.id not in before]
    for id, answer in answers.items():
        if id in after and id in before:
            found += _touch(before[id], after[id], answer)
        elif id in before and (answer.state != "unanswered" or answer.evidence):
            found.append(Touch("removed", before[id], answer))
    if not found:
        found = _recounted(old, new, answers)
    return sorted(found, key=lambda one: (one.kind == "removed", one.item.position))


def _recounted(old: Rubric, new: Rubric, answers: Mapping[str, Answer]) -> list[Touch]:
    """No answer changes, and yet the total does: a cap is another, or what counts beside the points."""
    if _beside(old) == _beside(new):
        return []
    was, now = standing(old, answers).claimed, standing(new, answers).claimed
    item = next((one for one in new.items if one.id in answers), None)
    return [] if was == now or item is None else [Touch("total", item, answers[item.id], was, now)]


def _touch(old: Item, new: Item, answer: Answer) -> list[Touch]:
    if fits(old, answer) and not fits(new, answer):
        return [Touch("above", new, answer, old.points, new.points)]
    was, now = suggested(old, answer.facts), suggested(new, answer.facts)
    met = [one.met for one in criteria(old, answer.facts)], [one.met for one in criteria(new, answer.facts)]
    decided = "no" in met[0] + met[1] or "yes" in met[0] + met[1]
    if answer.facts and (was != now or (met[0] != met[1] and decided)):
        return [Touch("condition", new, answer, was, now)]
    return []


def _beside(rubric: Rubric) -> list[tuple[object, ...]]:
    """What makes a total something else than the sum of its scores."""
    caps: list[tuple[object, ...]] = [(one.id, one.most) for one in rubric.walk()]
    return caps + [(item.id, item.counts, item.above) for item in rubric.items if item.counts != "score"]


def _make(
    db: sa.Connection,
    made: Amendment,
    entries: Sequence[Row],
    societies: Mapping[int, Row],
    now: datetime,
    *,
    by: int | None,
) -> Amendment:
    """Pin the new text; what is handed in keeps the old one, all else is reckoned by the new."""
    round = made.round
    for entry in entries:
        if entry.status in HANDED_IN:
            kept: dict[str, Any] = {"own_rubric": version(round, entry)}
        else:
            totals = standing(pinned(db, made.sha256, societies[entry.society_id].kind), _answers(db, entry.id))
            figures = {"claimed": totals.claimed, "supported": totals.supported, "suggested": totals.suggested}
            kept = {"own_rubric": made.sha256}
            if entry.claimed is not None or entry.status != "not_started":
                kept |= {**figures, "complete": totals.complete}
        db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(**kept))
    db.execute(sa.update(ROUND).where(ROUND.c.id == round.id).values(rubric_sha256=made.sha256))
    _close_questions(db, [one.id for one in entries if one.status not in HANDED_IN])
    number = db.scalar(sa.select(sa.func.count()).where(ACT.c.act == "rubric_changed", ACT.c.round_id == round.id)) or 0
    receipt = f"R-{round.id}-{number + 1}"
    touched = [[one.society.id, [[touch.kind, touch.item.id] for touch in one.touches]] for one in made.touched]
    about = {"old": round.rubric_sha256, "new": made.sha256, "touched": touched, "receipt": receipt}
    changes = [[one.kind, one.item.id if one.item else None] for one in made.changes]
    queries.note_act(db, now, "rubric_changed", person=by, round=round.id, changes=changes, **about)
    for one in made.touched:
        _tell(db, made, one, receipt, now)
    marked = _mark(db, made, entries, societies, receipt, now)
    return Amendment(round, made.changes, made.touched, made.sha256, receipt, marked)


def _mark(
    db: sa.Connection,
    made: Amendment,
    entries: Sequence[Row],
    societies: Mapping[int, Row],
    receipt: str,
    now: datetime,
) -> dict[str, list[int]]:
    """What was reviewed by the old text and is touched by the new is marked, and the office told of it."""
    worth = {one.item.id for one in made.changes if one.kind == "points" and one.item is not None}
    touched = {
        one.entry.id: {touch.item.id for touch in one.touches if touch.kind in ("above", "condition")}
        for one in made.touched
    }
    marked: dict[str, list[int]] = {}
    for entry in entries:
        society = societies[entry.society_id]
        rubric = pinned(db, made.sha256, society.kind)
        again = rechecks.reviewed(db, entry.id) & (worth | touched.get(entry.id, set()))
        positions = [item.position for item in rubric.items if item.id in again]
        if positions:
            rechecks.mark(db, entry.id, again, "rubric", now, reason="", receipt=receipt)
            marked[society.name] = positions
    if marked:
        rechecks.tell(db, made.round, marked, "rubric", receipt, now)
    return marked


def _close_questions(db: sa.Connection, entries: Sequence[int]) -> None:
    """The question on her screen may be another by now: it is asked anew once she goes on."""
    nothing = {"item": None, "field": None, "fact": None, "last_item": None, "pending": None}
    if entries:
        here = sa.update(CONVERSATION).where(CONVERSATION.c.entry_id.in_(entries))
        db.execute(here.values(**nothing))


def _tell(db: sa.Connection, made: Amendment, one: Touched, receipt: str, now: datetime) -> None:
    """Everybody who answers for the society hears what it does to their answers, once."""
    for person in secretaries(db, one.society.id):
        head = {"title": made.round.title, "submitted": one.submitted, "count": len(one.touches)}
        for part, reply in enumerate(notice(one, head)):
            call(db, person.id, Call(f"{receipt}:{person.id}:{part}", "notice"), reply, now)


def notice(one: Touched, head: Mapping[str, Any]) -> list[Reply]:
    """What is said to a society, in as few messages as fit a screen."""
    lines = [touch_line(touch) for touch in one.touches]
    texts = pages([*lines, phrasebook().text("rubric_notice_end", head)], phrasebook().text("rubric_notice", head))
    choices = phrasebook().choices("rubric_notice_end", head)
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], choices)]


def touch_line(touch: Touch) -> str:
    return phrasebook().text("rubric_touch", {"touch": touch, "item": touch.item, "answer": touch.answer})


def change_line(change: Difference) -> str:
    return phrasebook().text("rubric_difference", {"change": change, "old": change.old, "new": change.new})


def asked_ever(db: sa.Connection, rubric: Rubric, id: str) -> Requirement:
    """What was asked, in this rubric or in an earlier text of the same document."""
    return next(asked for one in _texts(db, rubric) for asked in one.asked() if asked.id == id)


def item_ever(db: sa.Connection, rubric: Rubric, id: str) -> Item:
    """An item of this rubric, or as it stood in an earlier text of the same document."""
    return next(item for one in _texts(db, rubric) for item in one.items if item.id == id)


def _texts(db: sa.Connection, rubric: Rubric) -> Iterator[Rubric]:
    yield rubric
    for sha256 in db.scalars(sa.select(RUBRIC_TEXT.c.sha256)).all():
        if (other := pinned(db, sha256)).id == rubric.id:
            yield other


def removed(db: sa.Connection, answers: Mapping[str, Answer], rubric: Rubric) -> list[tuple[Item, Answer]]:
    """Those of an entry's answers whose items are asked no more: kept, and counted nowhere."""
    asked = {item.id for item in rubric.items}
    gone = {id: one for id, one in answers.items() if id not in asked}
    gates = {one.id for one in rubric.requirements}
    return [(item_ever(db, rubric, id), one) for id, one in gone.items() if id not in gates] if rubric.items else []
