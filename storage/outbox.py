"""What is owed and what became of it: claimed by one sender at a time, in order for each chat, settled once (R7)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.prepared import Prepared
from storage.relations import ACT, CONTACT, OUTBOX, PERSON, Row

# What may be said twice without harm: it carries the same receipt. Everything else is sent again only where the
# platform itself drops a copy.
REPEATABLE = ("reply",)
# A message whose every sending ends in a crash of ours is set aside for people to look at.
MOST_CRASHES = 5
MOST_ALONG = 10  # put before one answer: as much as anybody reads
OPEN = ("pending", "on_wire", "held")
# The very words of the partial indexes: SQLite uses one only where the query says the same, without parameters.
OWED = sa.text("state IN ('pending','on_wire')")
WAITING = sa.text("state IN ('held','unreachable')")
TROUBLE = sa.text("state IN ('uncertain','failed')")


# Asked in every turn, so made once.
_WAITS = Prepared(lambda _: sa.select(sa.exists().where(OUTBOX.c.person_id == sa.bindparam("person"), WAITING)))


def owe(db: sa.Connection, row: Mapping[str, Any]) -> bool:
    """Something said unasked; False where this cause has been owed before."""
    known = sa.select(OUTBOX.c.id).where(OUTBOX.c.cause == row["cause"], OUTBOX.c.part == row["part"])
    if db.scalar(known) is not None:
        return False
    whole = {"account": "", "choices": [], "files": [], "state": "pending", "attempts": 0, "done": 0, **row}
    db.execute(sa.insert(OUTBOX).values(**whole))
    return True


def claim(
    db: sa.Connection, channel: str, account: str, *, lease: str, now: datetime, limit: int, resting: Iterable[str] = ()
) -> list[Row]:
    """The next thing owed to each of at most `limit` chats, now on the wire under this lease. Chats where somebody waits
    for an answer come first; within a chat the oldest does, so that the order holds. `resting` chats are left alone."""
    if paused(db):
        return []
    expire(db, channel, account, now)
    mine = (OUTBOX.c.channel == channel, OUTBOX.c.account == account)
    other = OUTBOX.alias()
    busy = sa.exists().where(
        other.c.channel == channel,
        other.c.account == account,
        other.c.address == OUTBOX.c.address,
        OWED,
        other.c.state == "on_wire",
    )
    due = sa.or_(OUTBOX.c.not_before.is_(None), OUTBOX.c.not_before <= now)
    first = sa.func.min(OUTBOX.c.id).label("id")
    waited_for = sa.func.min(sa.case((OUTBOX.c.kind == "reply", 0), else_=1)).label("waited_for")
    heads = (
        sa.select(first, waited_for)
        .where(*mine, OWED, OUTBOX.c.state == "pending", due, ~busy, OUTBOX.c.address.not_in(list(resting)))
        .group_by(OUTBOX.c.address)
        .order_by(waited_for, first)
        .limit(limit)
        .subquery()
    )
    chosen = sa.select(OUTBOX.c.id).where(OUTBOX.c.id.in_(sa.select(heads.c.id))).with_for_update(skip_locked=True)
    ids = list(db.scalars(chosen))
    if not ids:
        return []
    still = (OUTBOX.c.id.in_(ids), OUTBOX.c.state == "pending")
    db.execute(sa.update(OUTBOX).where(*still).values(state="on_wire", lease=lease))
    taken = sa.select(OUTBOX).where(OUTBOX.c.id.in_(ids), OUTBOX.c.lease == lease, OUTBOX.c.state == "on_wire")
    return sorted(db.execute(taken), key=lambda row: (row.kind != "reply", row.id))


def still_wanted(db: sa.Connection, row: Row) -> bool:
    """Whether what is said unasked still has somebody to hear it: known, not put out, at this address."""
    if row.kind == "reply":
        return True
    live = sa.select(CONTACT.c.id).join(PERSON, PERSON.c.id == CONTACT.c.person_id)
    here = (CONTACT.c.channel == row.channel, CONTACT.c.account == row.account, CONTACT.c.address == row.address)
    chosen = live.where(*here, CONTACT.c.ended_at.is_(None), PERSON.c.revoked_at.is_(None))
    return db.scalar(chosen.where(PERSON.c.id == row.person_id)) is not None


def settle(db: sa.Connection, ids: Iterable[int], state: str, now: datetime, **more: Any) -> int:
    """The fate of what was on the wire or pending; how many rows it was true of. What has a fate keeps it."""
    open_ones = (OUTBOX.c.id.in_(list(ids)), OUTBOX.c.state.in_(OPEN))
    settled = {"state": state, "lease": None, "settled_at": None if state in OPEN else now}
    return int(db.execute(sa.update(OUTBOX).where(*open_ones).values(**settled, **more)).rowcount)


def release(db: sa.Connection, ids: Iterable[int]) -> None:
    """Let go at once what had been kept back for an answer on the same line."""
    kept = (OUTBOX.c.id.in_(list(ids)), OUTBOX.c.state == "pending", OUTBOX.c.attempts == 0)
    db.execute(sa.update(OUTBOX).where(*kept).values(not_before=None))


def paused(db: sa.Connection) -> bool:
    """Nothing is sent: this is a restored copy, and nobody has said yet that it is the one that speaks."""
    latest = sa.select(ACT.c.act).where(sa.text("act IN ('restored','released')")).order_by(ACT.c.id.desc()).limit(1)
    return db.scalar(latest) == "restored"


def rows(db: sa.Connection, ids: Iterable[int]) -> list[Row]:
    """These messages, oldest first."""
    return list(db.execute(sa.select(OUTBOX).where(OUTBOX.c.id.in_(list(ids))).order_by(OUTBOX.c.id)))


def expire(db: sa.Connection, channel: str, account: str, now: datetime) -> None:
    """What is of no use any more is not sent."""
    mine = (OUTBOX.c.channel == channel, OUTBOX.c.account == account, OWED, OUTBOX.c.state == "pending")
    gone = sa.update(OUTBOX).where(*mine, OUTBOX.c.valid_until <= now)
    db.execute(gone.values(state="expired", settled_at=now))


def expire_waiting(db: sa.Connection, now: datetime) -> None:
    """Nor does what waits for somebody to come back wait for ever."""
    gone = sa.update(OUTBOX).where(WAITING, OUTBOX.c.valid_until <= now)
    db.execute(gone.values(state="expired", settled_at=now))


def recover(db: sa.Connection, channel: str, account: str, *, lease: str, now: datetime, dedups: bool) -> None:
    """What a sender that is gone had on the wire. Nobody knows whether it arrived: a reply is sent again, anything else
    only where the platform drops copies (`dedups`); the rest is uncertain. Only the one sender of an account may."""
    mine = (OUTBOX.c.channel == channel, OUTBOX.c.account == account, OUTBOX.c.state == "on_wire")
    orphans = (*mine, OUTBOX.c.lease != lease)
    crashed = {"error": "the sender died while sending"}
    poison = sa.update(OUTBOX).where(*orphans, OUTBOX.c.attempts >= MOST_CRASHES)
    db.execute(poison.values(state="failed", lease=None, settled_at=now, **crashed))
    again = sa.true() if dedups else OUTBOX.c.kind.in_(REPEATABLE)
    # Nobody is left to give an answer by hand.
    by_hand = sa.update(OUTBOX).where(*mine[:2], OUTBOX.c.state == "pending", OUTBOX.c.kind == "reply")
    db.execute(by_hand.values(not_before=None))
    retried = sa.update(OUTBOX).where(*orphans, again)
    db.execute(retried.values(state="pending", lease=None, not_before=None, attempts=OUTBOX.c.attempts + 1))
    unsure = sa.update(OUTBOX).where(*orphans)
    db.execute(unsure.values(state="uncertain", lease=None, settled_at=now, **crashed))


def lose_touch(db: sa.Connection, channel: str, account: str, address: str, now: datetime) -> None:
    """The platform says that this person can't be reached: nothing more is tried there until she is back."""
    here = (OUTBOX.c.channel == channel, OUTBOX.c.account == account, OUTBOX.c.address == address)
    waiting = sa.update(OUTBOX).where(*here, OUTBOX.c.state.in_(("pending", "held")))
    db.execute(waiting.values(state="unreachable", settled_at=now))
    _mark(db, channel, account, address, now)


