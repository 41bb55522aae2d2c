"""需复核 in words: which items the office has to look at again and why, listed, society by society."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from handlers.criteria.amending import item_ever
from handlers.messages import Reply
from handlers.office import Office
from handlers.review import judging, rechecks
from handlers.rounds import pinned
from rubrics.model import Rubric
from storage.relations import Row


def listed(office: Office) -> list[Reply]:
    """«需复核»: society by society, but none that this person is recused from."""
    rubric = pinned(office.db, office.round.rubric_sha256)
    rows = rechecks.of_round(office.db, office.round.id)
    lines = [
        _line(office.db, rubric, list(some))
        for (society, _), some in groupby(rows, key=lambda row: (row.society_id, row.cause))
        if office.actor.person_id not in judging.recused(office.db, office.round.id, society)
    ]
    items = sum(len(one["positions"]) for one in lines)
    return office.paged("recheck_list", "recheck_line", lines, title=office.round.title, items=items)


def _line(db: sa.Connection, rubric: Rubric, rows: Sequence[Row]) -> dict[str, Any]:
    positions = sorted(item_ever(db, rubric, row.item).position for row in rows)
    return {"row": rows[0], "positions": positions, "final": rows[0].finalized_at is not None}
