"""Self-scores in what people write, told apart from the numbers of their evidence."""

import re
from dataclasses import dataclass
from decimal import Decimal

from handlers.numerals import DIGITS, HANZI, NUMBER, fold, number

LEAD = (
    r"(?:我们?|我觉得|觉得|本学会|学会|这[一]?项|本项|该项|自评分?|自己|分数|得分|评分|打分|可以|应该|应当|大概是|就|还是|就是)*"
    r"\s*(?:可以|能)?(?:打|给|得|评|填|算|记|定为|是|为|应该是|应为|改成|改为|改到|改|[:=])*个?\s*"
)
ROUGH = r"(?:大概|大约|约|差不多|将近|接近|至少|最多)"
END = r"\s*(?:吧|啊|呀|了|哦|呢|啦)*\s*[。.!~…]*[^\w\s+\-/%]*\s*$"
# «8分» followed by these is no score: 8分钟, 三分之一, 分会 …
NOT_POINTS = "钟之会支部享析类公别期批组工管布发校院辨厂店"
POINTS = rf"分(?![{NOT_POINTS}])"
# «8 场» is eight events: a bare number before one of these is never a score.
MEASURES = "场次个项期人名篇家万元年月日号届位件本册种多余%小天周级a条款部台套度千百亿种类所批支只块平㎡"

EXACT = re.compile(rf"^{LEAD}(?P<n>{NUMBER})\s*(?P<unit>{POINTS})?(?P<half>半)?{END}")
OUT_OF = re.compile(rf"^{LEAD}(?P<n>{NUMBER})\s*(?:分)?\s*/\s*(?P<of>{NUMBER})\s*分?{END}")
FULL = re.compile(rf"^{LEAD}(?:满分|全分|拿满|给满|打满){END}")
ZERO = re.compile(rf"^{LEAD}(?:零分|不得分|没有分|没分){END}")
RANGE = re.compile(rf"^{LEAD}{ROUGH}?{NUMBER}\s*分?\s*(?:-|~|～|—|–|到|至|或者?|、)\s*{NUMBER}\s*(?P<unit>分)?{END}")
PAIR = re.compile(rf"^{LEAD}{ROUGH}?[一二三四五六七八九]{{2}}分{END}")
NEGATIVE = re.compile(rf"^{LEAD}(?:[-−]|负|扣|减)\s*{NUMBER}\s*分?{END}")
APPROXIMATE = re.compile(
    rf"^{LEAD}(?:{ROUGH}{NUMBER}\s*分|{ROUGH}?{NUMBER}\s*分?\s*(?:左右|上下|多|以上|以下|出头|不到)){END}"
)
GLUED = re.compile(
    rf"^{LEAD}(?P<n>\d{{1,9}}(?:\.\d{{1,6}})?|(?!十分|百分|万分|千分){HANZI}){POINTS}(?P<half>半)?(?=[^\s,;。])"
)
# Not 十分: «十分重视» is an adverb.
INNER = re.compile(rf"(?<![\d.第])(?:{DIGITS}|[一二两三四五六七八九]){POINTS}")
ENUMERATED = re.compile(r"^\(?\d{1,2}(?:[、)]|\.(?!\d)|\)\.?)\s*\S")
THOUSANDS = re.compile(r"^\d{1,3},\d{3}(?!\d)")
HANZI_POINT = re.compile(r"^(\s*\d{1,3})[。．·](\d{1,2}\s*分?\s*)$")
CUT = re.compile(r"[,;。\n]|\s+(?=\S)")


@dataclass(frozen=True)
class Reading:
    """A score found in a text: `value` None is full marks; `why` set means no score can be made of it."""

    value: Decimal | None = None
    why: str | None = None  # range | negative | approximate | two_scores | enumerated | thousands | inner
    said: str = ""
    bare: bool = False  # a number without 分
    out_of: Decimal | None = None
    rest: str = ""  # what else was said, as she wrote it


