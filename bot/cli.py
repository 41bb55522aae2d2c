"""The commands: each opens the house, does one thing, says what it did, and exits 0 when it was good."""

import sys
from typing import Annotated

import sqlalchemy as sa
import typer
from pydantic import ValidationError

from bot.commands import (
    acting,
    data,
    exporting,
    inviting,
    late,
    outbox,
    papers,
    people,
    ranking,
    reminders,
    reviewing,
    rounds,
    rubrics,
    societies,
)
from bot.commands.desk import AsJson, Stop, house, show, words
from bot.demo import setup
from bot.doctor import examine
from bot.house import open_house
from bot.serving import serve as run_server
from bot.serving import taken
from bot.settings import BadSettings, Settings
from bot.terminal import Refused
from bot.terminal import talk as talk_lines
from storage.database import NotDurable
from storage.migrating import NewerSchema

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=words("help_app"))
demo_app = typer.Typer(no_args_is_help=True, help=words("help_demo"))
GROUPS = {
    "rubric": rubrics.app,
    "round": rounds.app,
    "society": societies.app,
    "person": people.app,
    "late": late.app,
    "papers": papers.app,
    "review": reviewing.app,
    "outbox": outbox.app,
    "demo": demo_app,
}
for name, group in GROUPS.items():
    app.add_typer(group, name=name)
SINGLE = (
    *(inviting.invite, inviting.handover, exporting.export, data.transcript, data.evidence, data.check),
    *(data.backup, data.restore, acting.extend, acting.announce, ranking.ranking, reminders.reminders),
)
for command in SINGLE:
    app.command(help=words(f"help_{command.__name__}"))(command)


def main() -> None:
    """The entry point of `xuehui` and `python -m bot`."""
    try:
        app()
    except (Stop, Refused) as error:
        _fail(str(error), 1)
    except BadSettings as error:
        _fail(words("bad_settings", why=words(error.phrase, **error.about)), 2)
    except ValidationError as error:
        names = ", ".join(str(one["loc"][0]).upper() for one in error.errors())
        _fail(words("bad_settings", why=words("settings_value", names=names)), 2)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        _fail(words("bad_settings", why=f"DATABASE_URL: {type(error).__name__}"), 2)
    except PermissionError as error:
        _fail(words("bad_settings", why=f"DATA_DIR: {error.filename}"), 2)
    except NewerSchema as error:
        _fail(words("newer_schema", revision=str(error)), 2)
    except NotDurable as error:
        _fail(words("no_database", why=str(error)), 1)


def _fail(line: str, code: int) -> None:
    typer.echo(line, err=True)
    sys.exit(code)


@app.command(help=words("help_serve"))
def serve(
    host: Annotated[str | None, typer.Option(help="HOST")] = None,
    port: Annotated[int | None, typer.Option(help="PORT")] = None,
    demo: Annotated[bool, typer.Option("--demo", help=words("help_serve_demo"))] = False,
) -> None:
    given = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    opened = open_house(Settings(**given))  # type: ignore[arg-type]
    if taken(opened.settings.host, opened.settings.port):
        raise Stop(words("port_taken", host=opened.settings.host, port=opened.settings.port))
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


@demo_app.command("reset", help=words("help_demo_reset"))
def demo_reset() -> None:
    with house() as opened:
        if not setup.reset(opened.db, opened.now(), opened.settings.timezone):
            raise Stop(words("not_the_demo"))
        codes = setup.prepare(opened.db, opened.now(), opened.settings.timezone)
        typer.echo(words("demo_ready", address=opened.settings.address, codes=codes))
