"""不适用 with its reason, told apart from evidence that merely contains the words."""

import re

from handlers.understanding.numerals import fold
from handlers.understanding.scores import parts, tidy

LONGEST = 24  # characters of a part that says 不适用 and nothing else
WHOSE = r"(?:这一?[项个题条]|本项|该项|此项|本表|对于?|我们?|我会|学会|本会|贵会|也|都|就|还是|所以|因此|就是|应该|填|选|标|按|算|写|记|改成|改为|改|那|是|属于|请)"
NOT_OURS = re.compile(
    rf"^{WHOSE}{{0,6}}\s*(?:不\s*适\s*用|不涉及|没有(?:这|此)一?[项个](?:工作|业务|内容)?|无此项(?:工作|业务|内容)?|n/?a)"
    r"(?:于?(?:我们|本会|我会|学会|本项|处理|情况))?(?P<because>因为.*|由于.*)?(?:吧|了|的|呀|啊)*[^\w?？]*$"
)
BECAUSE = re.compile(r"^(?:因为|原因(?:是|为|[:：])?|理由(?:是|为|[:：])?|由于)[\s,，:：]*")
THEREFORE = re.compile(r"[\s,，]*(?:所以|因此)?(?:就|填|选|是|属于)?(?P<not>不适用|不涉及)[吧了。!\s]*$")
OF_THEIR_OWN = re.compile(
    r"^(?:我们|我|本会|学会|我会|今年|本年度?|这一?[项个]|目前|还|暂时?|都|也|根本|并|从来?)*(?:没有?|无|未|不)[一-鿿]{1,9}$|^(?:和|跟|与).{1,6}(?:无关|没有?关系)$|^(?:用不上|不存在)$"
)
NOTHING = {"没有", "无", "没", "暂无", "没做", "没有做", "没开展", "未开展", "没有开展", "没弄", "没搞"}
NONE_LEFT = {"没有", "无", "没", "暂无"}


def reason(text: str) -> str | None:
    """Why an item does not apply, in her words; "" where she gives none, None where she says nothing of the kind."""
    if text.startswith(("不适用", "不涉及")) and tidy(text[3:]) != text[3:].strip():
        return BECAUSE.sub("", tidy(text[3:]))
    folded = fold(text)
    spans = [(0, len(folded)), *parts(folded)[:20]]
    for start, end in spans:
        match = NOT_OURS.match(folded[start:end]) if end - start <= LONGEST else None
        if match:
            inside = match["because"] or ""
            said = [tidy(text[:start]), inside, tidy(text[end:])]
            return BECAUSE.sub("", "，".join(filter(None, said)))
    match = (
        THEREFORE.search(folded) if len(folded) <= LONGEST * 2 and folded.startswith(("因为", "由于", "所以")) else None
    )
    return BECAUSE.sub("", text[: match.start()]) if match else None


def none_left(text: str) -> bool:
    """没有, 无: no more evidence, or nothing at all."""
    return fold(text[:LONGEST]).strip(" 。.!") in NONE_LEFT


def doubtful(text: str) -> bool:
    """«我们没有期刊»: 0 points or not applicable? Both are possible."""
    bare = fold(text[: LONGEST + 1]).strip(" 。.!,")
    return bare in NOTHING or (len(bare) <= LONGEST and bool(OF_THEIR_OWN.match(bare)))
