"""The commands: each opens the house, does one thing, says what it did, and exits 0 when it was good."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import segno
import sqlalchemy as sa
import typer
from pydantic import ValidationError

from bot.demo import setup
from bot.doctor import examine
from bot.house import House, open_house
from bot.serving import serve as run_server
from bot.settings import BadSettings, Settings
from bot.terminal import Refused
from bot.terminal import talk as talk_lines
from handlers import joining, roster
from handlers.checking import check as broken_invariants
from handlers.phrasebook import phrasebook
from handlers.reports.exporting import export as exported
from handlers.reports.rubrics import described
from handlers.reports.transcript import transcript as transcribed
from handlers.rounds import latch, open_round, reopen, usual_closing
from rubrics.faults import Faulty
from rubrics.model import Rubric
from rubrics.reading import catalog, read
from storage import queries
from storage.database import NotDurable
from storage.migrating import NewerSchema
from storage.queries import ROUND, Row


def words(phrase: str, **about: Any) -> str:
    """A line to print."""
    return phrasebook().text(phrase, about)


app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=words("help_app"))
rubrics_app = typer.Typer(no_args_is_help=True, help=words("help_rubric"))
rounds_app = typer.Typer(no_args_is_help=True, help=words("help_round"))
societies_app = typer.Typer(no_args_is_help=True, help=words("help_society"))
demo_app = typer.Typer(no_args_is_help=True, help=words("help_demo"))
for name, sub in {"rubric": rubrics_app, "round": rounds_app, "society": societies_app, "demo": demo_app}.items():
    app.add_typer(sub, name=name)

AsJson = Annotated[bool, typer.Option("--json", help=words("help_json"))]
InRound = Annotated[int | None, typer.Option("--round", help=words("help_in_round"))]


class Stop(Exception):
    """The command can't do what was asked; the text says why and what to do."""


def main() -> None:
    """The entry point of `xuehui` and `python -m bot`."""
    try:
        app()
    except (Stop, Refused) as error:
        _fail(str(error), 1)
    except BadSettings as error:
        _fail(words("bad_settings", why=str(error)), 2)
    except ValidationError as error:
        names = ", ".join(str(one["loc"][0]).upper() for one in error.errors())
        _fail(words("bad_settings", why=names), 2)
    except NewerSchema as error:
        _fail(words("newer_schema", revision=str(error)), 2)
    except NotDurable as error:
        _fail(words("no_database", why=str(error)), 1)


def _fail(line: str, code: int) -> None:
    typer.echo(line, err=True)
    sys.exit(code)


@contextmanager
def house() -> Iterator[House]:
    opened = open_house(Settings())
    try:
        yield opened
    finally:
        opened.db.close()


