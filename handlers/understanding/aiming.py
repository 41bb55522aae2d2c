"""Statements that name their item: «第5项改成3分», «看第6项的依据», «跳到期刊», «说明11»."""

import re
from dataclasses import replace

from handlers.answers import evidence, saying
from handlers.understanding import excuses, places, scores, statements
from handlers.understanding.intents import (
    LAST,
    Asking,
    Explain,
    Go,
    Intent,
    Move,
    Place,
    Plain,
    Puzzled,
    ShowEvidence,
    Tell,
    Words,
)
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import NUMBER, fold
from rubrics.model import Rubric

GOING = re.compile(
    r"^(?:跳到|跳转到?|去?填写?|去到?|转到|到|回到|回|看一?下|看看?|查看|打开|答|改一?下?|修改|更改|重填|补一?下?|补充|补填|先填|先补|/goto)\s*(?P<what>.+)$",
    re.DOTALL,
)
EXPLAINING = re.compile(r"^(?:说明|解释一?下?|什么是|怎么填|举例)\s*(?P<what>.+)$", re.DOTALL)
EXPLAINED = re.compile(r"^的?(?:说明|解释|什么意思|怎么填|怎么写|填什么|写什么|是什么|什么算依据|举例|要求)[?。\s]*$")
LEAVING = re.compile(r"^(?:先?跳过|略过)\s*(?P<what>.+)$")
VERBS = ((EXPLAINING, "explain"), (LEAVING, "skip"), (GOING, "go"))
NUMBER_OF_TABLE = re.compile(r"\d{1,3}\s*号")
DENYING = re.compile(r"(?:还|暂时?|目前|今年|本年度)*(?:没有?|未|无)")
MORE = re.compile(r"(?:还有|再有|另有|另外有)")
RESCORING = re.compile(rf"改\s*{NUMBER}\s*")  # «改8»: the score, or the item?


def addressed(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """«第5项 3分», «序号11：补充依据…», «刚才那个应该是3分», «把第6项改成3分»."""
    bare = places.POLITELY.sub("", said, count=1)
    found = places.address(bare, rubric, asking.item)
    if found is None:
        return []
    rest = found.rest.strip()
    if re.search(r"\w", rest) and rest != "吧":
        return _told(rest, found, bare, asking, rubric)
    counted = not found.sure and asking.field == "evidence" and "个" not in bare
    return [] if counted else [Go(found.place)]


def _told(rest: str, found: places.Addressed, said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """What is said of a named item; nothing where the words turn out not to name one."""
    if found.sure and (given := evidence.given(rest)):
        return saying.content(f"依据：{given}", found.place, asking, rubric)
    wish = _wished(rest, found, rubric, scoring=asking.field == "score")
    if wish:
        return wish
    if found.sure and found.glued and rubric.maximum is None and DENYING.match(rest):
        return _denied(rest, found.place, asking, rubric)
    apart = found.sure and not found.glued
    if apart or statements.judged(rest, rubric) or evidence.introduced(rest):
        return saying.content(rest, found.place, asking, rubric)
    if not found.sure:
        return []
    reading = scores.find(saying.uncorrected(rest))
    if reading and reading.why not in saying.RIDDLES:
        return saying.content(rest, found.place, asking, rubric)
    return _perhaps(rest, found.place, said, asking)


def _denied(rest: str, at: Place, asking: Asking, rubric: Rubric) -> list[Intent]:
    """«第28项没有发生过»: no sentence of the open item; where it is asked only if it happened, that is to be told apart."""
    item = rubric.item(at.items[0]) if at.items else None
    if item is not None and item.conditional:
        return [Go(at), Puzzled("happened", rest)]
    return saying.content(rest, at, asking, rubric)


def _nothing_of(rest: str, found: places.Addressed, rubric: Rubric, *, scoring: bool) -> list[Intent]:
    """«科技期刊没有», said while another item's score is asked for, and «违规没有» at any time, for nobody proves what did
    not happen: of the item that the subject names."""
    losing = any(rubric.item(id).counts == "deduction" for id in found.place.items)
    if (
        not (scoring or losing)
        or len(found.place.items) != 1
        or fold(rest).strip(" 。.!了") not in excuses.NOTHING
        or rubric.maximum is None
    ):
        return []
    return [Go(found.place), Puzzled("nothing", rest)]


def _wished(rest: str, found: places.Addressed, rubric: Rubric, *, scoring: bool = False) -> list[Intent]:
    """Something to see or to do at that item."""
    if EXPLAINED.match(fold(rest)):
        return [Explain(found.place)]
    if evidence.shown(rest):
        return [ShowEvidence(found.place)]
    if not found.sure:
        return _nothing_of(rest, found, rubric, scoring=scoring)
    dropped = evidence.dropped(rest, rubric, None)
    if dropped:
        return [replace(dropped, at=found.place)]
    command = lexicon().command(rest)
    if command:
        return [Go(found.place), *([] if isinstance(command, Plain | Tell) else [command])]
    if fold(rest) in excuses.NOTHING and rubric.maximum is not None:
        return [Go(found.place), Puzzled("nothing", rest)]
    return [Go(found.place)] if lexicon().topic(rest) else []


def _perhaps(rest: str, at: Place, said: str, asking: Asking) -> list[Intent]:
    """«第三项成果获奖» may be evidence of the third item, or of the open one: then the whole is what she says."""
    if asking.item is None or asking.item in at.items[:1] or at is LAST:
        return [Words(rest, at)]
    return [Words(said, Place(tuple(dict.fromkeys((*at.items, asking.item))), at.said, certain=False))]


def going(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """«跳到第5项», «补16», «看第6项的依据», «期刊», «说明5», «跳过第6项»."""
    bare = places.POLITELY.sub("", said, count=1)
    if asking.field == "evidence" and RESCORING.fullmatch(fold(bare[:12])):
        return [Puzzled("bare_number", said)]
    for pattern, wish in VERBS:
        match = pattern.match(fold(bare))
        what = bare[match.start("what") :] if match else ""
        place = _named(what, rubric, asking) if what else None
        if place:
            return [Explain(place)] if wish == "explain" else [Go(place), *([Move("skip")] if wish == "skip" else [])]
        found = places.address(what, rubric, asking.item) if what and wish == "go" else None
        told = _told(found.rest.strip(), found, what, asking, rubric) if found else []
        if told:
            return told
    counted = NUMBER_OF_TABLE.fullmatch(fold(bare[:12]))
    only = places.numbered(bare, rubric) if counted else places.subject(bare, rubric)
    more = MORE.match(fold(said)) is not None  # «还有论文集» brings something more of the open item
    here = asking.field == "evidence" and only and (asking.item in only.items or more)
    return [Go(only)] if only and not here else []


def _named(what: str, rubric: Rubric, asking: Asking) -> Place | None:
    """The item that the whole of `what` names."""
    found = places.address(what, rubric, asking.item)
    if found and not found.rest.strip(" 。.!吧"):
        return found.place
    return places.numbered(what, rubric) or places.subject(what, rubric)
