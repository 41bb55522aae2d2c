"""The conversation about projects: what can be applied for, applying, withdrawing, changing, and the questions for it."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from handlers import demands, dossier, lasthours, stages, submitting, taking_back, telling
from handlers.applications import Named, Trace, live, named, store, wants_out
from handlers.desk import Desk
from handlers.intents import Move, Plain, Tell
from handlers.lexicon import lexicon
from handlers.messages import Reply
from handlers.numerals import fold
from handlers.paperwork import GRANTED, TOPICS
from handlers.phrasebook import phrasebook
from handlers.screenful import screenful
from handlers.spoken import spoken
from handlers.wishes import WISHES, Granted
from rubrics.model import Section
from rubrics.programme import Stage
from rubrics.projects import Project, clashes, numbered, open_to, projects
from storage import queries

Row = tuple[str, Section, bool]  # of the tree: its number, the section, and whether it is applied for
PARTS = re.compile(r"[、,，;；和及\n]|以及")


def hear(desk: Desk, words: str) -> Granted:
    """What is said to her; nothing of it is asked as a table would be."""
    if desk.message.files:
        return _kept_handed_in(desk, dossier.files(desk, words)), None
    if told := dossier.waiting(desk, words):
        return _kept_handed_in(desk, told), None
    if unseen(desk) and _answers(words):
        return [phrasebook().reply("project_unseen", {"said": words}), *demands.ask(desk)], None
    if desk.scene.asking.item and (told := demands.answer(desk, words)):
        return _kept_handed_in(desk, told), None
    if said := spoken("projects", words):
        name, about = said
        return _kept_handed_in(desk, COMMANDS[name](desk, *about)), None
    return _wished(desk, words)


def _wished(desk: Desk, words: str) -> Granted:
    meant = lexicon().command(words)
    if isinstance(meant, Plain) and meant.wish in GRANTED:
        return WISHES[meant.wish](desk)
    if isinstance(meant, Plain) and meant.wish in ("submit", "submit_now"):
        return dossier.submit(desk, sure=meant.wish == "submit_now"), None
    if meant == Plain("undo"):
        return _kept_handed_in(desk, taking_back.take_back(desk)), None
    if meant == Plain("recall"):
        return submitting.recall(desk), None
    if meant == Plain("begin"):
        return (demands.ask(desk) if live(desk.db, desk.season.rubric, desk.entry.id) else tree(desk)), None
    if isinstance(meant, Move):
        return demands.ask(desk, onward=True), None
    topic = meant.topic if isinstance(meant, Tell) else lexicon().topic(words)
    if topic in TOPICS:
        return telling.tell(desk, topic), None
    if topic in ("missing", "progress", "review", "papers", "all_missing"):
        return demands.summary(desk), None
    return _kept_handed_in(desk, demands.answer(desk, words) or _puzzled(desk, words)), None


def _puzzled(desk: Desk, words: str) -> list[Reply]:
    """What could not be understood, and the open question once more."""
    again = demands.open_question(desk)
    about = {"said": words, "late": desk.season.late, "asking": bool(again)}
    return [phrasebook().reply("project_puzzled", about), *again]


def _answers(words: str) -> bool:
    """Whether the words mean something only as the answer to the open question."""
    meant = lexicon().command(words)
    plainly = meant is None or isinstance(meant, Move) or meant in (Plain("agree"), Plain("refuse"))
    return plainly and (spoken("projects", words) or ("later", ()))[0] == "later"


def unseen(desk: Desk) -> bool:
    """The open question was not on her screen yet when she sent this (R4)."""
    seen = desk.message.seen
    return seen is not None and desk.scene.asking.item is not None and seen < desk.conversation.question_id


def tree(desk: Desk) -> list[Reply]:
    """The categories, with their numbers of places and how many projects each has; when, and what she applied for."""
    rows = numbered(desk.season.rubric)
    top = [one for one in rows if "." not in one[0]]
    folded = [number for number, section, is_one in top if not is_one]
    return _shown(desk, top if folded else list(rows), folded=folded)


def whole(desk: Desk) -> list[Reply]:
    """«全部项目»: everything there is."""
    return _shown(desk, list(numbered(desk.season.rubric)), folded=[])


def _shown(desk: Desk, rows: Sequence[Row], *, folded: Sequence[str]) -> list[Reply]:
    return screenful("projects", "projects_end", _lines(desk, rows, folded), _about(desk, folded))


def _about(desk: Desk, folded: Sequence[str], category: Section | None = None) -> dict[str, Any]:
    """What stands above and below the tree, or one category of it."""
    mine = live(desk.db, desk.season.rubric, desk.entry.id)
    about = {**telling.common(desk), "quota": desk.season.rubric.quota, "mine": len(mine)}
    return {**about, "doubtful": doubtful(desk), "folded": folded, "category": category}


def _lines(desk: Desk, rows: Sequence[Row], folded: Sequence[str]) -> list[str]:
    rubric = desk.season.rubric
    mine = {one.id for one, _ in live(desk.db, rubric, desk.entry.id)}
    offered = {one.id: one for one in projects(rubric)}
    within = {section.id: [id for id, one in offered.items() if section in one.line] for _, section, _ in rows}
    return [
        phrasebook().text(
            "projects_line",
            {
                "number": number,
                "section": section,
                "applied": section.id in mine,
                "open": section.id not in offered or open_to(rubric, offered[section.id], desk.actor.kind),
                "project": is_one,
                "inside": len(within[section.id]) if number in folded else 0,
                "mine": len(mine & set(within[section.id])) if number in folded else 0,
            },
        )
        for number, section, is_one in rows
    ]


def rules(desk: Desk, said: str = "") -> list[Reply]:
    """«规则»: the way from applying to recognition, and what the document says of several applications."""
    rubric = desk.season.rubric
    closes = dossier.due(desk)
    texts = [one.text for one in rubric.stacking if one.text]
    papers = [one.title for one in dossier.first_papers(desk)]
    about = {"texts": texts, "papers": papers, "report": closes, "zone": desk.season.timezone, "quota": rubric.quota}
    return [phrasebook().reply("project_rules", about)]


def doubtful(desk: Desk) -> Stage | None:
    """The stage of the deadline where the document contradicts itself about it: it drives nothing (Q-YZ03)."""
    calendar = stages.stored(queries.round_of(desk.db, desk.season.id).stages)
    if not calendar:
        return None
    driving = stages.driving(calendar, desk.season.rubric)
    return next((one for one in calendar if one.id == driving and one.status == "contradictory"), None)


def look(desk: Desk, said: str) -> list[Reply]:
    """«项目 2.4», or by its name; of a category what is in it."""
    rows = numbered(desk.season.rubric)
    number = next((number for number, section, is_one in rows if number == fold(said).strip(" .") and not is_one), None)
    if number is not None:
        [category] = [section for outline, section, _ in rows if outline == number]
        within = [one for one in rows if one[0].startswith(f"{number}.")]
        return screenful("projects_within", "projects_end", _lines(desk, within, []), _about(desk, [], category))
    found = named(desk.season.rubric, [said])
    return demands.detail(desk, found.projects[0]) if found.projects else _unnamed(found, "项目")


def _unnamed(found: Named, way: str) -> list[Reply]:
    """Categories to choose within, and what is no project."""
    within = [(said, [one.section.title for one in those]) for said, those in found.within]
    return [phrasebook().reply("project_which", {"within": within, "unknown": found.unknown, "way": way})]


def apply(desk: Desk, said: str) -> list[Reply]:
    """Apply for one or several; it is never blocked, only what may not go together is said (Q-YZ05)."""
    found = named(desk.season.rubric, [one for one in PARTS.split(said) if one.strip()])
    before = {one.id: row for one, row in live(desk.db, desk.season.rubric, desk.entry.id)}
    new = [one for one in found.projects if one.id not in before or wants_out(desk.db, before[one.id])]
    for one in new:
        fold = {} if one.id in before else _applied(desk)
        store(desk.db, desk.entry.id, one.id, "applied", trace(desk), fold=fold, late=desk.season.late)
    replies = _told(desk, "project_applied", new, [one for one in found.projects if one not in new])
    if found.within or found.unknown:
        replies += _unnamed(found, "申报")
    elif new and not desk.season.late:
        replies += demands.ask(desk)
    return replies


def _applied(desk: Desk) -> dict[str, object]:
    return {"state": "applied", "late": desk.season.late, "counts": None}


def withdraw(desk: Desk, said: str, *, swapping: bool = False) -> list[Reply]:
    """Take an application back; after the deadline the wish is kept, and people decide."""
    found = named(desk.season.rubric, [one for one in PARTS.split(said) if one.strip()])
    before = {one.id: row for one, row in live(desk.db, desk.season.rubric, desk.entry.id)}
    gone = [one for one in found.projects if one.id in before]
    if not gone:
        return _unnamed(found, "撤回申报") if not found.projects else demands.summary(desk)
    for one in gone:
        freed = {} if desk.season.late else {"state": "withdrawn", "standing": "none", "place": None}
        store(desk.db, desk.entry.id, one.id, "withdrawn", trace(desk), fold=freed, late=desk.season.late)
    desk.scene = desk.scene.at(None)
    return _told(desk, "project_withdrawn", gone, [], swapping=swapping)


def swap(desk: Desk, old: str, new: str) -> list[Reply]:
    """Another project in place of one: both in one turn, or none of it."""
    away, wanted = named(desk.season.rubric, [old]), named(desk.season.rubric, [new])
    mine = {one.id for one, _ in live(desk.db, desk.season.rubric, desk.entry.id)}
    if len(away.projects) != 1 or len(wanted.projects) != 1 or away.projects[0].id not in mine:
        both = Named((), (*away.within, *wanted.within), (*away.unknown, *wanted.unknown))
        return _unnamed(both, "申报") if both.within or both.unknown else demands.summary(desk)
    return [*withdraw(desk, old, swapping=True), *apply(desk, new)]


def trace(desk: Desk) -> Trace:
    return Trace(desk.now, desk.actor.person_id, desk.receipt, desk.message.channel, desk.inbound_id)


def _told(
    desk: Desk, name: str, changed: Sequence[Project], already: Sequence[Project], *, swapping: bool = False
) -> list[Reply]:
    if changed:
        desk.noted, desk.late = True, desk.late or desk.season.late
        desk.status = "in_progress" if desk.status == "not_started" else desk.status
        queries.note_act(
            desk.db,
            desk.now,
            name,
            person=desk.actor.person_id,
            channel=desk.message.channel,
            round=desk.season.id,
            society=desk.actor.society_id,
            receipt=desk.receipt,
            projects=[one.id for one in changed],
        )
    elif not already:
        return []
    rubric, kind = desk.season.rubric, desk.actor.kind
    mine = tuple(one for one, _ in live(desk.db, rubric, desk.entry.id))
    about = {
        "new": [one.section.title for one in changed],
        "already": [one.section.title for one in already],
        "strange": [one.section.title for one in changed if not open_to(rubric, one, kind)],
        "clashes": [each for each in clashes(rubric, mine) if {each[0].id, each[1].id} & {one.id for one in changed}],
        "late": desk.season.late,
        "receipt": desk.receipt,
        "stamp": lasthours.stamp(desk),
        "count": len(mine),
        "submitted": desk.submitted,
        "swapping": swapping,
    }
    return [phrasebook().reply(name, about)]


def _kept_handed_in(desk: Desk, replies: list[Reply]) -> list[Reply]:
    """What changes after handing in, in time, hands in anew: the newest is what stands."""
    if desk.submitted and not desk.season.late and desk.entry.status == "submitted" and (desk.changes or desk.noted):
        submitting.hand_in(desk, late=False)
    return replies


COMMANDS: dict[str, Callable[..., list[Reply]]] = {
    "tree": tree,
    "whole": whole,
    "rules": rules,
    "mine": demands.summary,
    "qualify": demands.qualifications,
    "swap": swap,
    "withdraw": withdraw,
    "apply": apply,
    "report": dossier.report,
    "look": look,
    "proof": demands.prove,
    "later": demands.summary,
}
