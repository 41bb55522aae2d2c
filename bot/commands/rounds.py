"""round open, list, close, reopen."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import typer

from bot.commands.desk import AsJson, Stop, house, round_row, show, words
from bot.commands.rubrics import checked, source_of
from handlers import stages
from handlers.criteria import amending, opening
from handlers.notices.alarming import officers
from handlers.notices.calling import Call, call
from handlers.phrasebook import phrasebook
from handlers.review import reviewrule
from handlers.rounds import latch, open_round, reopen, settle_stage
from storage import queries
from storage.relations import ROUND, Row

app = typer.Typer(no_args_is_help=True, help=words("help_round"))


@app.command("open", help=words("help_round_open"))
def open_one(
    rubric: str,
    title: Annotated[str | None, typer.Option(help=words("help_title"))] = None,
    closes: Annotated[str | None, typer.Option(help=words("help_closes"))] = None,
    stage: Annotated[list[str] | None, typer.Option(help=words("help_stage"))] = None,
    everybody: Annotated[bool, typer.Option("--everybody", help=words("help_round_everybody"))] = False,
    as_json: AsJson = False,
) -> None:
    text, name = source_of(rubric)
    with house() as opened:
        now, zone = opened.now(), opened.settings.timezone
        with opened.db.read() as db:
            before = queries.newest_open_round(db)
        closes_at = moment(closes, zone) if closes else None
        document = checked(text, name)
        if everybody and document.kind not in opening.CHOOSABLE:
            raise Stop(words("everybody_not_here"))
        if closes_at is None and not document.stages and document.kind not in opening.UNTIMED:
            raise Stop(words("no_closing"))
        if closes_at is not None and closes_at <= now:
            raise Stop(words("closing_past", closes=closes_at, zone=zone))
        about: dict[str, Any] = {"title": title, "closes_at": closes_at, "zone": zone, "now": now}
        about["voluntary"] = False if everybody else None
        with refused_stage():
            given = dict(_dated(one) for one in stage or ())
            id = opened.db.write(lambda db: _opened(db, open_round(db, text, name, **about, given=given), now))
        with opened.db.read() as db:
            row = queries.round_of(db, id)
        show(shown(row), lambda: [words("round_opened", round=row), *calendar_lines(row)], as_json=as_json)
        if before and before.rubric == row.rubric:
            typer.echo(words("round_besides", round=before.id), err=True)


def _opened(db: sa.Connection, id: int, now: datetime) -> int:
    opening.told_of_doubts(db, id, now)
    return id


@contextmanager
def refused_stage() -> Iterator[None]:
    try:
        yield
    except stages.BadStage as bad:
        raise Stop(words(bad.why, said=bad.said)) from None


def _dated(said: str) -> tuple[str, str]:
    """ID=DATE. Raises BadStage."""
    id, equals, date = said.partition("=")
    if not equals:
        raise stages.BadStage("bad_stage_date", said)
    return id.strip(), date.strip()


def calendar_lines(row: Row) -> list[str]:
    return [words("stage_line", stage=stage) for stage in stages.stored(row.stages)]


@app.command("stage", help=words("help_round_stage"))
def settle(round: int, stage: str, date: str, as_json: AsJson = False) -> None:
    with house() as opened:
        row, now = round_row(opened, round), opened.now()
        with refused_stage():
            opened.db.write(lambda db: settle_stage(db, row, stage, date, now, by=None))
        row = round_row(opened, round)
        show(shown(row), lambda: [words("round_opened", round=row), *calendar_lines(row)], as_json=as_json)


def moment(text: str, zone: str) -> datetime:
    """An ISO instant; without an offset it is meant in the round's zone. A day without an hour is meant whole: the first
    late instant is the midnight after it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Stop(words("bad_moment", said=text)) from None
    local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return local if ":" in text else local + timedelta(days=1)


def shown(row: Row) -> dict[str, Any]:
    local = ZoneInfo(row.timezone)
    closed = row.closed_at.astimezone(local).isoformat() if row.closed_at else None
    return {
        "id": str(row.id),
        "rubric": row.rubric,
        "title": row.title,
        "closes_at": row.closes_at.astimezone(local).isoformat() if row.closes_at else None,
        "voluntary": row.voluntary,
        "stages": row.stages,
        "closed_at": closed,
        "review_rule": row.review_rule,
        "review_spread_percent": row.review_spread,
        "objection_days": row.objection_days,
    }


@app.command("list", help=words("help_round_list"))
def list_all(as_json: AsJson = False) -> None:
    with house() as opened, opened.db.read() as db:
        rows = db.execute(sa.select(ROUND).order_by(ROUND.c.id)).all()
    show([shown(row) for row in rows], lambda: [words("round_line", round=row) for row in rows], as_json=as_json)


