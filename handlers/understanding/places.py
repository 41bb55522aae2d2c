"""Which item words point at: by position (第5项), by the printed number (序号5), or by subject (期刊)."""

import re
from dataclasses import dataclass

from handlers.understanding.intents import LAST, Place
from handlers.understanding.numerals import fold, number
from rubrics.model import Item, Rubric

COUNT = r"(?:\d{1,6}|[一二两三四五六七八九十]{1,3})"
POSITION = rf"【\s*(?P<pos1>\d{{1,3}})\s*/\s*\d{{1,3}}\s*】|(?:会话|聊天)(?:里|中)?的?第?\s*(?P<pos2>{COUNT})\s*(?:项|题|个)|第\s*(?P<pos3>\d{{1,3}})\s*/\s*\d{{1,3}}\s*(?:项|题)?"
LOOSE = rf"第\s*(?P<loose>{COUNT})\s*(?:项|题|小项)"
# «第一个», «6项»: more often a count of something than an item.
WEAK = rf"第\s*(?P<weak1>{COUNT})\s*个(?!月)|(?P<weak2>\d{{1,3}})\s*(?:项(?!目)|题)"
PRINTED = rf"(?:表格?[上里中]?的?)?(?:序号|编号)\s*(?:是|为|:)?\s*(?P<no1>{COUNT})(?:\s*(?:号|项|那项|那一项))?|表格?[上里中]的?第?\s*(?P<no2>{COUNT})\s*[项号]?"
RECENT = r"(?P<last>(?:刚才|刚刚|方才)(?:填|打|说|记|写|发)?(?:的|那|这|一)*(?:项|个|题|条)|(?:刚才|刚刚)(?:填|打|说|记|写)?的|(?:刚才|刚刚)(?=应该|改|是|不适用))"
BEFORE = r"(?P<before>(?:上|前|上面|前面)(?:的|那|一)*一?(?:项|题|个(?!月)))"
ENDS = rf"(?P<end>最后(?:的|那)?一?(?:项|题|个)|末项)|倒数第\s*(?P<back>{COUNT})\s*(?:项|题|个)"
ADDRESS = re.compile(rf"^\s*(?:{POSITION}|{PRINTED}|{LOOSE}|{WEAK}|{RECENT}|{BEFORE}|{ENDS})")
FOLLOWING = re.compile(r"^\s*的?(?:之后|后面|以后|下面|下一项|后)(?:的|那|一|项|呢|是什么|[?。])*\s*$")
NUMBERED = re.compile(rf"^\s*(?P<n>{COUNT})\s*(?P<of>项|题|号)?\s*$")
LINE_NUMBER = re.compile(r"^\s*\(?(?P<n>\d{1,3})(?:[、.:)]\s*|\s+)(?=\D)")
POLITELY = re.compile(r"^(?:请|麻烦|帮我|帮忙|给我|我想|我要|想|那|对了|另外|还有|再有|把|将|[,，\s])++")
GLUE = re.compile(r"^\s*(?:的|那一?项|这一?项|[:,，：、—]|-(?!\s*\d))*\s*")
PART = re.compile(r"[一-鿿]{2,6}")
THAT = re.compile(r"(?:的?(?:那|这)一?[项个题]|[\s。.!?,、:])+$")


@dataclass(frozen=True)
class Addressed:
    place: Place
    rest: str  # what was said of it
    sure: bool = True  # False: only a score, an excuse or a command makes it an address («期刊 3分», not «期刊 4期»)
    glued: bool = False  # nothing stands between the address and the rest: «第三项成果获奖»


