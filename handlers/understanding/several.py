"""Several items named at once: «第5、8项», «第1-4项都达到»; only where the numbers can mean nothing else."""

import re

from handlers.answers import evidence
from handlers.understanding import claims
from handlers.understanding.intents import Claim, Go, Intent, Place, Words
from handlers.understanding.numerals import fold
from rubrics.model import Item, Rubric

SEVERAL = re.compile(
    r"(?:会话|聊天)?(?:里|中)?的?第\s*\d{1,3}\s*项?(?:\s*(?:[、,和及与]|[-–—~至到])\s*(?:第\s*)?\d{1,3}\s*项?)+(?<=项)"
    r"|(?<!\d)\d{1,3}(?:\s*(?:[、,和及与]|[-–—~至到])\s*\d{1,3})+\s*项"
    r"|(?<![\d.])\d{1,3}\s*[-–—~至到]\s*\d{1,3}(?=\s*(?:都|全|均)(?:部|都)?(?:达到|达标|符合|做到|满足|有))"
)
STEPS = re.compile(r"(?P<first>\d{1,3})\s*项?\s*[-–—~至到]\s*(?:第\s*)?(?P<last>\d{1,3})|(?P<n>\d{1,3})")
MOST = 60
EACH = re.compile(r"^[\s:,，:：、]*(?:这(?:几|些|\d+)项)?(?:的)?\s*")


def spans(line: str, rubric: Rubric) -> list[tuple[int, int]]:
    """Where a line names several items; nowhere where a number may also be a printed one, or scores go with each."""
    if rubric.maximum is not None or any(item.no not in (None, str(item.position)) for item in rubric.items):
        return []
    return [found.span() for found in SEVERAL.finditer(fold(line))]


def opening(text: str, rubric: Rubric) -> tuple[list[Item], str] | None:
    """The items that a text opens with, and what is said of them all; None where it names no more than one, or one
    that there is not."""
    found = next(iter(spans(text, rubric)), None)
    if found is None or text[: found[0]].strip():
        return None
    positions: list[int] = []
    for step in STEPS.finditer(fold(text[found[0] : found[1]])):
        first, last = (int(step["first"]), int(step["last"])) if step["n"] is None else (int(step["n"]),) * 2
        positions += range(first, min(last, first + MOST) + 1)
    items = [rubric.at(position) for position in dict.fromkeys(positions)]
    if len(items) < 2 or None in items:
        return None
    return [item for item in items if item], EACH.sub("", text[found[1] :])


def told(said: str, rubric: Rubric) -> list[Intent]:
    """What is said of several items: the same claim or the same evidence of each; nothing but their numbers is a
    wish to go to the first."""
    named = opening(said, rubric)
    if named is None:
        return []
    items, rest = named
    places = [Place((item.id,), f"第{item.position}项") for item in items]
    if not rest.strip():
        return [Go(places[0])]
    heard = claims.find(rest)
    if heard is not None and heard.met is not None and all(item.points is None for item in items):
        words = [Words(heard.rest, at) for at in places] if evidence.meaningful(heard.rest) else []
        return [*(Claim(heard.met, at) for at in places), *words]
    return [Words(rest, at) for at in places] if evidence.meaningful(rest) else []
