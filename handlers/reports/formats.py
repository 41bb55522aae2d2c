"""Every form of the export, written from one snapshot into a file: the one wiring of all of them."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from handlers.reports.bundle import write_bundle
from handlers.reports.endings import LISTED, MOST_IN_ONE, ending
from handlers.reports.exporting import export
from handlers.reports.formset import OneForm, write_forms
from handlers.reports.listing import write_listing
from handlers.reports.lists import write_lists
from handlers.reports.pdf import convert
from handlers.reports.snapshot import Snapshot
from handlers.reports.volumes import Volume, write_zipped
from storage.files import FileStore


@dataclass(frozen=True)
class Job:
    """What is written, and where."""

    form: str  # a key of WRITERS
    snapshot: Snapshot
    store: FileStore
    out: BinaryIO
    template: bytes | None = None  # a Word document of the office's own instead of the official one
    volume: Volume | None = None  # takes the volumes of a workbook that is too large for one; None: they are zipped

    @property
    def listed(self) -> bool:
        """A printed list is no questionnaire: its cells go out as they are."""
        return self.snapshot.rubric.kind == "list" and self.form in LISTED


def write(job: Job) -> int:
    """Write it; how many pieces of evidence were not as they should be. Raises BadTemplate, and for a PDF NoOffice and
    OfficeFailed."""
    return (LISTS[job.form] if job.listed else WRITERS[job.form])(job) or 0


def made(job: Job) -> str:
    """How the name of what this job writes ends."""
    count, own, volumes = len(job.snapshot.societies), job.template is not None, job.volume is not None
    layout = job.snapshot.layout if job.form == "layout" else None
    about = {"layout": layout.kind} if layout else {}
    return ending(job.form, count, own=own, volumes=volumes, listed=job.listed, **about)


def _workbook(job: Job) -> None:
    from handlers.reports.workbook import write_volumes, write_workbook

    if len(job.snapshot.societies) <= MOST_IN_ONE:
        write_workbook(job.snapshot, job.out)
    elif job.volume is not None:
        write_volumes(job.snapshot, job.out, job.volume)
    else:
        write_zipped(job.snapshot, job.out, partial(write_volumes, job.snapshot))


def _document(job: Job, *, bookmarked: bool = False) -> None:
    """A Word document; where it would be too much for one, a zip of one for each society."""
    from handlers.reports.form import write_form

    if made(job) == "zip":
        _forms(job)
    elif job.template is None:
        write_form(job.snapshot, job.out, bookmarked=bookmarked)
    else:
        for entry in job.snapshot.entries():
            _one_form(job)(entry, job.out)


def _in_layout(job: Job) -> int:
    from handlers.reports.form_own import write_in_layout

    return write_in_layout(job.snapshot, job.store, job.out)


def _forms(job: Job) -> None:
    write_forms(job.snapshot, _one_form(job), job.out)


def _one_form(job: Job) -> OneForm:
    if job.template is None:
        from handlers.reports.form import write_one_form

        return partial(write_one_form, job.snapshot)
    from handlers.reports.owntemplate import write_own

    return partial(write_own, job.snapshot, template=job.template)


def _pdf(job: Job) -> None:
    if made(job) == "zip":
        _forms(job)
    else:
        job.out.write(convert(_held(partial(_document, bookmarked=True), job)))


def _sample(job: Job) -> None:
    from handlers.reports.formsample import write_sample

    write_sample(job.out)


def _held(write: Callable[[Job], None], job: Job) -> bytes:
    held = io.BytesIO()
    write(Job("docx", job.snapshot, job.store, held, job.template))
    return held.getvalue()


def _listing(job: Job) -> None:
    text = io.TextIOWrapper(job.out, encoding="utf-8", newline="")
    write_listing(job.snapshot, text)
    text.detach()


def _data(job: Job) -> None:
    """The whole round as contract.md has it; in the chat what may be seen there of its entries."""
    snapshot = job.snapshot
    if snapshot.veiled or snapshot.own:
        head = {"id": str(snapshot.round.id), "rubric": snapshot.round.rubric, "title": snapshot.round.title}
        whole = {"round": head, "entries": list(snapshot.entries())}
    else:
        alone = snapshot.societies[0].id if snapshot.alone else None
        whole = export(snapshot.db, snapshot.round, society=alone)
    job.out.write(json.dumps(whole, ensure_ascii=False, indent=1).encode())


def _cells(job: Job) -> None:
    text = io.TextIOWrapper(job.out, encoding="utf-8", newline="")
    write_lists(job.snapshot.db, job.snapshot.round, text)
    text.detach()


def _cell_sheets(job: Job) -> None:
    from handlers.reports.workbook_lists import write_workbook

    write_workbook(job.snapshot.db, job.snapshot.round, job.out)


def _cell_document(job: Job) -> None:
    from handlers.reports.form_lists import write_document

    write_document(job.snapshot.db, job.snapshot.round, job.out)


def _cell_pdf(job: Job) -> None:
    job.out.write(convert(_held(_cell_document, job)))


Writer = Callable[[Job], int | None]
LISTS: dict[str, Writer] = {
    "csv": _cells,
    "xlsx": _cell_sheets,
    "docx": _cell_document,
    "pdf": _cell_pdf,
}
WRITERS: dict[str, Writer] = {
    "xlsx": _workbook,
    "docx": _document,
    "forms": _forms,
    "layout": _in_layout,  # the table that somebody brought, filled in
    "pdf": _pdf,
    "zip": lambda job: write_bundle(job.snapshot, job.store, job.out),
    "csv": _listing,
    "json": _data,
    "sample": _sample,
}
