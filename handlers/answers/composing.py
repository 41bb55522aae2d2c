"""From a turn's says to the replies that leave: what is to be known, and what is asked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers import wording
from handlers.answers import telling
from handlers.answers.lasthours import near
from handlers.answers.scene import Piece, Say, Step
from handlers.desk import Desk
from handlers.messages import Choice, Outgoing, Reply
from handlers.phrasebook import pages, phrasebook
from handlers.understanding.facts import askable, sample
from handlers.wording import worded
from storage import handouts


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
    if say.name == "help":
        return telling.tell(desk, "help")
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
