"""What was read out of her Word table, item by item, beside what she has said: what is new, same or different."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers.answers import listed
from handlers.answers.scene import Piece
from handlers.desk import Desk, look_at_evidence
from handlers.phrasebook import phrasebook
from rubrics.answers import Answer
from rubrics.model import Item
from storage.relations import PROPOSAL, Row

NUMBERED = re.compile(r"^\d{1,2}[.．、]\s*")
LABELLED = re.compile(r"^【[一-鿿]{2}】")
CONFIRMABLE = (None, "match")  # of the other doubts a person has to say the value herself


@dataclass
class Group:
    """Everything that was read of one item, or a row that is no item of ours."""

    item: Item | None
    rows: list[Row] = field(default_factory=list)
    conflict: bool = False

    @property
    def doubt(self) -> str | None:
        """The first reason why a person has to look."""
        return next((row.doubt for row in self.rows if row.doubt), None)

    @property
    def sure(self) -> bool:
        return not self.doubt and not self.conflict

    def first(self, *kinds: str) -> Row | None:
        return next((row for row in self.rows if row.kind in kinds), None)


def groups(desk: Desk, rows: Sequence[Row]) -> list[Group]:
    """The rows by their item, in the order of the rubric; what is no item of ours last, each row of the file alone."""
    made: dict[str, Group] = {}
    known = {item.id: item for item in desk.season.rubric.items}
    for row in rows:
        group = made.setdefault(row.item or row.place, Group(known.get(row.item or "")))
        group.rows.append(row)
        group.conflict = group.conflict or conflicts(desk, row)
    last = len(known) + 1
    return sorted(made.values(), key=lambda one: one.item.position if one.item else last)


def judgement(row: Row) -> tuple[Decimal | None, bool | None]:
    """The points that the row gives an item, or whether it says of one without points that it is met."""
    if row.value in ("met", "unmet"):
        return None, row.value == "met"
    return Decimal(row.value), None


def same_judgement(answer: Answer, row: Row) -> bool:
    """Whether she has said just that of the item."""
    return answer.state == "answered" and (answer.self_score, answer.met) == judgement(row)


def conflicts(desk: Desk, row: Row) -> bool:
    """Whether she (or a colleague) has said something else of the item."""
    held = desk.scene.of(row.item).answer if row.item else None
    if held is None or held.state == "unanswered" or row.kind == "evidence" or not row.value:
        return False
    if row.kind == "excuse":
        return held.state == "answered"
    return not same_judgement(held, row)


def waiting(desk: Desk) -> list[Row]:
    """What was shown and waits for the word of this society."""
    here = sa.select(PROPOSAL).where(PROPOSAL.c.entry_id == desk.entry.id, PROPOSAL.c.state == "proposed")
    return list(desk.db.execute(here.order_by(PROPOSAL.c.id)))


def offered(desk: Desk) -> list[Row]:
    mine = (PROPOSAL.c.entry_id == desk.entry.id, PROPOSAL.c.person_id == desk.actor.person_id)
    rows = desk.db.execute(sa.select(PROPOSAL).where(*mine, PROPOSAL.c.state == "offered").order_by(PROPOSAL.c.id))
    return list(rows)


def look(desk: Desk, rows: Iterable[Row]) -> None:
    known = {item.id for item in desk.season.rubric.items}
    look_at_evidence(desk, {row.item for row in rows if row.item in known})


def known_already(desk: Desk, row: Row) -> bool:
    """Whether it says nothing that is not recorded already: the same score, or words that she has given."""
    if row.item is None or not row.value:
        return False
    held = desk.scene.of(row.item)
    if row.kind == "score":
        return same_judgement(held.answer, row)
    if row.kind == "excuse":
        return held.answer.state == "not_applicable"
    return not fresh(desk, row)


def fresh(desk: Desk, row: Row) -> str:
    """The words of evidence without what is recorded of the item already, as our own form prints it."""
    recorded = set(_recorded(desk, row.item))
    lines = [one for one in row.value.split("\n") if one.strip()]
    new = [one for one in lines if _bare(one) not in recorded]
    return "\n".join(new) if len(new) < len(lines) else str(row.value)


def _recorded(desk: Desk, item: str) -> Iterable[str]:
    pieces: tuple[Piece, ...] = desk.scene.pieces.get(item, ())
    held = desk.scene.of(item)
    yield from (_bare(one) for one in (held.reason or "").split("\n"))
    for piece in pieces:
        yield _bare(piece.name or "")
        yield from (_bare(one) for one in piece.text.split("\n"))
    known = desk.season.rubric.item(item).known
    for name, value in held.answer.facts.items():
        if name in known:
            said = phrasebook().text("fact_value", {"value": value, "unit": known[name].unit})
            yield _bare(f"{known[name].label}{said}")


def _bare(said: str) -> str:
    return re.sub(r"[\s：:；;]", "", LABELLED.sub("", NUMBERED.sub("", said.strip())))


def seen(desk: Desk, found: Sequence[Group]) -> None:
    """They stand on her screen now (R4), beside which version of her answers (R5)."""
    for one in found:
        listed.show(desk, [row.id for row in one.rows])
        if one.item:
            version = desk.scene.of(one.item.id).version
            mark(desk, [row.id for row in one.rows], version=version)


def mark(desk: Desk, ids: Sequence[int], **values: Any) -> None:
    if ids:
        desk.db.execute(sa.update(PROPOSAL).where(PROPOSAL.c.id.in_(ids)).values(**values))


def drop(desk: Desk, *which: sa.ColumnElement[bool]) -> None:
    mine = sa.update(PROPOSAL).where(PROPOSAL.c.entry_id == desk.entry.id, *which)
    desk.db.execute(mine.values(state="dropped", settled_at=desk.now))
