"""A secretary's turn: what she said, taken step by step at her desk, and what she hears back."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from handlers.answers import (
    acknowledging,
    composing,
    confirming,
    files,
    interview,
    lasthours,
    proposing,
    stepping,
    supplementing,
    telling,
)
from handlers.answers.filing import put_away, save_place
from handlers.answers.rewording import reworded
from handlers.answers.scene import Step
from handlers.answers.unseen import needs_context, unseen
from handlers.answers.wishes import WISHES, Granted
from handlers.desk import Desk, full, look_at_evidence
from handlers.messages import Choice, Reply
from handlers.papers import delivering, paperwork
from handlers.phrasebook import phrasebook
from handlers.projects import applying, keynotes, list_own, offering
from handlers.review import objecting
from handlers.rights import authorize
from handlers.standards import qualifying
from handlers.understanding.intents import (
    Claim,
    DropEvidence,
    Excuse,
    Go,
    Intent,
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
        known = [one.text for one in self.replies]
        self.replies += [one for one in replies if one.text not in known]  # two refusals in the same words are one
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
        told.replies[:0] = map(Reply, acknowledging.recorded(desk, number))
    put_away(desk)
    asked = composing.question(desk, told.ask) if told.ask and not told.options else None
    texts = composing.joined(told.replies, asked, apart=told.ask == "full" and bool(told.replies))
    if told.options:
        texts[-1] = replace(texts[-1], choices=told.options)
    if Plain("logout") not in intents:
        texts = lasthours.offered(desk, texts, told.options)
    save_place(desk, told.options, collided=told.collided)
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
    if unseen(desk):
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
    save_place(desk, told.options, collided=told.collided)
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
        step = files.take(desk)
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
    if desk.message.files and files.only_names(desk, words):
        return []
    intents = understand(words, scene.asking, scene.rubric)
    if desk.message.files and files.named(desk, words):
        intents = [intent for intent in intents if not isinstance(intent, Go)]
    if len(intents) == 1 and isinstance(intents[0], Pick):
        chosen = scene.asking.options[intents[0].number]
        # Only who was told of the other's score decides over it; choosing an item is no such thing (R5).
        collided = bool((desk.conversation.pending or {}).get("collided"))
        desk.scene = replace(scene, sure=collided, asking=replace(scene.asking, options=()))
        return understand(chosen.words, replace(scene.asking, options=(), fact=None), scene.rubric)
    if unseen(desk) and any(needs_context(intent) for intent in intents):
        content = any(isinstance(intent, Score | Claim | Words | Excuse) for intent in intents)
        return [Puzzled("unseen", words if content else "")]
    return intents


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
        step = stepping.ask_back(desk.scene, "unseen", _aboutunseen(desk, intent.said))
        return replace(step, ask="full")
    if isinstance(intent, Go) and desk.scene.tray and full(desk, desk.scene.tray):
        return files.quota(desk, desk.scene.tray)
    return interview.step(desk.scene, intent)


def _aboutunseen(desk: Desk, said: str) -> dict[str, object]:
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
    chosen = desk.scene.latest if intent.at else desk.scene.asking.item
    return [chosen] if chosen else []
