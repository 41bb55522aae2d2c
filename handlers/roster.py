"""The list of societies: read from a sheet or a CSV, added by name, found again by name."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from python_calamine import CalamineError, CalamineWorkbook

from storage.queries import SOCIETY, Row

HEADINGS = ("学会名称", "单位名称", "社会组织名称", "组织名称", "名称", "学会", "单位", "社团名称", "协会名称")
LONGEST_NAME = 100


class Unreadable(Exception):
    """No list of societies can be read from this file; `why` is the message that says so."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Roster:
    names: tuple[str, ...]
    repeated: tuple[str, ...]  # named more than once; kept once
    column: str  # the heading under which the names were found


def read_roster(data: bytes, name: str) -> Roster:
    """The societies in an .xlsx, .xls, .ods or .csv. Raises Unreadable."""
    rows = _sheet(data) if not name.lower().endswith((".csv", ".txt")) else _csv(data)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if re.sub(r"\s", "", cell) in HEADINGS:
                return _roster((one[column] for one in rows[number + 1 :] if column < len(one)), cell.strip())
    raise Unreadable("roster_no_column")


def _roster(cells: Iterable[str], column: str) -> Roster:
    found: dict[str, int] = {}
    for cell in cells:
        if name := " ".join(cell.split()):
            found[name[:LONGEST_NAME]] = found.get(name, 0) + 1
    return Roster(tuple(found), tuple(name for name, times in found.items() if times > 1), column)


def _sheet(data: bytes) -> list[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python()
    except (CalamineError, ValueError, IndexError):
        raise Unreadable("roster_not_a_sheet") from None
    return [[_cell(one) for one in row] for row in rows]


def _cell(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _csv(data: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))
        except (UnicodeDecodeError, csv.Error):
            continue
    raise Unreadable("roster_not_text")


def add_society(db: sa.Connection, name: str, now: datetime, *, kind: str | None = None) -> bool:
    """Add a society by its full name; False where it is there already. The name is kept as it is written."""
    known = db.execute(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == name)).all()
    if not known:
        db.execute(sa.insert(SOCIETY).values(name=name, kind=kind, created_at=now))
    return not known


def societies(db: sa.Connection) -> list[Row]:
    return list(db.execute(sa.select(SOCIETY).order_by(SOCIETY.c.id)))


def find(db: sa.Connection, said: str) -> list[Row]:
    """The society of exactly that name, else all whose name contains it: never acted on unless it is one."""
    exact = list(db.execute(sa.select(SOCIETY).where(SOCIETY.c.name == said)))
    return exact or [row for row in societies(db) if said in row.name]
