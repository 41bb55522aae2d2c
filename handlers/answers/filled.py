"""Her own Word table among what she sends: read before the turn begins, so that no lock waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.messages import Incoming
from rubrics.filled.reading import rows_of
from rubrics.filled.rows import FilledRow
from rubrics.importing.findings import Finding, Refused
from storage.files import FileStore

OLD = ("doc", "wps", "xls", "xlsx", "et", "pdf")  # of a table she might mean these, and they are not read


@dataclass(frozen=True)
class Brought:
    """The one file of a message, if it is a Word table: its rows, or in a sentence why it was not read."""

    file: Incoming
    rows: tuple[FilledRow, ...] = ()
    unread: str = ""


def look(store: FileStore, files: Sequence[Incoming]) -> Brought | None:
    """What a message that brings a single document brings."""
    if len(files) != 1:
        return None
    (file,) = files
    if file.kind in OLD:
        return Brought(file, unread=Finding(_refusal(file.kind)).said)
    if file.kind != "docx":
        return None
    try:
        return Brought(file, tuple(rows_of(store.path(file.sha256))))
    except Refused as refused:
        return Brought(file, unread=str(refused))


def _refusal(kind: str) -> str:
    return {"pdf": "is_pdf", "xlsx": "is_sheet"}.get(kind, "is_old")
