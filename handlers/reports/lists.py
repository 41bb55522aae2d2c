"""A round's lists for the export: the printed cells byte by byte with the edits, as CSV and as data."""

import csv
from collections.abc import Iterator
from typing import Any, TextIO

import sqlalchemy as sa

from handlers.projects.printed_lists import listings
from handlers.reports.celltext import guarded
from handlers.reports.writing import Written
from handlers.rounds import pinned
from storage.relations import CELL_EDIT, PERSON, Row


def tables(db: sa.Connection, round: Row) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Each list: its title, and its rows with the heads first, in the order of printing."""
    for one in listings(db, round.id, pinned(db, round.rubric_sha256)):
        yield one.table.title, [one.table.columns, *one.standing]


def write_lists(db: sa.Connection, round: Row, out: TextIO) -> None:
    """RFC 4180, each list below its title; cells as they are but for what a spreadsheet could run."""
    out.write("\ufeff")
    writer = csv.writer(out)
    for title, rows in tables(db, round):
        writer.writerow([title])
        writer.writerows([guarded(cell) for cell in row] for row in rows)
        writer.writerow([])


def listed(db: sa.Connection, write: Written) -> dict[str, Any]:
    """The key `tables` of the export, for a round of lists only."""
    if write.rubric.kind != "list":
        return {}
    joined = sa.select(CELL_EDIT, PERSON.c.name.label("by")).join(PERSON, PERSON.c.id == CELL_EDIT.c.person_id)
    rows = db.execute(joined.where(CELL_EDIT.c.round_id == write.round.id).order_by(CELL_EDIT.c.id)).all()
    return {
        "tables": [
            {
                "id": one.table.id,
                "title": one.table.title,
                "columns": list(one.table.columns),
                "rows": [list(row) for row in one.standing],
                "edits": [_edit(write, row) for row in rows if row.listing == one.table.id],
            }
            for one in listings(db, write.round.id, write.rubric)
        ]
    }


def _edit(write: Written, row: Row) -> dict[str, Any]:
    about = {"row": row.row, "column": row.column, "old": row.old, "new": row.new}
    return {**about, "at": write.moment(row.at), "by": row.by, "receipt": row.receipt}
