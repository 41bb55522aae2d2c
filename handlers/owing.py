"""Who has handed in and still owes papers: the only ones that are reminded after handing in."""

from collections.abc import Mapping

import sqlalchemy as sa

from handlers import papers
from handlers.rounds import pinned
from storage.queries import Row


def owing(db: sa.Connection, round: Row, handed_in: Mapping[int, str | None]) -> set[int]:
    """Of these entries (with their kinds of unit) those that a paper is missing of, in whatever form."""
    if not handed_in:
        return set()
    came, rubric = papers.of_entries(db, handed_in), pinned(db, round.rubric_sha256)
    return {
        entry
        for entry, kind in handed_in.items()
        if any(due.state == "missing" for due in papers.matrix(rubric, kind, *came.get(entry, ((), ()))).dues)
    }
