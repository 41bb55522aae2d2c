"""The turn: every message once, alone, in one transaction; what is answered here is as durable as what was said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers import joining, secretary, staff, telling
from handlers.cleaning import clean
from handlers.desk import take_seat
from handlers.messages import Choice, Message, Reply
from handlers.phrasebook import phrasebook
from handlers.receipts import receipt
from handlers.rights import Actor
from storage import queries
from storage.database import Database

LONGEST_TEXT = 20_000  # characters
# Channels whose page or terminal reads the outbox itself: standing there is being delivered.
READ_BY_THEMSELVES = {"web", "terminal", "dialogue"}


class Reused(Exception):
    """The key was used before, for something else."""


@dataclass(frozen=True)
class Posted:
    """A reply as it left, with the number the person will have seen."""

    id: int
    text: str
    choices: tuple[tuple[str, str], ...]  # (opaque id, label)
    files: tuple[tuple[str, int], ...]  # (name, evidence id)


@dataclass(frozen=True)
class Taken:
    replies: tuple[Posted, ...]
    receipt: str | None
    again: bool = False  # a repeated delivery


def take(db: Database, message: Message, now: datetime) -> Taken:
    """One turn (R1). The same delivery gets the same words again and has no second effect (R2). Raises Reused for a
    repeated key with other content, NotDurable when nothing could be stored."""
    return db.write(lambda connection: _turn(connection, message, now))


def _turn(db: sa.Connection, message: Message, now: datetime) -> Taken:
    cleaned = clean(message.text)
    inbound = queries.insert_once(db, _inbound(message, cleaned, now))
    if inbound is None:
        return _again(db, message)
    actor = _who(db, message)
    if actor is None:
        return _stranger(db, message, cleaned, inbound, now)
    if len(cleaned) > LONGEST_TEXT:
        replies = [phrasebook().reply("too_long", {"length": len(cleaned), "limit": LONGEST_TEXT})]
        return _settle(db, message, inbound, actor, replies, None, now)
    words = cleaned
    if message.choice:
        message, words = _tapped(db, message)
    if actor.role != "secretary":
        return _settle(db, message, inbound, actor, staff.hear(db, actor, words, now), None, now)
    return _secretary(db, message, words, inbound, actor, now)


def _secretary(db: sa.Connection, message: Message, words: str, inbound: int, actor: Actor, now: datetime) -> Taken:
    number = receipt(inbound)
    desk = take_seat(db, actor, message, inbound, number, now)
    if desk is None:
        replies = [phrasebook().reply("no_round", {"name": actor.name})]
        return _settle(db, message, inbound, actor, replies, None, now)
    heard = secretary.hear(desk, words)
    replies = heard.replies
    if message.text and clean(message.text) != message.text.strip():
        replies = [*replies[:-1], Reply(f"{phrasebook().text('cleaned', {})}\n{replies[-1].text}", replies[-1].choices)]
    taken = _settle(db, message, inbound, actor, replies, number if heard.stored else None, now)
    if heard.question is not None:
        queries.set_question(db, actor.person_id, taken.replies[heard.question].id)
    return taken


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
    first = queries.first_delivery(db, message.channel, message.account, message.key)
    if first.digest != message.digest():
        raise Reused(message.key)
    replies = tuple(posted(row) for row in queries.replies_to(db, f"inbound:{first.id}"))
    return Taken(replies, first.receipt, again=True)


def _who(db: sa.Connection, message: Message) -> Actor | None:
    found = queries.who(db, message.channel, message.account, message.address)
    return joining.actor(found) if found and found.revoked_at is None else None


def _stranger(db: sa.Connection, message: Message, words: str, inbound: int, now: datetime) -> Taken:
    """Somebody unknown here: only a code opens the door."""
    at = joining.Address(message.channel, message.address, f"{message.channel}:{message.address}", message.account)
    code = joining.plain_code(words)
    if code is None:
        return _settle(db, message, inbound, None, [phrasebook().reply("ask_code", {})], None, now)
    try:
        actor = joining.redeem(db, code, at, now)
    except joining.Refused as refused:
        if refused.why == "wrong_code":
            queries.note_wrong_code(db, at.source, now)
        replies = [phrasebook().reply(refused.why, {"minutes": int(joining.WITHIN.total_seconds() // 60)})]
        return _settle(db, message, inbound, None, replies, None, now)
    return _settle(db, message, inbound, actor, welcome(db, actor, message, inbound, now), None, now)


def welcome(db: sa.Connection, actor: Actor, message: Message, inbound: int, now: datetime) -> list[Reply]:
    """The first words to somebody who has just come in."""
    if actor.role != "secretary":
        return staff.welcome(db, actor)
    desk = take_seat(db, actor, message, inbound, receipt(inbound), now)
    if desk is None:
        return [phrasebook().reply("no_round", {"name": actor.name})]
    name = "welcome_closed" if desk.season.late else "welcome"
    return [phrasebook().reply(name, telling.common(desk))]


def _tapped(db: sa.Connection, message: Message) -> tuple[Message, str]:
    """The words behind a tapped choice. It was seen on the reply it hung on, so a stale tap is known as such; a tap on
    nothing is answered by showing where she stands."""
    assert message.choice is not None
    words = queries.choice_words(db, message.channel, message.account, message.address, message.choice)
    if words is None:
        return message, phrasebook().text("present", {})
    return replace(message, seen=int(message.choice.partition("-")[0])), words


def _settle(
    db: sa.Connection,
    message: Message,
    inbound: int,
    actor: Actor | None,
    replies: Sequence[Reply],
    given: str | None,
    now: datetime,
) -> Taken:
    """The replies into the outbox, and the inbound row its outcome."""
    cause = f"inbound:{inbound}"
    sent = tuple(_owe(db, message, actor, cause, part, reply, now) for part, reply in enumerate(replies))
    if actor:
        queries.settle_inbound(db, inbound, actor.person_id, actor.contact_id, given)
    return Taken(sent, given)


def _owe(
    db: sa.Connection, message: Message, actor: Actor | None, cause: str, part: int, reply: Reply, now: datetime
) -> Posted:
    row = {
        "cause": cause,
        "part": part,
        "person_id": actor.person_id if actor else None,
        "channel": message.channel,
        "account": message.account,
        "address": message.address,
        "text": reply.text,
        "choices": [_kept(choice) for choice in reply.choices],
        "files": [{"name": file.name, "evidence": file.evidence_id} for file in reply.files],
        "state": "sent" if message.channel in READ_BY_THEMSELVES else "pending",
        "created_at": now,
    }
    id = queries.owe(db, row)
    return _posted(id, row)


def _kept(choice: Choice) -> dict[str, str]:
    return {"label": choice.label, "words": choice.words}


def posted(row: queries.Row) -> Posted:
    """A reply of the outbox as it is shown."""
    return _posted(row.id, row._mapping)


def _posted(id: int, row: Any) -> Posted:
    return Posted(
        id,
        row["text"],
        tuple((f"{id}-{index}", choice["label"]) for index, choice in enumerate(row["choices"])),
        tuple((file["name"], file["evidence"]) for file in row["files"]),
    )
