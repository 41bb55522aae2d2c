"""What was read out of her Word table is offered, then shown beside what she said before; nothing of it counts yet."""

from typing import Any

import sqlalchemy as sa

from handlers.answers import answering, composing
from handlers.answers.beside import Group, drop, fresh, groups, known_already, look, mark, offered, seen, waiting
from handlers.answers.filled import Brought
from handlers.desk import Desk, full, look_at_evidence
from handlers.messages import Choice, Incoming, Reply
from handlers.phrasebook import pages, phrasebook
from rubrics.filled.reading import proposed
from rubrics.model import Item
from storage.relations import INBOUND, PROPOSAL, Row

# The replies, how the open question is asked again, and the ways offered to answer the bot's own question.
Granted = tuple[list[Reply], str | None] | tuple[list[Reply], str | None, tuple[Choice, ...]]


def offer(desk: Desk, brought: Brought, *, wanted: bool, beside: bool) -> Granted | None:
    """The answer to a file that is her table: what becomes of it is asked, unless she `wanted` it read, or it is taken as
    evidence and this is only said `beside`. None where it is no table, or can't be one now."""
    found = proposed(brought.rows, desk.season.rubric)
    if not found or desk.scene.mode == "submitted":
        return _no_table(desk, brought) if wanted else None
    drop(desk, PROPOSAL.c.state == "offered", PROPOSAL.c.person_id == desk.actor.person_id)
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
    rows = offered(desk)
    if not rows:
        return show(desk) if waiting(desk) else ([phrasebook().reply("filled_nothing", {})], "short")
    replaced = len(groups(desk, waiting(desk)))
    drop(desk, PROPOSAL.c.state == "proposed")
    look(desk, rows)
    news = [row for row in rows if not known_already(desk, row)]
    mark(desk, [row.id for row in rows], state="dropped", settled_at=desk.now)
    mark(desk, [row.id for row in news], state="proposed", settled_at=None)
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
    scores = [_shown_score(row) for row in group.rows if row.kind == "score"]
    about = {
        "item": group.item,
        "judged": judged,
        "scores": list(dict.fromkeys(scores)),
        "text": fresh(desk, told) if told and told.item else told.value if told else "",
        "held": held,
        "row": group.rows[0],
        "doubt": group.doubt,
        "conflict": group.conflict,
        "scored": group.item is None or group.item.points is not None,
    }
    return phrasebook().text("filled_line", about)


def as_evidence(desk: Desk) -> Granted:
    """«作为依据»: the file goes where any other file goes."""
    rows = offered(desk)
    if not rows:
        return [phrasebook().reply("nothing_asked", {})], "short"
    sent = desk.db.scalar(sa.select(INBOUND.c.files).where(INBOUND.c.id == rows[0].inbound_id)) or []
    file = next(Incoming(**one) for one in sent if one["sha256"] == rows[0].sha256)
    if full(desk, [file]):
        return [phrasebook().reply("quota", {"limit": "200 MB", "names": file.name})], "short"
    mark(desk, [row.id for row in rows], state="dropped", settled_at=desk.now)
    if desk.scene.asking.item:
        look_at_evidence(desk, [desk.scene.asking.item])
    step = answering.files(desk.scene, (file,))
    return composing.after(desk, step), step.ask


def _shown_score(row: Row) -> str:
    """As it is read back: points, or 达到 and 没达到; what can't be read, as it stands."""
    if row.value in ("met", "unmet"):
        return phrasebook().text("value", {"state": "answered", "score": None, "met": row.value == "met"})
    return str(row.value or row.said)


def refuse(desk: Desk) -> Granted:
    """«不要读入的»: nothing of the table is taken."""
    count = len(groups(desk, [*waiting(desk), *offered(desk)]))
    drop(desk, PROPOSAL.c.state.in_(("proposed", "offered")))
    return [phrasebook().reply("filled_dropped" if count else "filled_nothing", {"count": count, "items": []})], "short"
