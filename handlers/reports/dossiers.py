"""What came with a society's applications, in folders: each project's report, the papers, and the proof of conditions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from handlers.looking.consent import live
from handlers.phrasebook import phrasebook
from handlers.projects import applications
from handlers.reports.snapshot import UNSEEN
from handlers.reports.writing import Written
from rubrics.model import Rubric
from rubrics.projects import numbered
from storage import queries
from storage.relations import ENTRY, PAPER, SOCIETY, Row

Pieces = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Folder:
    """What the zip has one folder for, by the number that people know it by."""

    id: str
    no: str
    name: str
    position: int = 0


@cache
def _numbers() -> Mapping[str, str]:
    return dict(line.split(" ", 1) for line in phrasebook().text("bundle_folder_numbers", {}).splitlines())


def folders(
    db: sa.Connection, round: Row, rubric: Rubric, entry: Mapping[str, Any], *, veiled: bool
) -> list[tuple[Folder, Pieces]]:
    """Every folder of one society: reports always, the rest once it is handed in, or while
    the society consents, where the looker is `veiled`."""
    mine = sa.select(ENTRY.c.id, ENTRY.c.society_id).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    row = db.execute(mine.where(ENTRY.c.round_id == round.id, SOCIETY.c.name == entry["society"])).one_or_none()
    if row is None:
        return []
    id = row.id
    write = Written(round, rubric)
    found = _reports(db, write, id)
    hidden = veiled and entry["status"] in UNSEEN and live(db, round.id, row.society_id) is None
    return found if hidden else [*found, *_papers(db, write, id), *_proofs(db, write, id)]


def _reports(db: sa.Connection, write: Written, entry: int) -> list[tuple[Folder, Pieces]]:
    came = applications.reports(db, entry)
    return [
        (Folder(section.id, number, section.title), [_piece(write, row) for row in came if row.project == section.id])
        for number, section, is_one in numbered(write.rubric)
        if is_one and any(row.project == section.id for row in came)
    ]


def _papers(db: sa.Connection, write: Written, entry: int) -> list[tuple[Folder, Pieces]]:
    handed = sa.select(PAPER).where(PAPER.c.entry_id == entry, PAPER.c.sha256.is_not(None)).order_by(PAPER.c.id)
    rows = list(db.execute(handed))
    return [
        (
            Folder(paper.id, _numbers()["papers"], paper.title),
            [_piece(write, row) for row in rows if row.deliverable == paper.id],
        )
        for paper in write.rubric.deliverables
        if any(row.deliverable == paper.id for row in rows)
    ]


def _proofs(db: sa.Connection, write: Written, entry: int) -> list[tuple[Folder, Pieces]]:
    asked = {row.item for row in queries.answers(db, entry)}
    rows = queries.pieces(db, entry, asked)
    return [
        (Folder(one.id, _numbers()["facts"], one.text), [_piece(write, row) for row in rows if row.item == one.id])
        for one in write.rubric.asked()
        if any(row.item == one.id for row in rows)
    ]


def _piece(write: Written, row: Any) -> dict[str, Any]:
    kind = getattr(row, "kind", "file")
    return {
        "kind": ("file" if row.sha256 else "text") if kind == "report" else kind,
        "text": getattr(row, "text", ""),
        "name": row.name,
        "sha256": row.sha256,
        "late": row.late,
        "at": write.moment(row.at),
        "receipt": row.receipt,
    }
