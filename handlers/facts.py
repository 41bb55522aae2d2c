"""Answers to the typed questions that stand beside the score: 3期, 4A, 有, 2026-03-15."""

import re
from datetime import date

from handlers.intents import Fact, OddFact
from handlers.numerals import NUMBER, fold, number
from handlers.phrasebook import phrasebook
from rubrics.asked import Asked
from rubrics.facts import Choice, Count, Date, Level, YesNo
from rubrics.model import Item

# A list of words reads best as a line of words.
YES = frozenset(
    "是 有 是的 有的 对 按时 通过 已 已列入 列入 参加 参加了 已参加 有参加 配备了 已配备 做到了 都有 都有的 都是 都是有的 都做到了 yes".split()
)
NO = frozenset("否 没有 无 没 不是 未 未列入 没列入 没参加 未参加 没有参加 不 没配备 未配备 没做到 no".split())
NEVER = {"没评", "未评", "没评过", "未评过", "未评估", "没有评"}
DAY = re.compile(r"(?:(?P<y>\d{4})\s*[年./-]\s*)?(?P<m>\d{1,2})\s*[月./-]\s*(?P<d>\d{1,2})\s*[日号]?")
LEAD = r"(?:一共|总共|共|合计|今年|全年|办了|举办了?|开展了?|发了?|发表了?|编发了?|新增了?|有|约)*\s*"


def answer(text: str, item: Item, asked: str | None, year: int) -> Fact | OddFact | None:
    """The fact that a short text states, or None when it states none. The fact asked for last comes first."""
    said = fold(text).strip(" 。.!,")
    if len(said) > 24:
        return None
    for fact in _asked_first(item, asked):
        value = read(fact, said, year, asked=fact.name == asked or _alone(fact, item))
        if value is not None:
            odd = type(value) is int and not fact.accepts(value)
            return OddFact(fact.name, text.strip()) if odd else Fact(fact.name, value, text.strip())
    return None


def read(fact: Asked, said: str, year: int, *, asked: bool) -> object | None:
    """The value of one fact in folded words; None when the words are no answer to it. Only a fact that was asked
    takes answers that name neither its label nor its unit."""
    label = fold(fact.label)
    named = label in said
    bare = said.replace(label, "", 1).strip(" :是为有") if named else said
    if isinstance(fact, Count):
        return _count(fact, bare) if asked or named else None
    if isinstance(fact, Level):
        return _level(fact, bare, asked=asked or named)
    if isinstance(fact, YesNo) and (asked or named):
        return True if bare in YES else False if bare in NO else _had(fact, said)
    if isinstance(fact, Date) and (asked or named):
        return _day(bare, year)
    if isinstance(fact, Choice) and asked:
        chosen = [option for option in fact.options if fold(option) in said]
        return chosen if chosen and len("".join(chosen)) * 2 >= len(said) else None
    return None


def _count(fact: Count, said: str) -> int | None:
    match = re.fullmatch(rf"{LEAD}(?P<sign>-)?(?P<n>{NUMBER})\s*{re.escape(fold(fact.unit))}", said)
    value = number(match["n"]) if match else None
    if match is None or value is None or value != value.to_integral_value():
        return None
    return -int(value) if match["sign"] else int(value)


def _level(fact: Level, said: str, *, asked: bool) -> str | None:
    bare = said.removesuffix("级").removesuffix("等")
    named = next((level for level in fact.levels if bare == fold(level)), None)
    return named or ("无" if asked and "无" in fact.levels and said in NO | NEVER else None)


def _had(fact: YesNo, said: str) -> bool | None:
    """«有信息员», «没有专职»: having, or not, what the question is about."""
    match = re.fullmatch(r"(?P<no>没有?|无)?有?(?P<what>[一-鿿]{2,8})(?:了|的)?", said)
    if match is None or match["what"] not in fold(fact.label + fact.ask):
        return None
    return match["no"] is None if match["no"] or said.startswith("有") else None


def _day(said: str, year: int) -> str | None:
    match = DAY.fullmatch(said)
    if match is None:
        return None
    try:
        return date(int(match["y"] or year), int(match["m"]), int(match["d"])).isoformat()
    except ValueError:
        return None


def sample(fact: Asked) -> str:
    """An answer as it could be typed."""
    about = {"kind": getattr(fact, "kind", ""), "unit": fact.unit, "level": "", "options": ()}
    if isinstance(fact, Level):
        about["level"] = fact.levels[-2]
    if isinstance(fact, Choice):
        about["options"] = fact.options
    return phrasebook().text("fact_sample", about)


def askable(item: Item) -> list[Asked]:
    """The facts a person can be asked for; sums and percents follow from them."""
    return [fact for fact in item.facts if isinstance(fact, Count | Level | YesNo | Date | Choice)]


def _alone(fact: Asked, item: Item) -> bool:
    """The only count of this unit here: «3期» can mean no other, whenever it is said."""
    return (
        isinstance(fact, Count) and [one.unit for one in askable(item) if isinstance(one, Count)].count(fact.unit) == 1
    )


def _asked_first(item: Item, asked: str | None) -> list[Asked]:
    return sorted(askable(item), key=lambda fact: fact.name != asked)
