"""What a chat platform brings: a message, media to be fetched, and how both wait in a row."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import IO, Any

from handlers.cleaning import UNFIT
from handlers.messages import Message
from storage.relations import Row

KEPT = ("text", "choice", "seen", "edits", "refused", "name")


class Lost(Exception):
    """The platform does not have it any more; `why` is the message that says so."""

    def __init__(self, why: str = "media_lost") -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Media:
    """Something to be fetched from the platform by its id."""

    id: str
    name: str
    size: int | None = None  # bytes, if the platform says


@dataclass(frozen=True)
class Parcel:
    """A message as a platform brought it."""

    message: Message
    media: tuple[Media, ...] = ()
    group: str | None = None  # the album it is part of


# Writes the bytes of a medium. Raises Lost, or anything else when it may be tried again.
Fetch = Callable[[Media, IO[bytes]], Awaitable[None]]


def content(parcel: Parcel) -> dict[str, Any]:
    """What is kept of it while it waits."""
    said = {name: value for name, value in asdict(parcel.message).items() if name in KEPT}
    return {name: _fit(one) for name, one in {**said, "media": [asdict(one) for one in parcel.media]}.items()}


def message_of(rows: list[Row]) -> Message:
    """The message of one arrival, or of a whole album."""
    head = rows[0]
    content: dict[str, Any] = {**{name: head.content[name] for name in KEPT}}
    content["text"] = "\n".join(row.content["text"] for row in rows if row.content["text"])
    content["refused"] = tuple(one for row in rows for one in row.content["refused"])
    return Message(head.channel, head.address, head.key, account=head.account, **content)


def numbered(media: list[Media]) -> list[Media]:
    """Media sent in the same second have the same made-up name: numbered from the second on."""
    seen: Counter[str] = Counter()
    told: list[Media] = []
    for one in media:
        seen[one.name] += 1
        stem, dot, suffix = one.name.rpartition(".")
        numbered = f"{stem}-{seen[one.name]}{dot}{suffix}"
        told.append(replace(one, name=numbered) if seen[one.name] > 1 else one)
    return told


def _fit(value: Any) -> Any:
    """Without what JSON of a database can't hold."""
    if isinstance(value, dict):
        return {name: _fit(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_fit(one) for one in value]
    return UNFIT.sub("", value) if isinstance(value, str) else value
