"""What a society noted on the key points of a work plan, in the export."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from handlers.projects.keynoted import standing
from handlers.reports.writing import Written
from storage.relations import Row


def noted(db: sa.Connection, write: Written, entry: Row | None, people: Mapping[int, str]) -> dict[str, Any]:
    """The key `key_notes` of an entry that has any."""
    if entry is None:
        return {}
    rows = standing(db, entry.id)
    made = [
        {
            "plan": row.plan,
            "point": row.point,
            "text": row.text,
            "at": write.moment(row.at),
            "by": people[row.person_id],
            "receipt": row.receipt,
        }
        for row in rows
    ]
    return {"key_notes": made} if made else {}
