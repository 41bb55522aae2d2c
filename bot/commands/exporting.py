"""export: a round, or one society in it, as a file that is there whole or not at all."""

import io
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO

import sqlalchemy as sa
import typer

from bot.commands.desk import InRound, Stop, house, one_society, round_row, words
from bot.house import House
from handlers.reports.bundle import write_bundle
from handlers.reports.exporting import export as exported
from handlers.reports.formats import LISTS
from handlers.reports.formset import write_forms
from handlers.reports.listing import write_listing
from handlers.reports.pdf import NoOffice, OfficeFailed, convert, soffice
from handlers.reports.snapshot import MOST_IN_ONE, Snapshot
from storage.queries import Row

FORMATS = ("xlsx", "docx", "json", "csv", "zip")
ON_SCREEN = ("json", "csv")
SAID_FROM = 50  # societies: less is done before one could read how far it is
OTHER_FILES = 200  # that the process has open besides


@dataclass(frozen=True)
class Wanted:
    """What to write, and from where."""

    format: str
    out: Path
    opened: House
    round: Row
    society: int | None
    template: Path | None

    @property
    def only(self) -> list[int] | None:
        return [self.society] if self.society else None

    def snapshot(self, db: sa.Connection) -> Snapshot:
        return Snapshot(db, self.round, self.opened.now(), only=self.only, progress=_progress)


def export(
    format: Annotated[str, typer.Option(help=words("help_export_format"))],
    out: Annotated[Path, typer.Option(help=words("help_out"))],
    round: InRound = None,
    society: Annotated[str | None, typer.Option(help=words("help_export_society"))] = None,
    template: Annotated[Path | None, typer.Option(help=words("help_export_template"))] = None,
) -> None:
    _refuse(format, out, template)
    with house() as opened:
        row = round_row(opened, round)
        one = one_society(opened, society).id if society else None
        wanted = Wanted(format, out, opened, row, one, template)
        if str(out) == "-":
            held = io.BytesIO()
            _write(wanted, held)
            typer.echo(held.getvalue(), nl=False)
            return
        with _whole(out) as file:
            faults = _write(wanted, file)
    if faults:
        raise Stop(words("export_incomplete", path=out, count=faults))
    typer.echo(words("exported", path=out))


def _refuse(format: str, out: Path, template: Path | None) -> None:
    """What can be seen to fail before anything is read."""
    if format not in FORMATS:
        raise Stop(words("format_unknown", format=format))
    if template is not None and format != "docx":
        raise Stop(words("export_template_docx_only"))
    if str(out) == "-":
        if format not in ON_SCREEN:
            raise Stop(words("export_needs_file", format=format))
        return
    if not out.parent.is_dir():
        raise Stop(words("export_no_folder", path=out, folder=out.parent))
    if out.is_dir():
        raise Stop(words("file_unwritable", path=out, why="IsADirectoryError"))
    if format == "docx" and out.suffix.lower() == ".pdf" and soffice() is None:
        raise Stop(words("export_no_office"))


@contextmanager
def _whole(out: Path) -> Iterator[BinaryIO]:
    """A file beside `out` that takes its place when all is written and safe, and is gone when it is not."""
    temporary = out.with_name(f".{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(out)
    except OSError as error:
        raise Stop(words("file_unwritable", path=out, why=type(error).__name__)) from None
    finally:
        temporary.unlink(missing_ok=True)


def _write(wanted: Wanted, file: BinaryIO) -> int:
    """Everything from one snapshot; how many pieces of evidence were not as they should be."""
    writer: Callable[[Wanted, Snapshot, BinaryIO], int | None] = {
        "xlsx": _workbook,
        "docx": _forms,
        "csv": _listing,
        "zip": lambda wanted, snapshot, file: write_bundle(snapshot, wanted.opened.store, file),
    }.get(wanted.format, _json)
    with wanted.opened.db.read() as db:
        snapshot = wanted.snapshot(db)
        if snapshot.rubric.kind == "list" and wanted.format in LISTS:
            LISTS[wanted.format](snapshot, wanted.opened.store, file)
            return 0
        return writer(wanted, snapshot, file) or 0


def _json(wanted: Wanted, snapshot: Snapshot, file: BinaryIO) -> None:
    whole = exported(snapshot.db, wanted.round, society=wanted.society)
    end = "\n" if str(wanted.out) == "-" else ""
    file.write((json.dumps(whole, ensure_ascii=False, indent=1) + end).encode())


def _listing(wanted: Wanted, snapshot: Snapshot, file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    write_listing(snapshot, text)
    text.detach()


def _workbook(wanted: Wanted, snapshot: Snapshot, file: BinaryIO) -> None:
    from handlers.reports.workbook import write_workbook

    _may_open(len(snapshot.societies))
    write_workbook(snapshot, file)


def _may_open(sheets: int) -> None:
    """XlsxWriter keeps a file open for every sheet; the usual limit is 1,024, which a process may raise for itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = sheets + OTHER_FILES
    if resource.RLIM_INFINITY != hard < needed:
        raise Stop(words("export_too_many_sheets", needed=needed, allowed=hard))
    if resource.RLIM_INFINITY != soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _forms(wanted: Wanted, snapshot: Snapshot, file: BinaryIO) -> None:
    from handlers.reports.form import TooMany, write_form, write_one_form

    if wanted.template is not None:
        _own_forms(wanted, snapshot, wanted.template, file)
    elif wanted.out.suffix.lower() == ".zip":
        write_forms(snapshot, partial(write_one_form, snapshot), file)
    else:
        try:
            _perhaps_pdf(wanted, partial(write_form, snapshot), file)
        except TooMany:
            raise Stop(words("export_too_many", societies=len(snapshot.societies), most=MOST_IN_ONE)) from None


def _own_forms(wanted: Wanted, snapshot: Snapshot, template: Path, file: BinaryIO) -> None:
    """With a template of the office's own a document holds one society."""
    from handlers.reports.owntemplate import PLACEHOLDERS, BadTemplate, write_own

    try:
        given = template.read_bytes()
    except OSError as error:
        raise Stop(words("file_unreadable", path=template, why=type(error).__name__)) from None
    try:
        if wanted.out.suffix.lower() == ".zip":
            write_forms(snapshot, lambda entry, out: write_own(snapshot, entry, given, out), file)
        elif len(snapshot.societies) == 1:
            for entry in snapshot.entries():
                _perhaps_pdf(wanted, partial(write_own, snapshot, entry, given), file)
        else:
            raise Stop(words("export_too_many", societies=len(snapshot.societies), most=1))
    except BadTemplate as error:
        known = [f"{{{{{name}}}}}" for name in PLACEHOLDERS]
        raise Stop(words("export_template_bad", path=template, why=str(error), known=" ".join(known))) from None


def _perhaps_pdf(wanted: Wanted, write: Callable[[BinaryIO], None], file: BinaryIO) -> None:
    """The Word document itself, or, by the ending of --out, what LibreOffice makes of it."""
    if wanted.out.suffix.lower() != ".pdf":
        write(file)
        return
    document = io.BytesIO()
    write(document)
    try:
        file.write(convert(document.getvalue()))
    except NoOffice:
        raise Stop(words("export_no_office")) from None
    except OfficeFailed as error:
        raise Stop(words("export_office_failed", why=str(error))) from None


def _progress(done: int, total: int) -> None:
    """A line at every tenth of a long work, beside the output."""
    if total >= SAID_FROM and (done == total or done % max(total // 10, 1) == 0):
        typer.echo(words("export_progress", done=done, total=total), err=True)
        sys.stderr.flush()
