"""What was read out of her Word table is offered, then shown beside what she said before; nothing of it counts yet."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers import answering, composing, listed
from handlers.desk import Desk, full, look_at_evidence
from handlers.filled import Brought
from handlers.messages import Choice, Incoming, Reply
from handlers.phrasebook import pages, phrasebook
from handlers.scene import Piece
from rubrics.filled.reading import proposed
from rubrics.model import Item
from storage.queries import INBOUND, PROPOSAL, Row

# The replies, how the open question is asked again, and the ways offered to answer the bot's own question.
Granted = tuple[list[Reply], str | None] | tuple[list[Reply], str | None, tuple[Choice, ...]]
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


def offer(desk: Desk, brought: Brought, *, wanted: bool, beside: bool) -> Granted | None:
    """The answer to a file that is her table: what becomes of it is asked, unless she `wanted` it read, or it is taken as
    evidence and this is only said `beside`. None where it is no table, or can't be one now."""
    found = proposed(brought.rows, desk.season.rubric)
    if not found or desk.scene.mode == "submitted":
        return _no_table(desk, brought) if wanted else None
    _drop(desk, PROPOSAL.c.state == "offered", PROPOSAL.c.person_id == desk.actor.person_id)
    file = brought.file
    for ordinal, one in enumerate(found):
        what = {"item": one.item, "kind": one.kind, "value": one.value, "said": one.said, "doubt": one.doubt}
        trace = {"entry_id": desk.entry.id, "inbound_id": desk.inbound_id, "person_id": desk.actor.person_id}
        about = {"sha256": file.sha256, "name": file.name, "place": one.place, "at": desk.now, "ordinal": ordinal}
        desk.db.execute(sa.insert(PROPOSAL).values(**what, **trace, **about, version=0, state="offered"))
    if wanted:
        return read(desk)
    about = {"name": file.name, "count": len({one.item or one.place for one in found}), "item": _open(desk)}
    if beside:
        return [phrasebook().reply("filled_hint", about)], None
    reply = phrasebook().reply("filled_offered", about)
    return [reply], None, reply.choices


def _open(desk: Desk) -> Item | None:
    item = desk.scene.asking.item
    return desk.season.rubric.item(item) if item else None


def _no_table(desk: Desk, brought: Brought) -> Granted:
    """She says that it is her table: why nothing was read of it."""
    if desk.scene.mode == "submitted":
        return [phrasebook().reply("locked", {"near": False})], None
    about = {"name": brought.file.name, "why": brought.unread, "rows": len(brought.rows)}
    return [phrasebook().reply("filled_unread", about)], "short"


def read(desk: Desk) -> Granted:
    """«读进来»: the table that she sent last, beside what counts now."""
    rows = _offered(desk)
    if not rows:
        return show(desk) if waiting(desk) else ([phrasebook().reply("filled_nothing", {})], "short")
    replaced = len(groups(desk, waiting(desk)))
    _drop(desk, PROPOSAL.c.state == "proposed")
    look(desk, rows)
    news = [row for row in rows if not _known(desk, row)]
    _set(desk, [row.id for row in rows], state="dropped", settled_at=desk.now)
    _set(desk, [row.id for row in news], state="proposed", settled_at=None)
    same = {row.item for row in rows} - {row.item for row in news}
    return _shown(desk, "filled_read", {"same": len(same), "replaced": replaced, "name": rows[0].name})


def show(desk: Desk) -> Granted:
    """«看读入»: what still waits for her word."""
    if not waiting(desk):
        return [phrasebook().reply("filled_nothing", {})], "short"
    return _shown(desk, "filled_waiting", {})


def _shown(desk: Desk, name: str, about: dict[str, Any]) -> Granted:
    rows = waiting(desk)
    look(desk, rows)
    found = groups(desk, rows)
    counts = {
        "sure": sum(one.sure for one in found),
        "conflicts": sum(one.conflict and not one.doubt for one in found),
        "doubts": sum(bool(one.doubt) for one in found),
    }
    about = {**about, **counts, "count": len(found), "first": next((one.item for one in found if one.item), None)}
    ordered = sorted(found, key=lambda one: (bool(one.doubt), one.conflict))
    lines = [*(line(desk, one) for one in ordered), phrasebook().text("filled_end", about)]
    texts = pages(lines, phrasebook().text(name, about))
    seen(desk, found)
    desk.scene = desk.scene.at(desk.scene.asking.item, desk.scene.asking.field)
    choices = phrasebook().choices("filled_end", about)
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], choices)], None


