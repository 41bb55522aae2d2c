"""Second thoughts about a score: words beside it that take it back, doubt it or name another one; they are no evidence."""

import re

from handlers.understanding.numerals import NUMBER, fold

LONGEST = 24  # characters of words that say this and nothing else
SOFTLY = r"(?:我|觉得|感觉|好像|这个|还是|是|先|还|又|也|就|暂时?|有一?点|有些|可能|会不会|是不是|应该)*"
LEVEL = r"(?:[打给填记写报评])?[太偏过]?[高低多少](?:了?一?点儿?|了?一?些)?"
BACK = r"(?:[打填写说记发搞弄]?错|算|取消|撤回|撤销|作废|删[掉除]?|再说|再议|再想想|再定|待定|待确认|[未没]定|没想好)"
UNSURE = (
    r"不太?(?:对|行|好|要|给|打|填|记|算|定|一定|合适|确定|够)|[够行好对]不[够行好对]|合不合适|可能|也许|大概|好像|应该"
)
ASKED = r"(?:可以|能|行|合适|够|好|对|算|没问题)(?:吗|么|不|呢)"
WHOLE = re.compile(rf"^{SOFTLY}(?:{BACK}|{UNSURE}|{ASKED}|{LEVEL})[了吧啊呢吗么嘛呀]*[\s?。.!]*$")
TIMES = re.compile(rf"^[*×x/+]\s*{NUMBER}")
# «5分制给4分», «3分，不对4分», «期刊3分，科普改成2分»: another score stands in what is left.
ANOTHER = re.compile(
    rf"^(?:满?分?制|里面?|当中|中|的|不对?|错了|哦?不是?)[\s,，]*(?:我?们?[给打得填算记拿])?\s*(?:{NUMBER}\s*分|满分)"
    rf"|(?:改[成为到]?|更正为|调整[为到])\s*(?:{NUMBER}\s*分|满分)[\s。.!]*$"
)
# «去年自评3分» is not said of this year.
ELSEWHEN = re.compile(r"(?:去年|前年|往年|上一?年度?|上一?[次轮届])(?:的|是)?$")


def another(rest: str) -> bool:
    """Whether what is left of a message beside its score names another score."""
    return bool(ANOTHER.search(fold(rest[:LONGEST])))


def about(rest: str) -> bool:
    """Whether what is left of a message beside its score only takes that back or doubts it."""
    folded = fold(rest).strip()
    return len(folded) <= LONGEST and bool(WHOLE.match(folded) or TIMES.match(folded) or ELSEWHEN.search(folded))
