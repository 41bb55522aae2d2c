"""rubric list, show, check, import."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands.desk import AsJson, Stop, show, words
from handlers.phrasebook import phrasebook
from handlers.reports.rubrics import described
from rubrics.faults import Fault, Faulty
from rubrics.importing.correcting import WHOLE, Correction
from rubrics.importing.draft import UNSCORED
from rubrics.importing.findings import Refused
from rubrics.importing.naming import slug
from rubrics.importing.tables import Imported, imported
from rubrics.model import Rubric
from rubrics.reading import catalog, decoded, read

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
            rubric = read(decoded(path.read_bytes(), str(path)), str(path))
        except Faulty as found:
            faulty = True
            typer.echo("\n".join(str(fault) for fault in found.faults))
        except OSError as error:
            faulty = True
            typer.echo(words("file_unreadable", path=path, why=type(error).__name__))
        else:
            typer.echo(words("rubric_good", path=path, rubric=rubric))
    if faulty:
        raise typer.Exit(1)


@app.command("import", help=words("help_rubric_import"))
def import_table(
    file: Path,
    out: Annotated[Path, typer.Option("--out", "-o", help=words("help_import_out"))],
    force: Annotated[bool, typer.Option("--force", help=words("help_import_force"))] = False,
    unscored: Annotated[bool, typer.Option("--unscored", help=words("help_import_unscored"))] = False,
    as_json: AsJson = False,
) -> None:
    decided = [Correction(WHOLE, "kind", UNSCORED)] if unscored else []
    try:
        found = imported(file.read_bytes(), file=file.name, id=slug(out.stem) or "rubric", corrections=decided)
    except OSError as error:
        raise Stop(words("file_unreadable", path=file, why=type(error).__name__)) from None
    except Refused as refused:
        raise Stop(words("import_refused", file=file, why=str(refused))) from None
    _write(out, found.text, force=force)
    faults = _faults(found.text, str(out))
    for one in found.findings:
        typer.echo(words("import_found", decide=one.decide, file=file.name, said=str(one)), err=True)
    if found.complete:
        typer.echo("".join(f"{fault}\n" for fault in faults), err=True, nl=False)
    complete = found.complete and not faults
    show(_result(found, out, complete=complete), lambda: _told(found, out, complete=complete), as_json=as_json)
    if not complete:
        raise typer.Exit(1)


def _write(out: Path, text: str, *, force: bool) -> None:
    """The file, but never over one that may have been edited since."""
    try:
        if out.exists() and not force and out.read_bytes() not in {b"", text.encode()}:
            raise Stop(words("import_in_the_way", out=out))
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Stop(words("file_unwritable", path=out, why=type(error).__name__)) from None


def _faults(text: str, name: str) -> tuple[Fault, ...]:
    try:
        read(text, name)
    except Faulty as found:
        return found.faults
    return ()


def _result(found: Imported, out: Path, *, complete: bool) -> dict[str, Any]:
    findings = [
        {
            "decide": one.decide,
            "code": one.code,
            "sheet": one.spot and one.spot.sheet,
            "table": one.spot and one.spot.table,
            "row": one.spot and one.spot.row,
            "column": one.spot and one.spot.column,
            "text": one.said,
        }
        for one in found.findings
    ]
    counts = {"sections": len(found.draft.sections), "items": len(found.draft.items)}
    return {"out": str(out), "complete": complete, "kind": found.draft.kind, **counts, "findings": findings}


def _told(found: Imported, out: Path, *, complete: bool) -> list[str]:
    open_points = sum(one.decide for one in found.findings)
    about = {
        "out": out,
        "sections": len(found.draft.sections),
        "items": len(found.draft.items),
        "points": sum(one.sum for one in found.draft.sections),
        "unscored": found.draft.kind == UNSCORED,
        "complete": complete,
        "open": open_points,
        "looked": len(found.findings) - open_points,
    }
    return words("imported", **about).split("\n")


def source_of(id: str) -> tuple[str, str]:
    """A rubric of the catalog by its id, or a file by its path."""
    shipped = catalog()
    if id in shipped:
        return shipped[id], f"{id}.yaml"
    path = Path(id)
    if not path.is_file():
        raise Stop(words("no_rubric", id=id, known="、".join(shipped)))
    try:
        return decoded(path.read_bytes(), path.name), path.name
    except Faulty as found:
        raise Stop("\n".join(str(fault) for fault in found.faults)) from None


def checked(text: str, name: str) -> Rubric:
    try:
        return read(text, name)
    except Faulty as found:
        raise Stop("\n".join(str(fault) for fault in found.faults)) from None
