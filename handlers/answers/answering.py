"""What she answers: scores, 不适用, evidence in words and files, facts; and taking any of it back."""

import re
from dataclasses import replace
from decimal import Decimal

from handlers.answers import losing
from handlers.answers.scene import Added, Change, Judged, Learned, Say, Scene, Step, Withdrawn, changed
from handlers.answers.stepping import aimed_item, ask_back, change, evidence_next, open_item, refuse, sent_back
from handlers.messages import Incoming
from handlers.understanding.intents import Claim, DropEvidence, Excuse, Fact, OddFact, OddScore, Score, Words
from rubrics.model import Item
from storage.filetypes import PHOTOS, VOICES

REASON = re.compile(r"[一-鿿A-Za-z]")
SHORTEST_REASON = 3  # letters: «9项» is none
LINK = re.compile(r"https?://\S+\Z")


def score(scene: Scene, intent: Score) -> Step:
    item, asked_back = aimed_item(scene, intent)
    if item is None:
        return asked_back
    if item.points is None:
        return refuse(scene, "score_pointless", item=item)
    if often := losing.times(item, intent):
        return fact(scene, often)
    fault = _score_fault(item, intent)
    if fault:
        return refuse(scene, fault, item=item, said=intent.value, out_of=intent.out_of)
    value = item.highest if intent.value is None else item.signed(intent.value)
    held = scene.of(item.id)
    if _taken_meanwhile(scene, item, value):
        return _collision(scene, item, value)
    if held.answer.state == "answered" and held.answer.self_score == value and scene.mode == "open":
        return Step(evidence_next(scene, item), says=(Say("already", {"item": item, "value": value}),), ask="short")
    return change(scene, item, Judged(item.id, "answered", value))


def _score_fault(item: Item, intent: Score) -> str | None:
    """Why the number can be no score of this item."""
    assert item.points is not None
    if intent.out_of is not None and intent.out_of != item.points:
        return "score_out_of"
    value = intent.value
    if value is None:
        return None
    if value < 0 and item.counts != "deduction":
        return "score_negative"
    if abs(value) > item.points:
        return "score_above"
    return "score_step" if item.step and value % item.step else None


def _taken_meanwhile(scene: Scene, item: Item, value: Decimal) -> bool:
    """Somebody else of the society has scored it since this person last saw it (R5)."""
    answer = scene.of(item.id).answer
    return answer.state != "unanswered" and answer.self_score != value and _judged_unseen(scene, item)


def _collision(scene: Scene, item: Item, value: Decimal) -> Step:
    held = scene.of(item.id)
    about = {"item": item, "held": held, "value": value, "by": scene.names.get(held.scored_by or 0, "")}
    return ask_back(scene, "collision", about)


def claim(scene: Scene, intent: Claim) -> Step:
    """Her word that an item without points is met, or not."""
    item, asked_back = aimed_item(scene, intent)
    if item is None:
        return asked_back
    if item.points is not None:
        return refuse(scene, "claim_of_points", item=item)
    held = scene.of(item.id)
    if held.answer.met is intent.met and scene.mode == "open":
        return Step(evidence_next(scene, item), says=(Say("already_met", {"item": item, "held": held}),), ask="short")
    judged = Judged(item.id, "answered", met=intent.met)
    if held.answer.state != "unanswered" and _judged_unseen(scene, item):
        by = scene.names.get(held.scored_by or 0, "")
        return ask_back(scene, "collision", {"item": item, "held": held, "value": None, "met": intent.met, "by": by})
    return change(scene, item, judged)


def _judged_unseen(scene: Scene, item: Item) -> bool:
    """Somebody else of the society has judged it since this person last saw it (R5)."""
    held = scene.of(item.id)
    unseen = item.id != scene.asking.item or held.version != scene.seen_version
    return unseen and held.scored_by not in (None, scene.person_id) and not scene.sure


def odd_score(scene: Scene, intent: OddScore) -> Step:
    item, asked_back = aimed_item(scene, intent)
    if item is None:
        return asked_back
    if lost := losing.taken_off(item, intent):
        return score(scene, lost)
    return refuse(scene, f"score_{intent.why}", item=item, said=intent.said)


def excuse(scene: Scene, intent: Excuse) -> Step:
    item, asked_back = aimed_item(scene, intent)
    if item is None:
        return asked_back
    if len(REASON.findall(intent.reason)) < SHORTEST_REASON:
        asking = replace(scene.at(item.id).asking, reason_for=item.id)
        return Step(replace(scene, asking=asking), says=(Say("excuse_reason", {"item": item}),))
    held = scene.of(item.id)
    if held.answer.state == "answered" and held.scored_by not in (None, scene.person_id) and not scene.sure:
        about = {"item": item, "held": held, "by": scene.names.get(held.scored_by or 0, "")}
        return ask_back(scene, "collision_excuse", {**about, "reason": intent.reason})
    return change(scene, item, Judged(item.id, "not_applicable", None, intent.reason))


