"""The interview, one step at a time. Pure: what an intent does to a scene, and what is to be said about it."""

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from handlers.excuses import none_left
from handlers.facts import askable
from handlers.intents import (
    LAST,
    DropEvidence,
    Excuse,
    Explain,
    Fact,
    Go,
    Intent,
    Move,
    OddFact,
    OddScore,
    Place,
    Puzzled,
    Score,
    ShowEvidence,
    Words,
)
from handlers.messages import Incoming
from handlers.scene import Added, Change, Judged, Learned, Say, Scene, Step, Withdrawn, changed
from rubrics.model import Item
from rubrics.scoring import criteria, suggestion

LINK = re.compile(r"https?://\S+\Z")


def step(scene: Scene, intent: Intent) -> Step:
    """What the intent means here. Intents that are not of the interview are answered elsewhere (handlers.member)."""
    return STEPS[type(intent)](scene, intent)


def score(scene: Scene, intent: Score) -> Step:
    item, asked_back = _item(scene, intent)
    if item is None:
        return asked_back
    assert item.points is not None
    fault = _score_fault(item, intent)
    if fault:
        return refuse(scene, fault, item=item, said=intent.value, out_of=intent.out_of)
    value = item.points if intent.value is None else intent.value
    held = scene.of(item.id)
    if _taken_meanwhile(scene, item, value):
        return _collision(scene, item, value)
    if held.answer.state == "answered" and held.answer.self_score == value and scene.mode == "open":
        return Step(_evidence_next(scene, item), says=(Say("already", {"item": item, "value": value}),), ask="short")
    return change(scene, item, Judged(item.id, "answered", value))


def _score_fault(item: Item, intent: Score) -> str | None:
    """Why the number can be no score of this item."""
    assert item.points is not None
    if intent.out_of is not None and intent.out_of != item.points:
        return "score_out_of"
    value = intent.value
    if value is None:
        return None
    if value < 0:
        return "score_negative"
    if value > item.points:
        return "score_above"
    return "score_step" if item.step and value % item.step else None


def _taken_meanwhile(scene: Scene, item: Item, value: Decimal) -> bool:
    """Somebody else of the society has scored it since this person last saw it (R5)."""
    held = scene.of(item.id)
    unseen = item.id != scene.asking.item or held.version != scene.seen_version
    other = held.scored_by not in (None, scene.person_id)
    return held.answer.state != "unanswered" and held.answer.self_score != value and unseen and other and not scene.sure


def _collision(scene: Scene, item: Item, value: Decimal) -> Step:
    held = scene.of(item.id)
    about = {"item": item, "held": held, "value": value, "by": scene.names.get(held.scored_by or 0, "")}
    return ask_back(scene, "collision", about)


def odd_score(scene: Scene, intent: OddScore) -> Step:
    item, asked_back = _item(scene, intent)
    return refuse(scene, f"score_{intent.why}", item=item, said=intent.said) if item else asked_back


def words(scene: Scene, intent: Words) -> Step:
    item, asked_back = _item(scene, intent)
    if item is None:
        return asked_back
    kind = "link" if LINK.match(intent.text.strip()) else "text"
    return change(scene, item, Added(item.id, kind, intent.text))


def fact(scene: Scene, intent: Fact) -> Step:
    item = _open(scene)
    return change(scene, item, Learned(item.id, intent.name, intent.value))


def odd_fact(scene: Scene, intent: OddFact) -> Step:
    item = _open(scene)
    return refuse(scene, "fact_odd", item=item, fact=item.known[intent.name], said=intent.said)


