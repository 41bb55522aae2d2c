"""Text → what was meant. Pure; several commands in one message are several intents, and what can't be known is asked."""

import re

from handlers import facts, places, scores
from handlers.intents import (
    Asking,
    DropEvidence,
    Excuse,
    Explain,
    Go,
    Intent,
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
from rubrics.model import Rubric

EXCUSE = re.compile(
    r"^(?P<before>.*?)[\s,;:。]*(?:不适用|不涉及|没有这一?项|无此项)[\s,;:。]*(?:因为|原因是?|理由是?|由于)?[\s:]*(?P<after>.*)$",
    re.DOTALL,
)
GOING = re.compile(
    r"^(?:跳到|跳转到?|去到?|转到|到|回到|看看?|查看|打开|填写?|答|改一?下?|修改|更改|重填|补一?下?|补充|补填|先填|先补|/goto)\s*(?P<what>.+)$",
    re.DOTALL,
)
EXPLAINING = re.compile(r"^(?:说明|解释一?下?|什么是|怎么填|举例)\s*(?P<what>.+)$", re.DOTALL)
EXPLAINED = re.compile(r"^(?:说明|解释|什么意思|怎么填|怎么写|是什么|什么算依据|举例|要求|的要求|的说明)[?。\s]*$")
INTRODUCED = re.compile(
    r"^(?:自评)?(?:补充|加|增加|添加|再加|补)?(?:一?[条个份])?(?:依据|佐证|证据|材料)(?:是|为|有)?\s*[:：,，]\s*(?P<text>\S.*)$",
    re.DOTALL,
)
SHOWN = re.compile(r"^(?:看看?|查看|显示)?(?:的|所有|全部)?(?:依据|佐证材料|佐证)(?:有哪些)?[?。\s]*$")
DROPPED = re.compile(
    rf"^(?:把)?(?:撤回|撤掉|删除|删掉|删去|删|去掉|不要|撤销)(?P<where>.*?)的?(?:第?\s*(?P<n1>{places.COUNT})\s*[条个份张])?的?(?:依据|佐证|文件|照片|材料)\s*(?P<n2>{places.COUNT})?[。\s]*$"
)
CORRECTED = re.compile(
    r"^(?:(?:不好意思|抱歉|对不起|啊|哎)[,\s]*)?(?:打错了?|写错了?|填错了?|说错了?|发错了?|错了|更正|更正一下|纠正|修改)(?:一下)?[\s,:。]*"
)
NOTHING = {"没有", "无", "没", "暂无", "没做", "没有做", "没开展", "未开展", "没有开展", "没弄", "没搞"}
CORRECTING = re.compile(r"^(?:改成|改为|改到|改|应该是|应为|更正)")


def understand(text: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """Everything the message asks for, in its order; at least one intent, `Puzzled` when nothing can be known."""
    said = text.strip()
    if not said:
        return [Puzzled("empty")]
    picked = _pick(said, asking)
    if picked:
        return [picked]
    command = lexicon().command(said)
    if asking.reason_for and command is None:
        return [Excuse(said, Place((asking.reason_for,), ""))]
    if command:
        return [command]
    return [intent for part in _statements(said, rubric) for intent in _statement(part, asking, rubric)]


def _pick(said: str, asking: Asking) -> Pick | None:
    bare = fold(said).strip(" 。.!,、")
    for index, option in enumerate(asking.options):
        if bare in option.keys or bare == fold(option.label):
            return Pick(index)
    return None


def _statements(said: str, rubric: Rubric) -> list[str]:
    """The message cut before every line (or full stop) that speaks of a certain item or is a command of its own."""
    cut: list[str] = []
    for line in re.split(r"(?<=[\n；;])|(?<=。)(?!\d)", said):
        own = places.address(line, rubric) or lexicon().flow_command(line)
        if own or not cut or lexicon().flow_command(cut[-1]):
            cut.append(line)
        else:
            cut[-1] += line
    return [line.strip() for line in cut if line.strip()]


def _statement(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    command = lexicon().command(said)
    if command:
        return [command]
    head, body, tail = _peel(said)
    return [*head, *(_spoken(body, asking, rubric) if body else []), *tail]


def _peel(said: str) -> tuple[list[Intent], str, list[Intent]]:
    """Commands that open or end a longer message: «8分，承办年会，下一项»."""
    head: list[Intent] = []
    tail: list[Intent] = []
    folded = fold(said)
    spans = scores.parts(folded)
    while len(spans) > 1 and (command := lexicon().flow_command(said[slice(*spans[-1])])):
        tail.insert(0, command)
        spans.pop()
    while len(spans) > 1 and (command := lexicon().flow_command(said[slice(*spans[0])])):
        head.append(command)
        spans.pop(0)
    if not head and not tail:
        return [], said, []
    return head, said[spans[0][0] : spans[-1][1]], tail


def _spoken(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    return (
        _about_evidence(said, rubric)
        or _addressed(said, rubric)
        or _going(said, rubric)
        or _answer(said, asking, rubric)
    )


def _about_evidence(said: str, rubric: Rubric) -> list[Intent]:
    if SHOWN.match(fold(said)):
        return [ShowEvidence()]
    match = DROPPED.match(fold(said))
    if not match:
        return []
    where = match["where"].strip(" 的")
    place = places.address(where + " ", rubric) if where else None
    if where and (place is None or place.rest.strip()):
        return []
    counted = number(match["n1"] or match["n2"] or "")
    return [DropEvidence(int(counted) if counted is not None else None, place.place if place else None)]


def _addressed(said: str, rubric: Rubric) -> list[Intent]:
    """«第5项 3分», «序号11：补充依据…», «刚才那个应该是3分»."""
    corrected = CORRECTED.sub("", said, count=1)
    found = places.address(corrected, rubric)
    if found is None:
        return _corrected(corrected) if corrected != said else []
    rest = found.rest.strip()
    if not rest:
        return [Go(found.place)]
    if EXPLAINED.match(fold(rest)):
        return [Explain(found.place)]
    if SHOWN.match(fold(rest)):
        return [ShowEvidence(found.place)]
    command = lexicon().command(rest)
    if command and not isinstance(command, Plain):
        return [Go(found.place), command]
    if fold(rest) in NOTHING:
        return [Go(found.place), Puzzled("nothing", rest)]
    return _content(rest, found.place)


def _corrected(rest: str) -> list[Intent]:
    """«打错了，应该是3分»: of the item she is at."""
    reading = scores.phrase(rest) if rest else None
    if reading is None:
        return []
    if reading.why:
        return [OddScore(reading.why, reading.said)]
    return [Score(reading.value, correcting=True, out_of=reading.out_of)]


def _content(said: str, at: Place | None) -> list[Intent]:
    """What is said of an item that is named: a score, an excuse, evidence."""
    introduced = INTRODUCED.match(said)
    if introduced:
        return [Words(introduced["text"].strip(), at)]
    excuse = _excuse(said, at)
    if excuse:
        return [excuse]
    reading = scores.find(said)
    if reading is None or reading.why in ("inner", "enumerated", "thousands"):
        return [Words(said, at)]
    return _scored(reading, at)


def _scored(reading: scores.Reading, at: Place | None) -> list[Intent]:
    rest: list[Intent] = [Words(reading.rest, at)] if reading.rest else []
    if reading.why:
        return [OddScore(reading.why, reading.said, at), *rest]
    correcting = at is not None or bool(CORRECTING.match(fold(reading.said)))
    return [Score(reading.value, at, correcting=correcting, out_of=reading.out_of), *rest]


def _excuse(said: str, at: Place | None) -> Excuse | None:
    match = EXCUSE.match(fold(said))
    if not match or len(match["before"]) > 40:
        return None
    before = re.sub(r"^(?:这一?项|本项|该项|我们|学会|对?我们?)+$", "", said[: match.end("before")].strip(" ,，;；。"))
    after = said[match.start("after") :].strip(" ,，;；。")
    return Excuse("，".join(filter(None, (before, after))), at)


def _going(said: str, rubric: Rubric) -> list[Intent]:
    """«跳到第5项», «补16», «期刊», «说明5»."""
    folded = fold(said)
    for pattern, make in ((EXPLAINING, Explain), (GOING, Go)):
        match = pattern.match(folded)
        what = said[match.start("what") :] if match else ""
        found = places.address(what + " ", rubric) if what else None
        place = found.place if found and not found.rest.strip() else None
        place = place or (places.numbered(what, rubric) or places.subject(what, rubric) if what else None)
        if place:
            return [make(place)]
        if found and make is Go:
            return _content(found.rest.strip(), found.place)
    named = places.title(said, rubric)
    return [Go(named)] if named else []


def _answer(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """What is said without naming an item: of the one that was asked."""
    if asking.item is None:
        return _unasked(said)
    item = rubric.item(asking.item)
    introduced = INTRODUCED.match(said)
    if introduced:
        return [Words(introduced["text"].strip())]
    fact = facts.answer(said, item, asked=asking.fact, year=asking.year)
    if fact:
        return [fact]
    excuse = _excuse(said, None)
    if excuse:
        return [excuse]
    reading = scores.find(said)
    if reading:
        return _read(reading, said, asking)
    if fold(said) in NOTHING:
        return [Puzzled("nothing", said)]
    return _free(said)


def _read(reading: scores.Reading, said: str, asking: Asking) -> list[Intent]:
    if reading.why in ("enumerated", "thousands", "inner"):
        return [Words(said)] if asking.field == "evidence" else [Puzzled(reading.why, said)]
    if reading.bare and asking.field == "evidence" and not CORRECTING.match(fold(reading.said)):
        return [Puzzled("bare_number", said)]
    return _scored(reading, None)


def _free(said: str) -> list[Intent]:
    topic = lexicon().topic(said)
    if topic == "explain":
        return [Explain()]
    if topic:
        return [Puzzled("question", said)] if topic == "question" else [Tell(topic)]
    meant = [letter for letter in said if letter.isalnum()]
    if len(meant) < 2 or not any("一" <= letter <= "鿿" or letter.isascii() for letter in meant):
        return [Puzzled("noise", said)]
    if not re.search(r"[一-鿿]|https?://|[A-Za-z]{3}", said):
        return [Puzzled("noise", said)]
    return [Words(said)]


def _unasked(said: str) -> list[Intent]:
    topic = lexicon().topic(said)
    if topic and topic not in ("question", "explain"):
        return [Tell(topic)]
    return [Puzzled("unasked", said)]
