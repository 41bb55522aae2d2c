"""The acknowledgement of everything a turn has stored: item by item, old and new, with its receipt (R3)."""

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any

from handlers.answers import sharing
from handlers.answers.lasthours import stamp
from handlers.answers.scene import Added, Change, Judged, Learned, Scene, Withdrawn
from handlers.desk import Desk
from handlers.phrasebook import excerpt, pages, phrasebook, size, spans
from rubrics.answers import Answer
from rubrics.facts import Amount, Percent, Sum
from rubrics.model import Item, Requirement
from rubrics.suggesting import Criterion, criteria, suggestion
from rubrics.unscored import contradicted

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
