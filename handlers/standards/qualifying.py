"""Whether a society may take part by the document: asked once, shown with the reason, and no block to filling in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from handlers.answers.scene import Change, Learned, Say, Scene, Step, changed
from handlers.answers.stepping import first_open
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.understanding import facts, plainly
from handlers.understanding.intents import Asking, Move
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold
from rubrics.asked import Asked
from rubrics.conditions import Met
from rubrics.gates import UNKNOWN, Gate, eligible, gates, judged
from rubrics.model import Requirement, Rubric
from storage.relations import ANSWER, RULING, Row

FIELD = "gate"
CUT = re.compile(r"[,，;；\n]+|\s{2,}")
MOST = 20  # answers in one message


@dataclass(frozen=True)
class Eligibility:
    """What the facts say, and what a person decided; her decision counts."""

    gates: tuple[Gate, ...]
    reckoned: Met | None
    ruling: Row | None
    asked: int  # questions that have no answer yet

    @property
    def met(self) -> Met | None:
        return self.reckoned if self.ruling is None else "yes" if self.ruling.eligible else "no"


def questions(rubric: Rubric) -> Iterator[tuple[Requirement, Asked]]:
    for gate in gates(rubric):
        for fact in facts.askable(gate):
            yield gate, fact


def unasked(scene: Scene) -> list[tuple[Requirement, Asked]]:
    return [(gate, fact) for gate, fact in questions(scene.rubric) if fact.name not in scene.of(gate.id).answer.facts]


def due(scene: Scene) -> bool:
    """At the beginning only: nothing is filled in yet."""
    begun = any(item.id in scene.held for item in scene.rubric.items)
    return scene.mode == "open" and scene.asking.item is None and not begun and bool(unasked(scene))


def ask(scene: Scene) -> Step:
    """The next question, or what follows from the answers and the first item."""
    left = unasked(scene)
    if not left:
        return _done(scene)
    gate, fact = left[0]
    asking = Asking(None, FIELD, f"{gate.id}/{fact.name}", year=scene.asking.year)
    total = len(list(questions(scene.rubric)))
    about = {"fact": fact, "gate": gate, "number": total - len(left) + 1, "total": total}
    return Step(replace(scene, asking=asking), says=(Say("gate_question", {**about, "example": facts.sample(fact)}),))


def _done(scene: Scene) -> Step:
    return _then(scene, Say("gate_result", about(scene, None)))


def _then(scene: Scene, say: Say) -> Step:
    """On to the first item."""
    return Step(scene.at(first_open(scene).id), says=(say,), ask="full")


def heard(scene: Scene, words: str) -> Step | None:
    """The answers to the question and to those that follow it; None where she says something else."""
    if lexicon().command(words) in (Move("skip"), Move("next")):
        return _then(scene, Say("gate_left"))
    told: list[Change] = []
    open_ones = unasked(scene)
    parts, words_apart = CUT.split(words.strip()), words.split()
    if len(parts) == 1 and len(words_apart) > 1 and open_ones and _value(words_apart[0], open_ones[0][1]) is not None:
        parts = words_apart  # «2010-05-20 是 是 是»
    for part, (gate, fact) in zip(parts[:MOST], open_ones, strict=False):
        value = _value(part, fact)
        if value is None:
            break
        told.append(Learned(gate.id, fact.name, value))
    if not told:
        return None
    step = ask(changed(scene, tuple(told)))
    return replace(step, changes=tuple(told))


def _value(part: str, fact: Asked) -> object | None:
    said = fold(part).strip(" 。.!")
    if plainly.NOT_KNOWN.fullmatch(said):
        return UNKNOWN
    return plainly.value(fact, said, 0)  # the year must be named: it is of any year


def odd(scene: Scene, words: str) -> Step:
    """Not understood: how to answer; the question stays open."""
    gate, _, name = (scene.asking.fact or "").partition("/")
    fact = scene.rubric.requirement(gate).known[name]
    about = {"fact": fact, "said": words, "example": facts.sample(fact)}
    return Step(scene, says=(Say("gate_odd", about),))


def about(scene: Scene, ruling: Row | None) -> dict[str, Any]:
    known = {gate.id: scene.of(gate.id).answer.facts for gate in gates(scene.rubric)}
    return {"eligibility": eligibility(scene.rubric, known, ruling)}


def eligibility(rubric: Rubric, known: Mapping[str, Mapping[str, object]], ruling: Row | None) -> Eligibility:
    """From the facts of each gate."""
    passed = judged(rubric, known)
    left = sum(fact.name not in known.get(gate.id, {}) for gate, fact in questions(rubric))
    return Eligibility(passed, eligible(passed), ruling, left)


def of_desk(desk: Desk) -> Eligibility:
    found: Eligibility = about(desk.scene, last_ruling(desk.db, desk.entry.id))["eligibility"]
    return found


def of_entry(db: sa.Connection, rubric: Rubric, entry: int | None) -> Eligibility:
    """From what is stored; of a society without an entry, nothing is known."""
    known: dict[str, Mapping[str, object]] = {}
    if entry is not None:
        ids = [gate.id for gate in gates(rubric)]
        rows = db.execute(sa.select(ANSWER).where(ANSWER.c.entry_id == entry, ANSWER.c.item.in_(ids)))
        known = {row.item: row.facts for row in rows}
    return eligibility(rubric, known, last_ruling(db, entry) if entry is not None else None)


def of_entries(db: sa.Connection, rubrics: Mapping[int, Rubric]) -> dict[int, Eligibility]:
    """The same of many entries, each with the rubric that it answers, by two statements for all."""
    ids = {gate.id for rubric in rubrics.values() for gate in gates(rubric)}
    known: dict[int, dict[str, Mapping[str, object]]] = {entry: {} for entry in rubrics}
    given = sa.select(ANSWER.c.entry_id, ANSWER.c.item, ANSWER.c.facts)
    for row in db.execute(given.where(ANSWER.c.entry_id.in_(list(rubrics)), ANSWER.c.item.in_(ids))):
        known[row.entry_id][row.item] = row.facts
    ruled = sa.select(RULING).where(RULING.c.entry_id.in_(list(rubrics))).order_by(RULING.c.id)
    rulings = {row.entry_id: row for row in db.execute(ruled)}  # the last of each
    return {entry: eligibility(rubric, known[entry], rulings.get(entry)) for entry, rubric in rubrics.items()}


def last_ruling(db: sa.Connection, entry: int) -> Row | None:
    chosen = sa.select(RULING).where(RULING.c.entry_id == entry).order_by(RULING.c.id.desc()).limit(1)
    return db.execute(chosen).one_or_none()


def tell(desk: Desk) -> list[Reply]:
    """«资格»: every condition with what is known of it; what was never asked is asked now."""
    found = of_desk(desk)
    if found.reckoned is None:
        return [phrasebook().reply("no_gates", {})]
    told = [phrasebook().reply("gate_overview", {"eligibility": found})]
    if desk.scene.mode != "open" or not found.asked:
        return told
    step = ask(desk.scene)
    desk.scene = step.scene
    return [*told, *(phrasebook().reply(say.name, say.about) for say in step.says)]
