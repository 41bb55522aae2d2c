"""extend, announce: the office acts, for scripts, as it does in the chat."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import typer

from bot.commands.desk import AsJson, InRound, Stop, house, one_society, round_row, show, words
from bot.commands.rounds import moment
from handlers import announcing, extending
from handlers.audience import audience
from storage.queries import ANNOUNCEMENT


def extend(
    society: str,
    until: Annotated[str, typer.Option(help=words("help_closes"))],
    reason: Annotated[str, typer.Option(help=words("help_reason"))] = "",
    round: InRound = None,
    as_json: AsJson = False,
) -> None:
    with house() as opened:
        row, whom, now = round_row(opened, round), one_society(opened, society), opened.now()
        to = moment(until, row.timezone)
        about = {"society": whom.name, "until": to, "zone": row.timezone}
        try:
            before = opened.db.write(lambda db: extending.extend(db, row, whom, to, reason, now, by=None))
        except extending.NoExtension as error:
            raise Stop(words(error.why, **about)) from None
        local = ZoneInfo(row.timezone)
        result = {
            "society": whom.name,
            "old": before.astimezone(local).isoformat() if before else None,
            "new": to.isoformat(),
        }
        show(result, lambda: [words("extended_line", **about, before=before)], as_json=as_json)


def announce(
    text: str,
    to: Annotated[str, typer.Option(help=words("help_to"))],
    number: Annotated[int | None, typer.Option(help=words("help_number"))] = None,
    round: InRound = None,
    as_json: AsJson = False,
) -> None:
    with house() as opened:
        row, now = round_row(opened, round), opened.now()

        def work(db: sa.Connection) -> dict[str, Any]:
            meant = audience(db, row, to)
            if meant.doubtful:
                raise Stop(words("audience_doubtful", doubtful=meant.doubtful))
            if not meant.societies:
                raise Stop(words("audience_nobody", said=to))
            if number != len(meant.societies):
                raise Stop(words("announce_number", societies=len(meant.societies)))
            id = announcing.announce(db, row.id, text, to, meant.societies, now, by=None)
            made = db.execute(sa.select(ANNOUNCEMENT.c.send_at).where(ANNOUNCEMENT.c.id == id)).one()
            return {"id": id, "societies": number, "send_at": made.send_at.isoformat()}

        result = opened.db.write(work)
        said = words("announced", id=result["id"], seconds=int(announcing.UNDO.total_seconds()))
        show(result, lambda: [said], as_json=as_json)
