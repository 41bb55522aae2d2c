"""What the association's staff may ask in chat."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers import choosing, counter, kinds, lateness, office, people, reviewing, reviewoffice
from handlers.intents import Plain, Tell
from handlers.lexicon import lexicon
from handlers.messages import Incoming, Reply
from handlers.numerals import fold, number
from handlers.phrasebook import phrasebook
from handlers.rights import Actor, authorize
from handlers.rounds import season
from handlers.telling import due
from storage import queries
from storage.queries import ENTRY, ROUND, SOCIETY, Row

PAPERS: dict[str, Callable[..., list[Reply]]] = {
    "papers_in": counter.ticked,
    "papers_out": counter.unticked,
    "papers_of": counter.looked,
    "unit_kind": kinds.said,
}


def hear(
    db: sa.Connection,
    actor: Actor,
    words: str,
    now: datetime,
    *,
    files: tuple[Incoming, ...] = (),
    receipt: str = "",
    channel: str = "",
    inbound: int | None = None,
    seen: int | None = None,
) -> list[Reply]:
    """A member of staff's turn: what was asked to be confirmed, a command about somebody, or a look. `receipt` is for
    what this turn stores."""
    row = choosing.at_work(db, actor, words) or queries.newest_open_round(db) or queries.newest_round(db)
    desk = office.Office(db, actor, row, now, files, receipt, channel, inbound, seen) if row else None
    heard = _heard(db, actor, words, now, desk)
    return choosing.named(db, desk.round, heard) if desk else heard


def _heard(db: sa.Connection, actor: Actor, words: str, now: datetime, desk: office.Office | None) -> list[Reply]:
    waiting = office.pending(db, actor.person_id)
    if desk and waiting and waiting["wish"] == "choose":
        desk.done()
        if lexicon().command(words) == Plain("refuse"):
            return [phrasebook().reply("office_dropped", {})]
        words, waiting = counter.chosen(waiting, words), None
    if desk and (done := reviewoffice.confirmed(desk, waiting, words)):
        return done
    if desk and waiting:
        counted = number(fold(words).strip(" 。.个家"))
        if counted is not None and counted == int(counted) and "ids" in waiting:
            return lateness.chosen(desk, waiting, int(counted))
        if counted is not None and counted == int(counted):
            return office.confirm(desk, waiting, int(counted))
        if waiting["wish"] != "late_list":  # a list stays to be pointed at
            desk.done()
        if lexicon().command(words) == Plain("refuse"):
            return [phrasebook().reply("office_dropped", {})]
    if desk and (walked := reviewing.hear(desk, words)):
        return walked
    named = lexicon().staff_command(words)
    if desk and named and named[0] != "review_walk":
        reviewing.leave(desk)
    if named:
        return _commanded(db, actor, desk, *named, now)
    return _looked(db, actor, desk, words, now)


def _looked(db: sa.Connection, actor: Actor, desk: office.Office | None, words: str, now: datetime) -> list[Reply]:
    meant = lexicon().command(words)
    if meant in (Tell("account"), Plain("leave")):
        channels = "、".join(people.channels(db, actor.person_id))
        return [phrasebook().reply("account_staff", {"name": actor.name, "channels": channels})]
    if meant == Plain("logout"):
        queries.end_contact(db, actor.contact_id, now)
        return [phrasebook().reply("logged_out", {"society": actor.name})]
    if meant in (Tell("progress"), Plain("staff_progress"), Tell("missing")):
        return progress(db, desk.round, now) if desk else [phrasebook().reply("staff_help", {})]
    if lexicon().round_named(words) or meant == Plain("rounds"):
        return [choosing.rounds(db)]
    if desk and meant == Tell("papers"):
        return counter.overview(desk)
    if desk and meant == Plain("calendar"):
        return office.calendar(desk)
    taken_back = office.take_back(desk) if desk and meant == Plain("undo") else None
    return taken_back or [phrasebook().reply("staff_help", {})]


def _commanded(
    db: sa.Connection, actor: Actor, desk: office.Office | None, wish: str, about: tuple[str, ...], now: datetime
) -> list[Reply]:
    if not authorize(actor, Plain(wish)):
        return [phrasebook().reply("not_allowed_staff", {})]
    if wish == "people":
        return people.listed(db, about[0])
    if wish == "revoke_now":
        return people.put_out(db, actor, int(about[0][:9]), now)
    if wish == "revoke":
        return people.doubted(db, about[0])
    if desk is None:
        return [phrasebook().reply("staff_help", {})]
    if wish == "stage":
        return office.settle_stage(desk, *about)
    if wish in lateness.WISHES:
        return lateness.WISHES[wish](desk, *about)
    if wish in reviewoffice.WISHES:
        return reviewoffice.WISHES[wish](desk, *about)
    if wish in PAPERS:
        return PAPERS[wish](desk, *about)
    if wish in office.NUMBERED:
        return office.NUMBERED[wish](desk, int(about[0]))
    return office.announce(desk, *about) if wish == "announce" else office.extend(desk, *about)


def welcome(db: sa.Connection, actor: Actor) -> list[Reply]:
    rounds = db.scalar(sa.select(sa.func.count()).select_from(ROUND).where(ROUND.c.closed_at.is_(None)))
    return [phrasebook().reply("welcome_staff", {"name": actor.name, "rounds": rounds})]


def progress(db: sa.Connection, row: Row, now: datetime) -> list[Reply]:
    current = season(db, row, now)
    return [
        phrasebook().reply(
            "staff_progress",
            {
                **counts(db, current.id),
                "title": current.title,
                "due": due(current, now),
            },
        )
    ]


def counts(db: sa.Connection, round: int) -> dict[str, Any]:
    """Societies by state; one that has no entry yet has not started."""
    counted = sa.select(ENTRY.c.status, sa.func.count().label("n")).where(ENTRY.c.round_id == round)
    by_state: dict[str, int] = {row.status: row.n for row in db.execute(counted.group_by(ENTRY.c.status))}
    total = db.scalar(sa.select(sa.func.count()).select_from(SOCIETY)) or 0
    submitted, started = by_state.get("submitted", 0) + by_state.get("returned", 0), by_state.get("in_progress", 0)
    return {"submitted": submitted, "started": started, "waiting": total - submitted - started, "total": total}
