"""From a turn's changes and says to the replies that leave: what was stored, what is to be known, what is asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any

from handlers import wording
from handlers.answers import sharing
from handlers.answers.lasthours import near, stamp
from handlers.answers.scene import Added, Change, Judged, Learned, Piece, Say, Scene, Step, Withdrawn
from handlers.desk import Desk
from handlers.messages import Choice, Outgoing, Reply
from handlers.phrasebook import excerpt, pages, phrasebook, size, spans
from handlers.understanding.facts import askable, sample
from handlers.wording import worded
from rubrics.answers import Answer
from rubrics.facts import Amount, Percent, Sum
from rubrics.model import Item, Requirement
from rubrics.suggesting import Criterion, criteria, suggestion
from rubrics.unscored import contradicted
from storage import handouts

MOST_LINES = 6  # items that are told one by one

OF_ITEM = re.compile(r"^已记：第(?P<n>\d+)项(?= )")
ALIKE = 3  # lines that say the same of that many items become one


def recorded(desk: Desk, times: int | None = None) -> list[str]:
    """The acknowledgement of everything this turn stored, with its receipt (R3), and how often it was handed in by that."""
    known = {item.id for item in desk.season.rubric.items}
    items = dict.fromkeys(change.item for change in desk.changes if change.item in known)
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
    many = len(items) > MOST_LINES and all(desk.season.rubric.item(item).points is not None for item in items)
    told = _many(desk, about) if many else phrasebook().text("recorded", about)
    number = phrasebook().text("receipt", about)
    lines = [*gates_told(desk), *_alike(list(filter(None, told.split("\n"))))]
    return pages([*lines, number]) if len(lines) > 1 else [(lines[0] if lines else "") + number]


def _alike(lines: list[str]) -> list[str]:
    """«第18项 达到», «第19项 达到», «第20项 达到» as one line: «第18–20项 达到»."""
    made: list[str] = []
    for said, group in groupby(lines, key=lambda line: OF_ITEM.sub("", line, count=1) if OF_ITEM.match(line) else line):
        some = list(group)
        if len(some) < ALIKE or said == some[0]:
            made += some
            continue
        at = spans(int(match["n"]) for line in some if (match := OF_ITEM.match(line)))
        made.append(phrasebook().text("alike", {"at": at, "rest": OF_ITEM.sub("", some[0], count=1)}))
    return made


def gates_told(desk: Desk) -> list[str]:
    """What was learned of the conditions for taking part."""
    gates = {one.id: one for one in desk.season.rubric.requirements}
    learned = [one for one in desk.changes if isinstance(one, Learned) and one.item in gates]
    return [phrasebook().text("gate_line", {"fact": _fact(gates[one.item], one)}) for one in learned]


def _many(desk: Desk, about: Mapping[str, Any]) -> str:
    """So many items at once are told by their numbers."""
    states = [change.state for change in desk.changes if isinstance(change, Judged)]
    counts = {
        "positions": [line["item"].position for line in about["lines"]],
        "scored": states.count("answered"),
        "excused": states.count("not_applicable"),
        "added": sum(isinstance(change, Added) for change in desk.changes),
        "undone": desk.undone,
        "standing": desk.standing(),
    }
    return phrasebook().text("recorded_many", {**about, **counts})


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
        "now": _value(judged[-1].state, judged[-1].score, judged[-1].met) if judged else "",
        "met": held.answer.met,
        "conflict": bool(judged or learned) and contradicted(item, held.answer),
        "shared": sharing.shared(desk, item, added),
        "added": len(added),
        "total": held.answer.evidence + (len(added) if desk.scene.mode == "late" else 0),
        "names": excerpt("、".join(f"{one.file.name}（{size(one.file.size)}）" for one in added if one.file), 120),
        "said": next((one.text for one in added if one.text), ""),
        "withdrawn": bool(dropped),
        "dropped": _dropped(desk, dropped),
        "undone": desk.undone,
        "facts": [_fact(item, change) for change in learned],
        "criteria": _decided(item, held.answer.facts, {change.fact for change in learned}, judged=bool(judged)),
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
    return "" if answer.state == "unanswered" else _value(answer.state, answer.self_score, answer.met)


@lru_cache(maxsize=256)
def _value(state: str, score: Decimal | None, met: bool | None) -> str:  # noqa: FBT001  a key of the cache
    return phrasebook().text("value", {"state": state, "score": score, "met": met})


def valued(judgement: Mapping[str, Any] | None) -> str:
    """A stored judgement in words; nothing at all is an unanswered item."""
    if judgement is None:
        return _value("unanswered", None, None)
    score = None if judgement["score"] is None else Decimal(judgement["score"])
    return _value(judgement["state"], score, judgement.get("met"))


def valued_of(answer: Answer) -> str:
    """An answer's judgement in words."""
    return _value(answer.state, answer.self_score, answer.met)


