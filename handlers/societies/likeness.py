"""How the names of societies are alike: the short forms that people use, and names that may be one and the same."""

import re
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher

from handlers.cleaning import clean
from handlers.societies.initials import spelt
from handlers.understanding.numerals import fold

HANZI = r"[㐀-鿿（）]"
INNER_BLANK = re.compile(rf"(?<={HANZI})\s+(?={HANZI})")
MARKS = re.compile(r"[\s()\[\]【】《》“”\"'·•、,，.。\-—_]+")
BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
ENDING = re.compile(
    r"(?:科学技术|科技|科学)?(?:工作者|企业|行业)?(?:学会|协会|研究会|促进会|联合会|联谊会|商会|学社|研究院|会)$"
)
# A place in front: 浙江省, 杭州市, 余杭区; 城市 and 社区 are no places.
PLACE = re.compile(r"^[^省市县区]{2,3}?(?:省|(?<!城)市|县|(?<![社地校园山])区)")
PROVINCES = (
    *("北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西"),
    *("山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古"),
    *("广西", "西藏", "宁夏", "新疆", "香港", "澳门", "中国", "中华", "全国"),
)
# Names that differ in one of these were named apart on purpose.
COUNTED = frozenset(
    "0123456789abcdefghijklmnopqrstuvwxyz零〇一二三四五六七八九十百千甲乙丙丁戊己庚辛壬癸东西南北上中下左右大小"
)
SHARED = 3  # societies with the same two letters in front: that is their place
LONG_ENOUGH = 4  # hanzi of a name without place and ending: below, one letter is the difference between subjects
ALIKE = 0.7


def tidy(name: str) -> str:
    """A name as it is kept: one line, blanks between hanzi (put there to fill a column) taken out."""
    return INNER_BLANK.sub("", " ".join(clean(name).split()))


def key(name: str) -> str:
    """The same for names that differ in width, case, blanks and brackets only."""
    return MARKS.sub("", fold(name))


def places(names: Iterable[str]) -> frozenset[str]:
    """The places that these names begin with, besides the provinces."""
    counted = Counter(key(name)[:2] for name in names)
    return frozenset(PROVINCES) | {place for place, times in counted.items() if times >= SHARED and len(place) == 2}


def bare(folded: str, known: frozenset[str]) -> tuple[str, str]:
    """Place and rest of a key: 浙江省杭州市 · 茶叶学会."""
    rest = folded
    while True:
        match = PLACE.match(rest)
        end = match.end() if match else next((len(one) for one in known if rest.startswith(one)), 0)
        if not end or len(rest) - end < 2:
            return folded[: len(folded) - len(rest)], rest
        rest = rest[end:]


def short_forms(name: str, known: frozenset[str]) -> set[str]:
    """What people call it: without its place, without its ending, without both."""
    whole = key(name)
    _, rest = bare(whole, known)
    found = {whole, rest, ENDING.sub("", whole), ENDING.sub("", rest)}
    return {one for one in found if len(one) >= 2 and not ENDING.fullmatch(one)}


def likely(said: str, names: list[str], most: int = 8) -> list[str]:
    """The names that may be meant, the likeliest first: parts of names, first letters, slips of the pen."""
    wanted, known = key(said), places(names)
    if not wanted:
        return []
    if wanted.isascii() and wanted.isalpha():
        spelled = [name for name in names if any(spelt(wanted, one) for one in short_forms(name, known))]
        if spelled:
            return spelled[:most]
    scored = [(_likeness(wanted, name, known), name) for name in names]
    best = sorted((one for one in scored if one[0] >= ALIKE), key=lambda one: -one[0])
    return [name for _, name in best[:most]]


def _likeness(wanted: str, name: str, known: frozenset[str]) -> float:
    whole = key(name)
    if wanted in whole:
        return 1 + len(wanted) / len(whole)
    if len(wanted) > 2 * len(whole):
        return 0.0
    return max(SequenceMatcher(None, wanted, form).ratio() for form in short_forms(name, known))


class Neighbours:
    """Names to compare others with: which of them one may be a slip for."""

    def __init__(self, names: Iterable[str], known: frozenset[str]) -> None:
        self.known = known
        self.signed: dict[str, list[str]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        for sign in _signs(name, self.known):
            self.signed.setdefault(sign, []).append(name)

    def of(self, name: str) -> str | None:
        """The first name that differs from this one by brackets, 市 or 省, by the kind of society, or by a letter."""
        for sign in _signs(name, self.known):
            for other in self.signed.get(sign, ()):
                if other != name and _one_and_the_same(name, other, self.known):
                    return other
        return None


def _loose(name: str, known: frozenset[str]) -> tuple[str, str]:
    """Place and subject, without what is written now so and now so."""
    place, rest = bare(key(BRACKETED.sub("", fold(name))), known)
    return re.sub("[省市]", "", place), re.sub("学$", "", ENDING.sub("", rest)) or rest


def _signs(name: str, known: frozenset[str]) -> list[str]:
    """What two names a letter apart have in common: all ways to leave a letter out."""
    place, subject = _loose(name, known)
    signs = [f"{place}|{subject}", f"={key(name)}", f"#{key(name)[:-1]}"]
    if len(subject) >= LONG_ENOUGH:
        signs += [f"{place}|{subject[:n]}{subject[n + 1 :]}" for n in range(len(subject))]
    return signs


def _one_and_the_same(one: str, other: str, known: frozenset[str]) -> bool:
    (place, first), (_, second) = _loose(one, known), _loose(other, known)
    if key(one) == key(other) or (first == second and place == _loose(other, known)[0]):
        return True
    if not (ENDING.search(key(one)) and ENDING.search(key(other))):  # 医学汇
        first, second = key(one), key(other)
    if min(len(first), len(second)) < LONG_ENOUGH - 1 or abs(len(first) - len(second)) > 1:
        return False
    parts = [step for step in SequenceMatcher(None, first, second, autojunk=False).get_opcodes() if step[0] != "equal"]
    changed = "".join(first[a:b] + second[c:d] for _, a, b, c, d in parts)
    return len(changed) <= 2 and not COUNTED & set(changed)