@app.command("close", help=words("help_round_close"))
def close(round: int, as_json: AsJson = False) -> None:
    with house() as opened:
        row = round_row(opened, round)
        now = opened.now()
        closed = opened.db.write(lambda db: latch(db, row.id, now))
        row = round_row(opened, round)
        show(
            shown(row),
            lambda: [words("round_closed" if closed else "round_closed_before", round=row)],
            as_json=as_json,
        )


@app.command("reopen", help=words("help_round_reopen"))
def reopen_one(round: int, closes: Annotated[str, typer.Option(help=words("help_closes"))]) -> None:
    with house() as opened:
        row, now = round_row(opened, round), opened.now()
        closes_at = moment(closes, row.timezone)
        if closes_at <= now:
            raise Stop(words("closing_past", closes=closes_at, zone=row.timezone))
        opened.db.write(lambda db: _reopened(db, row, closes_at, now))
        typer.echo(words("round_opened", round=round_row(opened, round)))


def _reopened(db: sa.Connection, row: Row, closes_at: datetime, now: datetime) -> None:
    """No officer did it, so every officer hears of it."""
    reopen(db, row.id, closes_at, now)
    reply = phrasebook().reply("round_reopened_notice", {"round": row, "until": closes_at})
    for person in officers(db):
        call(db, person, Call(f"reopened:{row.id}:{now.isoformat()}:{person}", "notice"), reply, now)


@app.command("rubric", help=words("help_round_rubric"))
def change_rubric(
    round: int,
    file: str,
    yes: Annotated[int | None, typer.Option(help=words("help_yes"))] = None,
    as_json: AsJson = False,
) -> None:
    text, name = source_of(file)
    checked(text, name)
    with house() as opened:
        row, now = round_row(opened, round), opened.now()
        try:
            looked = opened.db.write(lambda db: _only_looked(db, row.id, text, name, now))
            typer.echo("\n".join(_changes(looked)), err=as_json or yes is not None)
            if yes is None or yes != len(looked.touched):
                raise Stop(words("rubric_change_number", count=len(looked.touched)))
            made = opened.db.write(lambda db: amending.amend(db, row.id, text, name, now, yes=yes))
        except amending.NotAmended as refused:
            raise Stop(words(refused.why, **refused.about)) from None
        about = {"changes": len(made.changes), "count": len(made.touched), "receipt": made.receipt}
        again = [words("rubric_recheck", society=name, positions=one) for name, one in made.marked.items()]
        show(_amended(made), lambda: [words("rubric_changed", **about), *again], as_json=as_json)


def _only_looked(db: sa.Connection, round: int, text: str, name: str, now: datetime) -> amending.Amendment:
    return amending.amend(db, round, text, name, now, yes=None)


def _changes(found: amending.Amendment) -> list[str]:
    lines = [amending.change_line(one) for one in found.changes]
    for one in found.touched:
        lines.append(words("rubric_change_touched", society=one.society.name, submitted=one.submitted))
        lines += [f"  {amending.touch_line(touch)}" for touch in one.touches]
    return lines


def _amended(made: amending.Amendment) -> dict[str, Any]:
    changes = [{"kind": one.kind, "item": one.item.id if one.item else None} for one in made.changes]
    touched = [
        {
            "society": one.society.name,
            "submitted": one.submitted,
            "items": [{"kind": touch.kind, "item": touch.item.id} for touch in one.touches],
        }
        for one in made.touched
    ]
    recheck = [{"society": name, "positions": list(positions)} for name, positions in made.marked.items()]
    told = {"rubric_sha256": made.sha256, "changes": changes, "touched": touched, "recheck": recheck}
    return {**told, "receipt": made.receipt}


@app.command("review-rule", help=words("help_review_rule"))
def review_rule(
    round: int,
    rule: Annotated[str, typer.Argument(metavar="single|mean|trimmed")],
    spread: Annotated[int | None, typer.Option(help=words("help_review_spread"))] = None,
    days: Annotated[int | None, typer.Option(help=words("help_review_days"))] = None,
    as_json: AsJson = False,
) -> None:
    with house() as opened:
        row, now = round_row(opened, round), opened.now()
        wanted = {"review_rule": rule, "review_spread": spread, "objection_days": days}
        given = {name: value for name, value in wanted.items() if value is not None}
        try:
            made = opened.db.write(lambda db: reviewrule.settle(db, row, given, now, by=None))
        except reviewrule.NoRule as refused:
            raise Stop(words(refused.why, title=row.title)) from None
        with opened.db.read() as db:
            said = reviewrule.told(db, made, known=True, changed=True).text
        show(shown(made), lambda: [said], as_json=as_json)
