"""extend, announce: the office acts, for scripts, as it does in the chat."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import typer

from bot.commands.desk import AsJson, By, InRound, Stop, house, one_society, round_row, show, staff, words
from bot.commands.rounds import moment
from bot.house import House
from bot.uploads import Unfit, keep
from handlers.cleaning import clean_name
from handlers.late import extending
from handlers.messages import Incoming
from handlers.notices import announcing
from handlers.notices.attaching import MOST_FILES
from handlers.notices.audience import audience
from storage import handouts
from storage.relations import ANNOUNCEMENT


def extend(
    society: str,
    until: Annotated[str, typer.Option(help=words("help_closes"))],
    reason: Annotated[str, typer.Option(help=words("help_reason"))] = "",
    by: By = None,
    round: InRound = None,
    as_json: AsJson = False,
) -> None:
    with house() as opened:
        row, whom, now = round_row(opened, round), one_society(opened, society), opened.now()
        to = moment(until, row.timezone)
        about = {"society": whom.name, "until": to, "zone": row.timezone}
        receipt = f"E-{whom.id}-{now:%y%m%d%H%M%S}"

        def work(db: sa.Connection) -> datetime | None:
            if extending.over(db, row, whom, now):
                raise Stop(words("extension_over", **about))
            by_whom = staff(db, by, "extend").person_id if by else None
            return extending.extend(db, row, whom, to, reason, now, by=by_whom, receipt=receipt)

        try:
            before = opened.db.write(work)
        except extending.NoExtension as error:
            raise Stop(words(error.why, **about)) from None
        local = ZoneInfo(row.timezone)
        result = {
            "society": whom.name,
            "old": before.astimezone(local).isoformat() if before else None,
            "new": to.isoformat(),
            "receipt": receipt,
        }
        show(result, lambda: [words("extended_line", **about, before=before, receipt=receipt)], as_json=as_json)


def announce(
    text: str,
    to: Annotated[str, typer.Option(help=words("help_to"))],
    number: Annotated[int | None, typer.Option(help=words("help_number"))] = None,
    file: Annotated[list[Path] | None, typer.Option(help=words("help_announce_file"))] = None,
    at: Annotated[str | None, typer.Option(help=words("help_at"))] = None,
    round: InRound = None,
    as_json: AsJson = False,
) -> None:
    with house() as opened:
        row, now = round_row(opened, round), opened.now()
        if at and ":" not in at:
            raise Stop(words("bad_moment", said=at))
        goes = moment(at, row.timezone) if at else None
        if goes is not None and goes <= now:
            raise Stop(words("announce_when", said=at, at=goes, zone=row.timezone))
        files = _kept(opened, file or [])

        def work(db: sa.Connection) -> dict[str, Any]:
            meant = audience(db, row, to)
            if meant.doubtful:
                raise Stop(words("audience_doubtful", doubtful=meant.doubtful))
            if not meant.societies:
                raise Stop(words("audience_nobody", said=to))
            if number != len(meant.societies):
                raise Stop(words("announce_number", societies=len(meant.societies)))
            held = [_handed_out(db, one, now) for one in files]
            fixed = (text, to, meant.societies, now)
            id = announcing.announce(db, row.id, *fixed, by=None, send_at=goes, files=held)
            made = db.execute(sa.select(ANNOUNCEMENT.c.send_at).where(ANNOUNCEMENT.c.id == id)).one()
            told = {"id": id, "societies": number, "send_at": made.send_at.isoformat()}
            return {**told, "files": [one.name for one in files]}

        result = opened.db.write(work)
        about = {"id": result["id"], "societies": number, "at": goes, "zone": row.timezone, "receipt": ""}
        said = words("announced", **about, seconds=int(announcing.UNDO.total_seconds()))
        show(result, lambda: [said], as_json=as_json)


def _kept(opened: House, paths: Sequence[Path]) -> list[Incoming]:
    """The files of these paths, their bytes in the store."""
    if len(paths) > MOST_FILES:
        raise Stop(words("attached_too_many", count=len(paths), limit=MOST_FILES))
    found: list[Incoming] = []
    for path in paths:
        try:
            with path.open("rb") as content:
                found.append(keep(opened.store, content, clean_name(path.name) or path.name))
        except Unfit as error:
            raise Stop(str(error)) from None
        except OSError as error:
            raise Stop(words("file_unread", path=path, why=error.strerror)) from None
    return found


def _handed_out(db: sa.Connection, file: Incoming, now: datetime) -> dict[str, Any]:
    held = handouts.hand_out(db, file.name, file.sha256, file.size, file.kind, now)
    return {"name": file.name, "size": file.size, "held": held}
