"""Answers to what the bot itself asked back: one of the ways offered, or the reason of 不适用."""

import re

from handlers.answers import evidence
from handlers.understanding import excuses, places, scores, statements
from handlers.understanding.intents import Asking, Excuse, Intent, Pick, Place, Plain
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold, number
from rubrics.model import Rubric

# «1. 第5项（序号11）» has three names; the point in «改成9.5分» parts nothing.
LABEL_PARTS = re.compile(r"[\s()·]+|\.(?!\d)")
ORDINAL = re.compile(r"(?P<order>第)?\s*(?P<n>\S{1,3}?)\s*[个条种]?")


def pick(said: str, asking: Asking, rubric: Rubric) -> Pick | None:
    """One of the ways offered: by its key, its label, a part of its label, or the item it is about."""
    if not asking.options:
        return None
    bare = fold(said).strip(" 。.!,、")
    ordinal = ORDINAL.fullmatch(bare)
    n = number(ordinal["n"]) if ordinal else None
    polite = lexicon().name(said) in (None, "agree", "refuse")  # «看依据» is no polite «依据»
    plain = {bare, *(lexicon().plain(said) if polite else []), *([] if n is None else [str(n)])}
    place = places.subject(said, rubric)
    for index, option in enumerate(asking.options):
        labels = (fold(option.label), *LABEL_PARTS.split(fold(option.label)))
        about = places.address(option.words, rubric) if place else None
        if plain & {*map(fold, option.keys), *labels} or (about and about.place == place):
            return Pick(index)
    counted = n is not None and ordinal is not None and ordinal["order"] and n == int(n)
    return Pick(int(n) - 1) if counted and n is not None and 1 <= n <= len(asking.options) else None


def reason(said: str, item: str, rubric: Rubric) -> list[Intent]:
    """The reason that was asked for; nothing where she says something else instead."""
    _, body, tail = statements.peel(said, rubric)
    at = Place((item,), "")
    command = lexicon().command(body)
    if command in (Plain("thanks"), Plain("agree")):
        return [Excuse("", at), *tail]
    if command == Plain("refuse"):
        return [Plain("begin")]
    reading = scores.phrase(body)
    if command or statements.names(body, rubric) or (reading and not reading.bare):
        return []
    given = excuses.reason(body)
    told = excuses.BECAUSE.sub("", body) if given is None else given
    unclear = reading or lexicon().topic(body) or not evidence.meaningful(told) or excuses.none_left(told)
    return [Excuse("" if unclear else told, at), *tail]