def regain_touch(db: sa.Connection, channel: str, account: str, address: str) -> None:
    _mark(db, channel, account, address, None)


def _mark(db: sa.Connection, channel: str, account: str, address: str, at: datetime | None) -> None:
    here = (CONTACT.c.channel == channel, CONTACT.c.account == account, CONTACT.c.address == address)
    db.execute(sa.update(CONTACT).where(*here, CONTACT.c.ended_at.is_(None)).values(unreachable_at=at))


def bring_along(
    db: sa.Connection,
    person: int,
    here: tuple[str, str, str],
    inbound: int,
    now: datetime,
    *,
    read: bool,
    by_hand: datetime | None,
) -> list[int]:
    """What could not be pushed to this person, whatever the channel, now goes before the answer to her message from
    `here` (channel, account, address), but for reminders, which need not be said any more. Where the answer goes out
    `by_hand`, what is on its way to her too. Where she `read`s it herself it is delivered by that. The ids, oldest
    first."""
    if not by_hand and not _WAITS.run(db, {"person": person})[0][0]:
        return []
    there = dict(zip(("channel", "account", "address"), here, strict=True))
    waits = sa.and_(OUTBOX.c.person_id == person, WAITING)
    if by_hand:
        same = [OUTBOX.c[name] == value for name, value in there.items()]
        due = sa.or_(OUTBOX.c.not_before.is_(None), OUTBOX.c.not_before <= now)
        waits = sa.or_(waits, sa.and_(*same, OWED, OUTBOX.c.state == "pending", due))
    useful = sa.or_(OUTBOX.c.valid_until.is_(None), OUTBOX.c.valid_until > now)
    oldest = sa.select(OUTBOX.c.id, OUTBOX.c.kind).where(waits, useful).order_by(OUTBOX.c.id).limit(MOST_ALONG)
    found = list(db.execute(oldest))
    if reminders := [row.id for row in found if row.kind == "reminder"]:
        needless = {"state": "cancelled", "settled_at": now, "error": "she has come by herself"}
        db.execute(sa.update(OUTBOX).where(OUTBOX.c.id.in_(reminders)).values(**needless))
    if not (ids := [row.id for row in found if row.kind != "reminder"]):
        return []
    fate = {"state": "sent", "settled_at": now} if read else {"state": "pending", "settled_at": None}
    fresh = {"not_before": by_hand, "attempts": 0, "done": 0, "error": None, "lease": None}
    db.execute(sa.update(OUTBOX).where(OUTBOX.c.id.in_(ids)).values(**there, **fate, **fresh, fronted=inbound))
    return ids


