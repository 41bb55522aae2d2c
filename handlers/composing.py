"""From a turn's changes and says to the replies that leave: what was stored, what is to be known, what is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Any

from handlers.desk import Desk
from handlers.facts import askable, sample
from handlers.lasthours import near, stamp
from handlers.messages import Choice, Outgoing, Reply
from handlers.phrasebook import excerpt, pages, phrasebook, size
from handlers.scene import Added, Change, Judged, Learned, Piece, Say, Scene, Step, Withdrawn
from rubrics.facts import Percent, Sum
from rubrics.model import Item
from rubrics.scoring import Answer, Criterion, criteria, suggestion
from storage import handouts


def recorded(desk: Desk, times: int | None = None) -> str:
    """The acknowledgement of everything this turn stored, with its receipt (R3), and how often it was handed in by that."""
    items = dict.fromkeys(change.item for change in desk.changes)
    about = {
        "lines": [_line(desk, desk.season.rubric.item(item)) for item in items],
        "receipt": desk.receipt,
        "times": times,
        "stamp": stamp(desk),
        "late": desk.scene.mode == "late",
        "undoable": desk.scene.mode == "open"
        and desk.actor.society_id is not None
        and any(_replaces(desk, change) for change in desk.changes),
    }
    told, number = phrasebook().text("recorded", about), phrasebook().text("receipt", about)
    return f"{told}\n{number}" if "\n" in told else told + number


def _replaces(desk: Desk, change: Change) -> bool:
    return isinstance(change, Withdrawn) or (
        isinstance(change, Judged) and desk.before.of(change.item).answer.state != "unanswered"
    )


def _line(desk: Desk, item: Item) -> dict[str, Any]:
    changes = [change for change in desk.changes if change.item == item.id]
    added = [change for change in changes if isinstance(change, Added)]
    judged = [change for change in changes if isinstance(change, Judged)]
    learned = [change for change in changes if isinstance(change, Learned)]
    dropped = [change for change in changes if isinstance(change, Withdrawn) and not change.back]
    held = desk.scene.of(item.id)
    given = suggestion(item, held.answer.facts) if judged or learned else None
    return {
        "item": item,
        "judged": bool(judged),
        "was": _was(desk, item.id) if judged else "",
        "reason": judged[-1].reason if judged else None,
        "now": _value(judged[-1].state, judged[-1].score) if judged else "",
        "added": len(added),
        "total": held.answer.evidence + (len(added) if desk.scene.mode == "late" else 0),
        "names": excerpt("、".join(f"{one.file.name}（{size(one.file.size)}）" for one in added if one.file), 120),
        "said": next((one.text for one in added if one.text), ""),
        "withdrawn": bool(dropped),
        "dropped": _dropped(desk, dropped),
        "undone": desk.undone,
        "facts": [_fact(item, change) for change in learned],
        "criteria": _decided(item, held.answer.facts, {change.fact for change in learned}),
        "contradiction": _contradiction(desk.scene, item) if judged or learned else None,
        "suggested": given.value if given else None,
        "score": held.answer.self_score,
        "repeated": _repeated(desk, item, added),
    }


def _contradiction(scene: Scene, item: Item) -> Decimal | None:
    """The value that a printed condition gives where she claims more."""
    answer = scene.of(item.id).answer
    given = suggestion(item, answer.facts)
    exceeds = given is not None and answer.self_score is not None and answer.self_score > given.value
    return given.value if given and exceeds else None


def _was(desk: Desk, item: str) -> str:
    answer = desk.before.of(item).answer
    return "" if answer.state == "unanswered" else _value(answer.state, answer.self_score)


@lru_cache(maxsize=256)
def _value(state: str, score: Decimal | None) -> str:
    return phrasebook().text("value", {"state": state, "score": score})


def valued(judgement: Mapping[str, Any] | None) -> str:
    """A stored judgement in words; nothing at all is an unanswered item."""
    if judgement is None:
        return _value("unanswered", None)
    return _value(judgement["state"], None if judgement["score"] is None else Decimal(judgement["score"]))


def valued_of(answer: Answer) -> str:
    """An answer's judgement in words."""
    return _value(answer.state, answer.self_score)


def _dropped(desk: Desk, dropped: Sequence[Withdrawn]) -> str:
    ids = {one.evidence_id for one in dropped}
    pieces = [piece for piece in desk.looked_at if piece.id in ids]
    return "、".join(piece.name or piece.text for piece in pieces)


def _fact(item: Item, change: Learned) -> dict[str, Any]:
    fact = item.known[change.fact]
    return {"label": fact.label, "value": phrasebook().text("fact_value", {"value": change.value, "unit": fact.unit})}


