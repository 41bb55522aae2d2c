"""papers list, tick: what each society owes on paper and electronically, and ticking what has arrived."""

from typing import Annotated

import sqlalchemy as sa
import typer

from bot.commands.desk import AsJson, InRound, Stop, house, one_society, round_row, show, words
from handlers.papers import papers, receiving
from handlers.papers.counter import by_code, described
from handlers.papers.receiving import Arrival, NotTicked
from handlers.reports.papers import deliverables
from handlers.reports.writing import Written
from handlers.rounds import pinned
from rubrics.units import TABLE
from storage.relations import PERSON, Row

app = typer.Typer(no_args_is_help=True, help=words("help_papers"))


@app.command("list", help=words("help_papers_list"))
def list_all(round: InRound = None, as_json: AsJson = False) -> None:
    with house() as opened:
        row = round_row(opened, round)
        with opened.db.read() as db:
            found = papers.of_round(db, row)
            people = {one.id: one.name for one in db.execute(sa.select(PERSON.c.id, PERSON.c.name))}
            write = Written(row, pinned(db, row.rubric_sha256))
    result = [{"society": one.name, **deliverables(write, matrix, people)} for one, matrix in found]
    lines = [words("paper_cells", society=one.name, dues=it.dues, all_in=it.all_in) for one, it in found]
    show(result, lambda: lines or [words("no_societies")], as_json=as_json)


@app.command("tick", help=words("help_papers_tick"))
def tick(
    society: Annotated[str | None, typer.Argument(help=words("help_invite_society"))] = None,
    what: Annotated[str | None, typer.Option(help=words("help_papers_what"))] = None,
    code: Annotated[str | None, typer.Option(help=words("help_papers_code"))] = None,
    late: Annotated[bool | None, typer.Option("--late/--in-time", help=words("help_papers_late"))] = None,
    undo: Annotated[bool, typer.Option("--undo", help=words("help_papers_undo"))] = False,
    round: InRound = None,
    as_json: AsJson = False,
) -> None:
    if (society is None) == (code is None) or (society is not None and what is None):
        raise Stop(words("papers_tick_whom"))
    with house() as opened:
        row, now = round_row(opened, round), opened.now()
        whom = one_society(opened, society) if society else None

        def work(db: sa.Connection) -> tuple[Arrival, receiving.Ticked]:
            arrival = _arrival(db, row, whom, what, code, late=late, undo=undo)
            act = receiving.untick if undo else receiving.tick
            return arrival, act(db, arrival, now, by=None)

        try:
            arrival, made = opened.db.write(work)
        except NotTicked as refused:
            raise Stop(words(refused.why, **{"ways": (), **refused.about})) from None
        about = described(arrival, made)
        said = words("papers_unticked" if undo else "papers_ticked", **about)
        result = {"society": about["society"], "papers": list(made.titles), "receipt": made.receipt}
        show({**result, "all_in": made.matrix.all_in}, lambda: said.split("\n"), as_json=as_json)


def _arrival(
    db: sa.Connection,
    round: Row,
    society: Row | None,
    what: str | None,
    code: str | None,
    *,
    late: bool | None,
    undo: bool,
) -> Arrival:
    """What arrived: of the society named, or of the one whose form carries the code."""
    ids = [one for one in (what or TABLE).replace("，", ",").split(",") if one.strip()]
    if code is not None:
        found = by_code(db, code, undo=undo)
        those = _papers(db, found, ids)
        return Arrival(
            found.round, found.society, those if undo else tuple({TABLE: 0, **dict.fromkeys(those)}), late=late
        )
    assert society is not None, "one of the two is given"
    return Arrival(round, society, _papers(db, Arrival(round, society, ()), ids), late=late)


def _papers(db: sa.Connection, arrival: Arrival, ids: list[str]) -> tuple[str, ...]:
    """By the ids of the document; `all` for all of them."""
    rubric = pinned(db, arrival.round.rubric_sha256)
    may = [paper.id for paper in receiving.tickable(rubric, arrival.society.kind, arrival.form)]
    wanted = may if ids == ["all"] else [one.strip() for one in ids]
    unknown = [one for one in wanted if one not in {paper.id for paper in rubric.deliverables}]
    if unknown:
        about = {"society": arrival.society.name, "form": words("paper_form", form=arrival.form)}
        raise NotTicked("papers_not_owed", **about, titles=unknown, owed=may, electronic=False)
    return tuple(wanted)
