"""transcript, evidence, check, backup, restore: what is stored, for people and scripts."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.desk import AsJson, Stop, house, one_society, show, words
from handlers.checking import check as broken_invariants
from handlers.reports.transcript import transcript as transcribed
from storage import archive


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
