"""Her word on an item without points, in what people write: 达到, 没达到, 有, 没有; and what was said with it."""

import re
from dataclasses import dataclass

from handlers.understanding.numerals import fold
from handlers.understanding.scores import parts, tidy

LONGEST = 24  # characters of what says this and nothing else
WHOSE = r"(?>(?:这一?[项条个]|本项|该项|此项|我们?学会|我们|我会|本会|学会|我|全部|全|都|均|(?:我)?觉得|(?:我)?认为|应该也?是?|应是?|算是?|也|是(?=达到|达标|做到|符合|满足)|确实|现在|目前|自查|自评|结论|改成|改为|改|更正为|[:：])\s*){0,6}+"
END = r"[\s。.!,，;；]*$"
SHARP = r"(?:达到|达标|做到|符合|满足|打到|达道|合格)"  # these say nothing else; two are slips of the pen
DONE = r"(?:了|到|的|吧|呢|啊|呀|要求|标准|条件|规定|指标|\s)*"
MET = re.compile(rf"^{WHOSE}是?(?:已经?|完全|能够?|可以|全部|都)*(?P<sharp>{SHARP}){DONE}{END}")
LOOSE_MET = re.compile(rf"^{WHOSE}(?:有的?|都有的?|具备|是的?|对的?|yes|y|ok|[√✓✔☑])(?:了)?{END}")
NOT = r"(?:还|暂时?|目前|并|尚|根本|都|也)*(?:没有|没能|未能|没|未|不能|不)"
UNABLE = r"达不到|做不到|满足不了"
UNMET = re.compile(rf"^{WHOSE}是?(?:{NOT}(?:完全|能|全部)?(?P<sharp>{SHARP})|还?(?:{UNABLE})){DONE}{END}")
LOOSE_UNMET = re.compile(
    rf"^{WHOSE}(?:(?:还|暂时?|目前|并|尚|根本|都|也)*(?:没有?|未|无)(?:有|做|开展|进行|搞|弄|建立?|设立?)?过?(?:呢)?|否|不是|[×✗✘xX]|no){END}"
)
PARTLY = re.compile(
    rf"^{WHOSE}(?:(?:部分|基本上?|大部分|大体上?|一半|差不多|勉强|接近|快)(?:都|已|能)*{SHARP}?|(?:没|未|不)(?:完全|全部?|都){SHARP}){DONE}{END}"
)
# «无», «没有发生», «全年无安全责任事故»: of an item that demands that something did not happen.
NONE_AT_ALL = re.compile(
    r"^(?:全年|本年度?|今年|一直|从来?|都|均|我们|我会|本会|学会|也)*(?:没有?|无|未)(?:有|发生|出现)?(?:过)?(?P<what>.{0,40}?)[。.!\s]*$"
)
SOME = re.compile(r"^(?:(?:有|有过|发生过?|出现过?)了?(?:\d+[起件次].{0,12})?|是的?|对|否|不是)[。.!\s]*$")
# «其余都达到», «后面的都没问题»: of whatever is still open; which that is, has to be shown first.
THE_REST = re.compile(
    r"^(?:(?:其余|其他|其它|剩下|剩余|余下|后面|以下|下面|别的|所有|全部|每一?)(?:的)?(?:各?项目?|条|指标|内容)?(?:我们|本会|也)?|我们)?"
    r"(?P<claim>(?:全部|全|都|均)(?:都|是|能|已)*(?:达到|达标|符合|做到|满足|没问题|没有问题|有|(?:没有?|未|不)(?:达到|达标|符合|做到|满足)).{0,4})$"
)
WHOLE_OF_IT = re.compile(r"^(?:我们)?(?:全部|全|都|均)")
FINE = re.compile(r"没有?问题")
BETWEEN = re.compile(r"[、和及与或,，等\s]+")
IDLE = {"", "发生", "发生过", "出现", "任何", "这些", "此类", "的", "了", "情况", "这种情况"}


@dataclass(frozen=True)
class Heard:
    """A claim found in a text: `met` None cannot be decided (部分达到, both at once); `sharp` words say nothing else."""

    met: bool | None
    sharp: bool
    said: str
    rest: str = ""


def phrase(text: str) -> Heard | None:
    """A text that is nothing but a claim."""
    folded = fold(text).strip()
    if not folded or len(folded) > LONGEST:
        return None
    if PARTLY.match(folded):
        return Heard(None, True, text.strip())
    for met, sharp, pattern in ((False, True, UNMET), (True, True, MET), (True, False, LOOSE_MET), (False, False, LOOSE_UNMET)):  # fmt: skip
        if pattern.match(folded):
            return Heard(met, sharp, text.strip())
    return None


def find(text: str) -> Heard | None:
    """The claim that a message opens with (or, in words that say nothing else, ends with), and what else was said."""
    whole = phrase(text)
    if whole:
        return whole
    spans = parts(fold(text))
    if len(spans) < 2:
        return None
    (start, end), (last, stop) = spans[0], spans[-1]
    first, final = phrase(text[start:end]), phrase(text[last:stop])
    final = final if final and final.sharp else None
    if first and final and first.met != final.met:
        return Heard(None, True, text.strip())
    if first:
        return Heard(first.met, first.sharp, first.said, tidy(text[end:]))
    return Heard(final.met, True, final.said, tidy(text[:last])) if final else None


def of_the_rest(text: str) -> bool | None:
    """What she says of all that is still open at once: met or not; None where it is nothing of the kind."""
    folded = fold(text).strip(" 。.!了")
    match = THE_REST.match(folded) if len(folded) <= LONGEST and not WHOLE_OF_IT.match(folded) else None
    heard = phrase(FINE.sub("达到", match["claim"])) if match else None
    return heard.met if heard else None


def none_happened(text: str, demanded: str) -> bool | None:
    """Of an item that demands an absence: True where she says that there was none, False where the words may mean
    either, None where she says neither."""
    folded = fold(text).strip()
    match = NONE_AT_ALL.match(folded)
    if match and all(one in IDLE or one in fold(demanded) for one in BETWEEN.split(match["what"])):
        return True
    return False if SOME.match(folded) else None