def show(value: Any, lines: Callable[[], list[str]], *, as_json: bool) -> None:
    """A result: as JSON for scripts, else as lines to read."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2) if as_json else "\n".join(lines()))


@app.command(help=words("help_serve"))
def serve(
    host: Annotated[str | None, typer.Option(help="HOST")] = None,
    port: Annotated[int | None, typer.Option(help="PORT")] = None,
    demo: Annotated[bool, typer.Option("--demo", help=words("help_serve_demo"))] = False,
) -> None:
    given = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    opened = open_house(Settings(**given))  # type: ignore[arg-type]
    if demo:
        codes = setup.prepare(opened.db, opened.now(), opened.settings.timezone)
        if codes:
            typer.echo(words("demo_ready", address=opened.settings.address, codes=codes))
    typer.echo(words("serving", address=opened.settings.address))
    run_server(opened)


@app.command(help=words("help_talk"))
def talk(
    code: Annotated[str, typer.Option(help=words("help_code"))],
    name: Annotated[str | None, typer.Option("--as", help=words("help_as"))] = None,
) -> None:
    with house() as opened:
        lines = (line.rstrip("\n") for line in sys.stdin)
        for line in talk_lines(opened, code, lines, name=name):
            typer.echo(line)


@app.command(help=words("help_doctor"))
def doctor(as_json: AsJson = False) -> None:
    findings = examine(Settings())
    show(findings, lambda: [f"{one['mark']} {one['text']}" for one in findings], as_json=as_json)
    if any(one["mark"] == "✗" for one in findings):
        raise typer.Exit(1)


@rubrics_app.command("list", help=words("help_rubric_list"))
def rubric_list(as_json: AsJson = False) -> None:
    found = [read(text, f"{id}.yaml") for id, text in catalog().items()]
    rows = [{"id": one.id, "title": one.title, "year": one.year, "items": len(one.items)} for one in found]
    show(rows, lambda: [f"{one['id']}  {one['title']}  {one['items']}项" for one in rows], as_json=as_json)


@rubrics_app.command("show", help=words("help_rubric_show"))
def rubric_show(id: str, as_json: AsJson = False) -> None:
    text, name = _rubric_source(id)
    rubric = _read(text, name)
    show(described(rubric), lambda: _rubric_lines(rubric), as_json=as_json)


def _rubric_lines(rubric: Rubric) -> list[str]:
    return phrasebook().text("rubric_shown", {"rubric": rubric}).split("\n")


@rubrics_app.command("check", help=words("help_rubric_check"))
def rubric_check(files: list[Path]) -> None:
    faulty = False
    for path in files:
        try:
            rubric = read(path.read_text(encoding="utf-8"), str(path))
        except Faulty as found:
            faulty = True
            typer.echo("\n".join(str(fault) for fault in found.faults))
        except (OSError, UnicodeDecodeError) as error:
            faulty = True
            typer.echo(words("file_unreadable", path=path, why=type(error).__name__))
        else:
            typer.echo(words("rubric_good", path=path, rubric=rubric))
    if faulty:
        raise typer.Exit(1)


def _rubric_source(id: str) -> tuple[str, str]:
    """A rubric of the catalog by its id, or a file by its path."""
    shipped = catalog()
    if id in shipped:
        return shipped[id], f"{id}.yaml"
    path = Path(id)
    if not path.is_file():
        raise Stop(words("no_rubric", id=id, known="、".join(shipped)))
    return path.read_text(encoding="utf-8"), path.name


def _read(text: str, name: str) -> Rubric:
    try:
        return read(text, name)
    except Faulty as found:
        raise Stop("\n".join(str(fault) for fault in found.faults)) from None


@rounds_app.command("open", help=words("help_round_open"))
def round_open(
    rubric: str,
    title: Annotated[str | None, typer.Option(help=words("help_title"))] = None,
    closes: Annotated[str | None, typer.Option(help=words("help_closes"))] = None,
    as_json: AsJson = False,
) -> None:
    text, name = _rubric_source(rubric)
    with house() as opened:
        now, zone = opened.now(), opened.settings.timezone
        closes_at = _moment(closes, zone) if closes else usual_closing(_read(text, name), now, zone)
        if closes_at is None:
            raise Stop(words("no_closing"))
        if closes_at <= now:
            raise Stop(words("closing_past", closes=closes_at, zone=zone))
        id = opened.db.write(
            lambda db: open_round(db, text, name, title=title, closes_at=closes_at, zone=zone, now=now)
        )
        with opened.db.read() as db:
            row = queries.round_of(db, id)
        shown = _round(row)
        show(shown, lambda: [words("round_opened", round=row)], as_json=as_json)


def _moment(text: str, zone: str) -> datetime:
    """An ISO instant; without an offset it is meant in the round's zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Stop(words("bad_moment", said=text)) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def _round(row: Row) -> dict[str, Any]:
    local = ZoneInfo(row.timezone)
    closed = row.closed_at.astimezone(local).isoformat() if row.closed_at else None
    return {
        "id": str(row.id),
        "rubric": row.rubric,
        "title": row.title,
        "closes_at": row.closes_at.astimezone(local).isoformat(),
        "closed_at": closed,
    }


@rounds_app.command("list", help=words("help_round_list"))
def round_list(as_json: AsJson = False) -> None:
    with house() as opened, opened.db.read() as db:
        rows = db.execute(sa.select(ROUND).order_by(ROUND.c.id)).all()
    show([_round(row) for row in rows], lambda: [words("round_line", round=row) for row in rows], as_json=as_json)


@rounds_app.command("close", help=words("help_round_close"))
def round_close(round: int, as_json: AsJson = False) -> None:
    with house() as opened:
        row = _round_row(opened, round)
        now = opened.now()
        closed = opened.db.write(lambda db: latch(db, row.id, now))
        row = _round_row(opened, round)
        show(
            _round(row),
            lambda: [words("round_closed" if closed else "round_closed_before", round=row)],
            as_json=as_json,
        )


@rounds_app.command("reopen", help=words("help_round_reopen"))
def round_reopen(round: int, closes: Annotated[str, typer.Option(help=words("help_closes"))]) -> None:
    with house() as opened:
        row, now = _round_row(opened, round), opened.now()
        closes_at = _moment(closes, row.timezone)
        if closes_at <= now:
            raise Stop(words("closing_past", closes=closes_at, zone=row.timezone))
        opened.db.write(lambda db: reopen(db, row.id, closes_at, now))
        typer.echo(words("round_opened", round=_round_row(opened, round)))


def _round_row(opened: House, id: int | None) -> Row:
    """The round of that id, else the newest open one, else the newest."""
    with opened.db.read() as db:
        if id is not None:
            row = db.execute(sa.select(ROUND).where(ROUND.c.id == id)).one_or_none()
        else:
            row = queries.newest_open_round(db) or queries.newest_round(db)
    if row is None:
        raise Stop(words("no_such_round"))
    return row


@societies_app.command("add", help=words("help_society_add"))
def society_add(name: str, as_json: AsJson = False) -> None:
    plain = " ".join(name.split())
    if not plain or len(plain) > roster.LONGEST_NAME:
        raise Stop(words("bad_society_name"))
    with house() as opened:
        now = opened.now()
        new = opened.db.write(lambda db: roster.add_society(db, plain, now))
        said = words("society_added" if new else "society_known", name=plain)
        show({"society": plain, "new": new}, lambda: [said], as_json=as_json)


