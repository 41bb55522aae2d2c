"""The state behind the stand-in of Telegram: chats, their messages, files with links that expire."""

import hashlib
import itertools
import mimetypes
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from tests.fakes.telegram_updates import Updates

Message = dict[str, Any]
FOLDERS = {"photo": "photos", "document": "documents", "voice": "voice", "sticker": "stickers"}
SUFFIXES = {"photo": ".jpg", "voice": ".oga", "sticker": ".webp"}


@dataclass(frozen=True)
class Upload:
    """A file as it came in a request."""

    name: str
    data: bytes
    mime: str | None = None


@dataclass(frozen=True)
class File:
    id: str
    unique: str
    kind: str
    data: bytes
    name: str | None
    mime: str | None
    size: int

    @property
    def face(self) -> dict[str, Any]:
        return {"file_id": self.id, "file_unique_id": self.unique, "file_size": self.size}

    @property
    def document(self) -> dict[str, Any]:
        named = {"file_name": self.name, "mime_type": self.mime}
        return self.face | {key: value for key, value in named.items() if value}


class Files:
    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.link_seconds = 3600.0
        self.kept: dict[str, File] = {}
        self.links: dict[str, tuple[File, float]] = {}

    def keep(
        self, kind: str, data: bytes, *, name: str | None = None, mime: str | None = None, size: int | None = None
    ) -> File:
        """`size` is what Telegram claims when the bytes themselves are not wanted in a test."""
        seed = kind.encode() + data + (b"" if data else f"{name}{size}".encode())
        unique = "AQAD" + hashlib.sha256(seed).hexdigest()[:12]
        id = f"BQAC{unique}{len(self.kept):06d}"
        guessed = mime or (mimetypes.guess_type(name)[0] if name else None)
        file = File(id, unique, kind, data, name, guessed, len(data) if size is None else size)
        self.kept[id] = file
        return file

    def link(self, file: File) -> str:
        suffix = PurePosixPath(file.name or "").suffix or SUFFIXES.get(file.kind, "")
        number = list(self.kept).index(file.id)
        path = f"{FOLDERS[file.kind]}/file_{number}{suffix}"
        self.links[path] = (file, self.clock() + self.link_seconds)
        return path

    def linked(self, path: str) -> File | None:
        file, until = self.links.get(path, (None, 0.0))
        return file if self.clock() < until else None


@dataclass
class Posted:
    """A message of the bot as it lies in a chat."""

    message: Message
    at: float
    data: bytes | None = None
    filename: str | None = None


@dataclass
class Chat:
    id: int
    kind: str  # private, group, supergroup
    name: str
    messages: dict[int, Message] = field(default_factory=dict)
    posted: list[Posted] = field(default_factory=list)
    known: bool = False  # somebody wrote to the bot here
    met: bool = False  # the bot saw this person elsewhere
    blocked: bool = False
    migrated_to: int | None = None
    notices: list[dict[str, Any]] = field(default_factory=list)  # answers to taps

    @property
    def private(self) -> bool:
        return self.kind == "private"

    @property
    def face(self) -> dict[str, Any]:
        named = {"first_name": self.name} if self.private else {"title": self.name}
        return {"id": self.id, "type": self.kind, **named}


class Platform:
    """Everything that the bot's side and the people's side share, under one condition."""

    def __init__(self, token: str, clock: Callable[[], float]) -> None:
        self.changed = threading.Condition()
        self.clock = clock
        self.updates = Updates(self.changed)
        self.files = Files(clock)
        self.chats: dict[int, Chat] = {}
        self.open_taps: dict[str, Chat] = {}
        self.message_ids = itertools.count(1)
        self.person_ids = itertools.count(5_000_000_001)
        self.bot = {
            "id": int(token.split(":", maxsplit=1)[0]),
            "is_bot": True,
            "first_name": "学会自评助手",
            "username": "xuehui_test_bot",
        }

    def new_message(self, chat: Chat, sender: dict[str, Any], content: dict[str, Any]) -> Message:
        number = next(self.message_ids)
        body = {"message_id": number, "from": sender, "chat": chat.face, "date": int(time.time()), **content}
        chat.messages[number] = body
        return body

    def post(self, chat: Chat, content: dict[str, Any], file: File | None = None) -> Message:
        """The bot's message arrives with the people of this chat."""
        with self.changed:
            message = self.new_message(chat, self.bot, content)
            carried = (file.data, file.name) if file else (None, None)
            chat.posted.append(Posted(message, self.clock(), *carried))
            self.changed.notify_all()
            return message
