"""What a society wrote for the projects that it applies for, as the office reads it: conditions, proof and papers."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from handlers.answers.acknowledging import learned
from handlers.messages import Outgoing, Reply
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.projects.applications import live, named
from rubrics.model import Requirement, Rubric
from rubrics.projects import Project, requirements
from storage import handouts, queries
from storage.relations import PAPER, Row


def read(office: Office, society: Row, entry: Row, rubric: Rubric, said: str, *, early: bool) -> list[Reply]:
    """«看内容 医学会» in words; «看内容 医学会 学会期刊» one project, with every file that came for it."""
    mine = [one for one, _ in live(office.db, rubric, entry.id)]
    meant = {one.id for one in named(rubric, [said]).projects} if said else set()
    chosen = [one for one in mine if one.id in meant]
    about = {"society": society.name, "title": office.round.title, "early": early}
    if said and len(chosen) != 1:
        titles = [one.section.title for one in mine]
        return [phrasebook().reply("applied_which", {**about, "said": said, "titles": titles})]
    asked = _asked(rubric, chosen or mine, society.kind)
    facts = {row.item: row.facts for row in queries.answers(office.db, entry.id)}
    pieces = queries.pieces(office.db, entry.id, [one.id for one in asked])
    papers = _papers(office.db, entry)
    told = [one for one in asked if facts.get(one.id) or any(row.item == one.id for row in pieces)]
    lines = [_line(one, facts.get(one.id, {}), [row for row in pieces if row.item == one.id]) for one in told]
    lines += [phrasebook().text("applied_paper", {"row": row, "title": _titled(rubric, row)}) for row in papers]
    about |= {"projects": [one.section.title for one in chosen or mine], "open": len(asked) - len(told)}
    about |= {"whole": not chosen, "files": sum(row.name is not None for row in (*pieces, *papers))}
    texts = pages([*lines, phrasebook().text("applied_end", about)], phrasebook().text("applied", about))
    files = (*_proofs(pieces), *_handed_out(office, papers)) if chosen else ()
    last = Reply(texts[-1], phrasebook().choices("applied_end", about), files)
    return [*(Reply(text) for text in texts[:-1]), last]


def _asked(rubric: Rubric, projects: Sequence[Project], kind: str | None) -> list[Requirement]:
    """What the document asks for any of them, each once."""
    return list({one.id: one for project in projects for one in requirements(rubric, project, kind)}.values())


def _line(one: Requirement, facts: dict[str, Any], pieces: Sequence[Row]) -> str:
    known = [learned(one, {"fact": name, "value": value}) for name, value in facts.items() if name in one.known]
    return phrasebook().text("applied_line", {"one": one, "known": known, "pieces": pieces})


def _papers(db: sa.Connection, entry: Row) -> list[Row]:
    came = sa.select(PAPER).where(PAPER.c.entry_id == entry.id, PAPER.c.sha256.is_not(None))
    return list(db.execute(came.order_by(PAPER.c.id)))


def _titled(rubric: Rubric, row: Row) -> str:
    return next((one.title for one in rubric.deliverables if one.id == row.deliverable), row.deliverable)


def _proofs(pieces: Sequence[Row]) -> list[Outgoing]:
    return [Outgoing(row.name, handouts.evidence(row.id)) for row in pieces if row.name]


def _handed_out(office: Office, papers: Sequence[Row]) -> list[Outgoing]:
    """A paper is held for the society alone: she gets a handout of her own."""
    by, now = office.actor.person_id, office.now
    held = (
        (row, handouts.hand_out(office.db, row.name, row.sha256, row.size, row.media_type, now, person=by))
        for row in papers
    )
    return [Outgoing(row.name, where) for row, where in held]
