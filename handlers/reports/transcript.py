"""A conversation as text, in the format of tests/dialogues: a bug report is a test."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storage import exchanges
from storage.relations import INBOUND, PERSON


def reply_lines(text: str, labels: Iterable[str], files: Iterable[str]) -> list[str]:
    """A reply as it reads on a screen: its text, its files in brackets, its choices on a line of their own."""
    lines = [*text.split("\n"), *(f"[{name}]" for name in files)]
    offered = " · ".join(labels)
    return [*lines, f"　{offered}"] if offered else lines


def message_lines(speaker: str, text: str, files: Iterable[str]) -> list[str]:
    """What somebody sent; its further lines begin with a bar."""
    first, *more = " ".join([*(f"[{name}]" for name in files), text]).strip().split("\n")
    return [f"{speaker}> {first}".rstrip(), *(f"| {line}".rstrip() for line in more)]


def moment(at: datetime, zone: str) -> str:
    return f"@ {at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def transcript(db: sa.Connection, society: int, zone: str) -> str:
    """Everything the people of a society said and heard, oldest first."""
    chosen = (
        sa.select(INBOUND, PERSON.c.name)
        .join(PERSON, PERSON.c.id == INBOUND.c.person_id)
        .where(PERSON.c.society_id == society)
        .order_by(INBOUND.c.id)
    )
    lines: list[str] = []
    for row in db.execute(chosen):
        files = [one["name"] for one in row.files]
        lines += [moment(row.received_at, zone), *message_lines(row.name, row.text, files)]
        for reply in exchanges.replies_to(db, row.id):
            labels = [choice["label"] for choice in reply.choices]
            lines += reply_lines(reply.text, labels, [file["name"] for file in reply.files])
    return "\n".join(lines) + "\n"
