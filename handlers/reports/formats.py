"""Every form of the export, written from one snapshot into a file."""

import io
import json
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from handlers.reports.bundle import write_bundle
from handlers.reports.formset import write_forms
from handlers.reports.listing import write_listing
from handlers.reports.lists import write_lists
from handlers.reports.pdf import convert
from handlers.reports.snapshot import Snapshot
from storage.files import FileStore

MOST_IN_ONE = 300  # societies in one Word document; more of them are a zip of documents


def write(form: str, snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    """Write it, and how the file's name ends. Raises NoOffice and OfficeFailed for a PDF."""
    own = LISTS.get(form) if snapshot.rubric.kind == "list" else None
    return (own or WRITERS[form])(snapshot, store, out)


def _workbook(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    from handlers.reports.workbook import write_workbook

    write_workbook(snapshot, out)
    return "xlsx"


def _forms(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    from handlers.reports.form import write_form, write_one_form

    if len(snapshot.societies) > MOST_IN_ONE:
        write_forms(snapshot, partial(write_one_form, snapshot), out)
        return "zip"
    write_form(snapshot, out)
    return "docx"


def _in_layout(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    from handlers.reports.form_own import write_in_layout

    return write_in_layout(snapshot, store, out)


def _pdf(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    document = io.BytesIO()
    if _forms(snapshot, store, document) == "zip":
        out.write(document.getvalue())
        return "zip"
    out.write(convert(document.getvalue()))
    return "pdf"


def _bundle(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    write_bundle(snapshot, store, out)
    return "zip"


def _listing(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    write_listing(snapshot, text)
    text.detach()
    return "csv"


def _data(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    head = {"id": str(snapshot.round.id), "rubric": snapshot.round.rubric, "title": snapshot.round.title}
    whole = {"round": head, "entries": list(snapshot.entries())}
    out.write(json.dumps(whole, ensure_ascii=False, indent=1).encode())
    return "json"


def _cells(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    write_lists(snapshot.db, snapshot.round, text)
    text.detach()
    return "csv"


def _cell_sheets(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    from handlers.reports.workbook_lists import write_workbook

    write_workbook(snapshot.db, snapshot.round, out)
    return "xlsx"


def _cell_document(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> str:
    from handlers.reports.form_lists import write_document

    write_document(snapshot.db, snapshot.round, out)
    return "docx"


# A printed list is no questionnaire: its cells go out as they are.
LISTS: dict[str, Callable[[Snapshot, FileStore, BinaryIO], str]] = {
    "csv": _cells,
    "xlsx": _cell_sheets,
    "docx": _cell_document,
}
WRITERS: dict[str, Callable[[Snapshot, FileStore, BinaryIO], str]] = {
    "xlsx": _workbook,
    "docx": _forms,
    "layout": _in_layout,  # the table that somebody brought, filled in
    "pdf": _pdf,
    "zip": _bundle,
    "csv": _listing,
    "json": _data,
}
