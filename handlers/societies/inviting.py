"""Invitations made in the chat: one with its picture to scan, or a sheet of cards for many, ready to print."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import Outgoing, Reply
from handlers.phrasebook import pages, phrasebook
from handlers.premises import Premises
from handlers.reports.cards import Card, sheet_of_cards
from handlers.societies import joining, roster
from handlers.societies.registrar import Registrar, counted
from storage import handouts
from storage.relations import INVITATION, Row

MOST_CARDS = 100  # in one turn: a second of work, in which nothing else is written
SHOWN_IN_CHAT = 12
WHOM = (
    ("unbound", re.compile("[没未]有?(?:绑定|加入|人)的?")),
    ("uninvited", re.compile("(?:还)?[没未]有?(?:发过?)?(?:邀请|码|邀请码|发|发过)的?")),
    ("all", re.compile("全部|所有|全体|每家|大家")),
)
LOOPBACK = re.compile(r"^https?://(?:127\.|localhost|\[::1\]|0\.0\.0\.0)")


@dataclass(frozen=True)
class Invited:
    """A society with its new code, in the clear for this once."""

    society: str
    person: str | None
    code: str
    link: str
    links: dict[str, str]
    until: datetime


def invited(
    db: sa.Connection,
    place: Premises,
    society: Row,
    person: str | None,
    now: datetime,
    *,
    by: int | None,
    replaces: Sequence[int] = (),
) -> Invited:
    """A new code for a society, by which somebody of this name comes in."""
    whom = {"society_id": society.id, "role": "secretary", "name": person}
    code = joining.invite(db, **whom, now=now, by=by, replaces=list(replaces) or None)
    links = place.links(db, code)
    return Invited(society.name, person, code, links["web"], links, now + joining.LASTS)


def one(registrar: Registrar, said: str) -> list[Reply]:
    """«邀请 医学会», «邀请 医学会 王老师»: the code, words to pass on, and the picture."""
    if not said:
        return [phrasebook().reply("invite_how", {})]
    society, person = _whom(registrar.db, said)
    made = invited(
        registrar.db,
        registrar.premises,
        society,
        person or society.contact,
        registrar.now,
        by=registrar.actor.person_id,
    )
    return told(registrar, made)


def _whom(db: sa.Connection, said: str) -> tuple[Row, str | None]:
    """A society, and behind a blank the person's name. Raises roster.Unsure."""
    found = roster.meant(db, said)
    front, _, name = said.strip().rpartition(" ")
    if found.certain is None and front:
        return roster.one(db, front), name
    return (found.certain or roster.one(db, said)), None


def told(registrar: Registrar, made: Invited, name: str = "invitation") -> list[Reply]:
    """What the office reads, and apart from it what is to be passed on, with the picture."""
    about = _about(registrar, made)
    file = _handed_out(registrar, phrasebook().text("invitation_picture", about), "png", picture(made.link))
    return [phrasebook().reply(name, about), Reply(phrasebook().text("invitation_words", about), files=(file,))]


def _about(registrar: Registrar, made: Invited) -> dict[str, Any]:
    here = bool(LOOPBACK.match(registrar.premises.address))
    return {"made": made, "zone": registrar.premises.zone, "receipt": registrar.receipt, "here_only": here}


def picture(link: str) -> bytes:
    """A QR picture as PNG."""
    import segno

    drawn = io.BytesIO()
    segno.make(link, micro=False).save(drawn, kind="png", scale=8, border=3)
    return drawn.getvalue()


def _handed_out(registrar: Registrar, name: str, kind: str, data: bytes) -> Outgoing:
    blob = registrar.store.put(io.BytesIO(data))
    by = registrar.actor.person_id
    return Outgoing(name, handouts.hand_out(registrar.db, name, blob.sha256, blob.size, kind, registrar.now, person=by))


def many(registrar: Registrar, said: str) -> list[Reply]:
    """«邀请 没绑定的»: how many cards, to be confirmed by the number."""
    whom = next(name for name, pattern in WHOM if pattern.fullmatch(said))
    rows = chosen(registrar.db, whom, registrar.now)
    bound = roster.bound(registrar.db)
    about = {"said": said, "all": len(rows), "count": min(len(rows), MOST_CARDS), "zone": registrar.premises.zone}
    if not rows:
        return [phrasebook().reply("cards_nobody", about)]
    registrar.wait_for("cards", whom=whom, said=said)
    until = registrar.now + joining.LASTS
    taken = sum(row.id in bound for row in rows[:MOST_CARDS])
    here = bool(LOOPBACK.match(registrar.premises.address))
    return [phrasebook().reply("cards_sure", {**about, "until": until, "bound": taken, "here_only": here})]


def chosen(db: sa.Connection, whom: str, now: datetime) -> list[Row]:
    """The societies to invite: all, those with nobody (unbound), or of these those without a live code (uninvited)."""
    rows = roster.societies(db)
    if whom == "all":
        return rows
    bound = roster.bound(db)
    live = (INVITATION.c.used_at.is_(None), INVITATION.c.expires_at > now, INVITATION.c.role == "secretary")
    waiting = set(db.scalars(sa.select(INVITATION.c.society_id).where(*live))) if whom == "uninvited" else set()
    return [row for row in rows if row.id not in bound and row.id not in waiting]


def cards_made(registrar: Registrar, waiting: dict[str, Any], words: str) -> list[Reply] | None:
    """The number typed: a code for each, on cards to print and as lines to paste."""
    typed = counted(words)
    if typed is None:
        return None
    rows = chosen(registrar.db, waiting["whom"], registrar.now)
    here = rows[:MOST_CARDS]
    if typed != len(here):
        return [phrasebook().reply("not_the_number", {"number": typed, "now": len(here)})]
    by = registrar.actor.person_id
    made = [invited(registrar.db, registrar.premises, row, row.contact, registrar.now, by=by) for row in here]
    lines = [phrasebook().text("invitation_line", {"made": one, "zone": registrar.premises.zone}) for one in made]
    about = {"count": len(made), "left": len(rows) - len(here), "until": made[0].until, "zone": registrar.premises.zone}
    about |= {"receipt": registrar.receipt, "in_chat": len(made) <= SHOWN_IN_CHAT}
    files = (
        _handed_out(registrar, phrasebook().text("cards_file", about), "docx", printed(made, registrar.premises.zone)),
        _handed_out(registrar, phrasebook().text("cards_lines_file", about), "txt", _pasted(lines)),
    )
    reply = phrasebook().reply("cards_made", about)
    shown = [Reply(text) for text in pages(lines)] if len(made) <= SHOWN_IN_CHAT else []
    return [Reply(reply.text, reply.choices, files), *shown]


def _pasted(lines: list[str]) -> bytes:
    return "\ufeff".encode() + "\r\n\r\n".join(line.replace("\n", "\r\n") for line in lines).encode()


def printed(made: Sequence[Invited], zone: str) -> bytes:
    """A .docx of cards, eight to a page."""
    cards = []
    for one in made:
        about = {"made": one, "zone": zone}
        text = phrasebook().text("card", about)
        cards.append(Card(one.society, one.code, tuple(text.split("\n")), picture(one.link)))
    return sheet_of_cards(cards)