def address(text: str, rubric: Rubric, here: str | None = None) -> Addressed | None:
    """The item a text opens with, if it opens with one. A number that no item has gives a place without items."""
    match = ADDRESS.match(fold(text))
    if not match:
        return _by_line_number(text, rubric) or _by_subject(text, rubric)
    rest = text[match.end() :]
    glue = GLUE.match(rest)
    assert glue is not None
    name, said = next((name, said) for name, said in match.groupdict().items() if said)
    sure = not name.startswith("weak")
    glued = bool(rest) and not glue.group()
    after = FOLLOWING.match(fold(rest)) is not None
    place = _placed(name, number(said), match.group().strip(), rubric, here)
    if after and place.items and place is not LAST:
        place = _place([rubric.at(rubric.item(place.items[0]).position + 1)], text.strip())
    return Addressed(place, "" if after else rest[glue.end() :], sure, glued)


def _by_line_number(text: str, rubric: Rubric) -> Addressed | None:
    """«1、达到»: the position, where no item bears a printed number that it could be instead."""
    match = LINE_NUMBER.match(fold(text)) if rubric.maximum is None else None
    item = rubric.at(int(match["n"])) if match else None
    if match is None or item is None or any(one.no is not None for one in rubric.items):
        return None
    return Addressed(Place((item.id,), match["n"]), text[match.end() :], sure=False)


def _placed(name: str, counted: object, said: str, rubric: Rubric, here: str | None) -> Place:
    if name == "last":
        return LAST
    if name == "before":
        return _place([rubric.at(rubric.item(here).position - 1)], said) if here else LAST
    n = int(str(counted)) if counted is not None else 0
    if name in ("end", "back"):
        return _place([rubric.at(len(rubric.items) + 1 - (n or 1))], said)
    if name.startswith("no"):
        return _place([rubric.numbered(str(n))], said)
    return _place([rubric.at(n)], said) if name.startswith("pos") else loose(n, said, rubric)


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
    word = THAT.sub("", fold(text[:24]).strip()) if len(text) <= 24 else ""
    hits = subjects(rubric).items.get(word, ())
    return Place(hits, text.strip()) if hits else None


def partly(word: str, rubric: Rubric, here: str) -> tuple[str, ...]:
    """The items whose name a lone word is a part of, «科普» of «科普活动» and «科普作品»; none where the item she is at
    is called so too."""
    folded = fold(word).strip()
    named = [item.id for item in rubric.items if folded in fold(f"{item.heading} {item.name}")]
    return () if here in named or not PART.fullmatch(folded) else tuple(named)


def _by_subject(text: str, rubric: Rubric) -> Addressed | None:
    """«期刊：3分», «科技期刊改成3分»: the longest subject that the text opens with."""
    folded = fold(text[:40]).lstrip()
    opening = subjects(rubric).opening.match(folded)
    word = opening.group() if opening else ""
    rest = text.lstrip()[len(word) :]
    rest = rest[GLUE.match(rest).end() :]  # type: ignore[union-attr]
    place = subject(word, rubric) if word else None
    return Addressed(place, rest, sure=False) if place and rest else None


@dataclass(frozen=True)
class Subjects:
    """The words by which people call the items of one rubric, folded once."""

    rubric: Rubric
    items: dict[str, tuple[str, ...]]
    opening: re.Pattern[str]  # the longest first


def subjects(rubric: Rubric) -> Subjects:
    known = _KNOWN.get(id(rubric))
    if known is None:
        known = _KNOWN[id(rubric)] = _collected(rubric)
    return known


# By identity, for hashing a rubric would walk it; each entry holds its rubric, so that no identity is used again.
_KNOWN: dict[int, Subjects] = {}


def _collected(rubric: Rubric) -> Subjects:
    items: dict[str, tuple[str, ...]] = {}
    for item in rubric.items:
        for word in {fold(word) for word in (item.heading, item.name, *item.subjects) if word}:
            items[word] = (*items.get(word, ()), item.id)
    longest_first = sorted(items, key=len, reverse=True)
    return Subjects(rubric, items, re.compile("|".join(map(re.escape, longest_first)) or r"(?!)"))


def _place(items: list[Item | None], said: str) -> Place:
    return Place(tuple(item.id for item in items if item), said)
