"""Text → what was meant. Pure; several commands in one message are several intents, and what can't be known is asked."""

import re
from dataclasses import replace

from handlers import evidence, excuses, facts, places, scores, statements
from handlers.intents import (
    LAST,
    Asking,
    Excuse,
    Explain,
    Go,
    Intent,
    Move,
    OddScore,
    Pick,
    Place,
    Plain,
    Puzzled,
    Score,
    ShowEvidence,
    Tell,
    Words,
)
from handlers.lexicon import lexicon
from handlers.numerals import fold, number
from rubrics.facts import Level
from rubrics.model import Rubric

POLITELY = re.compile(r"^(?:请|麻烦|帮我|帮忙|我想|我要|想|那|对了|另外|还有|把|将|[,，\s])+")
GOING = re.compile(
    r"^(?:跳到|跳转到?|去?填写?|去到?|转到|到|回到|回|看看?|查看|打开|答|改一?下?|修改|更改|重填|补一?下?|补充|补填|先填|先补|/goto)\s*(?P<what>.+)$",
    re.DOTALL,
)
NUMBER_OF_TABLE = re.compile(r"\d{1,3}\s*号")
RESCORING = re.compile(rf"改\s*{scores.NUMBER}\s*")  # «改8»: the score, or the item?
EXPLAINING = re.compile(r"^(?:说明|解释一?下?|什么是|怎么填|举例)\s*(?P<what>.+)$", re.DOTALL)
EXPLAINED = re.compile(r"^的?(?:说明|解释|什么意思|怎么填|怎么写|填什么|写什么|是什么|什么算依据|举例|要求)[?。\s]*$")
LEAVING = re.compile(r"^(?:先?跳过|略过)\s*(?P<what>.+)$")
# «打错了，应该是3分»: what comes after is a correction.
CORRECTED = re.compile(
    r"^(?:(?:不好意思|抱歉|对不起|啊|哎|哦)[,\s]*)?(?:刚才|刚刚)?(?:(?:[打写填说发记输搞弄]错了?|错了|不对|口误|手误)[\s,:。!;]*)+"
    rf"|^不是\s*{scores.NUMBER}\s*分?[,\s]*(?:而是|应该是|是)"
)
CORRECTING = re.compile(r"改|更正|调整")


