"""A table of criteria that an officer brought: its file, the decisions that stand, and the rubric they make of it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from handlers.societies.registrar import Registrar
from rubrics.faults import Fault, Faulty
from rubrics.importing.correcting import Correction
from rubrics.importing.draft import Draft
from rubrics.importing.tables import Imported, imported
from rubrics.model import Rubric
from rubrics.reading import decoded, read
from storage.files import FileStore
from storage.relations import RUBRIC_CORRECTION, RUBRIC_DRAFT, Row

RUBRIC_FILES = ("yaml", "yml")


@dataclass(frozen=True)
class Own:
    """A table as it reads now. `found` is None for a rubric file; `rubric` is None while anything is open in it."""

    row: Row
    text: str
    rubric: Rubric | None
    faults: tuple[Fault, ...] = ()
    found: Imported | None = None

    @property
    def draft(self) -> Draft | None:
        return self.found.draft if self.found else None

    @property
    def title(self) -> str:
        title = self.rubric.title if self.rubric else self.draft.title if self.draft else None
        return title or str(self.row.name).rpartition(".")[0]

    @property
    def ready(self) -> bool:
        """Whether a round can be opened on it: nothing is open."""
        return self.rubric is not None


def kept(registrar: Registrar, file: dict[str, Any]) -> Row:
    """Keep a file as a table that is being made ready."""
    suffix = file["name"].rpartition(".")[2].lower()
    values = {
        "person_id": registrar.actor.person_id,
        "sha256": file["sha256"],
        "name": file["name"],
        "kind": "yaml" if suffix in RUBRIC_FILES else "table",
        "at": registrar.now,
        "receipt": registrar.receipt,
    }
    insert = sa.insert(RUBRIC_DRAFT).values(**values)
    return registrar.db.execute(insert.returning(RUBRIC_DRAFT)).one()


def current(db: sa.Connection, person: int) -> Row | None:
    """The newest table that no round uses yet: hers before a colleague's."""
    chosen = sa.select(RUBRIC_DRAFT).where(RUBRIC_DRAFT.c.round_id.is_(None))
    hers = sa.case((RUBRIC_DRAFT.c.person_id == person, 0), else_=1)
    return db.execute(chosen.order_by(hers, RUBRIC_DRAFT.c.id.desc()).limit(1)).one_or_none()


def numbered(db: sa.Connection, id: int) -> Row:
    return db.execute(sa.select(RUBRIC_DRAFT).where(RUBRIC_DRAFT.c.id == id)).one()


def newest(db: sa.Connection, most: int) -> list[Row]:
    """The tables brought last, the newest first."""
    return list(db.execute(sa.select(RUBRIC_DRAFT).order_by(RUBRIC_DRAFT.c.id.desc()).limit(most)))


def own(db: sa.Connection, store: FileStore, row: Row) -> Own:
    """The table with all that was decided of it. Raises Refused where its file can't be read."""
    path = store.path(row.sha256)
    if row.kind == "yaml":
        return Own(row, *_rubric_file(path, row.name))
    made = tuple(Correction(one.place, one.field, one.new) for one in corrections(db, row.id))
    found = _imported(path, row.name, f"own-{row.id}", made)
    if not found.complete:
        return Own(row, found.text, None, found=found)
    rubric, faults = _read(found.text, row.name)
    return Own(row, found.text, rubric, faults, found)


@lru_cache(maxsize=16)
def _imported(path: Path, name: str, id: str, made: tuple[Correction, ...]) -> Imported:
    """A blob never changes under its name; what is read of it is looked at only."""
    return imported(path.read_bytes(), file=name, id=id, corrections=made)


@lru_cache(maxsize=16)
def _rubric_file(path: Path, name: str) -> tuple[str, Rubric | None, tuple[Fault, ...]]:
    try:
        text = decoded(path.read_bytes(), name)
    except Faulty as faulty:
        return "", None, faulty.faults
    return text, *_read(text, name)


def _read(text: str, name: str) -> tuple[Rubric | None, tuple[Fault, ...]]:
    try:
        return read(text, name), ()
    except Faulty as faulty:
        return None, faulty.faults


def corrections(db: sa.Connection, draft: int) -> list[Row]:
    """The decisions that stand, in their order."""
    mine = (RUBRIC_CORRECTION.c.draft_id == draft, RUBRIC_CORRECTION.c.withdrawn_at.is_(None))
    return list(db.execute(sa.select(RUBRIC_CORRECTION).where(*mine).order_by(RUBRIC_CORRECTION.c.id)))


def decide(registrar: Registrar, draft: int, correction: Correction, old: str) -> None:
    """One more decision, with what stood there before."""
    what = {"place": correction.place, "field": correction.field, "old": old, "new": correction.value}
    trace = {"person_id": registrar.actor.person_id, "at": registrar.now, "receipt": registrar.receipt}
    registrar.db.execute(sa.insert(RUBRIC_CORRECTION).values(draft_id=draft, **what, **trace))


def take_back(registrar: Registrar, draft: int) -> Row | None:
    """Withdraw the latest decision, with what it needed and what was decided with it; None where there is none."""
    made = corrections(registrar.db, draft)
    if not made:
        return None
    latest = sa.update(RUBRIC_CORRECTION).where(
        RUBRIC_CORRECTION.c.draft_id == draft, RUBRIC_CORRECTION.c.receipt == made[-1].receipt
    )
    registrar.db.execute(latest.values(withdrawn_at=registrar.now))
    return made[-1]


def used(db: sa.Connection, draft: int, round: int) -> None:
    """A round was opened or changed by it."""
    db.execute(sa.update(RUBRIC_DRAFT).where(RUBRIC_DRAFT.c.id == draft).values(round_id=round))
