"""A reviewer walks a society's items in the chat: looks, scores, agrees, sends back; resumes anywhere."""

import re
from decimal import Decimal

from handlers.answers import composing
from handlers.messages import Reply
from handlers.notices.workdays import after
from handlers.office import USUAL_CLOSING, Office
from handlers.phrasebook import phrasebook
from handlers.review import before, judging, marking, returned, sending_back, walked
from handlers.review.before import Walk
from handlers.review.judging import Mark
from handlers.societies import whose
from handlers.understanding import places
from handlers.understanding.intents import Move, Plain, ShowEvidence
from handlers.understanding.lexicon import lexicon
from handlers.understanding.moments import moment
from handlers.understanding.numerals import NUMBER, fold, number
from rubrics.model import Item
from storage.relations import Row

SCORE = re.compile(
    rf"(?:(?:我觉得|我认为|应该|我|那就|就)?(?:可以?)?(?:给|打|评|核定为?|改[为成到]?|算|得)?(?:个|它|了)?\s*)?(?:(?P<n>{NUMBER})(?:\s*分(?![会之钟支])[\s,，。:：;；]*(?P<told>.*)|[\s,，。:：;；]+(?P<said>.*))?|(?P<full>满分)[\s,，]*(?P<why>.*))",
    re.DOTALL,
)
FINDINGS = {"review_met": "met", "review_unmet": "unmet", "review_excused": "excused"}
SHORTEST = 2  # characters of a reason
UNTIL = re.compile(r"[\s,，;；(（]*(?:到|限到?|至|截至|截止到?)\s*(?P<when>[^\s到限至][^到限至]{0,18}?)[)）。]*$")


def start(office: Office, said: str) -> list[Reply]:
    """«评审 医学会»: at her first item that she has not scored; «评审» goes on, or lists who is to be reviewed."""
    if not said.strip():
        return _resumed(office) or walked.listed(office)
    society, rest = whose.one(office, said)
    return _open(office, society, rest)


def _resumed(office: Office) -> list[Reply]:
    """On where she stood; nothing where she is done with that society or it is final, or she may not see it."""
    at = before.seat(office)
    society = before.society_of(office, at.entry_id) if at and at.entry_id else None
    if society is None or before.refusal(office, society):
        return []
    walk = before.looked_at(office, society)
    if walk.found.final or not walk.left:
        return []
    return _open(office, society)


def _open(office: Office, society: Row, rest: str = "") -> list[Reply]:
    if refused := before.refusal(office, society):
        return refused
    office.done()
    walk = before.looked_at(office, society)
    if rest and (placed := _placed(walk, rest)):
        return placed
    if not walk.left:
        before.sit(office, walk.found.entry.id, None)
        return [marking.finished(walk)]
    return [before.go(walk, walk.left[0])]


def hear(office: Office, words: str) -> list[Reply] | None:
    """What is said while an item is open; None where it is no word of a review."""
    at = before.seat(office)
    society = before.society_of(office, at.entry_id) if at and at.item and at.entry_id else None
    if at is None or society is None:
        return None
    if refused := before.refusal(office, society):
        before.leave(office)
        return refused
    walk = before.looked_at(office, society, question=at.question_id)
    item = walk.found.rubric.item(at.item)
    return _moved(walk, item, words) or _placed(walk, words) or _judged(walk, item, words)


def _moved(walk: Walk, item: Item, words: str) -> list[Reply] | None:
    meant = lexicon().command(words)
    rubric = walk.found.rubric
    if meant in (Move("next"), Move("skip"), Move("back")):
        other = rubric.at(item.position + (-1 if meant == Move("back") else 1))
        return [before.go(walk, other) if other else marking.ended(walk)]
    if meant == Plain("begin"):
        return [before.go(walk, item)]
    if meant == Plain("pause"):
        before.leave(walk.office)
        return [phrasebook().reply("review_paused", {"society": walk.found.society.name, "left": len(walk.left)})]
    return before.evidence(walk, item) if meant == ShowEvidence() else None


