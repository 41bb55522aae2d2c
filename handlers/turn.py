"""What every part of a turn needs, and how it ends: the replies are owed, the inbound row has its outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.answers.filled import Brought
from handlers.messages import READ_BY_THEMSELVES, Message, Reply, kept
from handlers.rights import Actor
from storage import drawings, exchanges, outbox, writes
from storage.relations import Row


@dataclass(frozen=True)
class Turn:
    """What every part of a turn needs."""

    db: sa.Connection
    message: Message
    words: str
    inbound: int
    now: datetime
    said: str | None = None  # for the transcript, where it is not the words
    by_hand: datetime | None = None  # until then the answer goes out on the line the message came by
    brought: Brought | None = None  # the document that it brings, read


@dataclass(frozen=True)
class Posted:
    """A reply as it left, with the number the person will have seen."""

    id: int
    text: str
    choices: tuple[tuple[str, str], ...]  # (opaque id, label)
    files: tuple[tuple[str, str], ...]  # (name, where it is held)


@dataclass(frozen=True)
class Taken:
    replies: tuple[Posted, ...]
    receipt: str | None
    again: bool = False  # a repeated delivery
    refused: str | None = None  # why a stranger stayed one


def settle(turn: Turn, actor: Actor | None, replies: Sequence[Reply], given: str | None = None) -> Taken:
    """The replies into the outbox, behind what this person could not be told before; the inbound row its outcome."""
    before = _bring_along(turn, actor) if actor else ()
    sent = before + tuple(_owe(turn, actor, part, reply) for part, reply in enumerate(replies))
    for reply in replies:
        if reply.drawing:
            drawings.want(turn.db, turn.inbound, reply.drawing, turn.now)
    writes.settle_inbound(
        turn.db,
        turn.inbound,
        said=turn.words if turn.said is None else turn.said,
        person=actor.person_id if actor else None,
        contact=actor.contact_id if actor else None,
        receipt=given,
    )
    return Taken(sent, given)


def _bring_along(turn: Turn, actor: Actor) -> tuple[Posted, ...]:
    message = turn.message
    here = (message.channel, message.account, message.address)
    read = message.channel in READ_BY_THEMSELVES
    ids = outbox.bring_along(turn.db, actor.person_id, here, turn.inbound, turn.now, read=read, by_hand=turn.by_hand)
    return tuple(posted(row) for row in exchanges.replies_to(turn.db, turn.inbound)) if ids else ()


def _owe(turn: Turn, actor: Actor | None, part: int, reply: Reply) -> Posted:
    message = turn.message
    row = {
        "cause": f"inbound:{turn.inbound}",
        "part": part,
        "kind": "reply",
        "person_id": actor.person_id if actor else None,
        "channel": message.channel,
        "account": message.account,
        "address": message.address,
        "text": reply.text,
        "choices": [kept(choice) for choice in reply.choices],
        "files": [vars(file) for file in reply.files],
        "state": "sent" if message.channel in READ_BY_THEMSELVES else "pending",
        "created_at": turn.now,
        "not_before": turn.by_hand,
        "attempts": 0,
        "done": 0,
    }
    return _posted(writes.owe(turn.db, row), row)


def posted(row: Row) -> Posted:
    """A reply of the outbox as it is shown."""
    return _posted(row.id, row._mapping)


def _posted(id: int, row: Any) -> Posted:
    return Posted(
        id,
        row["text"],
        tuple((f"{id}-{index}", one["label"]) for index, one in enumerate(row["choices"]) if not one.get("upload")),
        tuple((file["name"], file["held"]) for file in row["files"]),
    )