def _dropped(desk: Desk, dropped: Sequence[Withdrawn]) -> str:
    ids = {one.evidence_id for one in dropped}
    pieces = [piece for piece in desk.looked_at if piece.id in ids]
    return "、".join(piece.name or piece.text for piece in pieces)


def learned(item: Requirement, event: Mapping[str, Any]) -> dict[str, Any]:
    """A fact of the record in words."""
    return _fact(item, Learned(item.id, event["fact"], event["value"]))


def _fact(item: Requirement, change: Learned) -> dict[str, Any]:
    fact = item.known[change.fact]
    number = isinstance(fact, Amount) and isinstance(change.value, str)
    value = Decimal(str(change.value)) if number else change.value
    about = {"value": value, "unit": fact.unit, "amount": number, "absence": getattr(fact, "absence", False)}
    return {"label": fact.label, "value": phrasebook().text("fact_value", about)}


def _criterion(item: Item, one: Criterion) -> dict[str, Any]:
    """A printed demand and whether it is met; the number beside it only where it was reckoned from others."""
    fact = item.known.get(one.name)
    measured = one.measured if isinstance(fact, Percent | Sum) else None
    if isinstance(measured, Decimal):
        # Cut, never rounded: 2.999 % must not read as the 3 % it misses.
        measured = measured.quantize(Decimal("0.01"), ROUND_DOWN)
    shown = "" if measured is None or fact is None else f"{measured}{fact.unit}"
    return {"label": one.label, "met": one.met, "measured": shown, "applies": one.applies}


def _decided(item: Item, facts: Mapping[str, object], learned: set[str], *, judged: bool) -> list[dict[str, Any]]:
    """The demands that what was just learned decides; beside her word on an item without points, all that fail it."""
    decided = [one for one in criteria(item, facts) if one.met != "open"]
    failing = judged and item.points is None
    told = [one for one in decided if learned & _rests_on(item, one) or (failing and one.met == "no")]
    return [_criterion(item, one) for one in told]


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
    return [wording.reply(say.name, desk.season.rubric, about)]


def _always(desk: Desk) -> dict[str, Any]:
    items = desk.season.rubric.items
    some = items[min(len(items), 5) - 1].no if items else None
    ends = {"first_no": items[0].no if items else None, "some_no": some, "last_no": items[-1].no if items else None}
    return {"total": len(items), **ends, "standing": desk.standing(), "near": near(desk)}


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
        return phrasebook().reply(worded("question", item), about)
    if asking.field == "evidence":
        # Asked once: going on with evidence is an answer too.
        new = asking.fact != desk.before.asking.fact or asking.item != desk.before.asking.item
        fact = next((one for one in askable(item) if new and one.name == asking.fact), None)
        example = sample(fact) if fact else ""
        return phrasebook().reply(worded("ask_evidence", item), {**about, "fact": fact, "fact_example": example})
    return phrasebook().reply(worded("ask_score", item), about)


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
