"""What staff can say, on one short screen; and page by page, each command named where it belongs."""

import sqlalchemy as sa

from handlers.criteria import rubric_drafts
from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.rights import OFFICE
from handlers.rounds import pinned
from handlers.standards.grading import categories
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold
from storage.relations import CONVERSATION, SOCIETY

PAGES = {
    "rounds": "staff_help_rounds",
    "looking": "staff_help_looking",
    "telling": "staff_help_telling",
    "deadlines": "staff_help_deadlines",
    "reviewing": "staff_help_reviewing",
    "standing": "staff_help_standing",
    "roster": "staff_help_roster",
    "papers": "staff_help_papers",
}
ASKING = ("round_new", "table_question", "roster", "roster_sheet", "cards", "which_society")
OF_KIND = {
    "projects": "staff_help_projects",
    "list": "staff_help_list",
    "work_plan": "staff_help_plan",
    "standard": "staff_help_standard",
}


def first(db: sa.Connection, person: int, *, said: str = "") -> list[Reply]:
    """Before there is any round: what to do first, second, third; what was `said` and meant nothing, what it was asked
    and has not answered, and the table that waits for her."""
    societies = db.scalar(sa.select(sa.func.count()).select_from(SOCIETY)) or 0
    draft = rubric_drafts.current(db, person)
    waiting = db.scalar(sa.select(CONVERSATION.c.pending).where(CONVERSATION.c.person_id == person)) or {}
    about = {"societies": societies, "said": said, "draft": draft.name if draft else None}
    return [phrasebook().reply("staff_first", {**about, "asked": bool(said) and waiting.get("wish") in ASKING})]


def opening(office: Office | None = None) -> list[Reply]:
    """«帮助»: the topics; before them what is said in a round of this kind alone."""
    if office is not None and office.actor.role not in OFFICE:
        return [phrasebook().reply("staff_help_reviewer", {})]
    whole = phrasebook().reply("staff_help", {})
    if office is None:
        return [whole]
    rubric = pinned(office.db, office.round.rubric_sha256)
    own = OF_KIND.get(rubric.kind)
    about = {"rubric": rubric, "graded": bool(categories(rubric))}
    return [phrasebook().reply(own, about), whole] if own else [whole]


def page(office: Office | None, said: str) -> list[Reply]:
    """«帮助 评审»; a word that is no topic shows the topics."""
    named = topic(said)
    return [phrasebook().reply(PAGES[named], {})] if named else opening(office)


def topic(said: str) -> str | None:
    """The page that words have to do with."""
    words = fold(said).strip()
    return next((name for name, some in lexicon().help_topics.items() if any(one in words for one in some)), None)
