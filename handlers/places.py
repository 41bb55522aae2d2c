"""Which item words point at: by position (第5项), by the printed number (序号5), or by subject (期刊)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from handlers.intents import LAST, Place
from handlers.numerals import fold, number
from rubrics.model import Item, Rubric

COUNT = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
POSITION = rf"【\s*(?P<pos1>\d{{1,3}})\s*/\s*\d{{1,3}}\s*】|(?:会话|聊天)(?:里|中)?的?第?\s*(?P<pos2>{COUNT})\s*(?:项|题|个)|第\s*(?P<pos3>\d{{1,3}})\s*/\s*\d{{1,3}}\s*(?:项|题)?"
LOOSE = rf"(?<!\S)第\s*(?P<loose>{COUNT})\s*(?:项|题|个(?!月)|小项)|^(?P<loose2>\d{{1,3}})\s*(?:项(?!目)|题)"
PRINTED = rf"(?:表上?的?)?(?:序号|编号)\s*(?:是|为|:)?\s*(?P<no>{COUNT})(?:\s*(?:号|项|那项|那一项))?"
RECENT = r"(?P<last>(?:刚才|刚刚|方才|上一?)(?:的|那|这|一)*(?:项|个|题|条)|刚才的|刚刚的|刚才)"
ADDRESS = re.compile(rf"^\s*(?:{POSITION}|{PRINTED}|{LOOSE}|{RECENT})")
NUMBERED = re.compile(rf"^\s*(?P<n>{COUNT})\s*(?P<of>项|题|号)?\s*$")
GLUE = re.compile(r"^\s*(?:的|那项|这项|[:,，：、\-—])*\s*")


@dataclass(frozen=True)
class Addressed:
    place: Place
    rest: str  # what was said of it


def address(text: str, rubric: Rubric) -> Addressed | None:
    """The item a text opens with, if it opens with one. A number that no item has gives a place without items."""
    folded = fold(text)
    match = ADDRESS.match(folded)
    if not match:
        return _by_subject(text, rubric)
    rest = text[match.end() :]
    rest = rest[GLUE.match(rest).end() :]  # type: ignore[union-attr]
    found = {name: said for name, said in match.groupdict().items() if said}
    if "last" in found:
        return Addressed(LAST, rest)
    name, said = found.popitem()
    counted = number(said)
    assert counted is not None
    n = int(counted)
    if name == "no":
        return Addressed(_place([rubric.numbered(str(n))], match.group().strip()), rest)
    if name.startswith("pos"):
        return Addressed(_place([rubric.at(n)], match.group().strip()), rest)
    return Addressed(loose(n, match.group().strip(), rubric), rest)


def loose(n: int, said: str, rubric: Rubric) -> Place:
    """«第5项»: the position the bot shows; uncertain where another item bears the printed number."""
    at, printed = rubric.at(n), rubric.numbered(str(n))
    if at and printed and at.id != printed.id:
        return Place((at.id, printed.id), said, certain=False)
    return _place([at or printed], said)


def numbered(text: str, rubric: Rubric) -> Place | None:
    """A bare number after a verb: 补16, 说明 5."""
    match = NUMBERED.match(fold(text))
    counted = number(match["n"]) if match else None
    if match is None or counted is None:
        return None
    n = int(counted)
    if match["of"] == "号":
        return _place([rubric.numbered(str(n))], text.strip())
    return loose(n, text.strip(), rubric)


def subject(text: str, rubric: Rubric) -> Place | None:
    """The items whose subject is exactly this word."""
    word = fold(text).strip(" 。.!?,、:那项这")
    hits = [item for item in rubric.items if word and word in _subjects(item)]
    return Place(tuple(item.id for item in hits), text.strip()) if hits else None


def title(text: str, rubric: Rubric) -> Place | None:
    """The items whose printed heading or short name is exactly this word: safe as a message of its own."""
    word = fold(text).strip(" 。.!?")
    hits = [item for item in rubric.items if word in (fold(item.heading or ""), fold(item.name or ""))]
    return Place(tuple(item.id for item in hits), text.strip()) if hits else None


def _by_subject(text: str, rubric: Rubric) -> Addressed | None:
    """«期刊：3分», «科技期刊 3分»."""
    match = re.match(
        r"^\s*(?P<word>[^\s:：,，]{2,12}?)(?:这项|那项|这一项|那一项)?[\s:：,，]+(?P<rest>\S.*)$", text, re.DOTALL
    )
    place = subject(match["word"], rubric) if match else None
    return Addressed(place, match["rest"]) if match and place else None


def _subjects(item: Item) -> Iterator[str]:
    yield from (fold(word) for word in (item.heading, item.name, *item.subjects) if word)


def _place(items: list[Item | None], said: str) -> Place:
    return Place(tuple(item.id for item in items if item), said)
