"""A secretary's turn: what she said, taken step by step at her desk, and what she hears back."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from handlers.answers import (
    answering,
    composing,
    confirming,
    interview,
    lasthours,
    proposing,
    stepping,
    supplementing,
    telling,
)
from handlers.answers.filing import put_away
from handlers.answers.rewording import reworded
from handlers.answers.scene import Say, Step
from handlers.answers.wishes import WISHES, Granted
from handlers.desk import Desk, full, look_at_evidence
from handlers.messages import Choice, Incoming, Reply
from handlers.papers import delivering, paperwork
from handlers.phrasebook import phrasebook
from handlers.projects import applying, keynotes, list_own, offering
from handlers.review import objecting
from handlers.rights import authorize
from handlers.standards import qualifying
from handlers.understanding import places, several
from handlers.understanding.intents import (
    Claim,
    DropEvidence,
    Excuse,
    Explain,
    Fact,
    Go,
    Intent,
    Move,
    OddScore,
    Pick,
    Place,
    Plain,
    Puzzled,
    Score,
    ShowEvidence,
    Tell,
    Words,
)
from handlers.understanding.lexicon import lexicon
from handlers.understanding.understand import understand
from rubrics.model import Item
from storage import writes

UNSEEN = -1  # no version of an answer
# By the kind of document: what is no questionnaire has a conversation of its own.
ELSEWHERE: dict[str, Callable[[Desk, str], Granted]] = {
    "projects": applying.hear,
    "list": list_own.look,
    "work_plan": keynotes.hear,
}
OPENINGS: dict[str, Callable[[Desk], list[Reply]]] = {
    "projects": offering.tree,
    "list": list_own.opening,
    "work_plan": keynotes.listed,
}


@dataclass(frozen=True)
class Heard:
    """What a turn leads to: the replies, whether the last one shows another question than before, and whether anything
    was stored."""

    replies: list[Reply]
    asks: bool
    stored: bool


@dataclass
class Told:
    """What the turn has come to say so far: replies, how to ask again, and the ways offered when the bot asks back."""

    replies: list[Reply] = field(default_factory=list)
    ask: str | None = None
    options: tuple[Choice, ...] = ()
    collided: bool = False  # the ways offered decide between two people's scores

    def add(self, replies: list[Reply], ask: str | None, options: tuple[Choice, ...] = ()) -> None:
        self.replies += replies
        self.ask = ask or self.ask
        self.options = options or self.options


def hear(desk: Desk, words: str) -> Heard:
    """Take everything the message says, in its order."""
    if other := ELSEWHERE.get(desk.season.rubric.kind):
        return _elsewhere(desk, words, other)
    before = desk.scene.asking.item
    gate_before = desk.scene.asking.fact if desk.scene.asking.field == qualifying.FIELD else None
    told = Told()
    intents = _brought(desk, words, told) if desk.season.rubric.items else _of_papers(desk, words, told)
    if desk.message.edits:
        _told_step(desk, reworded(desk, words), told)
        intents = []
    doubted: Place | None = None
    for intent in intents:
        at = intent.at if isinstance(intent, stepping.Aimed) else None
        if doubted and at and isinstance(intent, stepping.Aimed):
            told.options = _after_choosing(told.options, intent, doubted)
            continue
        _take(desk, intent, told)
        doubted = at if at and len(at.items) > 1 and told.options else doubted
    if desk.undone and desk.scene.asking.field == qualifying.FIELD:
        _told_step(desk, qualifying.ask(desk.scene), told)
    if desk.changes:
        number = supplementing.keep_handed_in(desk)
        told.replies[:0] = map(Reply, composing.recorded(desk, number))
    put_away(desk)
    asked = composing.question(desk, told.ask) if told.ask and not told.options else None
    texts = composing.joined(told.replies, asked, apart=told.ask == "full" and bool(told.replies))
    if told.options:
        texts[-1] = replace(texts[-1], choices=told.options)
    if Plain("logout") not in intents:
        texts = lasthours.offered(desk, texts, told.options)
    _save_place(desk, told)
    before_and_now = [(desk.status, desk.entry.status), (desk.late, desk.entry.late)]
    before_and_now.append((desk.supplementing, desk.entry.supplementing))
    stored = bool(desk.changes) or desk.handed or desk.noted or any(now != was for now, was in before_and_now)
    gate = desk.scene.asking.fact if desk.scene.asking.field == qualifying.FIELD else None
    asks = (asked is not None and desk.scene.asking.item != before) or (gate is not None and gate != gate_before)
    return Heard(texts, asks, stored)


def _gate_heard(desk: Desk, words: str, told: Told) -> bool:
    """Whether the message answers the question of who may take part, or would if it could be understood."""
    if desk.scene.asking.field != qualifying.FIELD or not words or desk.message.edits:
        return False
    if _unseen(desk):
        step: Step | None = stepping.refuse(desk.scene, "gate_unseen")
    else:
        step = qualifying.heard(desk.scene, words)
        understood = understand(words, desk.scene.asking, desk.scene.rubric)
        if step is None and all(isinstance(intent, Puzzled) for intent in understood):
            step = qualifying.odd(desk.scene, words)
    if step is not None:
        _told_step(desk, step, told)
    return step is not None


def _elsewhere(desk: Desk, words: str, other: Callable[[Desk, str], Granted]) -> Heard:
    """Where the document is no questionnaire: its own conversation at the same desk."""
    before = (desk.scene.asking.item, desk.scene.asking.fact)
    told = Told()
    if desk.message.edits:
        told.add(composing.after(desk, stepping.refuse(desk.scene, "edited", said=words)), None)
    else:
        told.add(*other(desk, words))
    put_away(desk)
    texts = composing.joined(told.replies, None, apart=False)
    if told.options:
        texts[-1] = replace(texts[-1], choices=told.options)
    _save_place(desk, told)
    now = (desk.scene.asking.item, desk.scene.asking.fact)
    stored = bool(desk.changes) or desk.noted or desk.status != desk.entry.status
    return Heard(texts, now[0] is not None and now != before, stored)


def _of_papers(desk: Desk, words: str, told: Told) -> list[Intent]:
    """Where there is no table to fill in."""
    told.add(*paperwork.hear(desk, words))
    told.ask = None
    return []


def _brought(desk: Desk, words: str, told: Told) -> list[Intent]:
    """What the files of a message are is seen to first; what her words ask for besides."""
    if noted := keynotes.take(desk, words):
        told.add(noted, None)
        return []
    _turn_to_named(desk)
    replies, used = delivering.take(desk, words)
    told.add(replies, None)
    table = None if replies else _her_table(desk, words)
    if table and not table.beside:
        told.add(*table.granted)
        return []
    if objection := objecting.take(desk, words):
        told.add(objection, None)
        return []
    intents = [] if used or _gate_heard(desk, words, told) else _understood(desk, words)
    if desk.message.files and not replies:
        step = _take_files(desk)
        told.add(composing.after(desk, step), step.ask)
    if table:
        told.add(*table.granted)
    return intents


@dataclass(frozen=True)
class Table:
    """The answer to what she sent or said of her own table; `beside`: the file is evidence all the same."""

    granted: proposing.Granted
    beside: bool = False


def _her_table(desk: Desk, words: str) -> Table | None:
    """Where a document may be her own table filled in, or her words are about what was read of one."""
    if desk.brought is None:
        granted = None if desk.message.files else confirming.by_words(desk, words)
        return Table(granted) if granted else None
    wanted = lexicon().means_table(words)
    beside = not wanted and bool(words or desk.message.item or desk.scene.asking.field == "evidence")
    granted = proposing.offer(desk, desk.brought, wanted=wanted, beside=beside)
    return Table(granted, beside) if granted else None


def _turn_to_named(desk: Desk) -> None:
    """To the item that the page named by which this came; the page showed no score of it."""
    scene = desk.scene
    named = next((item.id for item in scene.rubric.items if item.id == desk.message.item), None)
    if named and named != scene.asking.item:
        scored = scene.of(named).answer.state != "unanswered"
        desk.scene = replace(scene.at(named, "evidence" if scored else "score"), seen_version=UNSEEN)


def _understood(desk: Desk, words: str) -> list[Intent]:
    scene = desk.scene
    if not words and desk.message.files:
        return []
    intents = understand(words, scene.asking, scene.rubric)
    if desk.message.files and _named_for_files(desk, words):
        intents = [intent for intent in intents if not isinstance(intent, Go)]
    if len(intents) == 1 and isinstance(intents[0], Pick):
        chosen = scene.asking.options[intents[0].number]
        # Only who was told of the other's score decides over it; choosing an item is no such thing (R5).
        collided = bool((desk.conversation.pending or {}).get("collided"))
        desk.scene = replace(scene, sure=collided, asking=replace(scene.asking, options=()))
        return understand(chosen.words, replace(scene.asking, options=(), fact=None), scene.rubric)
    if _unseen(desk) and any(_needs_context(intent) for intent in intents):
        content = any(isinstance(intent, Score | Claim | Words | Excuse) for intent in intents)
        return [Puzzled("unseen", words if content else "")]
    return intents


def _unseen(desk: Desk) -> bool:
    """The open question was not on her screen yet when she sent this (R4)."""
    seen = desk.message.seen
    open_one = desk.scene.asking.item is not None or desk.scene.asking.field == qualifying.FIELD
    return seen is not None and open_one and seen < desk.conversation.question_id


def _needs_context(intent: Intent) -> bool:
    """Whether it means something only as the answer to the open question."""
    if isinstance(intent, Score | OddScore | Claim | Fact | Words | Excuse | DropEvidence):
        return intent.at is None
    return isinstance(intent, Move) or not isinstance(intent, Tell | Go | Explain | ShowEvidence | Plain)


def _take_files(desk: Desk) -> Step:
    files = desk.message.files
    if full(desk, (*desk.scene.tray, *files)):
        return _quota(desk, files)
    named = _named_for_files(desk, desk.message.text)
    if named:
        look_at_evidence(desk, [item.id for item in named])
        return answering.files_of_several(desk.scene, named, files)
    if desk.scene.mode == "submitted" and delivering.matrix(desk).awaits_files:
        desk.scene = replace(desk.scene, tray=(*desk.scene.tray, *files))
        about = {"files": desk.scene.tray, "papers": [one.title for one in delivering.by_file(desk)], "recall": True}
        return Step(desk.scene, says=(Say("paper_which", about),))
    if _unseen(desk) or (desk.scene.mode != "submitted" and _either(desk, desk.message.text)):
        step = answering.files(desk.scene.at(None), files)
        return replace(step, scene=replace(desk.scene, tray=step.scene.tray))
    if desk.scene.asking.item:
        look_at_evidence(desk, [desk.scene.asking.item])
    return answering.files(desk.scene, files)


def _named_for_files(desk: Desk, words: str) -> list[Item]:
    """The items that the words name for the files that came with them, where they can mean no others."""
    scene = desk.scene
    found = several.opening(words, scene.rubric)
    if found:
        return found[0]
    named = places.address(words, scene.rubric, scene.asking.item)
    sure = named is not None and named.sure and not named.glued and named.place.certain
    return [scene.rubric.item(id) for id in named.place.items[:1]] if named and sure else []


def _either(desk: Desk, words: str) -> bool:
    """Whether the words name an item for the files that may be one of two: «第5项», where 5 is also printed."""
    named = places.address(words, desk.scene.rubric, desk.scene.asking.item)
    return named is not None and named.sure and not named.glued and not named.place.certain


def _quota(desk: Desk, files: tuple[Incoming, ...]) -> Step:
    names = "、".join(one.name for one in files)
    return Step(desk.scene, says=(Say("quota", {"limit": "200 MB", "names": names}),))


def _take(desk: Desk, intent: Intent, told: Told) -> None:
    """One intent: what is done and said."""
    if not authorize(desk.actor, intent):
        told.add([phrasebook().reply("not_allowed", {})], None)
    elif isinstance(intent, Tell):
        told.add(telling.tell(desk, intent.topic), None)
    elif isinstance(intent, Plain):
        told.add(*WISHES[intent.wish](desk))
    else:
        _told_step(desk, _step(desk, intent), told)


def _told_step(desk: Desk, step: Step, told: Told) -> None:
    replies = composing.after(desk, step)
    asking_back = any(say.asks for say in step.says)
    told.collided = any(say.name.startswith("collision") for say in step.says)
    told.add(replies, step.ask, replies[-1].choices if asking_back and replies else ())


def _after_choosing(options: tuple[Choice, ...], intent: stepping.Aimed, doubted: Place) -> tuple[Choice, ...]:
    """While the bot asks back, what was said besides waits with each of the choices: of the same item, it joins the
    choice; of another, it is said again once she has chosen."""
    assert intent.at is not None
    said = stepping.spoken(intent)
    joined = f"，{said}" if intent.at == doubted else f"\n{intent.at.said} {said}"
    return tuple(replace(one, words=one.words + joined) for one in options)


def _step(desk: Desk, intent: Intent) -> Step:
    look_at_evidence(desk, _looked_at(desk, intent))
    if isinstance(intent, Puzzled) and intent.why == "unseen":
        step = stepping.ask_back(desk.scene, "unseen", _about_unseen(desk, intent.said))
        return replace(step, ask="full")
    if isinstance(intent, Go) and desk.scene.tray and full(desk, desk.scene.tray):
        return _quota(desk, desk.scene.tray)
    return interview.step(desk.scene, intent)


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


def _save_place(desk: Desk, told: Told) -> None:
    """Where she stands now, for the next turn and for whatever channel it comes through."""
    scene = desk.scene
    pending: dict[str, object] = {}
    if told.options:
        pending["options"] = [{"label": one.label, "words": one.words, "keys": list(one.keys)} for one in told.options]
        pending["collided"] = told.collided
    if scene.asking.reason_for:
        pending["reason_for"] = scene.asking.reason_for
    if desk.handing:
        pending["handing"] = desk.handing
    if desk.handed:
        pending["handed"] = True
    if scene.skips:
        pending["skips"] = True
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
