"""The turn: every message once, alone, in one transaction; what is answered here is as durable as what was said."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers import awaiting, secretary, staff, typed
from handlers.answers import choosing, filled, lasthours, listed
from handlers.answers.filled import Brought
from handlers.cleaning import UNFIT, seen
from handlers.desk import take_seat
from handlers.messages import Message, Reply
from handlers.phrasebook import pages, phrasebook
from handlers.premises import Premises
from handlers.receipts import receipt
from handlers.review import before
from handlers.rights import Actor
from handlers.societies import joining
from handlers.strangers import received
from handlers.turn import Taken, Turn, posted, settle
from handlers.understanding.lexicon import lexicon
from storage import exchanges, outbox, relations, seats, writes
from storage.database import Database

LONGEST_TEXT = 20_000  # characters


class Stranger(Exception):
    """Nobody known is at this address, and this is not the door to come in by."""


class Reused(Exception):
    """The key was used before, for something else."""


def take(
    db: Database,
    message: Message,
    now: datetime,
    *,
    strangers: bool = True,
    by_hand: datetime | None = None,
    premises: Premises | None = None,
) -> Taken:
    """One turn (R1). The same delivery gets the same words again and has no second effect (R2). Until `by_hand` the
    answer goes out with the answer to the platform's own call; what is left then is delivered. Raises Reused for a
    repeated key with other content, NotDurable when nothing could be stored, and where `strangers` have another door
    (the login of the web chat) Stranger, with nothing stored. What the office makes and sends needs the `premises`;
    documents are read from there before the lock."""
    brought = filled.look(premises.store, message.files) if premises else None
    edge: dict[str, Any] = {"strangers": strangers, "by_hand": by_hand, "premises": premises, "brought": brought}
    return db.write(lambda connection: _turn(connection, message, now, **edge))


def recall(db: Database, channel: str, account: str, key: str) -> Taken | None:
    """What a message that was taken before was answered; None where it has not been taken."""
    with db.read() as connection:
        first = exchanges.first_delivery(connection, channel, account, key)
        return _recalled(connection, first) if first else None


def _turn(
    db: sa.Connection,
    message: Message,
    now: datetime,
    *,
    strangers: bool,
    by_hand: datetime | None = None,
    premises: Premises | None = None,
    brought: Brought | None = None,
) -> Taken:
    cleaned = "" if message.public else seen(message.text)
    found = seats.who(db, message.channel, message.account, message.address)
    if not strangers and (found is None or found.revoked_at is not None):
        raise Stranger
    inbound = writes.insert_once(db, _inbound(message, cleaned, now))
    if inbound is None:
        return _again(db, message)
    turn = Turn(db, message, cleaned, inbound, now, by_hand=by_hand, brought=brought)
    if message.public:
        return settle(turn, None, [phrasebook().reply("in_public", {})])
    if found is None or joining.opens(db, cleaned, found, now):
        return received(turn)
    if found.revoked_at is not None:
        return replace(settle(turn, None, [phrasebook().reply("revoked", {})]), refused="revoked")
    actor = joining.actor(found)
    if found.unreachable_at is not None:
        outbox.regain_touch(db, message.channel, message.account, message.address)
    if len(cleaned) > LONGEST_TEXT:
        return _too_long(turn, actor)
    if message.choice:
        turn = _tapped(turn, actor)
    if message.refused and not cleaned and not message.files:
        turn = replace(turn, words=phrasebook().text("present", {}), said="")
    if actor.role != "secretary":
        return _staff(turn, actor, premises)
    return _secretary(turn, actor)


def _staff(turn: Turn, actor: Actor, premises: Premises | None) -> Taken:
    message, number = turn.message, receipt(turn.inbound)
    seats.hold_conversation(turn.db, actor.person_id)
    told = message.choice or message.files
    replies = staff.hear(
        turn.db,
        actor,
        turn.words if told else typed.words_of(turn.db, actor.person_id, turn.inbound, turn.words),
        turn.now,
        files=message.files,
        receipt=number,
        premises=premises,
        channel=message.channel,
        inbound=turn.inbound,
        seen=message.seen,
    )
    taken = settle(turn, actor, _with_refusals(message, replies))
    before.shown(turn.db, actor.person_id, taken.replies[-1].id)
    awaiting.shown(turn.db, actor.person_id, taken.replies[-1].id)
    return taken


def _secretary(turn: Turn, actor: Actor) -> Taken:
    number = receipt(turn.inbound)
    try:
        said = choosing.settle(turn.db, actor, turn.words, turn.now)
        desk = take_seat(turn.db, actor, turn.message, turn.inbound, number, turn.now, said)
    except choosing.Which as which:
        return settle(turn, actor, [choosing.ask(turn.db, actor, which, turn.message.files, turn.now, turn.words)])
    if desk is None:
        return settle(turn, actor, [phrasebook().reply("no_round", {"name": actor.name})])
    desk.brought = turn.brought
    heard = secretary.hear(desk, said.words)
    replies = _with_refusals(turn.message, heard.replies)
    if desk.elsewhere:
        replies.append(phrasebook().reply("round_elsewhere", {"one": desk.elsewhere, "title": desk.season.title}))
    if UNFIT.search(turn.message.text):
        replies = [Reply(phrasebook().text("cleaned", {})), *replies]
    taken = settle(turn, actor, replies, number if heard.stored else None)
    if desk.listed:
        listed.sent(desk, taken.replies[-1].id)
    if heard.asks:
        seats.set_question(turn.db, actor.person_id, taken.replies[-1].id)
    return taken


def _too_long(turn: Turn, actor: Actor) -> Taken:
    replies = [phrasebook().reply("too_long", {"length": len(turn.words), "limit": LONGEST_TEXT})]
    number = receipt(turn.inbound)
    hers = actor.role == "secretary"
    desk = take_seat(turn.db, actor, turn.message, turn.inbound, number, turn.now) if hers else None
    return settle(turn, actor, lasthours.offered(desk, replies) if desk else replies)


def _with_refusals(message: Message, replies: list[Reply]) -> list[Reply]:
    """What could not be taken is said first, in one message with the answer where that fits."""
    if not message.refused:
        return replies
    told = pages([replies[0].text], "\n".join(message.refused))
    if len(told) == 1:
        return [replace(replies[0], text=told[0]), *replies[1:]]
    return [Reply("\n".join(message.refused)), *replies]


def _inbound(message: Message, cleaned: str, now: datetime) -> dict[str, Any]:
    return {
        "channel": message.channel,
        "account": message.account,
        "key": message.key,
        "text": cleaned[: LONGEST_TEXT * 2],
        "choice": message.choice,
        "files": [vars(one) for one in message.files],
        "digest": message.digest(),
        "sent_at": message.sent_at,
        "received_at": now,
    }


def _again(db: sa.Connection, message: Message) -> Taken:
    """What the first delivery was answered."""
    first = exchanges.first_delivery(db, message.channel, message.account, message.key)
    assert first is not None, "the key is taken"
    if first.digest != message.digest():
        raise Reused(message.key)
    return _recalled(db, first)


def _recalled(db: sa.Connection, first: relations.Row) -> Taken:
    replies = tuple(posted(row) for row in exchanges.replies_to(db, first.id))
    return Taken(replies, first.receipt, again=True, refused=None if first.person_id else "again")


def _tapped(turn: Turn, actor: Actor) -> Turn:
    """The words behind a tapped choice. It was seen on the reply it hung on, so a stale tap is known as such; a tap on
    nothing is answered by showing where she stands."""
    message = turn.message
    assert message.choice is not None
    found = exchanges.choice_of(turn.db, message.channel, message.account, message.address, message.choice)
    if found is None:
        return replace(turn, words=phrasebook().text("present", {}), said=message.choice)
    label, words = found
    answers = lexicon().command(words) is None and lexicon().round_named(words) is None  # it does not only look or go
    if answers and exchanges.tapped_before(turn.db, actor.person_id, turn.inbound, message.choice):
        return replace(turn, words=phrasebook().text("present", {}), said=label)  # an answer is given once
    seen = int(message.choice.partition("-")[0])
    return replace(turn, message=replace(message, seen=seen), words=words, said=label)
