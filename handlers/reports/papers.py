"""What each society owes and what of it is in, for the export: electronically and on stamped paper."""

from collections.abc import Mapping
from typing import Any

from handlers.papers.papers import Matrix
from handlers.reports.writing import Written


def deliverables(write: Written, found: Matrix, people: Mapping[int, str]) -> dict[str, Any]:
    """A line for each paper in each form, and whether all of it is in, in time."""
    lines = [
        {
            "id": due.paper.id,
            "title": due.paper.title,
            "form": due.form,
            "state": due.state,
            "at": write.moment(due.at),
            "by": people[due.by] if due.by is not None else None,
            "name": due.name,
            "sha256": due.sha256,
        }
        for due in found.dues
    ]
    return {"deliverables": lines, "all_in": found.all_in}
