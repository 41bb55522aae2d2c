"""The vocabulary between channels and the conversation: what arrives and what leaves."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Channels whose page or terminal reads the outbox itself: standing there is being delivered.
READ_BY_THEMSELVES = ("web", "terminal", "dialogue")


@dataclass(frozen=True)
class Incoming:
    """A file that arrived; its bytes are stored already, under their hash."""

    name: str
    sha256: str
    size: int  # bytes
    kind: str  # extension by content, see storage.filetypes


@dataclass(frozen=True)
class Message:
    """What arrives, whatever the channel. The same delivery has the same key."""

    channel: str
    address: str
    key: str
    text: str = ""
    choice: str | None = None
    files: tuple[Incoming, ...] = ()
    sent_at: datetime | None = None
    seen: int | None = None  # the last reply on her screen when she sent it, if the channel says
    account: str = ""
    source: str = ""  # where wrong codes are counted, if not by the address
    name: str | None = None  # what the person wants to be called, if she said so when joining
    refused: tuple[str, ...] = ()  # what came besides and can't be taken, each in a sentence that says why
    edits: str | None = None  # the key of the message that this one is a new wording of
    item: str | None = None  # what its files are for, where they came by a page that named it
    public: bool = False  # said where others read along

    def digest(self) -> str:
        """The same for the same content: a repeated key with another digest is a mistake of the client."""
        content = [self.text, self.choice, [[file.name, file.sha256] for file in self.files]]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@dataclass(frozen=True)
class Choice:
    """A shortcut for words: tapping it is the same as typing them. When the bot asked back, the label or one of the
    short keys may be typed instead."""

    label: str
    words: str
    keys: tuple[str, ...] = ()
    upload: bool = False  # a way to the upload page, on channels that can't carry files


@dataclass(frozen=True)
class Outgoing:
    """A file offered to the person, to be fetched through the channel's own way; `held` says where it is kept
    (storage.handouts.held): a piece of evidence, or a handout of ours."""

    name: str
    held: str


@dataclass(frozen=True)
class Reply:
    text: str
    choices: tuple[Choice, ...] = ()
    files: tuple[Outgoing, ...] = ()
    drawing: Mapping[str, Any] | None = None  # of pictures that follow it: handlers.reports.sheets


def kept(choice: Choice) -> dict[str, Any]:
    """A choice as it is stored with its message."""
    words = {"label": choice.label, "words": choice.words}
    return {**words, "upload": True} if choice.upload else words
