"""What staff can say, on one short screen; and page by page, each command named where it belongs."""

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.rounds import pinned
from handlers.standards.grading import categories
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold

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
OF_KIND = {
    "projects": "staff_help_projects",
    "list": "staff_help_list",
    "work_plan": "staff_help_plan",
    "standard": "staff_help_standard",
}


def opening(office: Office | None = None) -> list[Reply]:
    """«帮助»: the topics; before them what is said in a round of this kind alone."""
    whole = phrasebook().reply("staff_help", {})
    if office is None:
        return [whole]
    rubric = pinned(office.db, office.round.rubric_sha256)
    own = OF_KIND.get(rubric.kind)
    about = {"rubric": rubric, "graded": bool(categories(rubric))}
    return [phrasebook().reply(own, about), whole] if own else [whole]


def page(office: Office, said: str) -> list[Reply]:
    """«帮助 评审»; a word that is no topic shows the topics."""
    words = fold(said).strip()
    named = next((topic for topic, some in lexicon().help_topics.items() if any(one in words for one in some)), None)
    return [phrasebook().reply(PAGES[named], {})] if named else opening(office)
