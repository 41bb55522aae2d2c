"""Self-scores in what people write, told apart from the numbers of their evidence."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from handlers.understanding import doubts
from handlers.understanding.numerals import DIGITS, HANZI, NUMBER, ONLY_NUMBERS, fold, number

MOST = 200  # parts of a message that are looked at
LONGEST = 40  # characters of what says a score and nothing else; bounds every pattern below
# What may stand before a score and says nothing else. Possessive: «就是就是就是…» is tried one way only.
LEAD = (
    r"(?>(?:我们学会|我觉得|我认为|本学会|学会|我们|我会|我|本会|觉得|认为|这一项|这项|这个|本项|该项|此项"
    r"|自评分数|自评得分|自评分|自评|自己|分数|得分|打分|分|可以|能|应该|应当|应为|应|重新|重|还是|就先|就|先|暂时|暂|那"
    r"|嗯|哦|所以|因此|把|将|给|打|得|填|算|记|定为|定|是|为|修改成|修改为|修改|更正为|更正|调整为|调整到"
    r"|提高到|提到|降低到|降到|降为|调到|调成|调为|改成|改为|改到|改一下|改|个|也|只有|只|:|=)\s*){0,9}+"
)
WAS = rf"(?:(?:从|由|原来|不是)\s*{NUMBER}\s*分?\s*(?=改|是|而是))?"  # «从4分改成3分»
ROUGH = r"(?:大概|大约|约|差不多|将近|接近|至少|最多|不到|超过)"
END = r"\s*(?:吧|啊|呀|了|哦|呢|啦|好了|就行|就好)*[^\w\s+\-/%?？]*\s*$"
ASKED = r"\s*(?:分)?\s*(?:可以|能|行|合适|够|好|对|算)?(?:吗|么|嘛|不|呢|行不行|可不可以|好不好|合不合适|怎么样|如何)?\s*[?？]*\s*$"
# «8分» followed by these is no score: 8分钟, 三分之一, 分会 …
NOT_POINTS = "钟之会支部享析类公别期批组工管布发校院辨厂店册裂散队局"
POINTS = rf"分(?![{NOT_POINTS}])"
# «8 场» is eight events: a bare number before one of these is never a score.
MEASURES = "场次个项期人名篇家万元年月日号届位件本册种多余%小天周级a条款部台套度千百亿种类所批支只块平㎡"

START = rf"^[\"“「'‘(（]?{WAS}{LEAD}"
EXACT = re.compile(rf"{START}(?P<n>{NUMBER})\s*(?P<unit>{POINTS})?\s*(?P<half>半)?{END}")
ASKING = re.compile(rf"{START}(?:{NUMBER}\s*{POINTS}|满分){ASKED}")
OUT_OF = re.compile(rf"{START}(?P<n>{NUMBER})\s*分?\s*/\s*(?P<of>{NUMBER})\s*分?{END}")
FULL = re.compile(rf"{START}(?:满分|全分|拿满|给满|打满)(?:(?:是|为)?\s*(?P<of>{NUMBER})\s*分)?{END}")
ZERO = re.compile(rf"{START}(?:零分|不得分|没有分|没分){END}")
RANGE = re.compile(
    rf"{START}{ROUGH}?{NUMBER}\s*分?\s*(?:-|~|–|—|到|至|或者?|还是|、)\s*{NUMBER}\s*分?(?:好|合适)?(?:吗|呢)?[?]*{END}"
)
PAIR = re.compile(rf"{START}{ROUGH}?[一二三四五六七八九]{{2}}分{END}")
NEGATIVE = re.compile(rf"{START}(?:[-−]|负|扣|减)\s*{NUMBER}\s*分?{END}")
APPROXIMATE = re.compile(
    rf"{START}(?:一半|半数|{ROUGH}(?:是|有)?{NUMBER}\s*分|{ROUGH}?{NUMBER}\s*分?\s*(?:左右|上下|多|以上|以下|出头|不到)){END}"
)
# «不是4分», «取消4分», «再加1分»: no score is named, or none from nothing.
DOUBTED = re.compile(
    rf"{START}(?:不(?:是|算|[要想]?[给打填]?)|没有|别[给打写填]?|取消|删[掉除]?|撤[销回]|去掉"
    rf"|再?(?:加|多|少|降低?|提高?|涨|调[高低]|[上下]调)[给打算记]?了?)\s*{NUMBER}\s*分(?:不?要?了)?{END}"
)
GLUED = re.compile(
    rf"^{LEAD}(?P<n>{DIGITS}|(?!十分|百分|万分|千分){HANZI}){POINTS}(?P<half>半)?(?=[^\s,;。\d]|\d+[^\d\s])"
)
LAST = re.compile(rf"自评分?(?:为|是|给|打|:)?\s*(?P<n>{NUMBER})\s*分[。.!]?$")
# Not 十分: «十分重视» is an adverb.
INNER = re.compile(rf"(?<![\d.第])(?:{DIGITS}|[一二两三四五六七八九]){POINTS}|满分")
SLIP = re.compile(rf"^{LEAD}{NUMBER}\s*(?:份|芬|fen|f)[。.]?$")
ENUMERATED = re.compile(r"^\(?\d{1,2}(?:[、)]|\.(?!\d)|\)\.?)\s*\S")
THOUSANDS = re.compile(r"^\d{1,3},\d{3}(?!\d)")
HANZI_POINT = re.compile(r"^(\s*\d{1,3})[。．·](\d{1,2}\s*分?\s*)$")
CUT = re.compile(r"[,;。!\n()]|[—–-]{2,}|\s+(?=\S)")
ODD = (("range", RANGE), ("range", PAIR), ("negative", NEGATIVE), ("approximate", APPROXIMATE), ("doubted", DOUBTED))


@dataclass(frozen=True)
class Reading:
    """A score found in a text: `value` None is full marks; `why` set means no score can be made of it."""

    value: Decimal | None = None
    why: str | None = (
        None  # range | negative | approximate | doubted | asked | two_scores | enumerated | thousands | inner
    )
    said: str = ""
    bare: bool = False  # a number without 分
    loose: bool = False  # among other words, and nothing says that it is her own score
    out_of: Decimal | None = None
    rest: str = ""  # what else was said, as she wrote it


@dataclass(frozen=True)
class Hit:
    reading: Reading
    start: int
    end: int


def phrase(text: str) -> Reading | None:
    """A text that is nothing but a score (or an impossible one)."""
    said = text.strip()
    folded = HANZI_POINT.sub(r"\1.\2", fold(said))
    if len(folded) > LONGEST:
        return None
    if match := FULL.match(folded):
        return Reading(said=said, out_of=number(match["of"] or ""))
    if ZERO.match(folded):
        return Reading(Decimal(0), said=said)
    for why, pattern in ODD:
        if pattern.match(folded):
            return Reading(why=why, said=said)
    if match := OUT_OF.match(folded):
        value, of = number(match["n"]), number(match["of"])
        return None if value is None or of is None else Reading(value, said=said, out_of=of)
    match = EXACT.match(folded)
    if match and (value := _value(match)) is not None:
        return Reading(value, said=said, bare=match["unit"] is None)
    return Reading(why="asked", said=said) if ASKING.match(folded) else None


def _value(match: re.Match[str]) -> Decimal | None:
    value = number(match["n"])
    return value + Decimal("0.5") if value is not None and match["half"] else value


def find(text: str) -> Reading | None:
    """The self-score in a message, with what else was said; None where there is none to be seen."""
    folded = fold(text)
    # Only a half-width comma groups thousands: «5,000元», but «8，100人参加» is a score and its evidence.
    if THOUSANDS.match(folded) and "," in text[:5]:
        return Reading(why="thousands", said=text.strip())
    whole = phrase(text)
    if whole:
        return whole
    if ENUMERATED.match(folded):
        return Reading(why="enumerated", said=text.strip())
    found = _in_parts(text, folded) or _glued(text, folded) or _last(text, folded)
    if found is None:
        return Reading(why="inner", said=text.strip()) if INNER.search(folded) or SLIP.match(folded[:LONGEST]) else None
    several = phrase(found.rest) or (found.bare and ONLY_NUMBERS.fullmatch(fold(found.rest[:LONGEST])))
    if several or doubts.another(found.rest):
        return replace(found, why="two_scores", said=text.strip(), rest="")
    return replace(found, why="doubted", said=text.strip(), rest="") if doubts.about(found.rest) else found


def _in_parts(text: str, folded: str) -> Reading | None:
    """A score that stands alone between commas, or opens the message."""
    spans = parts(folded)
    spans = spans if len(spans) <= MOST else spans[: MOST // 2] + spans[-MOST // 2 :]
    hits = [hit for start, end in spans if (hit := _hit(text, folded, start, end))]
    # «4分（满分5分）»: the maximum stands beside the score.
    ceilings = [hit for hit in hits if hit.reading.value is None and hit.reading.out_of is not None]
    scores = [hit for hit in hits if hit not in ceilings] or ceilings
    if not scores:
        return None
    first = scores[0].reading
    if any((hit.reading.value, hit.reading.why) != (first.value, first.why) for hit in scores[1:]):
        return Reading(why="two_scores", said=text.strip())
    rest = _besides(text, sorted([scores[0], *ceilings], key=lambda hit: hit.start))
    out_of = ceilings[0].reading.out_of if ceilings else first.out_of
    loose = bool(folded[: scores[0].start].strip("( ")) and not _introduced(folded, scores[0])
    return replace(first, out_of=out_of, loose=loose, rest=rest)


def _hit(text: str, folded: str, start: int, end: int) -> Hit | None:
    """A bare number counts only at the very front, or when it was introduced (自评8), never before a measure word."""
    reading = phrase(text[start:end]) if end - start <= LONGEST else None
    if reading is None:
        return None
    hit = Hit(reading, start, end)
    after = folded[end : end + LONGEST].lstrip()
    measured = bool(after) and after[0] in MEASURES and folded[end] == " "
    stands = not reading.bare or (not measured and (start == 0 or _introduced(folded, hit)))
    return hit if stands and (reading.why != "range" or "分" in reading.said or start == 0) else None


def _introduced(folded: str, hit: Hit) -> bool:
    return not re.match(rf"^\s*[\"“「]?{NUMBER}", folded[hit.start : hit.end])


def _besides(text: str, hits: list[Hit]) -> str:
    """What stands before, between and after."""
    starts, ends = [0, *(hit.end for hit in hits)], [*(hit.start for hit in hits), len(text)]
    return "，".join(filter(None, (tidy(text[start:end]) for start, end in zip(starts, ends, strict=True))))


def _glued(text: str, folded: str) -> Reading | None:
    """«8分承办全国年会»: nothing between the score and the evidence."""
    match = GLUED.match(folded)
    value = _value(match) if match else None
    if match is None or value is None:
        return None
    return Reading(value, said=text[: match.end()].strip(), rest=tidy(text[match.end() :]))


def _last(text: str, folded: str) -> Reading | None:
    """«办了8场会议自评8分»."""
    match = LAST.search(folded[-LONGEST:])
    value = number(match["n"]) if match else None
    if match is None or value is None:
        return None
    said = len(match.group())
    return Reading(value, said=text[-said:], rest=tidy(text[:-said]))


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
    text = re.sub(r"^[\s,，;；。.!！:：、）)\-—–]+", "", text).rstrip(" \n\t,，;；、:：（(-—–")
    if text.startswith(("(", "（")) and text.endswith((")", "）")):
        text = text[1:-1]
    text = "" if text in ("自评", "自评分") else text
    return re.sub(r"^(?:自评)?(?:依据|理由|佐证)(?:是|为|有|如下)?[:：,，]?\s*|^因为[:：,，]?\s*", "", text)
