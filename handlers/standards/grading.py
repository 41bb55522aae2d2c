"""The experts' points for whole categories, typed in by the office; nothing inside a category has a weight (Q-WZ01)."""

import re
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.review import judging
from handlers.rounds import answered, pinned, version
from handlers.societies import roster
from handlers.understanding.numerals import fold
from rubrics.awards import totals
from rubrics.model import Rubric, Section
from storage import queries, seats
from storage.relations import CATEGORY_SCORE, ENTRY, SOCIETY, Row

LINE = re.compile(r"^\s*(?P<whom>\D.*?)[\s:,，：]+(?P<numbers>\d[\d.\s,，、/]*)$")
NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,2})?")


def categories(rubric: Rubric) -> tuple[Section, ...]:
    """What the experts score: the parts that have printed points where the items have none."""
    if rubric.maximum is not None:
        return ()
    return tuple(one for one in rubric.sections if one.points is not None)


def sums(db: sa.Connection, round: Row) -> dict[str, Decimal]:
    """The total of every society whose categories all have points, by the rubric that each of them answers."""
    chosen = sa.select(ENTRY, SOCIETY.c.kind).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    entries = db.execute(chosen.where(ENTRY.c.round_id == round.id).order_by(ENTRY.c.society_id)).all()
    scores = _given(db, round)
    made: dict[str, Decimal] = {}
    for row in entries:
        if row.id in scores:
            parts = categories(pinned(db, version(round, row), row.kind))
            made |= totals({str(row.society_id): scores[row.id]}, [one.id for one in parts])
    return made


def _given(db: sa.Connection, round: Row) -> dict[int, dict[str, Decimal]]:
    """The newest points of every entry, by category."""
    joined = sa.select(CATEGORY_SCORE).join(ENTRY, ENTRY.c.id == CATEGORY_SCORE.c.entry_id)
    made: dict[int, dict[str, Decimal]] = {}
    for row in db.execute(joined.where(ENTRY.c.round_id == round.id).order_by(CATEGORY_SCORE.c.id)):
        made.setdefault(row.entry_id, {})[row.section] = row.points
    return made


def grade(office: Office, table: str) -> list[Reply]:
    """«评分 茶叶学会 22 13 9 30 12», one society a line; a line that is wrong stores nothing of the message."""
    parts = categories(pinned(office.db, office.round.rubric_sha256))
    if not parts:
        return [phrasebook().reply("grade_not_here", {})]
    read = [_line(office, line, parts) for line in fold(table).splitlines() if line.strip()]
    faults = [one["fault"] for one in read if "fault" in one]
    if faults:
        return [Reply(text) for text in pages(faults, phrasebook().text("grade_faults", {"parts": parts}))]
    told = [_store(office, one["society"], one["parts"], one["points"]) for one in read]
    awards = pinned(office.db, office.round.rubric_sha256).awards
    end = phrasebook().text("grade_end", {"receipt": office.receipt, "awards": awards})
    return [Reply(text) for text in pages([*told, end])]


def _line(office: Office, line: str, parts: tuple[Section, ...]) -> dict[str, Any]:
    match = LINE.match(line)
    found = roster.find(office.db, match["whom"].strip()) if match else []
    points = [Decimal(one) for one in NUMBER.findall(match["numbers"])] if match else []
    entry = _entry(office, found[0]) if len(found) == 1 else None
    if entry is not None:
        parts = categories(answered(office.db, office.round, entry))
    about = {"line": line, "found": len(found), "points": points, "parts": parts, "over": None}
    about["barred"] = len(found) == 1 and bool(judging.barred(office, found[0]))
    if not about["barred"] and len(found) == 1 and len(points) == len(parts):
        over = next((part for part, one in zip(parts, points, strict=True) if one > (part.points or 0)), None)
        if over is None and entry is not None:
            return {"society": found[0], "points": points, "parts": parts}
        about["over"] = over
    return {"fault": phrasebook().text("grade_fault", about)}


def _entry(office: Office, society: Row) -> Row | None:
    mine = (ENTRY.c.round_id == office.round.id, ENTRY.c.society_id == society.id)
    return office.db.execute(sa.select(ENTRY).where(*mine)).one_or_none()


def _store(office: Office, society: Row, parts: tuple[Section, ...], points: list[Decimal]) -> str:
    entry = seats.entry_of(office.db, office.round.id, society.id)
    trace = {"at": office.now, "person_id": office.actor.person_id, "receipt": office.receipt}
    rows = [
        {"entry_id": entry, "section": part.id, "points": one, **trace} for part, one in zip(parts, points, strict=True)
    ]
    office.db.execute(sa.insert(CATEGORY_SCORE), rows)
    where = {"round": office.round.id, "society": society.id, "receipt": office.receipt}
    queries.note_act(
        office.db, office.now, "graded", person=office.actor.person_id, **where, points=[f"{one:f}" for one in points]
    )
    return phrasebook().text("grade_line", {"society": society.name, "points": points, "total": sum(points)})


def names(db: sa.Connection) -> dict[int, str]:
    return {row.id: row.name for row in db.execute(sa.select(SOCIETY.c.id, SOCIETY.c.name))}
