"""society add, import, list; invite."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import segno
import sqlalchemy as sa
import typer

from bot import inviting
from bot.commands.desk import AsJson, Stop, house, one_society, show, words
from bot.house import House
from handlers import joining, kinds, roster
from scheduler.delivery import Undelivered

app = typer.Typer(no_args_is_help=True, help=words("help_society"))


@app.command("add", help=words("help_society_add"))
def add(
    name: str,
    kind: Annotated[str | None, typer.Option(help=words("help_kind"))] = None,
    as_json: AsJson = False,
) -> None:
    plain = " ".join(name.split())
    if not plain or len(plain) > roster.LONGEST_NAME:
        raise Stop(words("bad_society_name"))
    with house() as opened:
        now = opened.now()
        try:
            new = opened.db.write(lambda db: _added(db, plain, kind, now))
        except kinds.NoSuchKind as refused:
            raise Stop(words(refused.why, **refused.about)) from None
        said = words("society_added" if new else "society_known", name=plain)
        show({"society": plain, "kind": kind, "new": new}, lambda: [said], as_json=as_json)


def _added(db: sa.Connection, name: str, kind: str | None, now: datetime) -> bool:
    """Of that kind; also where the society was there already."""
    meant = kinds.kind_of(db, kind) if kind is not None else None
    new = roster.add_society(db, name, now, kind=meant)
    if not new and kind is not None:
        row = roster.find(db, name)[0]
        if row.kind != meant:
            kinds.set_kind(db, row, meant, now, by=None)
    return new


@app.command("import", help=words("help_society_import"))
def import_list(file: Path, as_json: AsJson = False) -> None:
    try:
        found = roster.read_roster(file.read_bytes(), file.name)
    except OSError as error:
        raise Stop(words("file_unreadable", path=file, why=type(error).__name__)) from None
    except roster.Unreadable as error:
        raise Stop(words(error.why, headings="、".join(roster.HEADINGS))) from None
    with house() as opened:
        now = opened.now()
        new = opened.db.write(lambda db: [name for name in found.names if roster.add_society(db, name, now)])
        known = [name for name in found.names if name not in new]
        result = {"column": found.column, "new": new, "known": known, "repeated": list(found.repeated)}
        show(result, lambda: words("roster_imported", **result).split("\n"), as_json=as_json)


@app.command("list", help=words("help_society_list"))
def list_all(as_json: AsJson = False) -> None:
    with house() as opened, opened.db.read() as db:
        titles = {one.id: one.title for one in kinds.known(db)}
        rows = [{"society": row.name, "kind": row.kind} for row in roster.societies(db)]
    lines = [words("society_line", name=one["society"], kind=titles.get(one["kind"], one["kind"])) for one in rows]
    show(rows, lambda: lines or [words("no_societies")], as_json=as_json)


def invite(
    society: Annotated[str | None, typer.Argument(help=words("help_invite_society"))] = None,
    staff: Annotated[str | None, typer.Option(help=words("help_invite_staff"))] = None,
    name: Annotated[str | None, typer.Option(help=words("help_invite_name"))] = None,
    role: Annotated[str, typer.Option(help="reviewer | officer | administrator")] = "officer",
    qr: Annotated[Path | None, typer.Option(help=words("help_qr"))] = None,
    via: Annotated[str, typer.Option(help=words("help_via"))] = "web",
    as_json: AsJson = False,
) -> None:
    if (society is None) == (staff is None):
        raise Stop(words("invite_whom"))
    if role not in ("reviewer", "officer", "administrator"):
        raise Stop(words("bad_role", role=role))
    with house() as opened:
        row = one_society(opened, society) if society else None
        id, now = (row.id if row else None), opened.now()
        given = role if staff else "secretary"
        code = opened.db.write(lambda db: joining.invite(db, society_id=id, role=given, name=staff or name, now=now))
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
