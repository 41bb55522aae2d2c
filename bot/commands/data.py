"""export, transcript, evidence, check, backup, restore: what is stored, for people and scripts."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.desk import AsJson, InRound, Stop, house, one_society, round_row, show, words
from handlers.checking import check as broken_invariants
from handlers.reports.exporting import export as exported
from handlers.reports.transcript import transcript as transcribed
from storage import archive


def export(
    format: Annotated[str, typer.Option(help="json")],
    out: Annotated[Path, typer.Option(help=words("help_out"))],
    round: InRound = None,
    society: Annotated[str | None, typer.Option(help=words("help_export_society"))] = None,
) -> None:
    if format != "json":
        raise Stop(words("format_unknown", format=format))
    with house() as opened:
        row = round_row(opened, round)
        one = one_society(opened, society).id if society else None
        with opened.db.read() as db:
            text = json.dumps(exported(db, row, society=one), ensure_ascii=False, indent=1)
        _write(out, text)


def _write(out: Path, text: str) -> None:
    """To a file, whole or not at all; «-» is the screen."""
    if str(out) == "-":
        typer.echo(text)
        return
    temporary = out.with_name(out.name + ".part")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(out)
    except OSError as error:
        raise Stop(words("file_unwritable", path=out, why=type(error).__name__)) from None
    typer.echo(words("exported", path=out))


def transcript(society: str) -> None:
    with house() as opened:
        row = one_society(opened, society)
        with opened.db.read() as db:
            typer.echo(transcribed(db, row.id, opened.settings.timezone), nl=False)


def evidence(sha256: str, out: Annotated[Path, typer.Option(help=words("help_out"))]) -> None:
    with house() as opened:
        try:
            there = opened.store.intact(sha256)
        except ValueError:
            there = False
        if not there:
            raise Stop(words("no_evidence", sha256=sha256))
        out.write_bytes(opened.store.path(sha256).read_bytes())
        typer.echo(words("exported", path=out))


def check(as_json: AsJson = False) -> None:
    with house() as opened, opened.db.read() as db:
        broken = broken_invariants(db, opened.store)
    show(broken, lambda: broken or [words("all_well")], as_json=as_json)
    if broken:
        raise typer.Exit(1)


def backup(place: Annotated[Path, typer.Argument(metavar="PATH")], as_json: AsJson = False) -> None:
    with house() as opened:
        try:
            made = archive.backup(opened.db, opened.store, place, opened.now())
        except OSError as error:
            raise Stop(words("file_unwritable", path=place, why=type(error).__name__)) from None
    show({"path": str(place), **made}, lambda: [words("backed_up", path=place, **made)], as_json=as_json)


def restore(place: Annotated[Path, typer.Argument(metavar="PATH")], as_json: AsJson = False) -> None:
    with house() as opened:
        try:
            made = archive.restore(opened.db, opened.store, place, opened.now())
        except OSError as error:
            raise Stop(words("file_unreadable", path=place, why=type(error).__name__)) from None
        except archive.NoBackup as error:
            raise Stop(words(f"backup_{error.why}", path=place)) from None
    when, zone = datetime.fromisoformat(made["at"]), opened.settings.timezone
    show(made, lambda: [words("restored", **made, made=when, zone=zone)], as_json=as_json)