def excuse(scene: Scene, intent: Excuse) -> Step:
    item, asked_back = _item(scene, intent)
    if item is None:
        return asked_back
    if not intent.reason:
        asking = replace(scene.at(item.id).asking, reason_for=item.id)
        return Step(replace(scene, asking=asking), says=(Say("excuse_reason", {"item": item}),))
    held = scene.of(item.id)
    if held.answer.state == "answered" and held.scored_by not in (None, scene.person_id) and not scene.sure:
        about = {"item": item, "held": held, "by": scene.names.get(held.scored_by or 0, "")}
        return ask_back(scene, "collision_excuse", {**about, "reason": intent.reason})
    return change(scene, item, Judged(item.id, "not_applicable", None, intent.reason))


def files(scene: Scene, arrived: tuple[Incoming, ...]) -> Step:
    """Files go to the item that is open; else they wait in the tray until she names one."""
    if scene.mode == "submitted":
        return refuse(scene, "locked")
    if scene.asking.item is None:
        kept = replace(scene, tray=(*scene.tray, *arrived))
        return Step(kept, says=(Say("tray", {"files": kept.tray}),))
    return _file(scene, scene.rubric.item(scene.asking.item), arrived)


def _file(scene: Scene, item: Item, arrived: tuple[Incoming, ...]) -> Step:
    room = scene.files_limit - sum(piece.name is not None for piece in scene.pieces.get(item.id, ()))
    if len(arrived) > room:
        return refuse(scene, "too_many_files", item=item, limit=scene.files_limit, files=arrived[max(room, 0) :])
    return change(scene, item, *(Added(item.id, kind_of(file), "", file) for file in arrived))


def kind_of(file: Incoming) -> str:
    if file.kind in ("jpg", "png", "webp", "heic"):
        return "photo"
    return "video" if file.kind == "mp4" else "file"


def move(scene: Scene, intent: Move) -> Step:
    """Next, skip and back; past the last item there is a summary instead of a question."""
    if scene.asking.item is None:
        return Step(scene.at(_first_open(scene).id), ask="full")
    item = _open(scene)
    if intent.to == "back":
        earlier = scene.rubric.at(item.position - 1)
        if earlier is None:
            return Step(scene, says=(Say("at_first"),), ask="short")
        return Step(scene.at(earlier.id), ask="full")
    skipped = intent.to == "skip" and not _scored(scene, item.id)
    says = (Say("skipped", {"item": item}),) if skipped else _left_open(scene, item)
    following = scene.rubric.at(item.position + 1)
    if following is None:
        return Step(scene.at(None), says=(*says, Say("at_end")))
    return Step(scene.at(following.id), says=says, ask="full")


def _left_open(scene: Scene, item: Item) -> tuple[Say, ...]:
    """Going on without a score or without evidence is allowed, and said."""
    answer = scene.of(item.id).answer
    if answer.state == "unanswered":
        return (Say("left_unscored", {"item": item, "evidence": answer.evidence}),)
    if answer.state == "answered" and not answer.evidence and answer.self_score and scene.mode == "open":
        return (Say("left_unproved", {"item": item, "score": answer.self_score}),)
    return ()


def go(scene: Scene, intent: Go) -> Step:
    if intent.at is LAST:
        item = scene.rubric.item(scene.last_item) if scene.last_item else _first_open(scene)
        return Step(scene.at(item.id), ask="full")
    if not intent.at.items:
        return refuse(scene, "no_such_item", said=intent.at.said)
    if len(intent.at.items) > 1 and intent.at.certain:
        return _which(scene, intent)
    item = scene.rubric.item(intent.at.items[0])
    if scene.tray:
        return _file(replace(scene.at(item.id), tray=()), item, scene.tray)
    other = scene.rubric.item(intent.at.items[1]) if len(intent.at.items) > 1 else None
    says = (Say("perhaps_printed", {"item": item, "other": other}),) if other else ()
    return Step(scene.at(item.id), says=says, ask="full")


