"""What the office decided about late input, for the export."""

from typing import Any

import sqlalchemy as sa

from handlers.late.lateness import decided_by
from handlers.reports.writing import Written
from storage.relations import Row


def late_decision(db: sa.Connection, write: Written, row: Row | None) -> dict[str, Any] | None:
    """The decision that holds now; None where there is none."""
    if row is None:
        return None
    return {"counts": row.counts, "by": decided_by(db, row), "at": write.moment(row.at), "reason": row.reason}