def understand(text: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """Everything the message asks for, in its order; at least one intent, `Puzzled` when nothing can be known."""
    said = text.strip()
    if not said:
        return [Puzzled("empty")]
    picked = _pick(said, asking, rubric)
    if picked:
        return [picked]
    if asking.reason_for:
        _, body, tail = statements.peel(said, rubric)
        excuse = _reason(body, asking.reason_for, rubric)
        if excuse:
            return [excuse, *tail]
    command = _command(said, asking, rubric)
    if command:
        return [command]
    if scores.listed(said):
        return [Puzzled("listed", said)]
    found = [intent for part in statements.cut(said, rubric) for intent in _statement(part, asking, rubric)]
    return statements.united(found)


def _pick(said: str, asking: Asking, rubric: Rubric) -> Pick | None:
    """One of the ways offered: by its key, its label, a part of its label, or the item it names."""
    if not asking.options:
        return None
    plain = {fold(said).strip(" 。.!,、"), *lexicon().plain(said)}
    counted = re.fullmatch(r"第?\s*(\S{1,3}?)\s*[个条种]?", fold(said).strip(" 。.!,、"))
    n = number(counted[1]) if counted else None
    plain |= {str(n)} if n is not None else set()
    if n is not None and "第" in said and 1 <= n <= len(asking.options) == int(n) - 1 + len(asking.options[int(n) - 1 :]):
        return Pick(int(n) - 1)
    place = places.subject(said, rubric)
    for index, option in enumerate(asking.options):
        named = re.split(r"[\s.（）·]+", fold(option.label))
        found = places.address(option.words, rubric) if place else None
        same = place and found and found.place.items == place.items
        if same or plain & {*map(fold, option.keys), fold(option.label), *named}:
            return Pick(index)
    return None


def _reason(said: str, item: str, rubric: Rubric) -> Excuse | None:
    """The reason that was asked for; None where she says something else instead."""
    at = Place((item,), "")
    command = lexicon().command(said)
    if command in (Plain("thanks"), Plain("agree")):
        return Excuse("", at)
    reading = scores.phrase(said)
    if command or statements.names(said, rubric) or (reading and not reading.bare):
        return None
    given = excuses.reason(said)
    reason = excuses.BECAUSE.sub("", said) if given is None else given
    unclear = reading or lexicon().topic(said) or not evidence.meaningful(reason) or fold(reason) in excuses.NONE_LEFT
    return Excuse("" if unclear else reason, at)


def _command(said: str, asking: Asking, rubric: Rubric) -> Intent | None:
    command = lexicon().command(said)
    if command in (Plain("agree"), Plain("refuse")):
        item = rubric.item(asking.item) if asking.item else None
        fact = facts.answer(said, item, asked=asking.fact, year=asking.year) if item and asking.fact else None
        return fact or (Plain("begin") if asking.reason_for else command)
    return Puzzled("mistaken", said) if command == Plain("mistaken") else command


def _statement(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    command = _command(said, asking, rubric)
    if command:
        return [command]
    head, body, tail = statements.peel(said, rubric)
    opened = _command(body, asking, rubric) if head or tail else None
    aside = isinstance(opened, Explain) and Move("skip") in tail  # «这项我不会填，跳过»
    meant = ([] if aside else [opened]) if opened else _spoken(body, asking, rubric)
    return [*head, *meant, *tail]


def _spoken(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    corrected = _uncorrected(said)
    if corrected != said:
        return _correction(corrected, said, asking, rubric)
    return (
        _fact(said, asking, rubric)
        or evidence.dropped(said, rubric, asking.item)
        or _addressed(said, asking, rubric)
        or _going(said, asking, rubric)
        or _answer(said, asking, rubric)
    )


def _uncorrected(said: str) -> str:
    """What follows «打错了，» or «不是8分，是»."""
    match = CORRECTED.match(fold(said[: statements.WINDOW]))
    return said[match.end() :] if match else said


def _correction(rest: str, said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """«打错了，应该是3分»: of the item named, else of the one she is at."""
    addressed = _addressed(rest, asking, rubric)
    if addressed:
        return addressed
    if lexicon().topic(rest):
        return evidence.free(rest, None)
    reading = scores.find(rest)
    if reading is None or reading.why in ("inner", "enumerated", "thousands"):
        return [Puzzled("mistaken", said)]
    return _scored(reading, None, correcting=True)


def _addressed(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """«第5项 3分», «序号11：补充依据…», «刚才那个应该是3分», «把第6项改成3分»."""
    bare = POLITELY.sub("", said, count=1)
    found = places.address(bare, rubric, asking.item)
    if found is None:
        return []
    rest = found.rest.strip()
    if not rest or not re.search(r"\w", rest) or lexicon().plain(rest)[-1:] == ["吧"]:
        weak = not found.sure and asking.field == "evidence" and "个" not in bare
        return [] if weak else [Go(found.place)]
    return _of_item(rest, found, bare, asking, rubric)


def _of_item(rest: str, found: places.Addressed, said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """What is said of a named item; nothing where the words turn out not to name one."""
    if EXPLAINED.match(fold(rest)):
        return [Explain(found.place)]
    if evidence.shown(rest):
        return [ShowEvidence(found.place)]
    dropped = evidence.dropped(rest, rubric, None) if found.sure else []
    if dropped:
        return [replace(one, at=found.place) for one in dropped]
    command = lexicon().command(rest)
    if command and found.sure:
        return [Go(found.place)] if isinstance(command, Plain | Tell) else [Go(found.place), command]
    if found.sure and fold(rest) in excuses.NOTHING:
        return [Go(found.place), Puzzled("nothing", rest)]
    if found.sure and lexicon().topic(rest):
        return [Go(found.place)]
    if statements.judged(rest) or evidence.introduced(rest) or (found.sure and not found.glued):
        return _content(rest, found.place)
    reading = scores.find(_uncorrected(rest))
    if found.sure and reading and reading.why not in ("inner", "enumerated", "thousands"):
        return _content(rest, found.place)
    return _perhaps(rest, found.place, said, asking) if found.sure else []


def _perhaps(rest: str, at: Place, said: str, asking: Asking) -> list[Intent]:
    """«第三项成果获奖» may be evidence of the third item, or of the open one: then the whole is what she says."""
    if asking.item is None or asking.item in at.items[:1] or at is LAST:
        return [Words(rest, at)]
    return [Words(said, Place(tuple(dict.fromkeys((*at.items, asking.item))), at.said, certain=False))]


def _content(said: str, at: Place | None) -> list[Intent]:
    """What is said of an item that is named: a score, an excuse, evidence."""
    said = _uncorrected(said)
    told = evidence.introduced(said)
    if told:
        return [Words(told, at)]
    excuse = excuses.reason(said)
    if excuse is not None:
        return [Excuse(excuse, at)]
    reading = scores.find(said)
    if reading is None or reading.why in ("inner", "enumerated", "thousands"):
        return [Words(said, at)]
    return _scored(reading, at, correcting=at is not None)


def _scored(reading: scores.Reading, at: Place | None, *, correcting: bool = False) -> list[Intent]:
    rest = _besides(reading.rest, at)
    if reading.why:
        return [OddScore(reading.why, reading.said, at), *rest]
    correcting = correcting or bool(CORRECTING.search(fold(reading.said)))
    return [Score(reading.value, at, correcting=correcting, out_of=reading.out_of), *rest]


def _besides(rest: str, at: Place | None) -> list[Intent]:
    """What else was said with a score; promises and courtesy are no evidence, a question is answered."""
    command = lexicon().command(rest)
    if not rest or isinstance(command, Plain):
        return []
    return evidence.free(rest, at)


def _going(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """«跳到第5项», «补16», «看第6项的依据», «期刊», «说明5», «跳过第6项»."""
    bare = POLITELY.sub("", said, count=1)
    if asking.field == "evidence" and RESCORING.fullmatch(fold(bare[:12])):
        return [Puzzled("bare_number", said)]
    for pattern, after in ((EXPLAINING, "explain"), (LEAVING, "skip"), (GOING, "go")):
        match = pattern.match(fold(bare))
        what = bare[match.start("what") :] if match else ""
        place = _place(what, rubric, asking) if what else None
        if place:
            return [Explain(place)] if after == "explain" else [Go(place), *([Move("skip")] if after == "skip" else [])]
        named = places.address(what, rubric, asking.item) if what and after == "go" else None
        if named and named.sure:
            return _of_item(named.rest.strip(), named, what, asking, rubric)
    counted = NUMBER_OF_TABLE.fullmatch(fold(bare[:12]))
    only = places.numbered(bare, rubric) if counted else places.subject(bare, rubric)
    here = asking.field == "evidence" and only and asking.item in only.items
    return [Go(only)] if only and not here else []


def _place(what: str, rubric: Rubric, asking: Asking) -> Place | None:
    """The item that the whole of `what` names."""
    found = places.address(what, rubric, asking.item)
    if found and not found.rest.strip(" 。.!吧"):
        return found.place
    return places.numbered(what, rubric) or places.subject(what, rubric)


def _fact(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """The answer to the typed question. «没有» may also mean that there is no more evidence, unless 无 was offered."""
    if asking.item is None:
        return []
    item = rubric.item(asking.item)
    fact = facts.answer(said, item, asked=asking.fact, year=asking.year)
    offered = asking.fact is not None and isinstance(item.known[asking.fact], Level)
    if fact and asking.field == "evidence" and not offered and _none(said):
        return [Puzzled("nothing_more", said)]
    return [fact] if fact else []


def _none(said: str) -> bool:
    return fold(said).strip(" 。.!") in excuses.NONE_LEFT


def _answer(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """What is said without naming an item: of the one that was asked."""
    if asking.item is None:
        topic = lexicon().topic(said)
        return [Tell(topic)] if topic and topic not in ("question", "explain", "excuse") else [Puzzled("unasked", said)]
    told = evidence.introduced(said)
    if told:
        return [Words(told)]
    reading = scores.find(said)
    excuse = _excuse(said, reading)
    if excuse:
        return [excuse]
    if reading:
        return _read(reading, said, asking)
    if asking.field == "evidence" and _none(said):
        return [Puzzled("nothing_more", said) if asking.fact else Move("next")]
    doubtful = asking.field == "score" and not lexicon().topic(said) and excuses.doubtful(said)
    if doubtful or fold(said) in excuses.NOTHING:
        return [Puzzled("nothing", said)]
    return evidence.free(said, None)


def _excuse(said: str, reading: scores.Reading | None) -> Intent | None:
    reason = None if lexicon().topic(said) else excuses.reason(said)
    if reason is None:
        return None
    scored = reading is not None and not reading.why
    return Puzzled("nothing", "") if scored else Excuse(reason)


def _read(reading: scores.Reading, said: str, asking: Asking) -> list[Intent]:
    open_evidence = asking.field == "evidence"
    if reading.why in ("enumerated", "thousands", "inner"):
        asks = evidence.free(said, None)
        told = open_evidence or isinstance(asks[0], Explain | Tell) or asks == [Puzzled("question", said)]
        return asks if told else [Puzzled(reading.why, said)]
    correcting = bool(CORRECTING.search(fold(reading.said)))
    if reading.bare and open_evidence and not correcting:
        return [Puzzled("bare_number", said)]
    if open_evidence and reading.loose and not correcting:
        return [Puzzled("inner", said)]
    return _scored(reading, None)
