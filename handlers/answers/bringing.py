"""Where files go that somebody brings by a link: whose they are, which item she has open, what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from handlers.answers.choosing import open_to
from handlers.answers.scene import mode
from handlers.inbox import recall
from handlers.messages import Incoming
from handlers.papers.delivering import held_until
from handlers.papers.papers import of_entry
from handlers.rounds import OwnTime, answered, closed, over, pinned, version
from rubrics.model import Item
from storage import seats
from storage.database import Database
from storage.relations import CONVERSATION, ENTRY, EVIDENCE, HANDOUT, INBOUND, OUTBOX, PAPER, ROUND, SOCIETY

_OPEN = (
    sa.select(
        CONVERSATION.c.item,
        CONVERSATION.c.pending,
        CONVERSATION.c.entry_id,
        ENTRY.c.status,
        ENTRY.c.supplementing,
        ENTRY.c.own_rubric,
        ENTRY.c.society_id,
        ENTRY.c.extended_to,
        ENTRY.c.closed_at.label("entry_closed_at"),
        ROUND,
        SOCIETY.c.kind,
    )
    .select_from(
        CONVERSATION.join(ENTRY, ENTRY.c.id == CONVERSATION.c.entry_id)
        .join(ROUND, ROUND.c.id == ENTRY.c.round_id)
        .join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    )
    .where(CONVERSATION.c.person_id == sa.bindparam("person"))
)


@dataclass(frozen=True)
class Offer:
    """A message that offered to take files, with the person it was said to."""

    id: int
    channel: str
    account: str
    address: str
    person_id: int
    society: str | None

    @property
    def key(self) -> str:
        """What is brought by this offer is one message, and only one."""
        return f"upload:{self.id}"


@dataclass(frozen=True)
class Aim:
    """What brought files would be for now: the papers that she said they are, else the item; late | submitted | open as
    in a turn. `awaits`: papers that are still owed as files, where nothing says yet what they are."""

    item: Item | None
    mode: str
    papers: tuple[str, ...] = ()
    awaits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Where a brought file is: in an item's evidence, among the papers handed in, in the tray, or nowhere."""

    name: str
    item: Item | None
    waiting: bool
    paper: str | None = None
    attached: bool = False  # to the announcement that the office says next
    taken: bool = False  # by the office for something else: a template, a list that is to be confirmed


def offer(db: Database, id: int) -> Offer | None:
    """The offer, if the person it was made to is still there."""
    with db.read() as connection:
        row = connection.execute(sa.select(OUTBOX).where(OUTBOX.c.id == id)).one_or_none()
        found = seats.who(connection, row.channel, row.account, row.address) if row else None
    if row is None or found is None or found.revoked_at is not None or found.person_id != row.person_id:
        return None
    return Offer(id, row.channel, row.account, row.address, found.person_id, found.society)


def used(db: Database, made: Offer) -> bool:
    return recall(db, made.channel, made.account, made.key) is not None


def aim(db: Database, person: int, now: datetime) -> Aim:
    """The item that is open in her conversation. Looks only: the turn decides."""
    with db.read() as connection:
        row = connection.execute(_OPEN, {"person": person}).one_or_none()
        if row is None:
            return Aim(None, "open")
        own = OwnTime(row.extended_to, row.entry_closed_at)
        late = closed(row, own) or over(row, own, now)
        if late and any(one.joined and one.id != row.id for one in open_to(connection, row.society_id, now)):
            return Aim(None, "open")  # her next turn begins there, or asks which
        rubric = pinned(connection, version(row, row), row.kind)
        item = rubric.item(row.item) if row.item and rubric.items else None
        due = of_entry(connection, rubric, row.kind, row.entry_id).electronic()
    held = held_until(row.pending, now)
    papers = tuple(one.paper.title for one in due if one.paper.id in held)
    awaits = tuple(one.paper.title for one in due if one.state == "missing")
    at = mode(late=late, status=row.status, supplementing=row.supplementing)
    return Aim(None if papers else item, at, papers, () if papers or item else awaits)


def outcomes(db: Database, made: Offer, brought: Sequence[Incoming]) -> list[Outcome]:
    """Where each of these files is now; a paper only where this very message handed it in."""
    with db.read() as connection:
        place = connection.execute(
            sa.select(
                *(CONVERSATION.c.entry_id, CONVERSATION.c.tray),
                *(ROUND.c.rubric_sha256, ENTRY.c.own_rubric, ENTRY.c.society_id),
            )
            .select_from(CONVERSATION.join(ENTRY, ENTRY.c.id == CONVERSATION.c.entry_id).join(ROUND))
            .where(CONVERSATION.c.person_id == made.person_id)
        ).one_or_none()
        if place is None:
            return _of_the_office(connection, made.person_id, brought)
        kept = sa.select(EVIDENCE.c.sha256, EVIDENCE.c.item).where(
            EVIDENCE.c.entry_id == place.entry_id,
            EVIDENCE.c.sha256.in_([one.sha256 for one in brought]),
            EVIDENCE.c.withdrawn_at.is_(None),
        )
        items = {row.sha256: row.item for row in connection.execute(kept.order_by(EVIDENCE.c.id))}
        handed_in = sa.select(PAPER.c.sha256, PAPER.c.deliverable).join(INBOUND, INBOUND.c.id == PAPER.c.inbound_id)
        by = (INBOUND.c.channel == made.channel, INBOUND.c.account == made.account, INBOUND.c.key == made.key)
        papers = {row.sha256: row.deliverable for row in connection.execute(handed_in.where(*by))}
        rubric = answered(connection, place, place)
    titles = {paper.id: paper.title for paper in rubric.deliverables}
    waiting = {one["sha256"] for one in place.tray}
    return [
        Outcome(
            one.name,
            rubric.item(items[one.sha256]) if one.sha256 in items else None,
            waiting=one.sha256 in waiting,
            paper=titles[papers[one.sha256]] if one.sha256 in papers else None,
        )
        for one in brought
    ]


def _of_the_office(db: sa.Connection, person: int, brought: Sequence[Incoming]) -> list[Outcome]:
    pending = db.scalar(sa.select(CONVERSATION.c.pending).where(CONVERSATION.c.person_id == person)) or {}
    attached = {one["sha256"] for one in pending.get("files", ())}
    kept = sa.select(HANDOUT.c.sha256).where(HANDOUT.c.person_id == person)
    taken = {pending.get("sha256"), *db.scalars(kept.where(HANDOUT.c.sha256.in_([one.sha256 for one in brought])))}
    return [
        Outcome(one.name, None, waiting=False, attached=one.sha256 in attached, taken=one.sha256 in taken)
        for one in brought
    ]
