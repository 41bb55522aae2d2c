"""What can be applied for: the categories and projects with their places, one of them, and the rules of applying."""

from collections.abc import Sequence
from typing import Any

from handlers import stages
from handlers.answers import telling
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.projects import demands, dossier
from handlers.projects.applications import Named, live, named
from handlers.screenful import screenful
from handlers.understanding.numerals import fold
from rubrics.model import Section
from rubrics.programme import Stage
from rubrics.projects import numbered, open_to, projects
from storage import queries

Row = tuple[str, Section, bool]  # of the tree: its number, the section, and whether it is applied for


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
    return demands.detail(desk, found.projects[0]) if found.projects else unnamed(found, "项目")


def unnamed(found: Named, way: str) -> list[Reply]:
    """Categories to choose within, and what is no project."""
    within = [(said, [one.section.title for one in those]) for said, those in found.within]
    return [phrasebook().reply("project_which", {"within": within, "unknown": found.unknown, "way": way})]