@societies_app.command("import", help=words("help_society_import"))
def society_import(file: Path, as_json: AsJson = False) -> None:
    try:
        found = roster.read_roster(file.read_bytes(), file.name)
    except OSError as error:
        raise Stop(words("file_unreadable", path=file, why=type(error).__name__)) from None
    except roster.Unreadable as error:
        raise Stop(words(error.why, headings="、".join(roster.HEADINGS))) from None
    with house() as opened:
        now = opened.now()
        new = opened.db.write(lambda db: [name for name in found.names if roster.add_society(db, name, now)])
        known = [name for name in found.names if name not in new]
        result = {"column": found.column, "new": new, "known": known, "repeated": list(found.repeated)}
        show(result, lambda: words("roster_imported", **result).split("\n"), as_json=as_json)


@societies_app.command("list", help=words("help_society_list"))
def society_list(as_json: AsJson = False) -> None:
    with house() as opened, opened.db.read() as db:
        names = [row.name for row in roster.societies(db)]
    show([{"society": name} for name in names], lambda: names or [words("no_societies")], as_json=as_json)


def _society(opened: House, said: str) -> Row:
    """Exactly one society; several candidates are listed, never guessed."""
    with opened.db.read() as db:
        found = roster.find(db, said.strip())
    if len(found) != 1:
        raise Stop(words("which_society", said=said, names=[row.name for row in found]))
    return found[0]


@app.command(help=words("help_invite"))
def invite(
    society: Annotated[str | None, typer.Argument(help=words("help_invite_society"))] = None,
    staff: Annotated[str | None, typer.Option(help=words("help_invite_staff"))] = None,
    name: Annotated[str | None, typer.Option(help=words("help_invite_name"))] = None,
    role: Annotated[str, typer.Option(help="reviewer | officer | administrator")] = "officer",
    qr: Annotated[Path | None, typer.Option(help=words("help_qr"))] = None,
    as_json: AsJson = False,
) -> None:
    if (society is None) == (staff is None):
        raise Stop(words("invite_whom"))
    if role not in ("reviewer", "officer", "administrator"):
        raise Stop(words("bad_role", role=role))
    with house() as opened:
        row = _society(opened, society) if society else None
        id, now = (row.id if row else None), opened.now()
        given = role if staff else "secretary"
        code = opened.db.write(lambda db: joining.invite(db, society_id=id, role=given, name=staff or name, now=now))
        expires = (now + joining.LASTS).astimezone(ZoneInfo(opened.settings.timezone))
        link = f"{opened.settings.address}/#{code}"
        if qr:
            segno.make(link).save(str(qr), scale=8, border=4)
        result = {"code": code, "society": row.name if row else None, "role": given, "expires_at": expires.isoformat()}
        said = words(
            "invited",
            **result,
            whom=row.name if row else staff,
            link=link,
            expires=expires,
            zone=opened.settings.timezone,
        )
        show({**result, "link": link}, lambda: said.split("\n"), as_json=as_json)


@app.command(help=words("help_export"))
def export(
    format: Annotated[str, typer.Option(help="json")],
    out: Annotated[Path, typer.Option(help=words("help_out"))],
    round: InRound = None,
    society: Annotated[str | None, typer.Option(help=words("help_export_society"))] = None,
) -> None:
    if format != "json":
        raise Stop(words("format_unknown", format=format))
    with house() as opened:
        row = _round_row(opened, round)
        one = _society(opened, society).id if society else None
        with opened.db.read() as db:
            text = json.dumps(exported(db, row, society=one), ensure_ascii=False, indent=1)
        _write(out, text)
        typer.echo(words("exported", path=out))


def _write(out: Path, text: str) -> None:
    """To a file, whole or not at all; «-» is the screen."""
    if str(out) == "-":
        typer.echo(text)
        return
    temporary = out.with_name(out.name + ".part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(out)


@app.command(help=words("help_transcript"))
def transcript(society: str) -> None:
    with house() as opened:
        row = _society(opened, society)
        with opened.db.read() as db:
            typer.echo(transcribed(db, row.id, opened.settings.timezone), nl=False)


@app.command(help=words("help_evidence"))
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


@app.command(help=words("help_check"))
def check(as_json: AsJson = False) -> None:
    with house() as opened, opened.db.read() as db:
        broken = broken_invariants(db, opened.store)
    show(broken, lambda: broken or [words("all_well")], as_json=as_json)
    if broken:
        raise typer.Exit(1)


@demo_app.command("reset", help=words("help_demo_reset"))
def demo_reset() -> None:
    with house() as opened:
        if not setup.reset(opened.db, opened.now(), opened.settings.timezone):
            raise Stop(words("not_the_demo"))
        codes = setup.prepare(opened.db, opened.now(), opened.settings.timezone)
        typer.echo(words("demo_ready", address=opened.settings.address, codes=codes))
