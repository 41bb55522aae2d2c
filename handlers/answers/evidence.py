"""Evidence in words: brought, shown, withdrawn; and what is none, because it asks or says nothing."""

import re

from handlers.understanding import places
from handlers.understanding.intents import (
    DropEvidence,
    Explain,
    Intent,
    Place,
    Plain,
    Puzzled,
    ShowEvidence,
    Tell,
    Words,
)
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import NUMBER, ONLY_NUMBERS, fold, number
from rubrics.model import Rubric

LONGEST = 60  # characters of a wish about evidence
NOUN = r"(?:依据|佐证材料|佐证|文件|照片|图片|附件|材料|链接)"
INTRODUCED = re.compile(
    rf"^(?:自评)?(?:(?:(?:补充|加上|加|增加|添加|再加|再补|补)(?:一?[条个份])?(?:的)?{NOUN}?|还有一[条个份]|{NOUN}(?:如下|是|为|有)?)\s*[:：,，]|依据是)\s*(?P<text>\S.*)$",
    re.DOTALL,
)
GIVEN = re.compile(r"^的?(?:补充)?(?:依据|佐证)\s+(?P<text>\S.{3,})$", re.DOTALL)
SHOWN = re.compile(rf"^(?:看看?|查看|显示)?(?:的|所有|全部)?{NOUN}(?:有哪些|是什么)?[?。\s]*$")
# «看依据3», «依据第3项»: of that item; only looking, it never asks which.
SHOWN_OF = re.compile(
    rf"^(?:看看?|查看|显示)?(?:依据|佐证材料|佐证)\s*第?\s*(?P<n>{places.COUNT})\s*(?P<unit>[项条个]?)[。\s]*$"
)
# A bare count says nothing: «4项».
COUNTED = re.compile(rf"^{NUMBER}\s*[项条]$")
VERB = r"(?:撤回|撤掉|撤销|删除|删掉|删去|删了|删|去掉|不要|取消)"
DROPPED = (
    re.compile(rf"^(?:把|将)?{VERB}(?P<what>.+?)(?:吧|了)?[。\s]*$"),
    re.compile(rf"^(?:把|将)?(?P<what>.+?){VERB}(?:吧|了|掉)*[。\s]*$"),
)
PIECE = re.compile(
    rf"^(?:的)?{VERB}?(?:第\s*(?P<n1>{places.COUNT})\s*[条个份张](?:的)?{NOUN}?|(?:的)?{NOUN}\s*(?P<n2>{places.COUNT})?)$"
)
# Two letters of which one is Chinese, or an address: «test» and «13812345678» are asked about.
MEANING = re.compile(r"[一-鿿][^一-鿿]*\w|\w[^一-鿿]*[一-鿿]|https?://\S|www\.\S|\w\.(?:com|cn|org|net)\b")
# What a channel puts in the place of something that it could not bring.
PLACEHOLDER = re.compile(r"^\[[一-鿿\w]{1,6}\]$")


def introduced(text: str) -> str | None:
    """The text behind «依据：», «补充一条：»."""
    match = INTRODUCED.match(text)
    return match["text"].strip(" ；;\n\t\r") if match else None


def given(text: str) -> str | None:
    """The text behind «依据 » where the item is named in front: «第9项依据 服务企业5家»."""
    match = GIVEN.match(text)
    return match["text"].strip(" ；;\n\t\r") if match else None


def shown(text: str) -> bool:
    return bool(SHOWN.match(fold(text[:LONGEST])))


def shown_of(text: str, rubric: Rubric) -> ShowEvidence | None:
    """A wish to see the evidence of an item by its number, or (条) what the open item has."""
    match = SHOWN_OF.match(fold(text[:LONGEST]))
    if match is None:
        return None
    counted = number(match["n"])
    item = next((one for one in rubric.items if one.position == counted), None)
    if match["unit"] in ("条", "个") or item is None:
        return ShowEvidence(None)
    return ShowEvidence(Place((item.id,), text))


def dropped(text: str, rubric: Rubric, here: str | None) -> DropEvidence | None:
    """«撤回第1条依据», «把第6项第2条依据删掉», «照片不要了»."""
    folded = fold(text)
    if len(folded) > LONGEST:
        return None
    for pattern in DROPPED:
        match = pattern.match(folded)
        what = text[match.start("what") : match.end("what")] if match else ""
        found = places.address(what, rubric, here)
        found = found if found and found.sure else None
        piece = PIECE.match(fold(found.rest if found else what).strip())
        if piece:
            counted = number(piece["n1"] or piece["n2"] or "")
            return DropEvidence(None if counted is None else int(counted), found.place if found else None)
    return None


def free(text: str, at: Place | None) -> list[Intent]:
    """A text that is neither score nor command: evidence, unless it asks, or says nothing."""
    topic = lexicon().topic(text)
    if topic == "explain":
        return [Explain(at)]
    if topic in ("question", "excuse"):
        return [Puzzled(topic, text)]
    if topic:
        return [Tell(topic)]
    if PLACEHOLDER.match(text):
        return [Puzzled("placeholder", text)]
    command = lexicon().command(text)
    if isinstance(command, Plain | Explain):
        return [Puzzled("mistaken", text) if command == Plain("mistaken") else command]
    if meaningful(text):
        return [Words(text, at)]
    return [Puzzled("unworded" if len(re.findall(r"[0-9A-Za-z]", text[:LONGEST])) > 2 else "noise", text)]


def meaningful(text: str) -> bool:
    """Whether it has words at all, or a link."""
    if ONLY_NUMBERS.fullmatch(fold(text[:LONGEST])) or COUNTED.match(fold(text[:LONGEST])):
        return False
    return len(text) > LONGEST or bool(MEANING.search(text))