def explain(scene: Scene, intent: Explain) -> Step:
    place = intent.at
    if place and not place.items:
        return refuse(scene, "no_such_item", said=place.said)
    if place is None and scene.asking.item is None:
        return Step(scene, says=(Say("help"),))
    item = scene.rubric.item(place.items[0]) if place else _open(scene)
    about = {"item": item, "criteria": criteria(item, scene.of(item.id).answer.facts)}
    return Step(scene, says=(Say("explanation", about),), ask="short")


def show_evidence(scene: Scene, intent: ShowEvidence) -> Step:
    item, asked_back = _item(scene, intent, changing=False)
    if item is None:
        return asked_back
    return Step(scene, says=(Say("evidence", {"item": item, "pieces": scene.pieces.get(item.id, ())}),), ask="short")


def drop_evidence(scene: Scene, intent: DropEvidence) -> Step:
    item, asked_back = _item(scene, intent)
    if item is None:
        return asked_back
    pieces = scene.pieces.get(item.id, ())
    number = 1 if intent.number is None and len(pieces) == 1 else intent.number
    if number is None or not 1 <= number <= len(pieces):
        return refuse(scene, "which_evidence", item=item, pieces=pieces, number=number)
    return change(scene, item, Withdrawn(item.id, pieces[number - 1].id))


def puzzled(scene: Scene, intent: Puzzled) -> Step:
    """It can't be known: ask back, store nothing."""
    item = scene.rubric.item(scene.asking.item) if scene.asking.item else None
    if item is None:
        return Step(scene, says=(Say("puzzled_unasked", {"said": intent.said, "tray": scene.tray}),))
    if intent.why == "nothing" and none_left(intent.said) and _scored(scene, item.id):
        return move(scene, Move("next"))  # asked for more evidence of a scored item, she has none
    about = {
        "item": item,
        "said": intent.said,
        "held": scene.of(item.id),
        "fact": item.known.get(scene.asking.fact or ""),
    }
    return ask_back(scene, f"puzzled_{intent.why}", about)


def begin(scene: Scene) -> Step:
    """Start or go on: where she was, else the first item that is not complete."""
    if scene.asking.item:
        return Step(replace(scene, asking=replace(scene.asking, options=(), reason_for=None)), ask="full")
    return Step(scene.at(_first_open(scene).id), ask="full")


def undo(scene: Scene, inverse: tuple[Change, ...]) -> Step:
    """Take the last change of this person back, as new events; nothing is erased."""
    if not inverse:
        return Step(scene, says=(Say("nothing_to_undo"),), ask="short" if scene.asking.item else None)
    if scene.mode != "open":
        return refuse(scene, "locked" if scene.mode == "submitted" else "closed_for_undo")
    return Step(changed(scene, inverse), inverse, ask="short" if scene.asking.item else None)


def change(scene: Scene, item: Item, *changes: Change) -> Step:
    """Store the changes (refused once submitted) and ask what is still open about this item."""
    if scene.mode == "submitted":
        return refuse(scene, "locked")
    if scene.asking.item is None:  # what she speaks of is open from here on
        scene = scene.at(item.id)
    after = changed(scene, changes)
    if item.id != scene.asking.item:
        return Step(_still_asking(after), changes, ask="short" if after.asking.item else None)
    done = after.of(item.id).answer.state != "unanswered" or any(isinstance(one, Judged) for one in changes)
    return Step(_evidence_next(after, item) if done else _still_asking(after), changes, ask="short")


def refuse(scene: Scene, why: str, **about: Any) -> Step:
    """A kind refusal: says how to get it right; nothing is stored and the question stays open."""
    return Step(scene, says=(Say(why, about),), ask=None)


def ask_back(scene: Scene, why: str, about: dict[str, Any]) -> Step:
    """A question of the bot's own: the choices of that message are the ways to answer it; nothing is stored."""
    return Step(_still_asking(scene), says=(Say(why, about, asks=True),))


def open_fact(scene: Scene, item: Item) -> str | None:
    """The first typed question of the item that has no answer yet; none where the item does not apply."""
    if scene.of(item.id).answer.state == "not_applicable":
        return None
    known = scene.of(item.id).answer.facts
    return next((one.name for one in askable(item) if one.name not in known), None)