def _criterion(item: Item, one: Criterion) -> dict[str, Any]:
    """A printed demand and whether it is met; the number beside it only where it was reckoned from others."""
    fact = item.known.get(one.name)
    measured = one.measured if isinstance(fact, Percent | Sum) else None
    if isinstance(measured, Decimal):
        # Cut, never rounded: 2.999 % must not read as the 3 % it misses.
        measured = measured.quantize(Decimal("0.01"), ROUND_DOWN)
    shown = "" if measured is None or fact is None else f"{measured}{fact.unit}"
    return {"label": one.label, "met": one.met, "measured": shown}


def _decided(item: Item, facts: Mapping[str, object], learned: set[str]) -> list[dict[str, Any]]:
    """The demands that what was just learned decides."""
    return [
        _criterion(item, one) for one in criteria(item, facts) if one.met != "open" and learned & _rests_on(item, one)
    ]


def _rests_on(item: Item, one: Criterion) -> set[str]:
    fact = item.known.get(one.name)
    if isinstance(fact, Percent):
        return {fact.numerator, fact.denominator}
    return set(fact.parts) if isinstance(fact, Sum) else set(one.name.split("|"))


def _repeated(desk: Desk, item: Item, added: Sequence[Added]) -> bool:
    known = {piece.sha256 for piece in desk.scene.pieces.get(item.id, ()) if piece.sha256}
    hashes = [one.file.sha256 for one in added if one.file]
    return any(one in known for one in hashes) or len(set(hashes)) < len(hashes)


def after(desk: Desk, step: Step) -> list[Reply]:
    """Take a step at the desk: its scene and changes, and what it says."""
    desk.scene = step.scene
    desk.changes += step.changes
    return [reply for say in step.says for reply in said(desk, say)]


def said(desk: Desk, say: Say) -> list[Reply]:
    """One say as replies; long lists become several, each fitting a phone screen."""
    about = {**_always(desk), **say.about}
    if say.name == "evidence":
        return _evidence(desk, about)
    return [phrasebook().reply(say.name, about)]


def _always(desk: Desk) -> dict[str, Any]:
    items = desk.season.rubric.items
    numbers = {"first_no": items[0].no, "some_no": items[min(len(items), 5) - 1].no, "last_no": items[-1].no}
    return {"total": len(items), **numbers, "standing": desk.standing(), "near": near(desk)}


def _evidence(desk: Desk, about: Mapping[str, Any]) -> list[Reply]:
    pieces: tuple[Piece, ...] = about["pieces"]
    lines = [phrasebook().text("evidence_line", {"number": n, "piece": piece}) for n, piece in enumerate(pieces, 1)]
    texts = pages(lines, phrasebook().text("evidence", about))
    files = tuple(Outgoing(piece.name, handouts.evidence(piece.id)) for piece in pieces if piece.name)
    return [Reply(text, files=files if text is texts[-1] else ()) for text in texts]


def question(desk: Desk, how: str) -> Reply | None:
    """What is asked at the end of a turn; None while no item is open."""
    asking = desk.scene.asking
    mode = desk.scene.mode_of(asking.item) if asking.item else ""
    if asking.item is None or (mode == "submitted" and how == "short"):
        return None
    item = desk.season.rubric.item(asking.item)
    about = {"item": item, "held": desk.scene.of(item.id), "mode": mode, **_always(desk)}
    if how == "full":
        return phrasebook().reply("question", about)
    if asking.field == "evidence":
        # Asked once: going on with evidence is an answer too.
        new = asking.fact != desk.before.asking.fact or asking.item != desk.before.asking.item
        fact = next((one for one in askable(item) if new and one.name == asking.fact), None)
        example = sample(fact) if fact else ""
        return phrasebook().reply("ask_evidence", {**about, "fact": fact, "fact_example": example})
    return phrasebook().reply("ask_score", about)


def joined(replies: list[Reply], asked: Reply | None, *, apart: bool) -> list[Reply]:
    """As few replies as fit a screen; a full question stands apart, and the last reply carries the choices."""
    texts: list[Reply] = []
    for reply in [*replies, *([asked] if asked and not apart else [])]:
        merged = pages([reply.text], texts[-1].text) if texts and not texts[-1].files else []
        if len(merged) == 1:
            ways = _together(texts[-1].choices, reply.choices)
            texts[-1] = Reply(merged[0], ways, reply.files, texts[-1].drawing or reply.drawing)
        else:
            texts.append(reply)
    if asked and apart:
        texts = [replace(one, choices=()) for one in texts] + [asked]
    return texts


def _together(first: tuple[Choice, ...], second: tuple[Choice, ...]) -> tuple[Choice, ...]:
    return tuple({choice.words: choice for choice in (*first, *second)}.values())
