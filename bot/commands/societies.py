"""society add, import, list, rename: the roster."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from bot.commands.desk import AsJson, Stop, house, one_society, show, words
from handlers.cleaning import clean
from handlers.societies import enrolling, kinds, likeness, roster
from handlers.societies.comparing import Comparison, compare, enrol
from handlers.societies.roster_file import LONGEST_NAME, Roster, SeveralSheets, read_roster
from handlers.societies.sheets import MOST_BYTES
from handlers.societies.tabular import Unreadable
from storage.relations import Row

app = typer.Typer(no_args_is_help=True, help=words("help_society"))


@app.command("add", help=words("help_society_add"))
def add(
    name: str,
    kind: Annotated[str | None, typer.Option(help=words("help_kind"))] = None,
    contact: Annotated[str | None, typer.Option(help=words("help_society_contact"))] = None,
    as_json: AsJson = False,
) -> None:
    plain = _plain(name)
    with house() as opened:
        now = opened.now()
        try:
            new = opened.db.write(lambda db: _added(db, plain, kind, contact, now))
        except kinds.NoSuchKind as refused:
            raise Stop(words(refused.why, **refused.about)) from None
        said = words("society_added" if new else "society_known", name=plain)
        show({"society": plain, "kind": kind, "new": new}, lambda: [said], as_json=as_json)


def _added(db: sa.Connection, name: str, kind: str | None, contact: str | None, now: datetime) -> bool:
    """Of that kind; also where the society was there already."""
    meant = kinds.kind_of(db, kind) if kind is not None else None
    new = roster.add_society(db, name, now, kind=meant, contact=contact)
    if not new and kind is not None:
        row = roster.one(db, name)
        if row.kind != meant:
            kinds.set_kind(db, row, meant, now, by=None)
    return new


def _plain(name: str) -> str:
    plain = likeness.tidy(clean(name))
    if not plain or len(plain) > LONGEST_NAME:
        raise Stop(words("bad_society_name"))
    return plain


@app.command("import", help=words("help_society_import"))
def import_list(
    file: Path,
    sheet: Annotated[str | None, typer.Option(help=words("help_society_sheet"))] = None,
    also: Annotated[str, typer.Option(help=words("help_society_also"))] = "",
    yes: Annotated[bool, typer.Option("--yes", help=words("help_society_yes"))] = False,
    as_json: AsJson = False,
) -> None:
    """At a terminal the number of societies is asked for; a script means what it says."""
    found = _read(file, sheet)
    with house() as opened:
        with opened.db.read() as db:
            seen = compare(db, found)
        taken = seen.taken(enrolling.numbers(also))
        if sys.stdin.isatty() and not (yes or as_json):
            _ask(file, found, seen, taken)
        now = opened.now()

        def work(db: sa.Connection) -> tuple[Comparison, list[str]]:
            compared = compare(db, found)
            return compared, enrol(db, compared, taken, now, by=None)

        compared, added = opened.db.write(work)
    left = [one for one in compared.doubtful if one.line.name not in taken]
    result = {
        "column": found.column,
        "new": added,
        "known": list(compared.known),
        "repeated": list(found.repeated),
        "changed": [line.name for line, _ in compared.changed],
        "doubtful": [{"society": one.line.name, "near": one.near} for one in left],
    }
    show(result, lambda: words("roster_imported", **result).split("\n"), as_json=as_json)


def _read(file: Path, sheet: str | None) -> Roster:
    try:
        with file.open("rb") as source:
            return read_roster(source.read(MOST_BYTES + 1), file.name, sheet=sheet)
    except OSError as error:
        raise Stop(words("file_unreadable", path=file, why=type(error).__name__)) from None
    except SeveralSheets as several:
        raise Stop(words("roster_sheets", names=several.names)) from None
    except Unreadable as error:
        raise Stop(words("roster_refused", name=file.name, why=words(error.why, **error.about))) from None


def _ask(file: Path, found: Roster, seen: Comparison, taken: set[str]) -> None:
    """What importing would do, and the number typed. Raises Stop."""
    for reply in enrolling.understood(file.name, found, seen, taken):
        typer.echo(reply.text)
    count = seen.count(taken)
    if count and typer.prompt("", prompt_suffix="> ", default="", show_default=False).strip() != str(count):
        raise Stop(words("roster_not_imported"))


@app.command("list", help=words("help_society_list"))
def list_all(as_json: AsJson = False) -> None:
    with house() as opened, opened.db.read() as db:
        rows, bound, former = roster.societies(db), roster.bound(db), roster.former_names(db)
        titles = {one.id: one.title for one in kinds.known(db)}
    told = [_told(row, bound.get(row.id, 0), former.get(row.id, [])) for row in rows]
    lines = [words("society_line", name=row.name, kind=titles.get(row.kind, row.kind)) for row in rows]
    show(told, lambda: lines or [words("no_societies")], as_json=as_json)


def _told(row: Row, people: int, former: list[str]) -> dict[str, Any]:
    return {"society": row.name, "kind": row.kind, "people": people, "contact": row.contact, "former_names": former}


@app.command("rename", help=words("help_society_rename"))
def rename(old: str, new: str, as_json: AsJson = False) -> None:
    name = _plain(new)
    with house() as opened:
        row, now = one_society(opened, old), opened.now()
        try:
            opened.db.write(lambda db: roster.rename(db, row, name, now, by=None))
        except roster.Taken:
            raise Stop(words("society_not_renamed", old=row.name, new=name)) from None
    show(
        {"old": row.name, "new": name}, lambda: [words("society_renamed_now", old=row.name, new=name)], as_json=as_json
    )