def contradiction(scene: Scene, item: Item) -> Decimal | None:
    """The value that a printed condition gives where she claims more."""
    answer = scene.of(item.id).answer
    given = suggestion(item, answer.facts)
    exceeds = given is not None and answer.self_score is not None and answer.self_score > given.value
    return given.value if given and exceeds else None


def _evidence_next(scene: Scene, item: Item) -> Scene:
    if item.id != scene.asking.item:
        return _still_asking(scene)
    at = scene.at(item.id, "evidence")
    return replace(at, asking=replace(at.asking, fact=open_fact(scene, item)))


def _still_asking(scene: Scene) -> Scene:
    return replace(scene, asking=replace(scene.asking, options=(), reason_for=None))


def _first_open(scene: Scene) -> Item:
    """The first item not yet answered, else the first."""
    states = ((item, scene.of(item.id).answer.state) for item in scene.rubric.items)
    return next((item for item, state in states if state == "unanswered"), scene.rubric.items[0])


def _open(scene: Scene) -> Item:
    assert scene.asking.item is not None, "only asked of an open item"
    return scene.rubric.item(scene.asking.item)


Aimed = Score | OddScore | Words | Excuse | ShowEvidence | DropEvidence


def _item(scene: Scene, intent: Aimed, *, changing: bool = True) -> tuple[Item | None, Step]:
    """The one item meant, or the step that asks which. «第5项» is asked about when it changes data and 5 is also
    another item's printed number, unless that very item is open."""
    place = intent.at
    nothing = Step(scene, says=(Say("puzzled_unasked", {"said": "", "tray": scene.tray}),))
    if place is None and isinstance(intent, Score) and intent.correcting and not _scored(scene, scene.asking.item):
        place = LAST
    if place is LAST:
        place = Place((scene.last_item,), "") if scene.last_item else None
    if place is None:
        return (scene.rubric.item(scene.asking.item), nothing) if scene.asking.item else (None, nothing)
    if not place.items:
        return None, refuse(scene, "no_such_item", said=place.said)
    if len(place.items) == 1 or (not place.certain and (not changing or place.items[0] == scene.asking.item)):
        return scene.rubric.item(place.items[0]), nothing
    return None, _which(scene, intent)


def _scored(scene: Scene, item: str | None) -> bool:
    return item is not None and scene.of(item).answer.state == "answered"


def _which(scene: Scene, intent: Aimed | Go) -> Step:
    """Several items could be meant: a numbered list, each with the unmistakable words for it."""
    assert intent.at is not None
    items = [scene.rubric.item(id) for id in intent.at.items]
    about = {"said": intent.at.said, "items": items, "certain": intent.at.certain, "spoken": spoken(intent)}
    return ask_back(scene, "which_item", about)


def spoken(intent: Aimed | Go) -> str:
    """An intent back into words that mean just that."""
    if isinstance(intent, Score):
        return "满分" if intent.value is None else f"{intent.value}分"
    if isinstance(intent, Words):
        return f"依据：{intent.text}"
    if isinstance(intent, Excuse):
        return f"不适用，{intent.reason}"
    if isinstance(intent, DropEvidence):
        return "撤回依据" if intent.number is None else f"撤回第{intent.number}条依据"
    if isinstance(intent, OddScore):
        return intent.said
    return "依据" if isinstance(intent, ShowEvidence) else ""


STEPS: dict[type, Callable[[Scene, Any], Step]] = {
    Score: score,
    OddScore: odd_score,
    Words: words,
    Fact: fact,
    OddFact: odd_fact,
    Excuse: excuse,
    Move: move,
    Go: go,
    Explain: explain,
    ShowEvidence: show_evidence,
    DropEvidence: drop_evidence,
    Puzzled: puzzled,
}