def line(desk: Desk, group: Group) -> str:
    """One item as it was read, and what makes it doubtful."""
    judged, told = group.first("score", "excuse"), group.first("evidence")
    held = desk.scene.of(group.item.id) if group.item else None
    scores = [row.value or row.said for row in group.rows if row.kind == "score"]
    about = {
        "item": group.item,
        "judged": judged,
        "scores": list(dict.fromkeys(scores)),
        "text": fresh(desk, told) if told and told.item else told.value if told else "",
        "held": held,
        "row": group.rows[0],
        "doubt": group.doubt,
        "conflict": group.conflict,
    }
    return phrasebook().text("filled_line", about)


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


def conflicts(desk: Desk, row: Row) -> bool:
    """Whether she (or a colleague) has said something else of the item."""
    held = desk.scene.of(row.item).answer if row.item else None
    if held is None or held.state == "unanswered" or row.kind == "evidence" or not row.value:
        return False
    if row.kind == "excuse":
        return held.state == "answered"
    return held.state == "not_applicable" or held.self_score != Decimal(row.value)


def waiting(desk: Desk) -> list[Row]:
    """What was shown and waits for the word of this society."""
    here = sa.select(PROPOSAL).where(PROPOSAL.c.entry_id == desk.entry.id, PROPOSAL.c.state == "proposed")
    return list(desk.db.execute(here.order_by(PROPOSAL.c.id)))


def _offered(desk: Desk) -> list[Row]:
    mine = (PROPOSAL.c.entry_id == desk.entry.id, PROPOSAL.c.person_id == desk.actor.person_id)
    rows = desk.db.execute(sa.select(PROPOSAL).where(*mine, PROPOSAL.c.state == "offered").order_by(PROPOSAL.c.id))
    return list(rows)


def look(desk: Desk, rows: Iterable[Row]) -> None:
    known = {item.id for item in desk.season.rubric.items}
    look_at_evidence(desk, {row.item for row in rows if row.item in known})


def _known(desk: Desk, row: Row) -> bool:
    """Whether it says nothing that is not recorded already: the same score, or words that she has given."""
    if row.item is None or not row.value:
        return False
    held = desk.scene.of(row.item)
    if row.kind == "score":
        return held.answer.state == "answered" and held.answer.self_score == Decimal(row.value)
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


def as_evidence(desk: Desk) -> Granted:
    """«作为依据»: the file goes where any other file goes."""
    rows = _offered(desk)
    if not rows:
        return [phrasebook().reply("nothing_asked", {})], "short"
    sent = desk.db.scalar(sa.select(INBOUND.c.files).where(INBOUND.c.id == rows[0].inbound_id)) or []
    file = next(Incoming(**one) for one in sent if one["sha256"] == rows[0].sha256)
    if full(desk, [file]):
        return [phrasebook().reply("quota", {"limit": "200 MB", "names": file.name})], "short"
    _set(desk, [row.id for row in rows], state="dropped", settled_at=desk.now)
    if desk.scene.asking.item:
        look_at_evidence(desk, [desk.scene.asking.item])
    step = answering.files(desk.scene, (file,))
    return composing.after(desk, step), step.ask


def refuse(desk: Desk) -> Granted:
    """«不要读入的»: nothing of the table is taken."""
    count = len(groups(desk, [*waiting(desk), *_offered(desk)]))
    _drop(desk, PROPOSAL.c.state.in_(("proposed", "offered")))
    return [phrasebook().reply("filled_dropped" if count else "filled_nothing", {"count": count, "items": []})], "short"


def seen(desk: Desk, found: Sequence[Group]) -> None:
    """They stand on her screen now (R4), beside which version of her answers (R5)."""
    for one in found:
        listed.show(desk, [row.id for row in one.rows])
        if one.item:
            version = desk.scene.of(one.item.id).version
            _set(desk, [row.id for row in one.rows], version=version)


def _set(desk: Desk, ids: Sequence[int], **values: Any) -> None:
    if ids:
        desk.db.execute(sa.update(PROPOSAL).where(PROPOSAL.c.id.in_(ids)).values(**values))


def _drop(desk: Desk, *which: sa.ColumnElement[bool]) -> None:
    mine = sa.update(PROPOSAL).where(PROPOSAL.c.entry_id == desk.entry.id, *which)
    desk.db.execute(mine.values(state="dropped", settled_at=desk.now))