def _placed(walk: Walk, words: str) -> list[Reply] | None:
    """«第5项», «第5项 8分 材料不足»."""
    named = places.address(words, walk.found.rubric)
    if named is None or not named.sure or not named.place.items:
        return None
    item = walk.found.rubric.item(named.place.items[0])
    return _judged(walk, item, named.rest, seen=True) if named.rest else [before.go(walk, item)]


def _judged(walk: Walk, item: Item, words: str, *, seen: bool = False) -> list[Reply] | None:
    """A score, an agreement, a question; nothing of it where the item had not been on her screen yet (R4)."""
    wish, told = lexicon().reviewing(words) or ("", "")
    scored = SCORE.fullmatch(fold(words).strip()) if not wish else None
    if not wish and scored is None:
        return None
    shown_since = walk.office.seen is None or seen or (walk.question and walk.office.seen >= walk.question)
    if not shown_since:
        return [Reply(phrasebook().text("review_unseen", {})), before.go(walk, item)]
    if walk.found.final:
        return [phrasebook().reply("review_final_already", {"society": walk.found.society.name})]
    if wish == "review_rest":
        return marking.rest(walk)
    if wish == "review_back":
        return _sent_back(walk, item, told)
    if wish in FINDINGS or item.points is None:
        return _found(walk, item, wish, told)
    if wish:
        return _scored(walk, item, walk.found.handed(item.id).claim, told)
    assert scored is not None
    told_points = item.highest if scored["full"] else number(scored["n"])
    if told_points is None:
        return None
    counted = item.signed(told_points)
    span = next((scored.span(name) for name in ("told", "said", "why") if scored[name]), (0, 0))
    return _scored(walk, item, counted, words.strip()[slice(*span)].strip())


def _found(walk: Walk, item: Item, wish: str, told: str) -> list[Reply]:
    """«达到», «没达到 理由», «同意» of an item without points; whoever finds otherwise than she claims says why."""
    if item.points is not None or not wish:
        return [phrasebook().reply("review_pointed" if item.points is not None else "review_pointless", {"item": item})]
    handed = walk.found.handed(item.id)
    finding = FINDINGS.get(wish, handed.finding)
    if finding != handed.finding and len(told) < SHORTEST:
        return [phrasebook().reply("review_found_why", {"item": item, "finding": finding})]
    return marking.record(walk, [Mark(item.id, None, told, handed.newest, finding)], item)


def _scored(walk: Walk, item: Item, score: Decimal, reason: str) -> list[Reply]:
    if why := judging.fault(item, score):
        return [phrasebook().reply(why, {"item": item, "said": score})]
    return marking.record(walk, [Mark(item.id, score, reason, walk.found.handed(item.id).newest)], item)


def _sent_back(walk: Walk, item: Item, told: str) -> list[Reply]:
    """«退回 请补年会通知 到1月20日»"""
    office, found = walk.office, walk.found
    until = after(office.now, sending_back.USUAL_DAYS, found.round.timezone)
    said = UNTIL.search(fold(told))
    if said and (named := moment(said["when"], office.now, found.round.timezone, usual=USUAL_CLOSING)):
        until, told = named, told[: said.start()]
    if not told.strip() or until <= office.now:
        return [phrasebook().reply("review_back_how", {"past": until <= office.now})]
    if any(one.item == item.id for one in returned.open_ones(office.db, found.entry.id)):
        return [phrasebook().reply("review_back_already", {"item": item})]
    receipt = sending_back.send_back(office, found, item, told.strip(), until)
    about = {"item": item, "question": told.strip(), "until": until, "zone": found.round.timezone, "receipt": receipt}
    reply = Reply(phrasebook().text("review_back_done", {**about, "society": found.society.name}))
    other = found.rubric.at(item.position + 1)
    return composing.joined([reply], before.go(walk, other) if other else marking.ended(walk), apart=False)
