"""Every paper that a society owes, in each of its forms: in, late or missing, since when and by whom."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.phrasebook import pages, phrasebook
from handlers.rounds import pinned
from rubrics.model import Rubric
from rubrics.programme import Deliverable
from rubrics.units import TABLE, answers_table, owed
from storage.relations import ENTRY, PAPER, SOCIETY, SUBMISSION, Row

ELECTRONIC = "electronic"
STAMPED = "stamped_paper"


@dataclass(frozen=True)
class Due:
    """One paper in one form. `old` counts what came in and no longer stands: a print of an earlier submission."""

    paper: Deliverable
    form: str
    state: str = "missing"  # in | late | missing
    at: datetime | None = None
    by: int | None = None
    name: str | None = None
    sha256: str | None = None
    old: bool = False


@dataclass(frozen=True)
class Matrix:
    """What a society owes and what of it is there."""

    dues: tuple[Due, ...]
    submitted: bool  # the table, or there is none to submit

    @property
    def all_in(self) -> bool:
        return self.submitted and all(due.state == "in" for due in self.dues)

    def missing(self, form: str) -> tuple[Due, ...]:
        return tuple(due for due in self.dues if due.form == form and due.state == "missing")

    @property
    def awaits_files(self) -> bool:
        return any(due.state == "missing" for due in self.electronic())

    def electronic(self) -> tuple[Due, ...]:
        """The electronic papers that are files, not the table itself."""
        return tuple(due for due in self.dues if due.form == ELECTRONIC and due.paper.id != TABLE)


def matrix(rubric: Rubric, kind: str | None, papers: Sequence[Row], submissions: Sequence[Row]) -> Matrix:
    """The fold of what came in; `papers` and the submissions that nobody took back, each in their order."""
    live: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in papers:
        at = (row.deliverable, row.form)
        if row.withdrawn:
            live[at] = [one for one in live[at] if one.sha256 is not None]
        else:
            live[at].append(row)
    handed_in = next((row for row in reversed(submissions) if not row.late), None)
    current = handed_in or next(reversed(submissions), None)
    dues: list[Due] = []
    for paper in owed(rubric, kind):
        for form in paper.forms:
            if paper.id == TABLE and form == ELECTRONIC:
                dues.append(_table(paper, current))
            else:
                dues.append(_due(paper, form, live[paper.id, form], current))
    return Matrix(tuple(dues), handed_in is not None or not answers_table(rubric, kind))


def _table(paper: Deliverable, current: Row | None) -> Due:
    if current is None:
        return Due(paper, ELECTRONIC)
    return Due(paper, ELECTRONIC, "late" if current.late else "in", current.at, current.person_id)


def _due(paper: Deliverable, form: str, came: Sequence[Row], current: Row | None) -> Due:
    """The newest that was in time, else the newest; a print of another submission than the current one is none."""
    standing = [row for row in came if paper.id != TABLE or _of_current(row, current)]
    if not standing:
        return Due(paper, form, old=bool(came))
    best = next((row for row in reversed(standing) if not row.late), standing[-1])
    return Due(paper, form, "late" if best.late else "in", best.at, best.person_id, best.name, best.sha256)


def _of_current(row: Row, current: Row | None) -> bool:
    return row.submission_id is None or (current is not None and row.submission_id == current.id)


def of_entry(db: sa.Connection, rubric: Rubric, kind: str | None, entry: int | None) -> Matrix:
    """The papers of one entry; of a society that has none yet everything is missing."""
    found = of_entries(db, [entry]) if entry is not None else {}
    return matrix(rubric, kind, *found.get(entry or 0, ((), ())))


def of_entries(db: sa.Connection, entries: Iterable[int]) -> dict[int, tuple[list[Row], list[Row]]]:
    """What came in and what was submitted, of several entries at once."""
    found: dict[int, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    ids = list(entries)
    for row in db.execute(sa.select(PAPER).where(PAPER.c.entry_id.in_(ids)).order_by(PAPER.c.id)):
        found[row.entry_id][0].append(row)
    handed_in = sa.select(SUBMISSION).where(SUBMISSION.c.entry_id.in_(ids), SUBMISSION.c.withdrawn_at.is_(None))
    for row in db.execute(handed_in.order_by(SUBMISSION.c.id)):
        found[row.entry_id][1].append(row)
    return found


def of_round(db: sa.Connection, round: Row) -> list[tuple[Row, Matrix]]:
    """Every society of the roster with its papers in this round."""
    entries = {row.society_id: row.id for row in db.execute(sa.select(ENTRY).where(ENTRY.c.round_id == round.id))}
    came = of_entries(db, entries.values())
    rubric = pinned(db, round.rubric_sha256)
    rows = db.execute(sa.select(SOCIETY).order_by(SOCIETY.c.id)).all()
    return [(row, matrix(rubric, row.kind, *came.get(entries.get(row.id, 0), ((), ())))) for row in rows]


def status(found: Matrix) -> str:
    """How far a unit is that has no table to hand in: its files say so."""
    if all(due.state == "in" for due in found.electronic()):
        return "submitted"
    return "in_progress" if any(due.state != "missing" for due in found.dues) else "not_started"


def shown(found: Matrix, name: str, end: str, about: dict[str, Any]) -> list[Reply]:
    """The matrix, a line for each paper, between the head and the end of that name."""
    lines = [phrasebook().text("paper_line", {**about, "title": title, "dues": dues}) for title, dues in _rows(found)]
    last = phrasebook().text(end, {**about, "all_in": found.all_in, "matrix": found})
    texts = pages([*lines, last], phrasebook().text(name, about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices(name, about))]


def _rows(found: Matrix) -> list[tuple[str, list[Due]]]:
    rows: dict[str, list[Due]] = defaultdict(list)
    for due in found.dues:
        rows[due.paper.title].append(due)
    return list(rows.items())


def owing(found: Matrix) -> str:
    """What is still owed, in one short line; nothing where all is in."""
    forms = {"electronic": found.missing(ELECTRONIC), "stamped": found.missing(STAMPED)}
    return phrasebook().text("papers_owing", forms) if any(forms.values()) else ""
