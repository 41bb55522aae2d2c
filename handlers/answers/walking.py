"""How she moves through the table: on, back, to any item; what is explained, shown, or asked back."""

from dataclasses import replace
from decimal import Decimal

from handlers.answers.answering import put_files, score
from handlers.answers.scene import Say, Scene, Step
from handlers.answers.stepping import aimed_item, ask_back, first_open, open_item, refuse, scored, which
from handlers.projects.keypoints import serving
from handlers.understanding.excuses import none_left
from handlers.understanding.intents import LAST, Either, Explain, Go, Move, Puzzled, Score, ShowEvidence
from handlers.understanding.lexicon import lexicon
from rubrics.answers import complete, current
from rubrics.model import Item
from rubrics.suggesting import criteria


def begin(scene: Scene) -> Step:
    """Start or go on: where she was, else the first item that is not complete."""
    if scene.asking.item:
        return Step(replace(scene, asking=replace(scene.asking, options=(), reason_for=None)), ask="full")
    return Step(scene.at(first_open(scene).id), ask="full")


def move(scene: Scene, intent: Move) -> Step:
    """Next, skip and back; past the last item there is a summary instead of a question."""
    if scene.asking.item is None:
        return Step(scene.at(first_open(scene).id), ask="full")
    item = open_item(scene)
    if intent.to == "back":
        earlier = scene.rubric.at(item.position - 1)
        if earlier is None:
            return Step(scene, says=(Say("at_first"),), ask="short")
        return Step(scene.at(earlier.id), ask="full")
    skipped = intent.to == "skip" and not scored(scene, item.id)
    says = (Say("skipped", {"item": item}),) if skipped else _left_open(scene, item)
    following = _following(scene, item)
    if following is None:
        return Step(scene.at(None), says=(*says, Say("at_end")))
    return Step(scene.at(following.id), says=says, ask="full")


def _following(scene: Scene, item: Item) -> Item | None:
    """The next item; where her own table has been read in, the next one that lacks something."""
    later = scene.rubric.items[item.position :]
    return next(
        (one for one in later if not (scene.skips and complete(one, current(one, scene.of(one.id).answer)))), None
    )


def _left_open(scene: Scene, item: Item) -> tuple[Say, ...]:
    """Going on without a score or without evidence is allowed, and said."""
    answer = scene.of(item.id).answer
    if answer.state == "unanswered":
        return (Say("left_unscored", {"item": item, "evidence": answer.evidence}),)
    met = answer.met is True and not item.negative
    proved = answer.evidence or item.counts == "deduction"
    if answer.state == "answered" and not proved and (answer.self_score or met) and scene.mode == "open":
        return (Say("left_unproved", {"item": item, "score": answer.self_score}),)
    return ()


def go(scene: Scene, intent: Go) -> Step:
    if intent.at is LAST:
        item = scene.rubric.item(scene.latest) if scene.latest else first_open(scene)
        return Step(scene.at(item.id), ask="full")
    if not intent.at.items:
        return refuse(scene, "no_such_item", said=intent.at.said)
    if len(intent.at.items) > 1 and intent.at.certain:
        return which(scene, intent)
    item = scene.rubric.item(intent.at.items[0])
    if scene.tray:
        step = put_files(scene.at(item.id), item, scene.tray)
        return replace(step, scene=replace(step.scene, tray=scene.tray[len(step.changes) :]))
    other = scene.rubric.item(intent.at.items[1]) if len(intent.at.items) > 1 else None
    says = (Say("perhaps_printed", {"item": item, "other": other}),) if other else ()
    return Step(scene.at(item.id), says=says, ask="full")


def explain(scene: Scene, intent: Explain) -> Step:
    place = intent.at
    if place and not place.items:
        return refuse(scene, "no_such_item", said=place.said)
    if place is None and scene.asking.item is None:
        return Step(scene, says=(Say("help"),))
    item = scene.rubric.item(place.items[0]) if place else open_item(scene)
    about = {
        "item": item,
        "criteria": criteria(item, scene.of(item.id).answer.facts),
        "points": serving(scene.rubric, item),
    }
    return Step(scene, says=(Say("explanation", about),), ask="short")


def show_evidence(scene: Scene, intent: ShowEvidence) -> Step:
    item, asked_back = aimed_item(scene, intent, changing=False)
    if item is None:
        return asked_back
    return Step(scene, says=(Say("evidence", {"item": item, "pieces": scene.pieces.get(item.id, ())}),), ask="short")


def either(scene: Scene, intent: Either) -> Step:
    """Numbers that are positions and also printed ones: she is shown both, and nothing is stored."""
    if scene.mode == "submitted":
        return refuse(scene, "locked")
    here, printed = ([scene.rubric.item(id) for id in ids] for ids in (intent.here, intent.printed))
    about = {"numbers": intent.numbers, "said": intent.said, "here": here, "printed": printed, "tray": scene.tray}
    return ask_back(scene, "which_several", about)


def puzzled(scene: Scene, intent: Puzzled) -> Step:
    """It can't be known: ask back, store nothing."""
    item = scene.rubric.item(scene.asking.item) if scene.asking.item else None
    asks = lexicon().topic(intent.said) == "question"
    if item is None:
        about = {"said": intent.said, "tray": scene.tray, "mode": scene.mode, "asks": asks}
        return Step(scene, says=(Say("puzzled_unasked", about),))
    if intent.why == "nothing" and none_left(intent.said) and scored(scene, item.id):
        return move(scene, Move("next"))  # asked for more evidence of a scored item, she has none
    if intent.why == "nothing" and item.counts == "deduction" and not scored(scene, item.id):
        return score(scene, Score(Decimal(0), bare=True))
    about = {
        "item": item,
        "said": intent.said,
        "asks": asks,
        "held": scene.of(item.id),
        "fact": item.known.get(scene.asking.fact or ""),
        "tray": scene.tray,
        "mode": scene.mode,
        "unsaid": [
            one.position for one in scene.rubric.items if current(one, scene.of(one.id).answer).state == "unanswered"
        ],
    }
    return ask_back(scene, f"puzzled_{intent.why}", about)
