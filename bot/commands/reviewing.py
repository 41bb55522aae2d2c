"""review show, score, accept, final, release: the office's part of a review, for scripts, under somebody's name."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from bot.commands.desk import AsJson, InRound, Stop, house, one_society, round_row, show, staff, words
from bot.house import House
from handlers.office import Office
from handlers.reports.reviews import shown
from handlers.reports.writing import exact
from handlers.review import before, finalizing, judging, marking, releasing, reviewing
from handlers.review.before import Walk
from handlers.review.finalizing import NotFinal
from handlers.review.judging import Mark
from rubrics.model import Item
from storage.relations import Row

app = typer.Typer(no_args_is_help=True, help=words("help_review"))
By = Annotated[str, typer.Option(help=words("help_review_by"))]
CHANNEL = "command"


def _office(db: sa.Connection, opened: House, round: Row, by: str, wish: str) -> Office:
    """At work for this member of staff. Raises Stop where there is none of that name, or she may not."""
    return Office(db, staff(db, by, wish), round, opened.now(), channel=CHANNEL)


def _walk(office: Office, society: Row) -> Walk:
    if refused := before.refusal(office, society):
        raise Stop(refused[0].text)
    return before.looked_at(office, society)


def _item(walk: Walk, position: int) -> Item:
    item = walk.found.rubric.at(position)
    if item is None:
        raise Stop(words("review_no_item", said=position))
    return item


@app.command("show", help=words("help_review_show"))
def show_one(society: str, round: InRound = None, as_json: AsJson = False) -> None:
    with house() as opened:
        row, whom = round_row(opened, round), one_society(opened, society)
        result = opened.db.write(lambda db: shown(db, row, whom))
        if result is None:
            raise Stop(words("review_not_handed_in", society=whom.name))
        show(result, lambda: [words("review_show_line", **one) for one in result["items"]], as_json=as_json)


@app.command("score", help=words("help_review_score"))
def score(
    society: str,
    item: Annotated[int, typer.Option(help=words("help_review_item"))],
    by: By,
    points: Annotated[str | None, typer.Option(help=words("help_review_points"))] = None,
    finding: Annotated[str | None, typer.Option(metavar="met|unmet|excused", help=words("help_review_finding"))] = None,
    reason: Annotated[str, typer.Option(help=words("help_reason"))] = "",
    round: InRound = None,
    as_json: AsJson = False,
) -> None:
    def marks(walk: Walk) -> list[Mark]:
        one = _item(walk, item)
        if one.points is None:
            return [_found(walk, one, finding, reason)]
        try:
            value = one.signed(Decimal(points or ""))
        except InvalidOperation:
            raise Stop(words("review_above", item=one, said=Decimal(0))) from None
        if fault := judging.fault(one, value):
            raise Stop(words(fault, item=one, said=value))
        return [Mark(one.id, value, reason, walk.found.handed(one.id).newest)]

    _scored(society, by, round, marks, as_json=as_json)


def _found(walk: Walk, item: Item, finding: str | None, reason: str) -> Mark:
    """A finding of an item without points, under the rules of the chat."""
    handed = walk.found.handed(item.id)
    if finding not in reviewing.FINDINGS.values():
        raise Stop(words("review_pointless", item=item))
    if finding != handed.finding and len(reason) < reviewing.SHORTEST:
        raise Stop(words("review_found_why", item=item, finding=finding))
    return Mark(item.id, None, reason, handed.newest, finding)


@app.command("accept", help=words("help_review_accept"))
def accept(
    society: str,
    by: By,
    item: Annotated[int | None, typer.Option(help=words("help_review_item"))] = None,
    round: InRound = None,
    as_json: AsJson = False,
) -> None:
    def marks(walk: Walk) -> list[Mark]:
        return marking.agreeing(walk, walk.rest if item is None else [_item(walk, item)])

    _scored(society, by, round, marks, as_json=as_json)


def _scored(society: str, by: str, round: int | None, marks: Callable[[Walk], list[Mark]], *, as_json: bool) -> None:
    with house() as opened:
        row, whom = round_row(opened, round), one_society(opened, society)

        def work(db: sa.Connection) -> dict[str, Any]:
            walk = _walk(_office(db, opened, row, by, "review_walk"), whom)
            if walk.found.final:
                raise Stop(words("review_final_already", society=whom.name))
            given = marks(walk)
            receipt = marking.store(walk, given) if given else None
            return {"society": whom.name, "count": len(given), "receipt": receipt}

        result = opened.db.write(work)
        show(result, lambda: [words("review_done", **result)], as_json=as_json)


@app.command("final", help=words("help_review_final"))
def final(
    society: str,
    by: By,
    number: Annotated[str, typer.Option(help=words("help_review_number"))],
    round: InRound = None,
    as_json: AsJson = False,
) -> None:
    with house() as opened:
        row, whom = round_row(opened, round), one_society(opened, society)

        def work(db: sa.Connection) -> dict[str, Any]:
            office = _office(db, opened, row, by, "final")
            _walk(office, whom)
            try:
                made = finalizing.finalize(office, whom, Decimal(number))
            except NotFinal as refused:
                raise Stop(words(refused.why, society=whom.name, **refused.about)) from None
            except InvalidOperation:
                raise Stop(words("help_review_number")) from None
            return {"society": whom.name, **made}

        done = opened.db.write(work)
        result = {**done, "reviewed": exact(done["total"])}  # null where the document prints no points: see `found`
        del result["total"]
        show(result, lambda: [words("final_done", **done)], as_json=as_json)


@app.command("release", help=words("help_review_release"))
def release(
    society: str,
    by: By,
    number: Annotated[int, typer.Option(help=words("help_review_number"))],
    round: InRound = None,
    as_json: AsJson = False,
) -> None:
    with house() as opened:
        row = round_row(opened, round)
        whom = None if society in releasing.EVERYBODY else one_society(opened, society)

        def work(db: sa.Connection) -> dict[str, Any]:
            office = _office(db, opened, row, by, "release")
            waiting = releasing.waiting_ones(db, row.id)
            found = [one for one in waiting if whom is None or one.society_id == whom.id]
            if number != len(found):
                raise Stop(words("review_number_changed", number=Decimal(number), now=len(found)))
            told, receipt = releasing.release(office, found)
            return {"societies": [one.name for one in found], "told": told, "receipt": receipt}

        result = opened.db.write(work)
        said = {"count": len(result["societies"]), "told": result["told"], "receipt": result["receipt"]}
        show(result, lambda: [words("release_done", **said)], as_json=as_json)
