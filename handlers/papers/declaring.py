"""Which papers words name: a caption that says what a file is, or what stands behind a society's name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from handlers.understanding.numerals import fold
from rubrics.programme import Deliverable

LONGEST = 40  # characters of a declaration
SHORTEST_NAME = 2
APART = r"(?:[\s,;、.&+/]|和|及|与|跟|还有|以及)*"
YEAR = r"(?:(?:\d{2,4}|[一二〇零]{2,4})年?度?|本年度?|今年度?|当年度?|下一?年度?|明年度?|去年度?|上一?年度?|年度|全年)?的?\s*"
SHOWING = r"(?:这是|这个是|附件是?|附|我们?|我会|本会|学会|本学会|单位|的|:|\s)*"
HANDING = r"(?:要|先|再|来|把|补)*(?:提交|上交|递交|报送|上报|补交|重交|交|报|传|上传|发送|发)(?:一下|一份|上)?"
KIND = r"(?:的?(?:电子版|电子稿|电子件|文件|文档|材料|初稿|定稿|终稿|正式稿|扫描件|照片|pdf|word|稿))?"
END = r"(?:\.(?:docx?|pdf|wps|ofd|zip))?(?:吧|了|来了|给你|给您|一份|各一份|[。.!~\s])*"
ALL = re.compile(
    rf"{APART}(?:全部|全套|都|所有|(?:收|交|送|寄)?(?:齐|到)了?|三份|两份|材料|纸质版?|盖章版?|了|的|。|各一份|一份)+$"
)


@dataclass(frozen=True)
class Named:
    """The papers meant, by id; `handing` where she says that she hands them in, not only what they are."""

    papers: tuple[str, ...]
    handing: bool


@dataclass(frozen=True)
class Behind:
    """The papers named at the end of a message: none, some by id, or all; `words` as they were typed."""

    before: str
    papers: tuple[str, ...]
    everything: bool
    words: str


def called(papers: Iterable[Deliverable]) -> dict[str, str]:
    """What a paper may be called → its id: the end of its printed title, as long as no other's ends with it too."""
    return _called(tuple((paper.id, fold(paper.title)) for paper in papers))


@lru_cache(maxsize=64)
def _called(titles: tuple[tuple[str, str], ...]) -> dict[str, str]:
    ends = {
        title[start:]: id
        for id, title in titles
        for start in range(len(title) - SHORTEST_NAME, -1, -1)
        if sum(other.endswith(title[start:]) for _, other in titles) == 1
    }
    return dict(sorted(ends.items(), key=lambda end: -len(end[0])))


def named(said: str, papers: Iterable[Deliverable]) -> Named | None:
    """A message that says nothing but which papers: «总结», «交工作计划», «2026年工作总结和明年计划»."""
    names, folded = called(papers), fold(said).strip()
    if not names or not folded or len(folded) > LONGEST:
        return None
    naming, each = _patterns(tuple(names))
    match = naming.fullmatch(folded)
    if match is None:
        return None
    found = each.findall(match["papers"])
    return Named(tuple(dict.fromkeys(names[name] for name in found)), bool(match["handing"]))


@lru_cache(maxsize=64)
def _patterns(names: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A message that names nothing but papers, and each of their names."""
    each = "|".join(map(re.escape, names))
    one = rf"{YEAR}(?:{each}){KIND}"
    whole = rf"{SHOWING}(?P<handing>{HANDING})?{SHOWING}(?P<papers>{one}(?:{APART}{one})*){END}"
    return re.compile(whole), re.compile(each)


def behind(said: str, papers: Iterable[Deliverable]) -> Behind:
    """«医学会 总结、自评表», «医学会 全部»: what stands before the papers, and which they are."""
    names, rest = called(papers), fold(said).strip()
    plain = said.strip()
    found: list[str] = []
    ending = rf"{APART}(?P<name>{'|'.join(map(re.escape, names)) or '(?!)'}){APART}$"
    while match := re.search(ending, rest):
        found.insert(0, names[match["name"]])
        rest = rest[: match.start()]
    everything = None if found else ALL.search(rest)
    if everything and everything.start():
        rest = rest[: everything.start()]
    before = plain[: len(rest)].strip(" 　,，、的")
    return Behind(before, tuple(dict.fromkeys(found)), bool(everything), plain[len(rest) :].strip(" 　,，、"))


def by_name(names: Iterable[str], papers: Iterable[Deliverable]) -> list[str | None]:
    """For each file which paper its own name speaks of; None where it speaks of none or of several."""
    known = called(papers)
    spoken = [{id for end, id in known.items() if end in fold(name)} for name in names]
    return [next(iter(ids)) if len(ids) == 1 else None for ids in spoken]
