"""The files of a message: for the items that its words name, for the one that is open, or waiting to be told which."""

import re
from dataclasses import replace

from handlers.answers import answering
from handlers.answers.scene import Say, Step
from handlers.answers.unseen import unseen
from handlers.desk import Desk, full, look_at_evidence
from handlers.messages import Incoming
from handlers.papers import delivering
from handlers.understanding import places, several
from rubrics.model import Item

POINTING = re.compile(
    r"^(?:这|那)?(?:几|些|个|张|份|两|三)*(?:照片|图片|文件|材料)?(?:都|全)?(?:是|为|属于|算|放到?|归到?|给|发的是)(?:我们|本会)?"
    r"(?=(?:会话)?第|序号)"
)
NOUNS = re.compile(r"[\s的]*(?:照片|图片|材料|文件|佐证|依据|证明|附件|扫描件|证书|[、和])*[\s。.!]*")


def take(desk: Desk) -> Step:
    """The files of her message go to the item they are for, or wait where that can't be known."""
    files = desk.message.files
    if full(desk, (*desk.scene.tray, *files)):
        return quota(desk, files)
    items = named(desk, desk.message.text)
    if items:
        look_at_evidence(desk, [item.id for item in items])
        return answering.files_of_several(desk.scene, items, files)
    if desk.scene.mode == "submitted" and delivering.matrix(desk).awaits_files:
        desk.scene = replace(desk.scene, tray=(*desk.scene.tray, *files))
        about = {"files": desk.scene.tray, "papers": [one.title for one in delivering.by_file(desk)], "recall": True}
        return Step(desk.scene, says=(Say("paper_which", about),))
    if unseen(desk) or (desk.scene.mode != "submitted" and _either(desk, desk.message.text)):
        step = answering.files(desk.scene.at(None), files)
        return replace(step, scene=replace(desk.scene, tray=step.scene.tray))
    if desk.scene.asking.item:
        look_at_evidence(desk, [desk.scene.asking.item])
    return answering.files(desk.scene, files)


def named(desk: Desk, words: str) -> list[Item]:
    """The items that the words name for the files that came with them, where they can mean no others."""
    scene, words = desk.scene, captioned(words)
    found = several.opening(words, scene.rubric)
    if found:
        return [] if found.printed else found.items
    at = places.address(words, scene.rubric, scene.asking.item)
    sure = at is not None and at.sure and not at.glued and at.place.certain
    return [scene.rubric.item(id) for id in at.place.items[:1]] if at and sure else []


def _either(desk: Desk, words: str) -> bool:
    """Whether the words name an item for the files that may be one of two: «第5项», where 5 is also printed."""
    found = several.opening(words, desk.scene.rubric)
    if found is not None:
        return bool(found.printed) or not found.items
    at = places.address(captioned(words), desk.scene.rubric, desk.scene.asking.item)
    return at is not None and at.sure and not at.glued and not at.place.certain


def captioned(words: str) -> str:
    """A caption from where it says what the files are: «这是第一项的照片»."""
    return POINTING.sub("", words.strip(), count=1)


def only_names(desk: Desk, words: str) -> bool:
    """Whether a caption says nothing but which item the files are for; then it is no evidence of its own."""
    at = places.address(captioned(words), desk.scene.rubric, desk.scene.asking.item)
    return at is not None and at.sure and captioned(words) != words.strip() and NOUNS.fullmatch(at.rest) is not None


def quota(desk: Desk, files: tuple[Incoming, ...]) -> Step:
    names = "、".join(one.name for one in files)
    return Step(desk.scene, says=(Say("quota", {"limit": "200 MB", "names": names}),))
