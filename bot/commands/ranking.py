"""ranking: who stands where by supported points, for people and scripts, and as a picture to forward."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands.desk import AsJson, InRound, Stop, house, round_row, show, words
from handlers.looking import standings
from handlers.looking.ranking import NoTotal, Ranked, Ranking
from handlers.looking.ranking import ranking as ranked
from handlers.reports import sheets
from handlers.reports.pictures import NotDrawn, png
from handlers.reports.writing import exact
from handlers.rounds import pinned
from storage.relations import Row


def ranking(
    round: InRound = None,
    top: Annotated[int | None, typer.Option(min=1, help=words("help_top"))] = None,
    section: Annotated[str | None, typer.Option(help=words("help_section"))] = None,
    everybody: Annotated[bool, typer.Option("--all", help=words("help_everybody"))] = False,
    picture: Annotated[Path | None, typer.Option(metavar="FILE.png", help=words("help_picture"))] = None,
    as_json: AsJson = False,
) -> None:
    with house() as opened:
        row, now = round_row(opened, round), opened.now()
        with opened.db.read() as db:
            rubric = pinned(db, row.rubric_sha256)
            try:
                of = standings.section_named(section, rubric) if section else None
                whole = ranked(db, row, of, everybody=everybody)
            except standings.NoSection:
                raise Stop(words("ranking_no_section", said=section, sections=rubric.sections)) from None
            except NoTotal:
                raise Stop(words("ranking_no_total", title=row.title, listed=rubric.kind == "list")) from None
    found = whole.first(top or len(whole.rows))
    paths = _drawn(found, row, now, picture) if picture else []
    show(
        [_shown(one, mixed=whole.mixed) for one in found.rows],
        lambda: _lines(whole, found, row, now, paths),
        as_json=as_json,
    )


def _shown(one: Ranked, *, mixed: bool) -> dict[str, Any]:
    points = {name: exact(getattr(one, name)) for name in ("claimed", "supported", "reviewed")}
    shown = {"rank": one.rank, "society": one.society, **points, "status": one.status}
    return {**shown, "maximum": exact(one.maximum)} if mixed else shown


def _lines(whole: Ranking, found: Ranking, row: Row, now: datetime, paths: list[str]) -> list[str]:
    if not found.rows:
        return [words("ranking_nobody", title=row.title)]
    about = standings.facts(whole, found, len(found.rows), row)
    written = [words("picture_written", paths=paths)] if paths else []
    return [
        words("ranking", **about, at=now),
        *(words("ranking_line", row=one, mixed=found.mixed) for one in found.rows),
        *written,
    ]


def _drawn(found: Ranking, row: Row, now: datetime, place: Path) -> list[str]:
    """FILE.png, and FILE-2.png where there are more societies than one picture holds."""
    paths: list[str] = []
    try:
        for number, sheet in enumerate(sheets.of_ranking(found, row.title, now, row.timezone), 1):
            path = place if number == 1 else place.with_name(f"{place.stem}-{number}{place.suffix}")
            path.write_bytes(png(sheet))
            paths.append(str(path))
    except NotDrawn as error:
        raise Stop(words("picture_impossible", why=str(error))) from None
    except OSError as error:
        raise Stop(words("file_unwritable", path=place, why=type(error).__name__)) from None
    return paths
