"""Answers to the typed questions that stand beside the score: 3期, 5万元, 4A, 有, 2026-03-15, 会议和培训."""

import re
from datetime import date

from handlers.phrasebook import phrasebook
from handlers.understanding import amounts
from handlers.understanding.intents import Fact, OddFact, Place
from handlers.understanding.numerals import NUMBER, fold, number
from handlers.understanding.scores import parts
from rubrics.asked import Asked
from rubrics.facts import Amount, Choice, Count, Date, Events, Level, Words, YesNo
from rubrics.model import Item, Requirement

# A list of words reads best as a line of words.
YES = frozenset(
    "是 有 是的 有的 对 按时 通过 已 已列入 列入 参加 参加了 已参加 有参加 配备了 已配备 做到了 都有 都有的 都是 都是有的 都做到了 yes".split()
)
NO = frozenset("否 没有 无 没 不是 未 未列入 没列入 没参加 未参加 没有参加 不 没配备 未配备 没做到 no".split())
NEVER = {"没评", "未评", "没评过", "未评过", "未评估", "没有评"}
PLAINLY, DENIED = {"", "是", "有", "属于", "已"}, {"不是", "没有", "无", "未", "没", "非", "不"}
LEVEL_ENDS = re.compile(r"(?:学会|社会组织|社团|级|等)+$")
LEVEL_DIGITS = str.maketrans("12345", "一二三四五")
NONE_HAPPENED = frozenset("无 没有 没 都没有 没有发生 没发生 没发生过 没有发生过 未发生 未发生过 从未发生 no".split())
HAPPENED = frozenset("有 有过 发生过 发生了 有发生 出现过 yes".split())
LONGEST = 24  # characters of a short answer
LONGEST_LIST = 400  # of one that lists events, or is words
MOST_PARTS = 20
DAY = re.compile(r"(?:(?P<y>\d{4})\s*[年./-]\s*)?(?P<m>\d{1,2})\s*[月./-]\s*(?P<d>\d{1,2})\s*[日号]?")
PEOPLE = re.compile(rf"(?P<n>{NUMBER})\s*(?:人次|余人|人|名)(?:参加|参与)?")
BESIDES = re.compile(r"[,、;/和及与以\s]+")
LEAD = r"(?:一共|总共|共|合计|今年|全年|办了|举办了?|开展了?|发了?|发表了?|编发了?|新增了?|有|约)*\s*"


def answer(text: str, item: Requirement, asked: str | None, year: int) -> Fact | OddFact | None:
    """The fact that a short text states, or None when it states none. The fact asked for last comes first."""
    said = fold(text).strip(" 。.!,")
    if len(said) > LONGEST:
        return _listed(text, item, asked, year)
    for fact in _asked_first(item, asked):
        alone = fact.name != asked and _alone(fact, item)
        value = read(fact, said, year, asked=fact.name == asked or alone, bare=not alone)
        if value is not None:
            odd = type(value) is int and not fact.accepts(value)
            return OddFact(fact.name, text.strip()) if odd else Fact(fact.name, value, text.strip())
    return None


def _listed(text: str, item: Requirement, asked: str | None, year: int) -> Fact | None:
    """A longer answer to the question that was asked, where it is one that takes a list or words."""
    fact = item.known.get(asked or "")
    if not isinstance(fact, Choice | Events | Words) or len(text) > LONGEST_LIST:
        return None
    value = read(fact, fold(text).strip(" 。.!,"), year, asked=True)
    return None if value is None else Fact(fact.name, value, text.strip())


def stated(text: str, item: Item, year: int, at: Place | None = None) -> tuple[list[Fact], bool]:
    """Every fact that a part of a longer text states in so many words, and whether nothing else is said in it."""
    found: dict[str, Fact] = {}
    spans = parts(fold(text))[:MOST_PARTS]
    for start, end in spans:
        fact = answer(text[start:end], item, None, year) or _possessed(text[start:end], item)
        if isinstance(fact, Fact) and fact.name not in found:
            found[fact.name] = Fact(fact.name, fact.value, fact.said, at)
    return list(found.values()), len(found) == len(spans)


def read(fact: Asked, said: str, year: int, *, asked: bool, bare: bool = True) -> object | None:
    """The value of one fact in folded words; None when the words are no answer to it. Only a fact that was asked
    takes answers that name neither its label nor its unit; with `bare` an amount may go without it."""
    label = fold(fact.label)
    named = label in said
    rest = said.replace(label, "", 1).strip(" :是为有") if named else said
    if isinstance(fact, Count):
        return _count(fact, rest) if asked or named else None
    if isinstance(fact, Amount):
        return amounts.read(fact, rest, asked=bare or named) if asked or named else None
    if isinstance(fact, Level):
        return _level(fact, rest, asked=asked or named)
    if isinstance(fact, YesNo):
        return _yes_no(fact, said, rest, asked=asked or named)
    if isinstance(fact, Date) and (asked or named):
        return _day(rest, year)
    if isinstance(fact, Choice) and (asked or named):
        return _chosen(fact, rest)
    if isinstance(fact, Events) and (asked or named):
        return _events(rest, year)
    if isinstance(fact, Words) and asked:
        return said if len(re.findall(r"\w", said)) > 1 else None
    return None


