"""Several items named at once: «第5、8项», «第1-4项都达到», «序号3、5都达到»; what may be either is asked about."""

import re
from dataclasses import dataclass

from handlers.answers import evidence
from handlers.understanding import claims
from handlers.understanding.intents import Claim, Either, Go, Intent, Place, Words
from handlers.understanding.numerals import fold
from rubrics.model import Item, Rubric

MORE = r"(?:\s*(?:[、,和及与]|[-–—~至到])\s*(?:第|序号|编号)?\s*\d{1,3}\s*项?)+"
SEVERAL = re.compile(
    rf"(?P<here>(?:会话|聊天)(?:里|中)?的?)?第\s*\d{{1,3}}\s*项?{MORE}(?<=项)"
    rf"|(?P<printed>(?:表格?[上里中]的?)?(?:序号|编号)|表格?[上里中]的?第?)\s*\d{{1,3}}\s*项?{MORE}"
    rf"|(?<!\d)\d{{1,3}}{MORE}(?<=项)"
    r"|(?<![\d.])\d{1,3}\s*[-–—~至到]\s*\d{1,3}(?=\s*(?:都|全|均)(?:部|都)?(?:达到|达标|符合|做到|满足|有))"
)
STEPS = re.compile(r"(?P<first>\d{1,3})\s*项?\s*[-–—~至到]\s*(?:第|序号|编号)?\s*(?P<last>\d{1,3})|(?P<n>\d{1,3})")
NUMBERS = re.compile(r"\d.*\d", re.DOTALL)
MOST = 60
EACH = re.compile(r"^[\s:,，:：、]*(?:这(?:几|些|\d+)项)?(?:的)?\s*")


@dataclass(frozen=True)
class Named:
    """The items, and what is said of them all; `printed` are those that bear the same numbers in print, where they are
    others and either may be meant."""

    items: list[Item]
    rest: str
    numbers: str
    printed: tuple[Item, ...] = ()


def spans(line: str, rubric: Rubric) -> list[tuple[int, int]]:
    """Where a line names several items; nowhere where scores go with each."""
    return [] if rubric.maximum is not None else [found.span() for found in SEVERAL.finditer(fold(line))]


def opening(text: str, rubric: Rubric) -> Named | None:
    """The items that a text opens with; None where it names no more than one. Without items where there is one that does
    not exist, and the same is claimed of them all."""
    found = None if rubric.maximum is not None else SEVERAL.search(fold(text))
    if found is None or text[: found.start()].strip():
        return None
    numbers = NUMBERS.search(found.group())
    assert numbers is not None, "it names two at least"
    rest = EACH.sub("", text[found.end() :])
    here = [] if found["printed"] else _here(found.group(), rubric)
    printed = [] if found["here"] else _printed(found.group(), rubric)
    items = here or printed
    if not items and claims.find(rest) is not None:
        return Named([], rest, numbers.group())
    if len(items) < 2:
        return None
    return Named(items, rest, numbers.group(), tuple(printed) if here and printed and printed != here else ())


def _here(said: str, rubric: Rubric) -> list[Item]:
    """By the positions that the bot shows; none where there is no such position."""
    positions: list[int] = []
    for first, last in _steps(said):
        positions += range(first, min(last, first + MOST) + 1)
    items = [rubric.at(position) for position in dict.fromkeys(positions)]
    return [] if None in items else [item for item in items if item]


def _printed(said: str, rubric: Rubric) -> list[Item]:
    """By the printed numbers, which may leave some out; none where an end of what she names is none of them."""
    items: list[Item] = []
    for first, last in _steps(said):
        ends = [rubric.numbered(str(first)), rubric.numbered(str(last))]
        if None in ends:
            return []
        items += [one for one in rubric.items if one.no and one.no.isdecimal() and first <= int(one.no) <= last]
    return list({item.id: item for item in items}.values())


def _steps(said: str) -> list[tuple[int, int]]:
    """Each number, or the ends of each range."""
    found = STEPS.finditer(fold(said))
    return [(int(one["first"] or one["n"]), int(one["last"] or one["n"])) for one in found]


def told(said: str, rubric: Rubric) -> list[Intent]:
    """What is said of several items: the same claim or the same evidence of each; nothing but their numbers is a
    wish to go to the first. Where others bear these numbers in print she is asked which are meant."""
    named = opening(said, rubric)
    if named is None:
        return []
    rest = named.rest
    if named.printed:
        here, printed = (tuple(item.id for item in one) for one in (named.items, named.printed))
        return [Either("several", rest, named.numbers, here, printed)]
    places = [Place((item.id,), f"第{item.position}项") for item in named.items]
    if not rest.strip():
        return [Go(places[0])]
    heard = claims.find(rest)
    if not named.items and heard is not None:
        return [Claim(bool(heard.met), Place((), f"第{named.numbers}项"))]
    if heard is not None and heard.met is not None and all(item.points is None for item in named.items):
        words = [Words(heard.rest, at) for at in places] if evidence.meaningful(heard.rest) else []
        return [*(Claim(heard.met, at) for at in places), *words]
    return [Words(rest, at) for at in places] if evidence.meaningful(rest) else []
