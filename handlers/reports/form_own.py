"""The answers in the table that people already have: a society's own Word file, or the one that the office opened by."""

from collections.abc import Mapping
from functools import partial
from typing import Any, BinaryIO

from handlers.cleaning import clean
from handlers.phrasebook import points
from handlers.reports.formset import write_forms
from handlers.reports.snapshot import Snapshot
from handlers.reports.table import Line, lines
from rubrics.filled.layout import Said, filled
from storage import layouts
from storage.files import FileStore


def write_in_layout(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> None:
    """One society as a docx, several as a zip of them. Raises NoLayout where the file has no cell for every item, and
    Refused where it can't be read any more."""
    society = snapshot.societies[0].id if snapshot.own and snapshot.societies else None
    sha256 = layouts.of(snapshot.db, snapshot.round.id, society)
    assert sha256 is not None, "it was looked at before this was promised"
    given = store.path(sha256).read_bytes()
    one = partial(_write_one, snapshot, given)
    if len(snapshot.societies) > 1:
        write_forms(snapshot, one, out)
        return
    for entry in snapshot.entries():
        one(entry, out)


def _write_one(snapshot: Snapshot, given: bytes, entry: Mapping[str, Any], out: BinaryIO) -> None:
    rubric = snapshot.rubric_of(entry)
    said = {item.id: Said("", "") for item in rubric.items}  # a unit that owes no table answers nothing
    said |= {line.item.id: Said(_score(line), clean(line.basis)) for line in lines(rubric, entry)}
    out.write(filled(given, rubric, said, entry["claimed"] or ""))


def _score(line: Line) -> str:
    return "" if line.score is None else line.score if isinstance(line.score, str) else points(line.score)