def phrase(text: str) -> Reading | None:
    """A text that is nothing but a score (or an impossible one)."""
    folded = HANZI_POINT.sub(r"\1.\2", fold(text).strip())
    said = text.strip()
    if FULL.match(folded):
        return Reading(said=said)
    if ZERO.match(folded):
        return Reading(Decimal(0), said=said)
    for why, pattern in (("range", RANGE), ("range", PAIR), ("negative", NEGATIVE), ("approximate", APPROXIMATE)):
        if pattern.match(folded):
            return Reading(why=why, said=said)
    if match := OUT_OF.match(folded):
        value, of = number(match["n"]), number(match["of"])
        return None if value is None or of is None else Reading(value, said=said, out_of=of)
    match = EXACT.match(folded)
    value = number(match["n"] + (match["half"] or "")) if match else None
    if match is None or value is None:
        return None
    return Reading(value, said=said, bare=match["unit"] is None)


def find(text: str) -> Reading | None:
    """The self-score in a message, with what else was said; None where there is none to be seen."""
    folded = fold(text)
    # Only a half-width comma groups thousands: «5,000元», but «8，100人参加» is a score and its evidence.
    if THOUSANDS.match(folded) and "," in text[:5]:
        return Reading(why="thousands", said=text.strip())
    if ENUMERATED.match(folded):
        return Reading(why="enumerated", said=text.strip())
    whole = phrase(text)
    if whole:
        return whole
    found = _in_parts(text, folded) or _glued(text, folded)
    if found:
        return found
    return Reading(why="inner", said=text.strip()) if INNER.search(folded) else None


def _in_parts(text: str, folded: str) -> Reading | None:
    """A score that stands alone between commas, or opens the message."""
    hits: list[tuple[Reading, int, int]] = []
    for start, end in parts(folded):
        reading = phrase(text[start:end])
        if reading and _stands(reading, folded, start, end):
            hits.append((reading, start, end))
    if not hits:
        return None
    reading, start, end = hits[0]
    if any(other.value != reading.value or other.why != reading.why for other, _, _ in hits[1:]):
        return Reading(why="two_scores", said=text.strip())
    kept = [tidy(text[:start]), tidy(text[end:])]
    return Reading(reading.value, reading.why, reading.said, reading.bare, reading.out_of, " ".join(filter(None, kept)))


def _stands(reading: Reading, folded: str, start: int, end: int) -> bool:
    """A bare number counts only at the very front, or when it was introduced (自评8), never before a measure word."""
    if not reading.bare:
        return True
    after = folded[end:].lstrip()
    if after and after[0] in MEASURES and folded[end] == " ":
        return False
    introduced = not re.match(rf"^\s*{NUMBER}", folded[start:end])
    return start == 0 or introduced


def _glued(text: str, folded: str) -> Reading | None:
    """«8分承办全国年会»: nothing between the score and the evidence."""
    match = GLUED.match(folded)
    if not match:
        return None
    value = number(match["n"] + (match["half"] or ""))
    if value is None:
        return None
    return Reading(value, said=text[: match.end()].strip(), rest=tidy(text[match.end() :]))


def parts(folded: str) -> list[tuple[int, int]]:
    """Where the parts between commas, full stops and blanks begin and end."""
    bounds, start = [], 0
    for match in CUT.finditer(folded):
        bounds.append((start, match.start()))
        start = match.end()
    bounds.append((start, len(folded)))
    return [(start, end) for start, end in bounds if folded[start:end].strip()]


def tidy(text: str) -> str:
    """What is left of a message once the score is taken out."""
    text = re.sub(r"^[\s,，;；。:：、\-—]+|[\s,，;；、:：]+$", "", text)
    return re.sub(r"^(?:自评)?(?:依据|理由|佐证)(?:是|为|有|如下)?[:：,，]?\s*|^因为[:：,，]?\s*", "", text)
