"""What a society did for each key point of the work plan: noted in its own words, and drafted into next year's plan."""

import re
from collections.abc import Callable
from dataclasses import replace

from handlers.answers import telling
from handlers.answers.wishes import WISHES, Granted
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.papers.paperwork import GRANTED, TOPICS
from handlers.phrasebook import phrasebook
from handlers.projects.keynoted import notes, store, take_back
from handlers.projects.keypoints import plan_for, served
from handlers.screenful import screenful
from handlers.understanding.intents import Plain, Tell
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold, number
from handlers.understanding.spoken import spoken
from rubrics.model import Rubric

APART = re.compile(r"\n(?=\s*(?:工作)?要点\s*\d)")  # several notes in one message, each on its own lines
PLACED = re.compile(
    r"(?:(?:工作)?要点|第)\s*(?P<n>\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:点|条|个|项)?(?:工作?要点)?[\s,，:：、.。]*(?P<said>.*)"
    r"|(?P<of_list>\d{1,2})\s*(?:[、:：]|[.．，,](?!\d))\s*(?P<told>.+)",
    re.DOTALL,
)
NAMED = re.compile(r"(?:要点|第)\s*(?P<n>\d{1,2})")
EXPORTS = ("export_form", "export_sheet", "export_layout")
PLANS = ("计划", "工作计划", "草稿", "计划草稿", "写计划")
LONGEST = 2000  # letters of one note
NOT_HERE = ("submit", "submit_now", "recall", "supplement")


def hear(desk: Desk, words: str) -> Granted:
    """The conversation in a round on the work plan itself: nothing is scored, nothing is handed in."""
    if desk.message.files:
        return _without_files(desk, words), None
    if told := take(desk, words) or _placed(desk, words):
        return told, None
    meant = lexicon().command(words)
    if (isinstance(meant, Plain) and meant.wish in EXPORTS) or words.strip(" 。.") in PLANS:
        return draft(desk), None
    if meant == Plain("undo"):
        return take_back(desk), None
    if isinstance(meant, Plain) and meant.wish in GRANTED:
        return WISHES[meant.wish](desk)
    topic = meant.topic if isinstance(meant, Tell) else lexicon().topic(words)
    if topic == "deadline" or (isinstance(meant, Plain) and meant.wish in NOT_HERE):
        return [phrasebook().reply("points_nothing_due", {})], None
    if topic in TOPICS:
        return telling.tell(desk, topic), None
    if (no := words.strip(" .。")) and _plan(desk).numbered(no):
        return look(desk, no), None
    if meant is None and topic is None and words:
        named = NAMED.search(words)
        last = next((one for one in _plan(desk).items if one.id == desk.scene.last_item), None)
        at_hand = _plan(desk).numbered(named["n"]) if named else last
        return [phrasebook().reply("points_not_taken", {"said": words, "point": at_hand})], None
    return listed(desk), None


def _placed(desk: Desk, words: str) -> list[Reply]:
    """«第7点，办了年会», «7、办了年会»: noted there; a question, or the number alone, looks at it."""
    match = PLACED.fullmatch(words.strip())
    counted = number(fold(match["n"] or match["of_list"])) if match else None
    if match is None or counted is None:
        return []
    said = (match["said"] or match["told"] or "").strip()
    if said and not lexicon().topic(said) and len(said) > 1:
        return note(desk, str(counted), said)
    return look(desk, str(counted))


def _without_files(desk: Desk, words: str) -> list[Reply]:
    """Only words are noted here; that the files are not kept is said, and what the words say is noted all the same."""
    names = "、".join(one.name for one in desk.message.files)
    noted = [spoken("points", part) for part in APART.split(words)] if words else []
    told = [reply for one in noted if one and one[0] == "note" for reply in note(desk, *one[1])]
    told = told or (_placed(desk, words) if words else [])
    point = next((one for one in _plan(desk).items if one.id == desk.scene.last_item), None)
    return [*told, phrasebook().reply("points_no_files", {"names": names, "noted": bool(told), "point": point})]


def take(desk: Desk, words: str) -> list[Reply] | None:
    """What is said about key points, in whatever round; None where it is about something else."""
    plan = plan_for(desk.season.rubric)
    said = [spoken("points", part) for part in APART.split(words)] if plan and words else []
    if not said or said[0] is None or desk.message.files or desk.message.edits:
        return None
    if len(said) > 1 and any(one is None or one[0] != "note" for one in said):
        return [phrasebook().reply("points_unclear", {})]
    return [reply for one in said if one for reply in COMMANDS[one[0]](desk, *one[1])]


def _plan(desk: Desk) -> Rubric:
    plan = plan_for(desk.season.rubric)
    assert plan is not None, "looked at before"
    return plan


def listed(desk: Desk) -> list[Reply]:
    """«要点»: all of them, with how much is noted."""
    plan = _plan(desk)
    mine = notes(desk.db, desk.entry.id, plan)
    lines = [
        phrasebook().text(
            "points_section", {"section": section, "points": [(one, len(mine[one.id])) for one in section.items]}
        )
        for section in plan.sections
    ]
    return screenful("points", "points_end", lines, {"title": plan.title, "count": len(plan.items)})


def look(desk: Desk, no: str) -> list[Reply]:
    """«要点3»: its words as they are printed, the items it is about, and what was noted."""
    plan = _plan(desk)
    point = plan.numbered(no)
    if point is None:
        return _unknown(plan, no)
    mine = notes(desk.db, desk.entry.id, plan)[point.id]
    if desk.season.rubric.kind == "work_plan":
        desk.scene = replace(desk.scene, last_item=point.id)
    zone = desk.season.timezone
    lines = [phrasebook().text("point_note", {"row": row, "number": n, "zone": zone}) for n, row in enumerate(mine, 1)]
    return screenful("point", "point_end", lines, {"point": point, "items": served(plan, point, desk.season.rubric)})


def _unknown(plan: Rubric, no: str) -> list[Reply]:
    return [phrasebook().reply("no_point", {"said": no, "count": len(plan.items)})]


def note(desk: Desk, no: str, text: str) -> list[Reply]:
    """«要点3：……»: added to what was noted before, nothing is overwritten."""
    plan = _plan(desk)
    point = plan.numbered(no)
    if point is None:
        return _unknown(plan, no)
    if len(text) > LONGEST:
        return [phrasebook().reply("point_too_long", {"length": len(text), "limit": LONGEST, "point": point})]
    store(desk, plan, point, text)
    count = len(notes(desk.db, desk.entry.id, plan)[point.id])
    about = {"point": point, "text": text, "count": count, "receipt": desk.receipt}
    return [phrasebook().reply("point_noted", {**about, "asking": desk.scene.asking.item is not None})]


def draft(desk: Desk) -> list[Reply]:
    """«下年计划»: her own words in the order of the plan, to be completed by her; never handed in by itself."""
    plan = _plan(desk)
    mine = notes(desk.db, desk.entry.id, plan)
    if not any(mine.values()):
        return [phrasebook().reply("draft_nothing", {})]
    lines: list[str] = []
    for section in plan.sections:
        noted = [one for one in section.items if mine[one.id]]
        if noted:
            lines.append(phrasebook().text("draft_section", {"section": section}))
        lines += [
            phrasebook().text("draft_line", {"point": one, "said": [row.text for row in mine[one.id]]}) for one in noted
        ]
    about = {"society": desk.actor.society, "year": desk.season.year + 1, "points": sum(map(bool, mine.values()))}
    return screenful("draft", "draft_end", lines, about)


COMMANDS: dict[str, Callable[..., list[Reply]]] = {"all": listed, "look": look, "note": note, "draft": draft}
