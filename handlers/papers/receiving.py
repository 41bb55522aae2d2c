"""The office ticks papers that arrived, and takes a mistaken tick back; whoever answers for the society is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.notices.calling import Call, call, secretaries
from handlers.papers import papers
from handlers.papers.papers import ELECTRONIC, STAMPED, Matrix
from handlers.phrasebook import phrasebook
from handlers.rounds import closed, deadline, over, pinned
from rubrics.model import Rubric
from rubrics.programme import Deliverable
from rubrics.units import TABLE, answers_table, owed
from storage import queries, seats
from storage.relations import ENTRY, PAPER, ROUND, SOCIETY, SUBMISSION, Row


class NotTicked(Exception):
    """Nothing was ticked; `why` is the message that says so, and `about` what it speaks of."""

    def __init__(self, why: str, **about: Any) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


@dataclass(frozen=True)
class Arrival:
    """Papers of one society in one form that lie on the office's table; `late` None where nobody said."""

    round: Row
    society: Row
    papers: tuple[str, ...]
    form: str = STAMPED
    late: bool | None = None


@dataclass(frozen=True)
class Ticked:
    """What was stored, and who is told of it."""

    receipt: str
    titles: tuple[str, ...]
    already: tuple[str, ...]
    late: bool
    matrix: Matrix
    told: int


def tickable(rubric: Rubric, kind: str | None, form: str) -> tuple[Deliverable, ...]:
    """What the office may tick in this form: the table's electronic form is handed in by chat alone."""
    due = (paper for paper in owed(rubric, kind) if form in paper.forms)
    return tuple(paper for paper in due if form == STAMPED or paper.id != TABLE)


def tick(db: sa.Connection, arrival: Arrival, now: datetime, *, by: int | None) -> Ticked:
    """Store that these papers are in, and tell the society. Raises NotTicked."""
    wanted, entry = _looked_at(db, arrival)
    if arrival.late is None and (over(arrival.round, entry, now) or closed(arrival.round, entry)):
        zone = arrival.round.timezone
        closes = deadline(arrival.round, entry)
        raise NotTicked("papers_when", society=arrival.society.name, closes=closes, zone=zone, ways=())
    before = _found(db, arrival, entry)
    standing = {due.paper.id for due in before.dues if due.form == arrival.form and due.state != "missing"}
    new = [paper for paper in wanted if paper.id not in standing]
    already = tuple(paper.title for paper in wanted if paper.id in standing)
    if not new:
        raise NotTicked("papers_ticked_before", **_about(arrival, already))
    receipt = _store(db, arrival, entry, new, now, by=by)
    return _told(db, arrival, entry, new, receipt, now, already=already)


def untick(db: sa.Connection, arrival: Arrival, now: datetime, *, by: int | None) -> Ticked:
    """Take the office's own ticks back, and correct what the society was told. Raises NotTicked."""
    wanted, entry = _looked_at(db, arrival)
    ticked = _ticks(db, entry.id, arrival.form)
    mistaken = [paper for paper in wanted if paper.id in ticked]
    if not mistaken:
        raise NotTicked("papers_untick_none", **_about(arrival, tuple(paper.title for paper in wanted)))
    receipt = _store(db, arrival, entry, mistaken, now, by=by, withdrawn=True)
    return _told(db, arrival, entry, mistaken, receipt, now, withdrawn=True)


def _looked_at(db: sa.Connection, arrival: Arrival) -> tuple[list[Deliverable], Row]:
    """The papers meant, each of them owed, and the entry, locked until the turn ends."""
    rubric, kind = pinned(db, arrival.round.rubric_sha256), arrival.society.kind
    may = tickable(rubric, kind, arrival.form)
    strange = [paper.title for paper in rubric.deliverables if paper.id in arrival.papers and paper not in may]
    if strange or not may:
        about = {**_about(arrival, tuple(strange)), "electronic": arrival.form == ELECTRONIC}
        raise NotTicked("papers_not_owed", **about, owed=[paper.title for paper in may])
    id = seats.entry_of(db, arrival.round.id, arrival.society.id)
    entry = db.execute(sa.select(ENTRY).where(ENTRY.c.id == id).with_for_update()).one()
    return [paper for paper in may if paper.id in arrival.papers], entry


def _ticks(db: sa.Connection, entry: int, form: str) -> set[str]:
    """The papers that the office's ticks stand for now."""
    mine = (PAPER.c.entry_id == entry, PAPER.c.form == form, PAPER.c.sha256.is_(None))
    rows = db.execute(sa.select(PAPER.c.deliverable, PAPER.c.withdrawn).where(*mine).order_by(PAPER.c.id))
    newest = {row.deliverable: row.withdrawn for row in rows}
    return {paper for paper, withdrawn in newest.items() if not withdrawn}


