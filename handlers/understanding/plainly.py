"""Answers to a question that stands alone on the screen, in what people say around the value: 当然是啊, 健全的, 12人, 去年合格."""

import re

from handlers.understanding import amounts, facts
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import NUMBER, fold, number
from rubrics.asked import Asked
from rubrics.facts import Amount, Count, Date, Level, YesNo

LONGEST = 40  # characters of an answer
NOT_KNOWN = re.compile(
    r"(?:我们?|这个|这条)?(?:也|还)?(?:不(?:太)?(?:清楚|知道|确定|了解|晓得)|记不清|不记得|忘了|说不[好准]|不好说|待查|要查一?下?)[了的。.!\s]*"
)
BEFORE = re.compile(
    r"^(?:(?:我们?学会|我们?|本会|学会|本学会|当然|肯定|确实|应该|一直|都|就|也|已经?|早就?|去年|今年|上一?年度?|本年度?|目前|现在|年检|结论|等级|评的?|是(?=.))\s*)+"
)
AFTER = re.compile(r"(?:的|了|啊|吧|呀|呢|哦|过|滴|嘛)+$")
DENIED = re.compile(r"^(?:还|尚|暂时?|都|从来?)*(?:没有?|未|不是|不|无|否)(?:有)?(?:过)?")
DENIAL = re.compile("没|未|不|无|否")
DONE = re.compile(r"[了过]$|^(?:已|早|都)")
CLAUSE = re.compile(r"[,，;；。]")
PLAIN_YES = ("是", "有", "对", "嗯", "是有", "都有", "都是")
SHARED = 3  # letters that an answer must share with its question to be about it
# Other words for what is counted; the fact's own unit is one of them.
COUNTED = {
    "名": "人位个",
    "人": "名位个",
    "人次": "人",
    "场": "次个回",
    "次": "场回期个",
    "期": "次个",
    "篇": "个",
    "项": "个",
    "家": "个",
}
AROUND = r"(?:新增|新发展|净增|净增加|发展|会员|一共|总共|共|合计|今年|全年|本年度?|有|是|约|我们|本会|办|举办|开展|组织|了|[:： ])*"


def value(fact: Asked, text: str, year: int) -> object | None:
    """What a short text says of the fact that was asked, or None; never anything of a question or of two numbers."""
    said = fold(text).strip(" 。.!~,")
    if not said or len(said) > LONGEST or lexicon().topic(said):
        return None
    found = facts.read(fact, said, year, asked=True)
    if found is None:
        found = _read(fact, said, year)
    return found if found is not None and fact.accepts(found) else None


def _read(fact: Asked, said: str, year: int) -> object | None:
    if isinstance(fact, YesNo):
        return _yes_no(fact, CLAUSE.split(said)[0])
    if isinstance(fact, Level):
        return _level(fact, said)
    if isinstance(fact, Count):
        return _count(fact, said)
    if isinstance(fact, Amount):
        return amounts.read(fact, re.sub(rf"^{AROUND}", "", said), asked=True)
    if isinstance(fact, Date):
        days = [match.group() for match in facts.DAY.finditer(said) if match["y"]]
        return facts.read(fact, days[0], year, asked=True) if len(days) == 1 else None
    return None


def _yes_no(fact: YesNo, said: str) -> bool | None:
    bare = BEFORE.sub("", AFTER.sub("", said))
    about = fold(fact.label + (fact.ask or ""))
    if denied := DENIED.match(bare):
        rest = bare[denied.end() :]
        if rest and rest not in about and not _shared(rest, about):
            return None
        return True if fact.absence else None if DENIAL.search(about.replace("有没有", "")) else False
    if DENIAL.search(bare) or fact.absence:
        return False if fact.absence and bare in ("有", "有过") else None
    if bare in PLAIN_YES or (len(bare) > 1 and bare in about):
        return True
    return True if DONE.search(said) and _shared(bare, about) else None


def _shared(said: str, about: str) -> bool:
    return any(said[at : at + SHARED] in about for at in range(len(said) - SHARED + 1))


def _level(fact: Level, said: str) -> str | None:
    """The one step that the words name; «合格» within «基本合格» is none of its own."""
    named = [level for level in fact.levels if fold(level) in said]
    longest = [one for one in named if not any(fold(one) in fold(other) for other in named if other != one)]
    return (
        longest[0]
        if len(longest) == 1 and not re.search(r"没|未(?!参加)", said.replace(fold(longest[0]), ""))
        else None
    )


def _count(fact: Count, said: str) -> int | None:
    units = "|".join(map(re.escape, (fold(fact.unit), *COUNTED.get(fact.unit, ""))))
    about = re.escape(fold(fact.label))
    match = re.fullmatch(rf"(?:{about})?{AROUND}(?P<n>{NUMBER})\s*(?:{units})?(?:会员|活动)?[的了]*", said)
    counted = number(match["n"]) if match else None
    return int(counted) if counted is not None and counted == int(counted) else None
