"""The conversation about projects: applying, withdrawing, changing, and where what is said goes."""

import re
from collections.abc import Callable, Sequence

from handlers.answers import lasthours, submitting, telling
from handlers.answers.wishes import WISHES, Granted
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.papers.paperwork import GRANTED, TOPICS
from handlers.phrasebook import phrasebook
from handlers.projects import demands, dossier, offering, taking_back
from handlers.projects.applications import Named, Trace, live, named, store, wants_out
from handlers.projects.offering import unnamed
from handlers.understanding.intents import Move, Plain, Tell
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold, number
from handlers.understanding.spoken import spoken
from rubrics.projects import Project, clashes, numbered, open_to
from storage import queries

LONGEST_NAME = 16  # characters
ORDINAL = re.compile(r"(?:第\s*)?(?P<n>[\d一二三四五六七八九十]{1,2})\s*(?:个|类|项|大类)?")
ABOUT = re.compile(
    r"^(?:看一?下|看看?|了解|想问|请问|关于)+|(?:这个|那个)?(?:项目)?(?:都)?(?:有|要|需要)?(?:什么|哪些|啥)?(?:要求|条件|材料|资格)?(?:是什么|有哪些)?$"
)
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
        return (demands.ask(desk) if live(desk.db, desk.season.rubric, desk.entry.id) else offering.tree(desk)), None
    if isinstance(meant, Move):
        return demands.ask(desk, onward=True), None
    topic = meant.topic if isinstance(meant, Tell) else lexicon().topic(words)
    if topic in TOPICS:
        return telling.tell(desk, topic), None
    if topic in ("missing", "progress", "review", "papers", "all_missing"):
        return demands.summary(desk), None
    heard = demands.answer(desk, words) or demands.answer_freely(desk, words) or _named(desk, words)
    return _kept_handed_in(desk, heard or _puzzled(desk, words)), None


def _named(desk: Desk, words: str) -> list[Reply]:
    """A project or a category named alone («2.4», «第二个», «科普特色有什么要求»): what it is and asks, not yet an application."""
    ordinal = ORDINAL.fullmatch(fold(words).strip(" 。.?"))
    counted = number(ordinal["n"]) if ordinal else None
    said = f"{counted}" if counted is not None else ABOUT.sub("", fold(words).strip(" 。.?吗呢"))
    if not 0 < len(said) <= LONGEST_NAME or " " in words.strip():
        return []
    found = named(desk.season.rubric, [said])
    if not (found.projects or found.within) and said not in {one for one, _, _ in numbered(desk.season.rubric)}:
        return []
    return offering.look(desk, said)


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
        replies += unnamed(found, "申报")
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
        return unnamed(found, "撤回申报") if not found.projects else demands.summary(desk)
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
        return unnamed(both, "申报") if both.within or both.unknown else demands.summary(desk)
    return [*withdraw(desk, old, swapping=True), *apply(desk, new)]


def swap_to(desk: Desk, new: str) -> list[Reply]:
    """«改报智库» in place of the one she applied for; of several she says which."""
    mine = [one for one, _ in live(desk.db, desk.season.rubric, desk.entry.id)]
    if len(mine) == 1:
        return swap(desk, mine[0].section.title, new)
    about = {"names": [one.section.title for one in mine], "new": new}
    return [phrasebook().reply("project_swap_which", about)] if mine else apply(desk, new)


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
    "tree": offering.tree,
    "whole": offering.whole,
    "rules": offering.rules,
    "mine": demands.summary,
    "qualify": demands.qualifications,
    "swap": swap,
    "withdraw": withdraw,
    "apply": apply,
    "report": dossier.report,
    "how": lambda desk: dossier.report(desk, ""),
    "outcome": dossier.outcome,
    "swap_to": swap_to,
    "look": offering.look,
    "proof": demands.prove,
    "later": demands.summary,
}
