"""Exports that were asked for in the chat: written from one snapshot, kept as a handout; a long one says how far it is."""

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers.looking.templates import of_round
from handlers.phrasebook import phrasebook
from handlers.reports.filenames import safe
from handlers.reports.formats import Job, made, write
from handlers.reports.snapshot import Snapshot
from handlers.review import judging
from handlers.societies import people
from storage.database import Database
from storage.files import Blob, FileStore
from storage.relations import ROUND, SOCIETY

SAID_EVERY = 20.0  # seconds


@dataclass
class Telling:
    """Says how far a long work is, and not too often."""

    say: Callable[[int, int], object]
    last: float = field(default_factory=time.monotonic)

    def __call__(self, done: int, total: int) -> None:
        if done < total and time.monotonic() - self.last >= SAID_EVERY:
            self.last = time.monotonic()
            self.say(done, total)


class Demoted(Exception):
    """Since it was asked for, who asked has ceased to be an officer."""


class Barred(Exception):
    """Since it was asked for, who asked has been recused from all that it would show."""


@dataclass(frozen=True)
class Made:
    name: str
    kind: str
    blob: Blob
    template: str | None  # the name of the office's own that it was filled into
    left_out: int = 0  # items whose basis has no column in a table that was brought


def make(
    db: Database, store: FileStore, wanted: Mapping[str, Any], now: datetime, say: Callable[[int, int], object]
) -> Made:
    """The file that was asked for. The text of a society that has not handed in stays with it (design §4 R10), unless
    it asked itself; and nobody of the office gets those that she is recused from, at the moment of making."""
    with db.read() as connection, tempfile.TemporaryFile() as file:
        round = connection.execute(sa.select(ROUND).where(ROUND.c.id == wanted["round"])).one()
        only = wanted["societies"]
        own, by = wanted["own"], wanted.get("by")
        if not own and by is not None and people.left_office(connection, by):
            raise Demoted
        barred = set() if own else judging.avoided(connection, round.id, by)
        whose: dict[str, Any] = {"only": only, "without": barred, "veiled": not own, "own": own}
        snapshot = Snapshot(connection, round, now, **whose, progress=Telling(say))
        if only and not snapshot.societies:
            raise Barred
        own_template = of_round(connection, round.id) if wanted["form"] in ("docx", "pdf") else None
        given = store.path(own_template.sha256).read_bytes() if own_template else None
        job = Job(wanted["form"], snapshot, store, file, given)
        kind = made(job)
        unplaced = write(job)
        file.seek(0)
        blob = store.put(file)
        alone = only[0] if only is not None and len(only) == 1 else None
        society = connection.scalar(sa.select(SOCIETY.c.name).where(SOCIETY.c.id == alone)) if alone else None
    at = f"{now.astimezone(ZoneInfo(round.timezone)):%m%d-%H%M}"
    about = {"title": round.title, "society": society, "at": at, "sample": wanted["form"] == "sample"}
    stem = phrasebook().text("export_name", about)
    return Made(
        f"{safe(stem, 'export')}.{kind}",
        kind,
        blob,
        own_template.name if own_template else None,
        unplaced if wanted["form"] == "layout" else 0,
    )
