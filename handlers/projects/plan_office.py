"""The office in a round on a work plan: how much was noted on which key point and by whom; the words stay the society's."""

from collections import Counter
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.projects import keynoted
from handlers.rounds import pinned
from handlers.screenful import screenful
from handlers.understanding.intents import Plain, Tell
from handlers.understanding.lexicon import lexicon
from handlers.understanding.spoken import spoken
from rubrics.model import Rubric
from storage.relations import ENTRY, SOCIETY

LOOKS = (Tell("progress"), Plain("staff_progress"), Tell("missing"))
FIRST = 8  # names of societies in one line


def hear(office: Office, words: str, waiting: dict[str, Any] | None) -> list[Reply] | None:
    """What is said about key points; None where it is about something else."""
    plan = pinned(office.db, office.round.rubric_sha256)
    said = spoken("points", words)
    if lexicon().command(words) in LOOKS or (said and said[0] == "all"):
        return overview(office, plan)
    if (lexicon().staff_command(words) or ("",))[0] == "progress_list":
        return [phrasebook().reply("staff_nothing_due", {"title": office.round.title}), *overview(office, plan)]
    return look(office, plan, said[1][0]) if said and said[0] == "look" else None


def overview(office: Office, plan: Rubric) -> list[Reply]:
    """«进度», «要点»: nothing is scored and nothing is due; how many noted something, and on what nobody did."""
    noted = _noted(office)
    by_point = Counter(point for points in noted.values() for point in points)
    lines = [
        phrasebook().text(
            "plan_section",
            {"section": section, "points": [(one, by_point[one.id]) for one in section.items]},
        )
        for section in plan.sections
    ]
    about = {"title": office.round.title, "joined": len(noted), "noted": sum(bool(one) for one in noted.values())}
    return screenful("plan_progress", "plan_progress_end", lines, {**about, "notes": by_point.total()})


def look(office: Office, plan: Rubric, no: str) -> list[Reply]:
    """«要点3»: who noted how much on it."""
    point = plan.numbered(no)
    if point is None:
        return [phrasebook().reply("no_point", {"said": no, "count": len(plan.items)})]
    counts = [(society, points[point.id]) for society, points in _noted(office).items() if points[point.id]]
    about = {"point": point, "counts": counts[:FIRST], "more": max(len(counts) - FIRST, 0), "count": len(counts)}
    return [phrasebook().reply("plan_point", about)]


def _noted(office: Office) -> dict[str, Counter[str]]:
    """Every society of the round with how many notes it has on each point."""
    joined = sa.select(ENTRY.c.id, SOCIETY.c.name).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    rows = office.db.execute(joined.where(ENTRY.c.round_id == office.round.id).order_by(SOCIETY.c.id)).all()
    return {row.name: Counter(note.point for note in keynoted.standing(office.db, row.id)) for row in rows}
