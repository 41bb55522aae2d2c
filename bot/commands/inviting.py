"""invite, handover: ways in for societies and staff, one by one or as cards to print."""

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import segno
import sqlalchemy as sa
import typer

from bot import inviting
from bot.commands.desk import AsJson, Stop, house, one_society, show, words
from bot.house import House
from handlers.notices.calling import secretaries
from handlers.societies import handing_over, joining
from handlers.societies.inviting import Invited, chosen, invited, printed
from scheduler.delivery import Undelivered


def invite(
    society: Annotated[str | None, typer.Argument(help=words("help_invite_society"))] = None,
    staff: Annotated[str | None, typer.Option(help=words("help_invite_staff"))] = None,
    name: Annotated[str | None, typer.Option(help=words("help_invite_name"))] = None,
    role: Annotated[str, typer.Option(help="reviewer | officer | administrator")] = "officer",
    qr: Annotated[Path | None, typer.Option(help=words("help_qr"))] = None,
    via: Annotated[str, typer.Option(help=words("help_via"))] = "web",
    every: Annotated[bool, typer.Option("--all", help=words("help_invite_all"))] = False,
    unbound: Annotated[bool, typer.Option("--unbound", help=words("help_invite_unbound"))] = False,
    out: Annotated[Path | None, typer.Option(help=words("help_invite_out"))] = None,
    as_json: AsJson = False,
) -> None:
    if every or unbound:
        _many("unbound" if unbound else "all", out, as_json=as_json)
        return
    if (society is None) == (staff is None):
        raise Stop(words("invite_whom"))
    if role not in ("reviewer", "officer", "administrator"):
        raise Stop(words("bad_role", role=role))
    with house() as opened:
        row = one_society(opened, society) if society else None
        id, now = (row.id if row else None), opened.now()
        given = role if staff else "secretary"
        whom = staff or name or (row.contact if row else None)
        code = opened.db.write(lambda db: joining.invite(db, society_id=id, role=given, name=whom, now=now))
        expires = (now + joining.LASTS).astimezone(ZoneInfo(opened.settings.timezone))
        ways = inviting.links(opened, code)
        if qr:
            _draw(_scanned(opened, code, via), qr, code)
        result = {"code": code, "society": row.name if row else None, "role": given, "expires_at": expires.isoformat()}
        said = words(
            "invited",
            **result,
            whom=row.name if row else staff,
            links=ways,
            picture=qr,
            via=via,
            expires=expires,
            zone=opened.settings.timezone,
        )
        show({**result, "link": ways["web"], "links": ways}, lambda: said.split("\n"), as_json=as_json)


def _draw(what: str, place: Path, code: str) -> None:
    try:
        segno.make(what).save(str(place), scale=8, border=4)
    except (OSError, ValueError) as error:
        raise Stop(words("no_picture", path=place, why=type(error).__name__, code=code)) from None


def _scanned(opened: House, code: str, via: str) -> str:
    """What the picture holds; the code itself stands, whatever the platform says."""
    if via not in ("web", "telegram", "wechat"):
        raise Stop(words("bad_via", via=via, code=code))
    try:
        return inviting.link(opened, code, via)
    except inviting.NoWay as no_way:
        raise Stop(words(str(no_way), via=via, code=code)) from None
    except Undelivered as error:
        raise Stop(words("no_way_refused", why=str(error), code=code)) from None


def _many(whom: str, out: Path | None, *, as_json: bool) -> None:
    if out is None or out.suffix.lower() != ".docx" or not out.parent.is_dir():
        raise Stop(words("cards_where", path=out))
    with house() as opened:
        now, zone = opened.now(), opened.settings.timezone

        def work(db: sa.Connection) -> list[Invited]:
            place, rows = opened.premises, chosen(db, whom, now)
            return [invited(db, place, row, row.contact, now, by=None) for row in rows]

        made = opened.db.write(work)
    if not made:
        raise Stop(words("cards_none"))
    out.write_bytes(printed(made, zone))
    result = [_told(one, zone) for one in made]
    show(
        result,
        lambda: [words("cards_written", count=len(made), path=out, until=made[0].until, zone=zone)],
        as_json=as_json,
    )


def _told(one: Invited, zone: str) -> dict[str, Any]:
    until = one.until.astimezone(ZoneInfo(zone)).isoformat()
    return {"code": one.code, "society": one.society, "role": "secretary", "expires_at": until, "link": one.link}


def handover(
    society: str,
    name: str,
    keep: Annotated[bool, typer.Option("--keep", help=words("help_keep"))] = False,
    as_json: AsJson = False,
) -> None:
    with house() as opened:
        row, now, zone = one_society(opened, society), opened.now(), opened.settings.timezone

        def work(db: sa.Connection) -> tuple[Invited, list[str]]:
            there = secretaries(db, row.id)
            if any(one.name == name for one in there):
                raise Stop(words("hand_over_known", society=row.name, name=name))
            before = [] if keep else there
            replaces = [one.id for one in before]
            made = invited(db, opened.premises, row, name, now, by=None, replaces=replaces)
            handing_over.begin(db, row, name, replaces, now, by=None)
            return made, [one.name for one in before]

        made, before = opened.db.write(work)
    said = words("handover_made", made=made, before=before, zone=zone)
    show({**_told(made, zone), "replaces": before}, lambda: said.split("\n"), as_json=as_json)
