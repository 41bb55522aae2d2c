"""What a society qualifies for: the printed requirements asked as facts, one after the other, and where each stands."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.answers import acknowledging, folding
from handlers.answers.scene import Added, Change, Learned, changed
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.projects.applications import Case, case, live
from handlers.screenful import screenful
from handlers.understanding import facts, plainly
from handlers.understanding.intents import Move, OddFact
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold
from handlers.understanding.spoken import spoken
from rubrics.asked import Asked
from rubrics.facts import YesNo
from rubrics.model import Requirement
from rubrics.projects import Project, open_to, postponable, projects, requirements, wanted
from storage import queries

DENIAL = re.compile("没有|无")
NONE = ("没有", "无", "没", "有", "没有过", "从没有")
YES_OR_NO = ("是", "对", "否", "不是", "不", "是没有", "好")
Question = tuple[Requirement, Asked]


def values(desk: Desk) -> Mapping[str, Mapping[str, object]]:
    """What is known by now, by requirement."""
    return {id: held.answer.facts for id, held in desk.scene.held.items()}


def cases(desk: Desk) -> list[tuple[Project, Any, Case]]:
    """Every application of hers with what the document asks for it."""
    rubric, kind, known = desk.season.rubric, desk.actor.kind, values(desk)
    return [(one, row, case(rubric, one, kind, known)) for one, row in live(desk.db, rubric, desk.entry.id)]


def line(desk: Desk, project: Project, row: Any, found: Case) -> str:
    """One application in a line."""
    about = {
        "project": project,
        "row": row,
        "case": found,
        "open": open_to(desk.season.rubric, project, desk.actor.kind),
    }
    return phrasebook().text("project_line", about)


def summary(desk: Desk) -> list[Reply]:
    """Her applications, what each still needs, and the papers that go with them."""
    mine = cases(desk)
    if not mine:
        return [phrasebook().reply("projects_none", {})]
    left = len(questions(desk))
    late = _undecided(desk)
    about = {"count": len(mine), "left": left, "submitted": desk.submitted, "late": desk.season.late, "said_late": late}
    return screenful("projects_mine", "projects_mine_end", [line(desk, *one) for one in mine], about)


def _undecided(desk: Desk) -> int:
    """How much of what was said late nobody has decided about."""
    if not desk.season.late:
        return 0
    decisions = queries.late_decisions(desk.db, desk.entry.id)
    rows = queries.late_facts(desk.db, desk.entry.id)
    here = sum(isinstance(change, Learned) for change in desk.changes)
    return here + sum(folding.ruling(decisions, row.id) is None for row in rows)


def detail(desk: Desk, project: Project) -> list[Reply]:
    """One project: its words, its number of places, what is asked of everybody in one line, and each of its own
    requirements with where it stands."""
    rubric, kind = desk.season.rubric, desk.actor.kind
    found = case(rubric, project, kind, values(desk))
    applied = any(one.id == project.id for one, _ in live(desk.db, rubric, desk.entry.id))
    general = [(one, standing) for one, standing in found.asked if one in rubric.requirements]
    about = {"project": project, "open": open_to(rubric, project, kind), "applied": applied, "case": found}
    about |= {"general": Counter(standing for _, standing in general), "repeats": len(found.asked) > len(general)}
    lines = [
        phrasebook().text("project_requirement", {"one": one, "standing": standing, "warnings": _warnings(desk, one)})
        for one, standing in found.asked
        if one not in rubric.requirements or standing == "unmet"
    ]
    return screenful("project", "project_end", lines, about)


def qualifications(desk: Desk) -> list[Reply]:
    """«资格»: what is asked of everybody, whatever the project."""
    rubric, kind = desk.season.rubric, desk.actor.kind
    first = next(iter(projects(rubric)))
    lines = [
        phrasebook().text("project_requirement", {"one": one, "standing": standing, "warnings": _warnings(desk, one)})
        for one, standing in case(rubric, first, kind, values(desk)).asked
        if one in rubric.requirements
    ]
    return screenful("project_qualifications", "project_end", lines, {"applied": True})


def _warnings(desk: Desk, one: Requirement) -> list[str]:
    """What no condition rests on and was answered with no: people want to know it (Q-YZ18)."""
    known = desk.scene.of(one.id).answer.facts
    named = {leaf.fact for leaf in one.leaves}
    return [
        fact.label
        for fact in one.facts
        if isinstance(fact, YesNo) and fact.name not in named and known.get(fact.name) is False
    ]


def asked(desk: Desk) -> list[Requirement]:
    """Every requirement of what she applies for, once."""
    rubric, kind = desk.season.rubric, desk.actor.kind
    mine = (project for project, _ in live(desk.db, rubric, desk.entry.id))
    return list({one.id: one for project in mine for one in requirements(rubric, project, kind)}.values())


def questions(desk: Desk) -> list[Question]:
    """What is still to be asked, in printed order; what was said late is not asked again."""
    known, late = values(desk), said_late(desk)
    return [
        (one, fact) for one in asked(desk) for fact in wanted(one, {**known.get(one.id, {}), **late.get(one.id, {})})
    ]


def said_late(desk: Desk) -> dict[str, dict[str, object]]:
    """What was said after the deadline, by requirement: it waits for the office."""
    if not desk.season.late:
        return {}
    found: dict[str, dict[str, object]] = defaultdict(dict)
    for row in queries.late_facts(desk.db, desk.entry.id):
        found[row.item][row.new["fact"]] = row.new["value"]
    for change in desk.changes:
        if isinstance(change, Learned):
            found[change.item][change.fact] = change.value
    return found


def ask(desk: Desk, *, onward: bool = False) -> list[Reply]:
    """The next question, and her place is there; past the last one the summary."""
    order = [(one.id, fact.name) for one in asked(desk) for fact in one.facts]
    here = (desk.scene.asking.item or "", desk.scene.asking.fact or "")
    at = order.index(here) if onward and here in order else -1
    left = [one for one in questions(desk) if order.index((one[0].id, one[1].name)) > at]
    if not left:
        desk.scene = desk.scene.at(None)
        return summary(desk)
    requirement, fact = left[0]
    scene = desk.scene.at(requirement.id, "evidence")
    desk.scene = replace(scene, asking=replace(scene.asking, fact=fact.name))
    return [question(desk, requirement, fact, len(left))]


def question(desk: Desk, requirement: Requirement, fact: Asked, left: int) -> Reply:
    helpful = requirement.evidence.helpful + requirement.evidence.demanded
    about = {
        "requirement": requirement,
        "fact": fact,
        "left": left,
        "postponable": postponable(fact),
        "helpful": helpful,
    }
    return phrasebook().reply("project_question", {**about, "example": facts.sample(fact)})


def answer(desk: Desk, words: str) -> list[Reply] | None:
    """What she said as the answer to the open question, or to any other that she names; None where it is none."""
    open_one = _open(desk)
    if open_one and postponable(open_one[1]) and spoken("projects", words) in (("later", ()),):
        told = phrasebook().reply("project_postponed", {"fact": open_one[1]})
        return [told, *ask(desk, onward=True)]
    if open_one and plainly.NOT_KNOWN.fullmatch(fold(words).strip()):
        return [phrasebook().reply("project_left_open", {"fact": open_one[1]}), *ask(desk, onward=True)]
    if open_one:
        requirement, fact = open_one
        if _two_ways(fact, words):
            return [phrasebook().reply("project_two_ways", {"fact": fact, "said": words})]
        found = facts.answer(words, requirement, fact.name, desk.season.year)
        if isinstance(found, OddFact):
            return [phrasebook().reply("project_odd", {"fact": fact, "said": words, "example": facts.sample(fact)})]
        if found and found.name == fact.name:
            return _learn(desk, requirement, fact.name, found.value)
        done = isinstance(fact, YesNo) and lexicon().command(words) == Move("next")  # «完成了» to «……都完成了吗？»
        if done and (value := plainly.value(fact, words, desk.season.year)) is not None:
            return _learn(desk, requirement, fact.name, value)
    for requirement in asked(desk):
        for fact in facts.askable(requirement):
            if fold(fact.label) in fold(words):
                value = facts.read(fact, fold(words).strip(" 。.!,改为成:"), desk.season.year, asked=False)
                if value is not None and fact.accepts(value):
                    return _learn(desk, requirement, fact.name, value)
    return None


def answer_freely(desk: Desk, words: str) -> list[Reply] | None:
    """The answer to the open question in her own words, and plain ones to those that follow («是，合格，是»); None where
    it is no answer. Commands are heard before."""
    here, clauses = _open(desk), [one for one in plainly.CLAUSE.split(words.strip()) if one.strip()]
    value = plainly.value(here[1], words, desk.season.year) if here else None
    if here is None or value is None:
        return None
    told, *following = _learn(desk, here[0], here[1].name, value)
    more = [told]
    for said in clauses[1:]:
        here = _open(desk)
        value = facts.read(here[1], fold(said).strip(), desk.season.year, asked=True) if here else None
        if here is None or value is None or not here[1].accepts(value):
            break  # a remark on what she answered, or no answer: the question is on her screen
        told, *following = _learn(desk, here[0], here[1].name, value)
        more.append(told)
    return [*more, *following]


def _two_ways(fact: Asked, words: str) -> bool:
    """«没有» to «是否没有……？», and «是» to «有没有……？» where 没有 is the good answer, may mean both."""
    said = fold(words).strip(" 。.!,了的")
    if isinstance(fact, YesNo) and fact.absence:
        return said in YES_OR_NO
    denies = DENIAL.search((fact.ask or "").replace("有没有", "")) is not None
    return isinstance(fact, YesNo) and denies and said in NONE


def _open(desk: Desk) -> Question | None:
    here = desk.scene.asking
    requirement = next((one for one in asked(desk) if one.id == here.item), None)
    fact = requirement.known.get(here.fact or "") if requirement else None
    return (requirement, fact) if requirement and fact else None


def open_question(desk: Desk) -> list[Reply]:
    """The question that is open, once more; nothing where none is."""
    here = _open(desk)
    return [question(desk, *here, len(questions(desk)))] if here else []


def _learn(desk: Desk, requirement: Requirement, name: str, value: object) -> list[Reply]:
    fact, held = requirement.known[name], desk.scene.of(requirement.id).answer.facts
    old, onward = held.get(name), _open(desk) == (requirement, requirement.known[name])
    store(desk, Learned(requirement.id, name, value))
    said = {"old": _value(requirement, name, old) if old is not None else "", "new": _value(requirement, name, value)}
    [(_, standing)] = [each for _, _, found in cases(desk) for each in found.asked if each[0].id == requirement.id][
        :1
    ] or [(requirement, "asked")]
    about = {"fact": fact, "standing": standing, "requirement": requirement, "receipt": desk.receipt}
    name = "project_learned_late" if desk.season.late else "project_learned"
    told = phrasebook().reply(name, {**about, **said, "again": desk.submitted})
    return [told, *ask(desk, onward=onward)]


def _value(requirement: Requirement, name: str, value: object) -> str:
    return str(acknowledging.learned(requirement, {"fact": name, "value": value})["value"])


def prove(desk: Desk, text: str) -> list[Reply]:
    """«依据：……» for the requirement that is open."""
    here = next((one for one in asked(desk) if one.id == desk.scene.asking.item), None)
    if here is None:
        return [phrasebook().reply("project_proof_of_what", {})]
    store(desk, Added(here.id, "text", text))
    about = {"requirement": here, "names": text, "receipt": desk.receipt, "late": desk.season.late}
    return [phrasebook().reply("project_proved", about)]


def store(desk: Desk, *changes: Change) -> None:
    desk.scene = changed(desk.scene, changes)
    desk.changes += changes
