"""核定分: what a society was given, item by item with the reasons, once it has been released."""

from typing import Any

import sqlalchemy as sa

from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import pages, phrasebook
from handlers.review import judging
from rubrics import counting
from rubrics.programme import Award
from storage.relations import AWARDING, OBJECTION, Row


def shown(desk: Desk) -> list[Reply]:
    """The total, each category and each item; nothing before the release, and awards only once they are recognised."""
    given_awards = recognised(desk)
    about = {"title": desk.season.title, "awards": given_awards, "counted": desk.season.rubric.maximum is None}
    about["awarding"] = bool(desk.season.rubric.awards)
    if desk.entry.released_at is None:
        return [phrasebook().reply("outcome_awards" if given_awards else "outcome_not_yet", about)]
    given = judging.verdicts(desk.db, desk.entry.id)
    objected = objections(desk.db, desk.entry.id)
    lines = []
    for section in desk.season.rubric.walk():
        scores = {item.id: given[item.id].score for item in section.items if item.id in given}
        if scores and None not in scores.values():
            counted = counting.of_section(section, scores).total
            lines.append(phrasebook().text("outcome_section", {"section": section, "sum": counted}))
        lines += [
            _line(desk, item, given[item.id], objected.get(item.id)) for item in section.items if item.id in given
        ]
    end = {"until": desk.entry.objections_until, "zone": desk.season.timezone, "open": may_object(desk)}
    about = {"title": desk.season.title, "reviewed": desk.entry.reviewed, "maximum": desk.season.rubric.maximum}
    about |= {"found": judging.tallied([one.finding for one in given.values()])}
    if given_awards:
        lines.append(phrasebook().text("outcome_awards", about))
    texts = pages([*lines, phrasebook().text("outcome_end", end)], phrasebook().text("outcome", about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices("outcome_end", end))]


def recognised(desk: Desk) -> list[Award]:
    """The awards whose last step for this society is the recognition (domain.md Q-WZ26)."""
    mine = (AWARDING.c.round_id == desk.season.id, AWARDING.c.society_id == desk.entry.society_id)
    steps = desk.db.execute(sa.select(AWARDING.c.award, AWARDING.c.state).where(*mine).order_by(AWARDING.c.id))
    states = {row.award: row.state for row in steps}
    return [one for one in desk.season.rubric.awards if states.get(one.id) == "recognised"]


def _line(desk: Desk, item: Any, verdict: Row, objection: Row | None) -> str:
    held = desk.scene.of(item.id).answer
    about = {"item": item, "verdict": verdict, "claimed": held.self_score, "objection": objection}
    about |= {"given": judging.worded(verdict), "held": held}
    return phrasebook().text("outcome_line", about)


def may_object(desk: Desk) -> bool:
    """Whether the window for objections is open."""
    until = desk.entry.objections_until
    return desk.entry.released_at is not None and until is not None and desk.now < until


def objections(db: sa.Connection, entry: int) -> dict[str, Row]:
    """The newest objection to each item."""
    mine = sa.select(OBJECTION).where(OBJECTION.c.entry_id == entry).order_by(OBJECTION.c.id)
    return {row.item: row for row in db.execute(mine)}