def words(scene: Scene, intent: Words) -> Step:
    item, asked_back = aimed_item(scene, intent)
    if item is None:
        return asked_back
    kind = "link" if LINK.match(intent.text.strip()) else "text"
    return change(scene, item, Added(item.id, kind, intent.text))


def files(scene: Scene, arrived: tuple[Incoming, ...]) -> Step:
    """Files go to the item that is open; else they wait in the tray until she names one."""
    if scene.mode == "submitted":
        return refuse(scene, "locked")
    if scene.asking.item is None:
        kept = replace(scene, tray=(*scene.tray, *arrived))
        return Step(kept, says=(Say("tray", {"files": kept.tray}),))
    return put_files(scene, scene.rubric.item(scene.asking.item), arrived)


def files_of_several(scene: Scene, items: list[Item], arrived: tuple[Incoming, ...]) -> Step:
    """The same files as evidence of each of these items."""
    if scene.mode == "submitted":
        return refuse(scene, "locked")
    steps: list[Step] = []
    for item in items:
        steps.append(put_files(steps[-1].scene if steps else scene, item, arrived))
    changes = tuple(change for step in steps for change in step.changes)
    says = tuple(say for step in steps for say in step.says)
    return Step(steps[-1].scene, changes, says, steps[-1].ask)


def put_files(scene: Scene, item: Item, arrived: tuple[Incoming, ...]) -> Step:
    room = scene.files_limit - sum(piece.name is not None for piece in scene.pieces.get(item.id, ()))
    fitting, left = arrived[: max(room, 0)], arrived[max(room, 0) :]
    full = (Say("too_many_files", {"item": item, "limit": scene.files_limit, "files": left}),) if left else ()
    if not fitting:
        return Step(scene, says=full)
    step = change(scene, item, *(Added(item.id, kind_of(file), "", file) for file in fitting))
    return replace(step, says=(*step.says, *full))


def kind_of(file: Incoming) -> str:
    if file.kind in PHOTOS:
        return "photo"
    if file.kind in VOICES:
        return "voice"
    return "video" if file.kind == "mp4" else "file"


def drop_evidence(scene: Scene, intent: DropEvidence) -> Step:
    item, asked_back = aimed_item(scene, intent)
    if item is None:
        return asked_back
    pieces = scene.pieces.get(item.id, ())
    number = 1 if intent.number is None and len(pieces) == 1 else intent.number
    if number is None or not 1 <= number <= len(pieces):
        about = {"item": item, "pieces": pieces, "number": number}
        return ask_back(scene, "which_evidence", about) if pieces else refuse(scene, "which_evidence", **about)
    piece = pieces[number - 1]
    return change(scene, item, Withdrawn(item.id, piece.id, of_late=not piece.counts))


def fact(scene: Scene, intent: Fact) -> Step:
    item, asked_back = aimed_item(scene, intent)
    if item is None:
        return asked_back
    if intent.name not in item.known:  # said for the item before: «下一项；3场»
        return refuse(scene, "puzzled_noise", item=item, said=intent.said, held=scene.of(item.id), fact=None)
    learned = Learned(item.id, intent.name, intent.value)
    return change(scene, item, learned, *losing.follows(scene, item, learned))


def odd_fact(scene: Scene, intent: OddFact) -> Step:
    item = open_item(scene)
    if intent.name not in item.known:
        return refuse(scene, "puzzled_noise", item=item, said=intent.said, held=scene.of(item.id), fact=None)
    return refuse(scene, "fact_odd", item=item, fact=item.known[intent.name], said=intent.said)


def undo(scene: Scene, inverse: tuple[Change, ...]) -> Step:
    """Take the last change of this person back, as new events; nothing is erased."""
    if not inverse:
        return Step(scene, says=(Say("nothing_to_undo"),), ask="short" if scene.asking.item else None)
    if scene.mode != "open":
        return refuse(scene, "locked" if scene.mode == "submitted" else "closed_for_undo")
    if locked := next((one.item for one in inverse if scene.locks(one.item)), None):
        return refuse(scene, "locked_item", item=scene.rubric.item(locked), open=sent_back(scene))
    after = changed(scene, inverse)
    item = scene.rubric.item(scene.asking.item) if scene.asking.item else None
    if item and item.points is None and after.of(item.id).answer.state == "unanswered":
        after = after.at(item.id)  # «有» answers whether it is met again
    return Step(after, inverse, ask="short" if item else None)
