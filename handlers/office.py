"""What the office does from the chat: extends, asks who has read, looks at the calendar; mass acts need the number typed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers import rounds, stages
from handlers.awaiting import SCREEN
from handlers.late import extending
from handlers.messages import Incoming, Reply
from handlers.notices import announcing
from handlers.notices.audience import Audience, audience
from handlers.phrasebook import pages, phrasebook
from handlers.rights import Actor
from handlers.rounds import deadline
from handlers.societies.roster import Unsure
from handlers.understanding import moments
from handlers.understanding.lexicon import lexicon
from storage import queries
from storage.relations import CONVERSATION, ENTRY, ROUND, SOCIETY, Row

NO_STAGE = {
    "no_such_stage": "office_no_such_stage",
    "bad_stage_date": "office_bad_stage_date",
    "stage_decided": "office_stage_decided",
}
USUAL_CLOSING = time(17, 30)
WALKED_ON = ("accept_rest",)  # confirmed by a number while an item under review stays open


@dataclass(frozen=True)
class Office:
    """A member of staff at work in a round."""

    db: sa.Connection
    actor: Actor
    round: Row
    now: datetime
    files: tuple[Incoming, ...] = ()  # what came with the message, stored already
    receipt: str = ""  # of what this turn stores
    channel: str = ""
    inbound: int | None = None  # the message that this answers; None: a command
    seen: int | None = None  # the last reply on her screen when she sent it, if the channel says

    def held(self) -> "Office":
        """The same, with its round as it stands once no colleague is at it; she waits until this turn ends."""
        locked = sa.select(ROUND).where(ROUND.c.id == self.round.id).with_for_update(key_share=True)
        return replace(self, round=self.db.execute(locked).one())

    def wait_for(self, wish: str, **about: Any) -> None:
        """The next message may confirm this, in this round."""
        asked = {"round": self.round.id, **about, "wish": wish, "role": self.actor.role}
        self._pend({name: one for name, one in asked.items() if name != SCREEN})

    def done(self) -> None:
        self._pend(None)

    def paged(self, name: str, line: str, found: Sequence[Mapping[str, Any]], **about: Any) -> list[Reply]:
        """A list with its head `name`, a message per screen; the ways on hang on the last."""
        whole = {**about, "count": len(found), "zone": self.round.timezone}
        lines = [phrasebook().text(line, {**whole, **one}) for one in found]
        return _with_choices(pages(lines, phrasebook().text(name, whole)), name, whole)

    def _pend(self, pending: dict[str, Any] | None) -> None:
        hers = sa.update(CONVERSATION).where(CONVERSATION.c.person_id == self.actor.person_id)
        self.db.execute(hers.values(pending=pending))
        if pending and pending["wish"] not in WALKED_ON:
            self.db.execute(hers.values(item=None))  # the number typed next is no score


def pending(db: sa.Connection, person: int) -> dict[str, Any] | None:
    found = db.scalar(sa.select(CONVERSATION.c.pending).where(CONVERSATION.c.person_id == person))
    return dict(found) if found else None


def doubtful(meant: Audience) -> list[Reply]:
    """The refusal where it is not certain who is meant; nothing where it is. Raises Unsure for a name to choose."""
    if len(meant.doubtful) == 1 and meant.doubtful[0][1]:
        raise Unsure(*meant.doubtful[0])
    if meant.doubtful:
        return [phrasebook().reply("audience_doubtful", {"doubtful": meant.doubtful})]
    return [] if meant.societies else [phrasebook().reply("audience_nobody", {"said": meant.said})]


def extend(office: Office, whom: str, how_long: str) -> list[Reply]:
    """«给医学会延期三天»: one society at once, several by the number."""
    meant = audience(office.db, office.round, whom)
    if refusal := doubtful(meant):
        return refusal
    until = _until(office, meant.societies[0], how_long)
    if until is None:
        return [phrasebook().reply("extend_how_long", {"said": how_long})]
    if len(meant.societies) > 1:
        ids = [row.id for row in meant.societies]
        about_them = {"whom": whom, "how_long": how_long, "number": len(ids), "societies": ids}
        office.wait_for("extend", **about_them, before=_deadlines(office, meant))
        about = {"number": len(meant.societies), "names": [row.name for row in meant.societies[:5]]}
        return [phrasebook().reply("extend_sure", {**about, "said": how_long})]
    return _extended(office, meant, how_long)


def _until(office: Office, society: Row, how_long: str) -> datetime | None:
    """The new deadline of a society: so much after its present one, or the moment named."""
    entry = _entry(office, society)
    if length := moments.span(how_long):
        return max(deadline(office.round, entry) or office.now, office.now) + length
    zone = office.round.timezone
    return moments.moment(how_long, office.now, zone, usual=USUAL_CLOSING)


def _deadlines(office: Office, meant: Audience) -> list[str | None]:
    """Until when each has time now: a colleague may be giving more at the same moment."""
    times = [deadline(office.round, _entry(office, society)) for society in meant.societies]
    return [at.isoformat() if at else None for at in times]


def _entry(office: Office, society: Row) -> Row | None:
    here = (ENTRY.c.round_id == office.round.id, ENTRY.c.society_id == society.id)
    return office.db.execute(sa.select(ENTRY).where(*here)).one_or_none()


def _extended(office: Office, meant: Audience, how_long: str) -> list[Reply]:
    lines: list[str] = []
    office = office.held()  # a round that a colleague is ending gives no more time
    for society in meant.societies:
        until = _until(office, society, how_long)
        assert until is not None, "looked at before"
        about = {"society": society.name, "until": until, "zone": office.round.timezone}
        if extending.over(office.db, office.round, society, office.now):  # what is closed is opened again by two
            lines.append(phrasebook().text("extension_over", about))
            continue
        try:
            reason = moments.rest(how_long)
            by = office.actor.person_id
            given = office.receipt
            before = extending.extend(office.db, office.round, society, until, reason, office.now, by=by, receipt=given)
            lines.append(phrasebook().text("extended_line", {**about, "before": before, "receipt": given}))
        except extending.NoExtension as refused:
            lines.append(phrasebook().text(refused.why, about))
    return [Reply(text) for text in pages(lines, phrasebook().text("extended_head", {"count": len(lines)}))]


def confirm(office: Office, waiting: dict[str, Any], number: int) -> list[Reply]:
    """The number typed: right, and the time is given; not, and nothing is done. Who is meant is looked up again, and
    has to be who was shown."""
    office.done()
    office = office.held()
    meant = audience(office.db, office.round, waiting["whom"])
    if number != len(meant.societies) or [row.id for row in meant.societies] != waiting["societies"]:
        return [phrasebook().reply("not_the_number", {"number": number, "now": len(meant.societies)})]
    if waiting.get("before") != _deadlines(office, meant):
        return [phrasebook().reply("extend_moved", {"whom": waiting["whom"], "how_long": waiting["how_long"]})]
    return _extended(office, meant, waiting["how_long"])


def report(office: Office, number: int) -> list[Reply]:
    """«通知 3»: how many in each state, and who has not got or not read it."""
    row = announcing.announcement(office.db, number)
    if row is None:
        return [phrasebook().reply("no_announcement", {"number": number})]
    told = announcing.targets(office.db, number)
    counts = {state: sum(one.state == state for one in told) for state in announcing.STATES}
    about = {"row": row, "counts": counts, "total": len(told), "zone": office.round.timezone}
    read = sum(one.acked_at is not None for one in told)
    later = announcing.joined_later(office.db, number)
    head = phrasebook().text("announcement_report", {**about, "read": read, "later": later})
    lost = [one for one in told if one.person and one.state in ("uncertain", "failed", "unreachable")]
    lines = [phrasebook().text("announcement_lost", {"one": one}) for one in lost]
    if empty := announcing.nobody_joined(told):
        lines.append(
            phrasebook().text("announcement_unjoined", {"names": empty[:3], "count": len(empty), "number": number})
        )
    return _with_choices(pages(lines, head), "announcement_report", {**about, "read": read, "later": later})


def unread(office: Office, number: int) -> list[Reply]:
    """«未读 3»: who got it and has not said so."""
    if announcing.announcement(office.db, number) is None:
        return [phrasebook().reply("no_announcement", {"number": number})]
    told = [one for one in announcing.targets(office.db, number) if one.state == "sent" and one.acked_at is None]
    lines = [phrasebook().text("announcement_unread_line", {"one": one}) for one in told]
    head = phrasebook().text("announcement_unread", {"number": number, "count": len(told)})
    return _with_choices(pages(lines, head), "announcement_unread", {"number": number, "count": len(told)})


def nudge(office: Office, number: int) -> list[Reply]:
    """«催读 3»: once more, only to those."""
    count = announcing.nudge(office.db, number, office.now)
    if count is None:
        return [phrasebook().reply("no_announcement", {"number": number})]
    details: dict[str, Any] = {"number": number, "count": count, "receipt": office.receipt}
    if count:
        by, round = office.actor.person_id, office.round.id
        queries.note_act(office.db, office.now, "nudged", person=by, round=round, **details)
    return [phrasebook().reply("announcement_nudged", details)]


def settle_stage(office: Office, stage: str, when: str) -> list[Reply]:
    """«定日期 申报 2027年4月20日»: a date that the document leaves open or contradicts."""
    at = moments.moment(when, office.now, office.round.timezone, usual=USUAL_CLOSING)
    said = f"{at:%Y-%m-%dT%H:%M}" if at and moments.timed(when) else f"{at:%Y-%m-%d}" if at else when
    said = stages.UNKNOWN if when in lexicon().undecided else said
    try:
        closes = rounds.settle_stage(office.db, office.round, stage, said, office.now, by=office.actor.person_id)
    except stages.BadStage as bad:
        known = [one.title for one in stages.stored(office.round.stages)]
        return [phrasebook().reply(NO_STAGE[bad.why], {"said": bad.said, "known": known})]
    about = {"stage": stage, "said": said, "closes": closes, "zone": office.round.timezone, "receipt": office.receipt}
    return [phrasebook().reply("stage_settled", about)]


def calendar(office: Office) -> list[Reply]:
    """«日历»: the round's stages and the deadlines that differ."""
    zone = ZoneInfo(office.round.timezone)
    given = sa.select(ENTRY.c.extended_to, SOCIETY.c.name).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    rows = office.db.execute(
        given.where(ENTRY.c.round_id == office.round.id, ENTRY.c.extended_to.is_not(None)).order_by(ENTRY.c.extended_to)
    ).all()
    listed = stages.stored(office.round.stages)
    about = {
        "round": office.round,
        "stages": listed,
        "now": office.now.astimezone(zone),
        "extended": rows[:10],
        "more": len(rows) > 10,
    }
    return [phrasebook().reply("calendar", about)]


def _with_choices(texts: list[str], name: str, about: dict[str, Any]) -> list[Reply]:
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices(name, about))]


NUMBERED: dict[str, Callable[[Office, int], list[Reply]]] = {"report": report, "unread": unread, "nudge": nudge}
