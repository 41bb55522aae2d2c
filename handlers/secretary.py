"""A secretary's turn: what she said, taken step by step at her desk, and what she hears back."""

from dataclasses import dataclass, replace

from handlers import answering, composing, interview, stepping, telling
from handlers.desk import Desk, look_at_evidence, put_away
from handlers.intents import (
    DropEvidence,
    Excuse,
    Explain,
    Go,
    Intent,
    Move,
    OddScore,
    Pick,
    Plain,
    Puzzled,
    Score,
    ShowEvidence,
    Tell,
    Words,
)
from handlers.messages import Choice, Reply
from handlers.phrasebook import phrasebook
from handlers.rights import authorize
from handlers.scene import Say, Step
from handlers.understand import understand
from handlers.wishes import WISHES
from storage import queries, writes

SOCIETY_BYTES = 200 << 20


@dataclass(frozen=True)
class Heard:
    """What a turn leads to: the replies, whether the last one shows another question than before, and whether anything
    was stored."""

    replies: list[Reply]
    asks: bool
    stored: bool


def hear(desk: Desk, words: str) -> Heard:
    """Take everything the message says, in its order."""
    intents = _understood(desk, words)
    before = desk.scene
    replies: list[Reply] = []
    asks: str | None = None
    options: tuple[Choice, ...] | None = None
    if desk.message.files:
        step = _take_files(desk)
        replies += composing.after(desk, step)
        asks = step.ask
    for intent in intents:
        step_replies, ask, offered = _take(desk, intent)
        replies += step_replies
        asks, options = ask or asks, offered if offered is not None else options
    if desk.changes:
        replies.insert(0, Reply(composing.recorded(desk)))
    put_away(desk)
    asked = composing.question(desk, asks) if asks and not options else None
    apart = asks == "full" and bool(replies)
    texts = composing.joined(replies, asked, apart=apart)
    if options:
        texts[-1] = replace(texts[-1], choices=options)
    _save_place(desk, options or ())
    moved = desk.scene.asking.item != before.asking.item
    stored = bool(desk.changes) or desk.status != desk.entry.status or desk.late != desk.entry.late
    return Heard(texts, bool(asked) and moved, stored)


def _understood(desk: Desk, words: str) -> list[Intent]:
    scene = desk.scene
    if not words and desk.message.files:
        return []
    intents = understand(words, scene.asking, scene.rubric)
    if len(intents) == 1 and isinstance(intents[0], Pick):
        chosen = scene.asking.options[intents[0].number]
        desk.scene = replace(scene, sure=True, asking=replace(scene.asking, options=()))
        return understand(chosen.words, replace(scene.asking, options=(), fact=None), scene.rubric)
    if _unseen(desk) and any(_needs_context(intent) for intent in intents):
        content = any(isinstance(intent, Score | Words | Excuse) for intent in intents)
        return [Puzzled("unseen", words if content else "")]
    return intents


def _unseen(desk: Desk) -> bool:
    """The open question was not on her screen yet when she sent this (R4)."""
    seen = desk.message.seen
    return seen is not None and desk.scene.asking.item is not None and seen < desk.conversation.question_id


def _needs_context(intent: Intent) -> bool:
    """Whether it means something only as the answer to the open question."""
    if isinstance(intent, Score | OddScore | Words | Excuse | DropEvidence):
        return intent.at is None
    return isinstance(intent, Move) or not isinstance(intent, Tell | Go | Explain | ShowEvidence | Plain)


def _take_files(desk: Desk) -> Step:
    files = desk.message.files
    assert desk.actor.society_id is not None
    full = queries.stored_bytes(desk.db, desk.actor.society_id) + sum(one.size for one in files) > SOCIETY_BYTES
    if full:
        about = {"limit": "200 MB", "names": "、".join(one.name for one in files)}
        return Step(desk.scene, says=(Say("quota", about),))
    if _unseen(desk):
        step = answering.files(desk.scene.at(None), files)
        return replace(step, scene=replace(desk.scene, tray=step.scene.tray))
    if desk.scene.asking.item:
        look_at_evidence(desk, [desk.scene.asking.item])
    return answering.files(desk.scene, files)


def _take(desk: Desk, intent: Intent) -> tuple[list[Reply], str | None, tuple[Choice, ...] | None]:
    """One intent: its replies, whether to ask (again), and the ways offered when the bot asks back."""
    if not authorize(desk.actor, intent):
        return [phrasebook().reply("not_allowed", {})], None, None
    if isinstance(intent, Tell):
        return telling.tell(desk, intent.topic), None, None
    if isinstance(intent, Plain):
        replies, ask = WISHES[intent.wish](desk)
        return replies, ask, None
    look_at_evidence(desk, _looked_at(desk, intent))
    if isinstance(intent, Puzzled) and intent.why == "unseen":
        step = stepping.ask_back(desk.scene, "unseen", _about_unseen(desk, intent.said))
        step = replace(step, ask="full")
    else:
        step = interview.step(desk.scene, intent)
    replies = composing.after(desk, step)
    asking_back = any(say.asks for say in step.says)
    return replies, step.ask, replies[-1].choices if asking_back and replies and replies[-1].choices else None


def _about_unseen(desk: Desk, said: str) -> dict[str, object]:
    assert desk.scene.asking.item is not None
    return {"item": desk.scene.rubric.item(desk.scene.asking.item), "said": said}


def _looked_at(desk: Desk, intent: Intent) -> list[str]:
    """The items whose evidence this intent is about."""
    if isinstance(intent, Go) and desk.scene.tray:
        return list(intent.at.items)
    if not isinstance(intent, ShowEvidence | DropEvidence):
        return []
    if intent.at and intent.at.items:
        return list(intent.at.items)
    chosen = desk.scene.last_item if intent.at else desk.scene.asking.item
    return [chosen] if chosen else []


def _save_place(desk: Desk, options: tuple[Choice, ...]) -> None:
    """Where she stands now, for the next turn and for whatever channel it comes through."""
    scene = desk.scene
    pending: dict[str, object] = {}
    if options:
        pending["options"] = [{"label": one.label, "words": one.words, "keys": list(one.keys)} for one in options]
    if scene.asking.reason_for:
        pending["reason_for"] = scene.asking.reason_for
    writes.save_place(
        desk.db,
        desk.actor.person_id,
        {
            "item": scene.asking.item,
            "field": scene.asking.field,
            "fact": scene.asking.fact,
            "version": scene.of(scene.asking.item).version if scene.asking.item else 0,
            "question_id": desk.conversation.question_id,
            "last_item": scene.last_item,
            "pending": pending or None,
            "tray": [vars(one) for one in scene.tray],
        },
    )
