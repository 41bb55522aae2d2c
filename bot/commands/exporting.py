"""export: a round, or one society in it, as a file that is there whole or not at all."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import sqlalchemy as sa
import typer

from bot.commands.desk import InRound, Stop, house, one_society, round_row, words
from bot.house import House
from handlers.looking.templates import of_round
from handlers.reports.endings import MOST_IN_ONE
from handlers.reports.formats import Job, made, write
from handlers.reports.pdf import NoOffice, OfficeFailed, soffice
from handlers.reports.snapshot import Snapshot
from handlers.reports.templatefaults import PLACEHOLDERS, BadTemplate
from handlers.reports.volumes import Volume, span
from storage.relations import Row

FORMATS = ("xlsx", "docx", "json", "csv", "zip")
ON_SCREEN = ("json", "csv")
SAID_FROM = 50  # societies: less is done before one could read how far it is


def export(
    format: Annotated[str, typer.Option(help=words("help_export_format"))],
    out: Annotated[Path, typer.Option(help=words("help_out"))],
    round: InRound = None,
    society: Annotated[str | None, typer.Option(help=words("help_export_society"))] = None,
    template: Annotated[Path | None, typer.Option(help=words("help_export_template"))] = None,
    official: Annotated[bool, typer.Option("--official", help=words("help_export_official"))] = False,
) -> None:
    _refuse(format, out, template)
    with house() as opened:
        row = round_row(opened, round)
        only = [one_society(opened, society).id] if society else None
        given, named = _template(opened, row, template, official=official) if format == "docx" else (None, "")
        form = _form(format, out)
        if str(out) == "-":
            held = io.BytesIO()
            with opened.db.read() as db:
                write(Job(form, _snapshot(opened, db, row, only), opened.store, held))
            typer.echo(held.getvalue(), nl=format == "json")
            return
        volumes: list[Path] = []
        with opened.db.read() as db, ExitStack() as files:
            file, snapshot = files.enter_context(_whole(out)), _snapshot(opened, db, row, only)
            volume = _beside(out, len(snapshot.societies), files, volumes)
            faults = _written(Job(form, snapshot, opened.store, file, given, volume), named)
    if faults:
        raise Stop(words("export_incomplete", path=out, count=faults))
    typer.echo(words("export_volumes" if volumes else "exported", path=out, volumes=volumes))


def _form(format: str, out: Path) -> str:
    """By the ending of --out a Word document is one for all, a PDF, or a zip with one for each society."""
    return {".pdf": "pdf", ".zip": "forms"}.get(out.suffix.lower(), "docx") if format == "docx" else format


def _snapshot(opened: House, db: sa.Connection, row: Row, only: list[int] | None) -> Snapshot:
    return Snapshot(db, row, opened.now(), only=only, progress=_progress)


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


def _template(opened: House, row: Row, template: Path | None, *, official: bool) -> tuple[bytes | None, str]:
    """The one that is named, else the round's own, with its name; None for the official table."""
    if template is not None:
        try:
            return template.read_bytes(), template.name
        except OSError as error:
            raise Stop(words("file_unreadable", path=template, why=type(error).__name__)) from None
    with opened.db.read() as db:
        own = None if official else of_round(db, row.id)
    if own is None:
        return None, ""
    typer.echo(words("export_own_template", name=own.name), err=True)
    return opened.store.path(own.sha256).read_bytes(), own.name


@contextmanager
def _whole(out: Path) -> Iterator[BinaryIO]:
    """A file beside `out` that takes its place when all is written and safe, and is gone when it is not."""
    temporary = out.with_name(f".{os.getpid()}.{out.name}.part")
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


def _beside(out: Path, of: int, files: ExitStack, written: list[Path]) -> Volume:
    """A large workbook's volumes: x_001-300.xlsx beside x.xlsx. They take their places when all of it is written."""

    @contextmanager
    def volume(first: int, last: int) -> Iterator[BinaryIO]:
        written.append(out.with_name(f"{out.stem}_{span(first, last, of)}{out.suffix}"))
        yield files.enter_context(_whole(written[-1]))

    return volume


def _written(job: Job, named: str) -> int:
    """How many pieces of evidence were not as they should be."""
    if job.form != "forms" and made(job) != job.form:
        most = MOST_IN_ONE if job.template is None else 1
        raise Stop(words("export_too_many", societies=len(job.snapshot.societies), most=most))
    try:
        return write(job)
    except NoOffice:
        raise Stop(words("export_no_office")) from None
    except OfficeFailed as error:
        raise Stop(words("export_office_failed", why=str(error))) from None
    except BadTemplate as bad:
        known = " ".join(f"{{{{{name}}}}}" for name in PLACEHOLDERS)
        raise Stop(words("export_template_bad", name=named, faults=bad.faults, known=known)) from None


def _progress(done: int, total: int) -> None:
    """A line at every tenth of a long work, beside the output."""
    if total >= SAID_FROM and (done == total or done % max(total // 10, 1) == 0):
        typer.echo(words("export_progress", done=done, total=total), err=True)
        sys.stderr.flush()