def _found(db: sa.Connection, arrival: Arrival, entry: Row) -> Matrix:
    return papers.of_entry(db, pinned(db, arrival.round.rubric_sha256), arrival.society.kind, entry.id)


def _store(
    db: sa.Connection,
    arrival: Arrival,
    entry: Row,
    those: Sequence[Deliverable],
    now: datetime,
    *,
    by: int | None,
    withdrawn: bool = False,
) -> str:
    """One row for each paper, and a line in the record; the receipt."""
    number = db.scalar(sa.select(sa.func.count()).where(PAPER.c.entry_id == entry.id)) or 0
    receipt = f"P-{entry.id}-{number + 1}"
    standing = current(db, entry.id)
    for paper in those:
        row = {"deliverable": paper.id, "form": arrival.form, "withdrawn": withdrawn, "late": bool(arrival.late)}
        version = standing.id if standing and paper.id == TABLE else None
        trace = {"entry_id": entry.id, "submission_id": version, "at": now, "person_id": by, "receipt": receipt}
        db.execute(sa.insert(PAPER).values(**row, **trace, channel="", ordinal=0))
    at = {"person": by, "round": arrival.round.id, "society": arrival.society.id}
    act = "paper_unticked" if withdrawn else "paper_ticked"
    queries.note_act(db, now, act, **at, papers=[one.id for one in those], form=arrival.form, receipt=receipt)
    return receipt


def _told(
    db: sa.Connection,
    arrival: Arrival,
    entry: Row,
    those: Sequence[Deliverable],
    receipt: str,
    now: datetime,
    *,
    already: tuple[str, ...] = (),
    withdrawn: bool = False,
) -> Ticked:
    """Each of the society's people hears of it once."""
    found = _found(db, arrival, entry)
    rubric = pinned(db, arrival.round.rubric_sha256)
    if not answers_table(rubric, arrival.society.kind):
        state = papers.status(found)
        marks = {"status": state, "submitted_at": (entry.submitted_at or now) if state == "submitted" else None}
        db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(**marks))
    titles = tuple(paper.title for paper in those)
    owing = {"owing": papers.owing(found), "all_in": found.all_in, "late": bool(arrival.late)}
    about = {**_about(arrival, titles), **owing, "title": arrival.round.title}
    reply = phrasebook().reply("paper_mistaken" if withdrawn else "paper_arrived", about)
    people = secretaries(db, arrival.society.id)
    for person in people:
        call(db, person.id, Call(f"paper:{receipt}:{person.id}", "notice"), reply, now)
    return Ticked(receipt, titles, already, bool(arrival.late), found, len(people))


def _about(arrival: Arrival, titles: tuple[str, ...]) -> dict[str, Any]:
    form = phrasebook().text("paper_form", {"form": arrival.form})
    return {"society": arrival.society.name, "form": form, "titles": titles}


def submission(db: sa.Connection, id: int) -> tuple[Row, Row, Row] | None:
    """A submission with its round and society, for the code that its form carries."""
    found = db.execute(sa.select(SUBMISSION).where(SUBMISSION.c.id == id)).one_or_none()
    if found is None:
        return None
    entry = db.execute(sa.select(ENTRY).where(ENTRY.c.id == found.entry_id)).one()
    society = db.execute(sa.select(SOCIETY).where(SOCIETY.c.id == entry.society_id)).one()
    return found, db.execute(sa.select(ROUND).where(ROUND.c.id == entry.round_id)).one(), society


def current(db: sa.Connection, entry: int) -> Row | None:
    """The submission that stands: the newest in time that nobody took back, else the newest late one."""
    live = sa.select(SUBMISSION).where(SUBMISSION.c.entry_id == entry, SUBMISSION.c.withdrawn_at.is_(None))
    return db.execute(live.order_by(SUBMISSION.c.late, SUBMISSION.c.id.desc()).limit(1)).one_or_none()


def times(db: sa.Connection, submission: Row) -> int:
    """Which submission of its entry it was, the first being 1."""
    before = (SUBMISSION.c.entry_id == submission.entry_id, SUBMISSION.c.id <= submission.id)
    counted = sa.select(sa.func.count()).select_from(SUBMISSION).where(*before, SUBMISSION.c.late == submission.late)
    return int(db.scalar(counted) or 0)
