"""What is said of an item, named or open: a self-score, an excuse, evidence, and what stands beside them."""

import re
from dataclasses import replace

from handlers.answers import claiming, evidence
from handlers.understanding import excuses, facts, places, scores
from handlers.understanding.intents import Asking, Excuse, Fact, Intent, OddScore, Place, Plain, Puzzled, Score, Words
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import NUMBER, fold
from rubrics.facts import Count, Level
from rubrics.model import Rubric

# «打错了，应该是3分»: what comes after is a correction.
CORRECTED = re.compile(
    r"^(?:(?:不好意思|抱歉|对不起|啊|哎|哦)[,\s]*)?(?:刚才|刚刚)?(?:(?:[打写填说发记输搞弄]错了?|错了|不对|口误|手误)[\s,:。!;]*)+"
    rf"|^不是\s*{NUMBER}\s*分?[,\s]*(?:而是|应该是|是)"
)
CORRECTING = re.compile(r"改|更正|调整")
RIDDLES = ("inner", "enumerated", "thousands")  # numbers in a text of which none is clearly the score


def content(said: str, at: Place, asking: Asking, rubric: Rubric) -> list[Intent]:
    """What is said of an item that is named."""
    said = uncorrected(said)
    unscored = claiming.unscored(rubric, at, asking)
    if unscored:
        return claiming.told(said, claiming.About(unscored, asking.year, at))
    told = evidence.introduced(said)
    if told:
        return [Words(told, at)]
    excuse = excuses.reason(said)
    if excuse is not None:
        return [Excuse(excuse, at)]
    reading = scores.find(said)
    if reading is None or reading.why in RIDDLES:
        often = _often(said, at, asking, rubric)
        return [often or Words(said, at)]
    return scored(reading, at, correcting=True)


def _often(said: str, at: Place, asking: Asking, rubric: Rubric) -> Intent | None:
    """«第9项 2次»: of an item that only takes points off, how often it happened is the answer."""
    item = rubric.item(at.items[0]) if len(at.items) == 1 else None
    if item is None or item.counts != "deduction" or item.each is None:
        return None
    found = facts.answer(said, item, asked=item.each.fact, year=asking.year)
    return replace(found, at=at) if isinstance(found, Fact) else None


def scored(reading: scores.Reading, at: Place | None, *, correcting: bool = False) -> list[Intent]:
    """The score, and what was said with it: promises and courtesy are no evidence, a question is answered."""
    courtesy = not reading.rest or isinstance(lexicon().command(reading.rest), Plain)
    rest = [] if courtesy else evidence.free(reading.rest, at)
    if reading.why:
        return [OddScore(reading.why, reading.said, at), *rest]
    correcting = correcting or bool(CORRECTING.search(fold(reading.said)))
    return [Score(reading.value, at, correcting=correcting, out_of=reading.out_of, bare=reading.bare), *rest]


def uncorrected(said: str) -> str:
    """What follows «打错了，» or «不是8分，是»."""
    match = CORRECTED.match(fold(said[: scores.LONGEST]))
    return said[match.end() :] if match else said


def fact(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """The answer to the typed question. «没有» may also mean that there is no more evidence, unless 无 was offered."""
    if asking.item is None:
        return []
    item = rubric.item(asking.item)
    found = facts.answer(said, item, asked=asking.fact, year=asking.year)
    offered = asking.fact is not None and isinstance(item.known[asking.fact], Level)
    if found and asking.field == "evidence" and not offered and excuses.none_left(said):
        return [Puzzled("nothing_more", said)]
    return [found] if found else []


def _counted(reading: scores.Reading, asking: Asking, rubric: Rubric) -> Intent | None:
    """A bare number that can be no score of the item answers the count that was asked for."""
    item = rubric.item(asking.item or "")
    asked = item.known.get(asking.fact or "")
    if not isinstance(asked, Count) or reading.value is None or item.points is None or reading.value <= item.points:
        return None
    return facts.answer(f"{reading.value}{asked.unit}", item, asked=asked.name, year=asking.year)


def _named(reading: scores.Reading, asking: Asking, rubric: Rubric) -> Place | None:
    """«科普 3分» while another item is open: of one of those that are called so, or of the open one?"""
    here = asking.item or ""
    others = places.partly(reading.rest, rubric, here) if reading.loose and not reading.why else ()
    return Place((*others, here), reading.rest, certain=False) if others else None


def excused(said: str, reading: scores.Reading | None) -> Intent | None:
    """不适用 of the open item; beside a score it is a riddle."""
    reason = None if lexicon().topic(said) else excuses.reason(said)
    if reason is None:
        return None
    return Puzzled("nothing", "") if reading and not reading.why else Excuse(reason)


def read(reading: scores.Reading, said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """A reading of what was said of the open item. Once that has a score, a number must say that it is another."""
    scored_already = asking.field == "evidence"
    if reading.why in RIDDLES:
        plain = scored_already or lexicon().topic(said)
        return evidence.free(said, None) if plain else [Puzzled(reading.why or "", said)]
    correcting = bool(CORRECTING.search(fold(reading.said)))
    counted = _counted(reading, asking, rubric) if scored_already and reading.bare else None
    if counted and not correcting:
        return [counted]
    if scored_already and not correcting and (reading.bare or reading.loose):
        return [Puzzled("bare_number" if reading.bare else "inner", said)]
    if named := _named(reading, asking, rubric):
        return [Score(reading.value, named, out_of=reading.out_of)]
    beside = fact(reading.rest, asking, rubric) if reading.rest and not reading.why else []
    return [*scored(reading, None)[:1], *beside] if beside else scored(reading, None)
