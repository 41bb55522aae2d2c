"""The people's side of the stand-in: somebody writes, taps, sends pictures, blocks the bot, and reads its answers."""

import itertools
import re
import time
from typing import Any

from tests.fakes.serving import PATIENCE
from tests.fakes.telegram_chats import Chat, Message, Platform, Posted
from tests.fakes.telegram_checks import TEXT_UNITS, units

Update = dict[str, Any]
Heard = dict[str, Any]
COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w+)?(?![\w/])")
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")
BUTTON_VALUES = ("callback_data", "url", "web_app", "copy_text", "switch_inline_query")


def commands(text: str) -> list[dict[str, Any]]:
    return [
        {"type": "bot_command", "offset": units(text[: found.start()]), "length": units(found[0])}
        for found in COMMAND.finditer(text)
    ]


def heard(post: Posted) -> Heard:
    """The message as it now looks to people."""
    message = post.message
    markup = message.get("reply_markup", {})
    return {
        "message_id": message["message_id"],
        "text": message.get("text"),
        "caption": message.get("caption"),
        "buttons": [
            [(button["text"], next((button[key] for key in BUTTON_VALUES if key in button), None)) for button in row]
            for row in markup.get("inline_keyboard", [])
        ],
        "keyboard": [
            [button if isinstance(button, str) else button["text"] for button in row]
            for row in markup.get("keyboard", [])
        ],
        "document": post.data if "document" in message else None,
        "photo": post.data if "photo" in message else None,
        "filename": post.filename,
        "media_group_id": message.get("media_group_id"),
        "edited": "edit_date" in message,
        "at": post.at,
        "message": message,
    }


class Place:
    """A chat as those in it see it."""

    def __init__(self, platform: Platform, chat: Chat) -> None:
        self.platform, self.chat = platform, chat

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def hears(self) -> list[Heard]:
        with self.platform.changed:
            return [heard(post) for post in self.chat.posted]

    @property
    def notices(self) -> list[dict[str, Any]]:
        """What the taps of this chat were answered with: text, show_alert."""
        with self.platform.changed:
            return list(self.chat.notices)

    def waits_for(self, count: int, seconds: float = PATIENCE) -> list[Heard]:
        """Everything delivered here, as soon as it is `count` messages."""
        with self.platform.changed:
            arrived = self.platform.changed.wait_for(lambda: len(self.chat.posted) >= count, seconds)
            there = self.hears
        assert arrived, f"{len(there)} of {count} messages: {[one['text'] or one['caption'] for one in there]}"
        return there