def shown(db: sa.Connection, channel: str, account: str, address: str) -> int:
    """The newest reply that may be on a screen of who is at this address: all there is, but from the first on that has
    not left for there yet."""
    here = (OUTBOX.c.channel == channel, OUTBOX.c.account == account, OUTBOX.c.address == address)
    waiting = (*here, OWED, OUTBOX.c.state == "pending", OUTBOX.c.kind == "reply")
    first = db.scalar(sa.select(sa.func.min(OUTBOX.c.id)).where(*waiting))
    return int(db.scalar(sa.select(sa.func.max(OUTBOX.c.id))) or 0) if first is None else int(first) - 1


def lag(db: sa.Connection, now: datetime) -> float:
    """Seconds that the oldest due message has been waiting to be sent; 0 when nothing waits."""
    due = sa.or_(OUTBOX.c.not_before.is_(None), OUTBOX.c.not_before <= now)
    since = sa.func.min(sa.func.coalesce(OUTBOX.c.not_before, OUTBOX.c.created_at))
    oldest = db.scalar(sa.select(since).where(OWED, OUTBOX.c.state == "pending", due))
    if oldest is None:
        return 0.0
    return float(max((now - oldest) / timedelta(seconds=1), 0.0))


def troubled(db: sa.Connection, since: datetime) -> int:
    """How many messages ended after this moment so that a person has to look: uncertain, or not sent at all."""
    chosen = sa.select(sa.func.count()).select_from(OUTBOX).where(TROUBLE, OUTBOX.c.settled_at > since)
    return int(db.scalar(chosen.where(OUTBOX.c.cause.not_like("alarm:%"))) or 0)


def listing(db: sa.Connection, states: Iterable[str], limit: int) -> list[Row]:
    """Messages in these states with the person each is for, newest first."""
    named = sa.select(OUTBOX, PERSON.c.name.label("person")).outerjoin(PERSON, PERSON.c.id == OUTBOX.c.person_id)
    chosen = named.where(OUTBOX.c.state.in_(list(states))).order_by(OUTBOX.c.id.desc()).limit(limit)
    return list(db.execute(chosen))


def counts(db: sa.Connection) -> dict[str, int]:
    """How many messages are in each state."""
    counted = sa.select(OUTBOX.c.state, sa.func.count()).group_by(OUTBOX.c.state)
    return {row[0]: row[1] for row in db.execute(counted)}


def retry(db: sa.Connection, ids: Iterable[int]) -> int:
    """A person decides that these failed or uncertain messages are sent again; how many there were."""
    chosen = (OUTBOX.c.id.in_(list(ids)), OUTBOX.c.state.in_(("failed", "uncertain", "unreachable", "held")))
    again = {"state": "pending", "attempts": 0, "not_before": None, "error": None, "settled_at": None, "lease": None}
    return int(db.execute(sa.update(OUTBOX).where(*chosen).values(**again)).rowcount)
