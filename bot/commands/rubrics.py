"""rubric list, show, check."""

from pathlib import Path

import typer

from bot.commands.desk import AsJson, Stop, show, words
from handlers.phrasebook import phrasebook
from handlers.reports.rubrics import described
from rubrics.faults import Faulty
from rubrics.model import Rubric
from rubrics.reading import catalog, read

app = typer.Typer(no_args_is_help=True, help=words("help_rubric"))


@app.command("list", help=words("help_rubric_list"))
def list_all(as_json: AsJson = False) -> None:
    found = [read(text, f"{id}.yaml") for id, text in catalog().items()]
    rows = [
        {"id": one.id, "kind": one.kind, "title": one.title, "year": one.year, "items": len(one.items)} for one in found
    ]
    show(rows, lambda: [_listed(one) for one in found], as_json=as_json)


def _listed(rubric: Rubric) -> str:
    """One line; where a rubric has no items, the places or rows it has instead."""
    counts = {"items": len(rubric.items), "places": rubric.quota, "rows": sum(len(one.rows) for one in rubric.tables)}
    holds = [words("rubric_holds", what=what, count=count) for what, count in counts.items() if count]
    return words("rubric_listed", id=rubric.id, title=rubric.title, holds=holds)


@app.command("show", help=words("help_rubric_show"))
def show_one(id: str, as_json: AsJson = False) -> None:
    text, name = source_of(id)
    rubric = checked(text, name)
    show(described(rubric), lambda: _rubric_lines(rubric), as_json=as_json)


def _rubric_lines(rubric: Rubric) -> list[str]:
    return phrasebook().text("rubric_shown", {"rubric": rubric}).split("\n")


@app.command("check", help=words("help_rubric_check"))
def check(files: list[Path]) -> None:
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


def source_of(id: str) -> tuple[str, str]:
    """A rubric of the catalog by its id, or a file by its path."""
    shipped = catalog()
    if id in shipped:
        return shipped[id], f"{id}.yaml"
    path = Path(id)
    if not path.is_file():
        raise Stop(words("no_rubric", id=id, known="、".join(shipped)))
    return path.read_text(encoding="utf-8"), path.name


def checked(text: str, name: str) -> Rubric:
    try:
        return read(text, name)
    except Faulty as found:
        raise Stop("\n".join(str(fault) for fault in found.faults)) from None
