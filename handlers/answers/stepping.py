"""What every step of the interview is made of: the item meant, a change, a refusal, a question asked back."""

from dataclasses import replace
from typing import Any

from handlers.answers.scene import Change, Judged, Say, Scene, Step, changed
from handlers.understanding.facts import askable
from handlers.understanding.intents import (
    LAST,
    Claim,
    DropEvidence,
    Excuse,
    Fact,
    Go,
    OddScore,
    Place,
    Score,
    ShowEvidence,
    Words,
)
from rubrics.answers import current
from rubrics.model import Item
from rubrics.wanted import wanted

Aimed = Score | OddScore | Claim | Fact | Words | Excuse | ShowEvidence | DropEvidence


def change(scene: Scene, item: Item, *changes: Change) -> Step:
    """Store the changes (refused once submitted) and ask what is still open about this item."""
    if scene.mode == "submitted":
        return refuse(scene, "locked")
    if scene.locks(item.id):
        return refuse(scene, "locked_item", item=item, open=sent_back(scene))
    if scene.asking.item is None:  # what she speaks of is open from here on
        scene = scene.at(item.id)
    after = changed(scene, changes)
    if item.id != scene.asking.item:
        return Step(still_asking(after), changes, ask="short" if after.asking.item else None)
    done = after.of(item.id).answer.state != "unanswered" or any(isinstance(one, Judged) for one in changes)
    return Step(evidence_next(after, item) if done else still_asking(after), changes, ask="short")


def refuse(scene: Scene, why: str, **about: Any) -> Step:
    """A kind refusal: says how to get it right; nothing is stored and the question stays open."""
    return Step(scene, says=(Say(why, about),), ask=None)


def ask_back(scene: Scene, why: str, about: dict[str, Any]) -> Step:
    """A question of the bot's own: the choices of that message are the ways to answer it; nothing is stored."""
    return Step(still_asking(scene), says=(Say(why, about, asks=True),))


def aimed_item(scene: Scene, intent: Aimed, *, changing: bool = True) -> tuple[Item | None, Step]:
    """The one item meant, or the step that asks which. «第5项» is asked about when it changes data and 5 is also
    another item's printed number, unless that very item is open."""
    place = intent.at
    unasked = {"said": "", "tray": scene.tray, "mode": scene.mode, "asks": False}
    nothing = Step(scene, says=(Say("puzzled_unasked", unasked),))
    if place is None and isinstance(intent, Score) and intent.correcting and not scored(scene, scene.asking.item):
        place = LAST
    if place is LAST:
        place = Place((scene.latest,), "") if scene.latest else None
    if place is None:
        return (scene.rubric.item(scene.asking.item), nothing) if scene.asking.item else (None, nothing)
    if not place.items:
        return None, refuse(scene, "no_such_item", said=place.said)
    if len(place.items) == 1 or (not place.certain and (not changing or place.items[0] == scene.asking.item)):
        return scene.rubric.item(place.items[0]), nothing
    return None, which(scene, intent)


def which(scene: Scene, intent: Aimed | Go) -> Step:
    """Several items could be meant: a numbered list, each with the unmistakable words for it."""
    assert intent.at is not None
    items = [scene.rubric.item(id) for id in intent.at.items]
    about = {"said": intent.at.said, "items": items, "certain": intent.at.certain, "spoken": spoken(intent)}
    return ask_back(scene, "which_item", about)


def spoken(intent: Aimed | Go) -> str:
    """An intent back into words that mean just that."""
    if isinstance(intent, Score):
        return "满分" if intent.value is None else f"{intent.value}分"
    if isinstance(intent, Claim):
        return "达到" if intent.met else "没达到"
    if isinstance(intent, Words):
        return f"依据：{intent.text}"
    if isinstance(intent, Excuse):
        return f"不适用，{intent.reason}"
    if isinstance(intent, DropEvidence):
        return "撤回依据" if intent.number is None else f"撤回第{intent.number}条依据"
    if isinstance(intent, OddScore | Fact):
        return intent.said
    return "依据" if isinstance(intent, ShowEvidence) else ""


def scored(scene: Scene, item: str | None) -> bool:
    return item is not None and scene.of(item).answer.state == "answered"


def open_item(scene: Scene) -> Item:
    assert scene.asking.item is not None, "only asked of an open item"
    return scene.rubric.item(scene.asking.item)


def sent_back(scene: Scene) -> list[Item]:
    """The items that may be changed where only some may."""
    return [item for item in scene.rubric.items if item.id in (scene.allowed or ())]


def first_open(scene: Scene) -> Item:
    """The first item not yet answered, else the first; of those sent back, where some were."""
    if returned := sent_back(scene):
        return returned[0]
    states = ((item, current(item, scene.of(item.id).answer).state) for item in scene.rubric.items)
    return next((item for item, state in states if state == "unanswered"), scene.rubric.items[0])


def open_fact(scene: Scene, item: Item) -> str | None:
    """The first typed question of the item that has no answer yet and still matters; none where the item does not
    apply, or where she says herself that it is not met."""
    answer = scene.of(item.id).answer
    if answer.state == "not_applicable" or answer.met is False:
        return None
    unknown = [one.name for one in askable(item) if one.name not in answer.facts]
    if item.points is None:
        matters = wanted(item, answer.facts)
        unknown = [name for name in unknown if name in matters]
    return next(iter(unknown), None)


def evidence_next(scene: Scene, item: Item) -> Scene:
    if item.id != scene.asking.item:
        return still_asking(scene)
    at = scene.at(item.id, "evidence")
    return replace(at, asking=replace(at.asking, fact=open_fact(scene, item)))


def still_asking(scene: Scene) -> Scene:
    return replace(scene, asking=replace(scene.asking, options=(), reason_for=None))