def _yes_no(fact: YesNo, said: str, bare: str, *, asked: bool) -> bool | None:
    if not asked:
        return None
    if fact.absence:
        return True if bare in NONE_HAPPENED else False if bare in HAPPENED else None
    return True if bare in YES else False if bare in NO else _had(said, fold(fact.label + fact.ask))


def _possessed(text: str, item: Item) -> Fact | None:
    """«有监事会», «不是租赁»: a plain question answered in its own words, before it was asked."""
    said = fold(text).strip(" 。.!,")
    for fact in item.facts:
        label = fold(fact.label)
        if not isinstance(fact, YesNo) or fact.absence or len(said) > LONGEST:
            continue
        besides = said.replace(label, "", 1).strip(" :的了") if label in said else None
        value = True if besides in PLAINLY else False if besides in DENIED else _had(said, label)
        if value is not None:
            return Fact(fact.name, value, text.strip())
    return None


def _chosen(fact: Choice, said: str) -> list[str] | None:
    """The options named; where the printed list ends in 等, with what was named besides."""
    chosen = [option for option in fact.options if fold(option).strip("“”") in said]
    if not chosen:
        return None
    others = [one for one in BESIDES.split(said) if one and not any(_same(one, option) for option in chosen)]
    found = [*chosen, *dict.fromkeys(others)]
    known = fact.open and all(2 <= len(one) <= 12 for one in others)
    told = found if known else chosen
    return told if len("".join(told)) * 2 >= len(said) else None


def _same(said: str, option: str) -> bool:
    bare = fold(option).strip("“”")
    return bare in said or said in bare


def _events(said: str, year: int) -> list[dict[str, object]] | None:
    """«6月2日 继续教育班 52人次；9月1日 讲座 30人»: each with its name, and its day and people where they are said."""
    made = [_event(one.strip(), year) for one in re.split(r"[;\n]", said) if one.strip()]
    return [one for one in made if one] if made and all(made) else None


def _event(said: str, year: int) -> dict[str, object] | None:
    event: dict[str, object] = {}
    if day := DAY.search(said):
        said = said.replace(day.group(), " ", 1)
        event["date"] = _day(day.group(), year)
    if people := PEOPLE.search(said):
        said = said.replace(people.group(), " ", 1)
        event["people"] = int(number(people["n"]) or 0)
    name = said.strip(" ,.。:")
    return {"name": name, **{key: value for key, value in event.items() if value is not None}} if name else None


def _count(fact: Count, said: str) -> int | None:
    match = re.fullmatch(rf"{LEAD}(?P<sign>-)?(?P<n>{NUMBER})\s*{re.escape(fold(fact.unit))}", said)
    value = number(match["n"]) if match else None
    if match is None or value is None or value != value.to_integral_value():
        return None
    return -int(value) if match["sign"] else int(value)


def _level(fact: Level, said: str, *, asked: bool) -> str | None:
    bare = LEVEL_ENDS.sub("", said)
    bare = (f"{len(bare)}a" if re.fullmatch("a{1,5}", bare) else bare).translate(LEVEL_DIGITS)
    named = next((level for level in fact.levels if bare == _bare_level(level)), None)
    return named or ("无" if asked and "无" in fact.levels and said in NO | NEVER else None)


def _bare_level(level: str) -> str:
    return LEVEL_ENDS.sub("", fold(level)).translate(LEVEL_DIGITS)


def _had(said: str, about: str) -> bool | None:
    """«有信息员», «没有专职»: having, or not, what the question is about."""
    match = re.fullmatch(r"(?P<no>没有?|无)?有?(?P<what>[一-鿿]{2,8})(?:了|的)?", said)
    if match is None or match["what"] not in about:
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
    about = {"kind": getattr(fact, "kind", ""), "unit": fact.unit, "level": "", "options": (), "absence": False}
    if isinstance(fact, YesNo):
        about["absence"] = fact.absence
    if isinstance(fact, Level):
        about["level"] = fact.levels[-2]
    if isinstance(fact, Choice):
        about["options"] = fact.options
    return phrasebook().text("fact_sample", about)


def askable(item: Requirement) -> list[Asked]:
    """The facts a person can be asked for; sums and percents follow from them."""
    return [
        fact for fact in item.facts if isinstance(fact, Count | Amount | Level | YesNo | Date | Choice | Events | Words)
    ]


def _alone(fact: Asked, item: Requirement) -> bool:
    """The only number of this unit here: «3期» can mean no other, whenever it is said."""
    measured = [one.unit for one in askable(item) if isinstance(one, Count | Amount)]
    return isinstance(fact, Count | Amount) and measured.count(fact.unit) == 1


def _asked_first(item: Requirement, asked: str | None) -> list[Asked]:
    return sorted(askable(item), key=lambda fact: fact.name != asked)