class User(Place):
    """A person in one chat: the private one, or a group."""

    def __init__(self, platform: Platform, person: dict[str, Any], chat: Chat) -> None:
        super().__init__(platform, chat)
        self.person = person

    def sends(self, content: dict[str, Any]) -> Update:
        """Any message; the others are made with this one."""
        with self.platform.changed:
            assert not self.chat.blocked, "who has blocked the bot cannot write to it"
            assert not self.chat.migrated_to, "this group has become a supergroup"
            self.meets()
            message = self.platform.new_message(self.chat, self.person, content)
            return self.platform.updates.push("message", message)

    def meets(self) -> None:
        self.chat.known = True
        own = self.platform.chats.get(self.person["id"])
        if own:
            own.met = True

    def says(self, text: str) -> Update:
        assert text.strip(), "clients send no empty message"
        assert units(text) <= TEXT_UNITS, "clients cut longer texts into several messages"
        found = commands(text)
        return self.sends({"text": text} | ({"entities": found} if found else {}))

    def starts(self, payload: str = "") -> Update:
        assert PAYLOAD.fullmatch(payload), "a deep link carries 64 letters, digits, _ and - at most"
        return self.says(f"/start {payload}".strip())

    def presses_start(self) -> Update:
        """The Start button; it also lifts a block."""
        if self.chat.blocked:
            self.unblocks()
        return self.starts()

    def taps(self, label: str) -> Update:
        """On the newest message that has this button."""
        with self.platform.changed:
            for post in reversed(self.chat.posted):
                shown = heard(post)
                if any(label == text for row in shown["buttons"] for text, _ in row):
                    return self.taps_on(shown["message_id"], label)
                if any(label in row for row in shown["keyboard"]):
                    return self.says(label)
        raise AssertionError(f"no button {label!r}: {[one['buttons'] for one in self.hears]}")

    def taps_on(self, message_id: int, label: str) -> Update:
        with self.platform.changed:
            message = next(
                (post.message for post in self.chat.posted if post.message["message_id"] == message_id), None
            )
            assert message, f"no message {message_id} here"
            rows = message.get("reply_markup", {}).get("inline_keyboard", [])
            button = next((button for row in rows for button in row if button["text"] == label), None)
            assert button, f"no button {label!r} on message {message_id}: {rows}"
            assert "callback_data" in button, f"{label!r} is a link: {button}"
            return self.taps_data(message, button["callback_data"])

    def taps_data(self, message: Message, data: str) -> Update:
        """A tap with any data, as of a button that was taken away meanwhile."""
        with self.platform.changed:
            id = str(4_000_000_000_000_000 + self.platform.updates.next_id)
            self.platform.open_taps[id] = self.chat
            query = {"id": id, "from": self.person, "chat_instance": str(self.chat.id), "data": data}
            return self.platform.updates.push("callback_query", query | {"message": dict(message)})

    def sends_photo(self, data: bytes, caption: str | None = None, **more: Any) -> Update:
        return self.sends({"photo": self.sizes(data)} | ({"caption": caption} if caption else {}) | more)

    def sizes(self, data: bytes) -> list[dict[str, Any]]:
        """Three sizes, the best last. Bytes of the smaller ones are the beginning of the picture: not the picture."""
        scales = [(90, max(len(data) // 16, 1)), (320, max(len(data) // 4, 1)), (1280, len(data))]
        kept = [(width, self.platform.files.keep("photo", data[:length])) for width, length in scales]
        return [file.face | {"width": width, "height": width * 3 // 4} for width, file in kept]

    def sends_document(
        self, name: str, data: bytes, caption: str | None = None, mime: str | None = None, size: int | None = None
    ) -> Update:
        """`size` is what Telegram says, for files too big to have at hand."""
        file = self.platform.files.keep("document", data, name=name, mime=mime, size=size)
        return self.sends({"document": file.document} | ({"caption": caption} if caption else {}))

    def sends_album(self, pictures: list[bytes], caption: str | None = None) -> list[Update]:
        """One update for each picture; the caption is on the first."""
        group = str(13_000_000_000_000_000 + self.platform.updates.next_id)
        captions = itertools.chain([caption], itertools.repeat(None))
        with self.platform.changed:
            return [
                self.sends_photo(data, words, media_group_id=group)
                for data, words in zip(pictures, captions, strict=False)
            ]

    def sends_voice(self, data: bytes, seconds: int = 3) -> Update:
        file = self.platform.files.keep("voice", data, mime="audio/ogg")
        return self.sends({"voice": file.face | {"duration": seconds, "mime_type": "audio/ogg"}})

    def sends_sticker(self, emoji: str = "👍") -> Update:
        file = self.platform.files.keep("sticker", b"RIFF\x00\x00\x00\x00WEBP")
        look = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self.sends({"sticker": file.face | look | {"emoji": emoji}})

    def sends_location(self, latitude: float = 30.26, longitude: float = 120.15) -> Update:
        return self.sends({"location": {"latitude": latitude, "longitude": longitude}})

    def edits(self, message_id: int, text: str) -> Update:
        with self.platform.changed:
            message = self.chat.messages[message_id]
            assert message["from"] == self.person, "people edit only what they wrote"
            new = {**message, "text": text, "edit_date": int(time.time())}
            new.pop("entities", None)
            if found := commands(text):
                new["entities"] = found
            self.chat.messages[message_id] = new
            return self.platform.updates.push("edited_message", new)

    def blocks(self) -> Update:
        return self.turns("member", "kicked")

    def unblocks(self) -> Update:
        return self.turns("kicked", "member")

    def turns(self, old: str, new: str) -> Update:
        """What the bot is in this chat: member, kicked, left."""
        with self.platform.changed:
            self.chat.blocked = new != "member"
            self.chat.known = True
            sides = {
                side: {"user": self.platform.bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})
                for side, status in (("old_chat_member", old), ("new_chat_member", new))
            }
            change = {"chat": self.chat.face, "from": self.person, "date": int(time.time()), **sides}
            return self.platform.updates.push("my_chat_member", change)


class Group(Place):
    """A group that the bot is a member of."""

    def member(self, user: User) -> User:
        """The same person, speaking here."""
        return User(self.platform, user.person, self.chat)

    def migrates(self) -> "Group":
        """It becomes a supergroup with another id; messages to the old one are refused with the new id."""
        with self.platform.changed:
            new = Chat(-1_000_000_000_000 - abs(self.id), "supergroup", self.chat.name, known=True)
            self.platform.chats[new.id] = new
            for chat, change in ((self.chat, "migrate_to_chat_id"), (new, "migrate_from_chat_id")):
                other = new.id if chat is self.chat else self.id
                message = self.platform.new_message(chat, self.platform.bot, {change: other})
                self.platform.updates.push("message", message)
            self.chat.migrated_to = new.id
            return Group(self.platform, new)
