"""The methods of the Bot API that send and change messages, as strict as the real ones."""

import re
from typing import Any

from tests.fakes import telegram_checks as checks
from tests.fakes.telegram_chats import Chat, File, Message, Platform, Posted, Upload
from tests.fakes.telegram_checks import Refusal, bad
from tests.fakes.telegram_pace import Pace

Given = dict[str, Any]
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)


class Sending:
    def __init__(self, platform: Platform, pace: Pace) -> None:
        self.platform, self.pace = platform, pace

    # Who may be written to

    def chat(self, given: Given) -> Chat:
        """The chat that is meant, if the bot may write there."""
        asked = given.get("chat_id")
        if asked in (None, ""):
            raise bad("chat_id is empty")
        chat = self.platform.chats.get(asked) if isinstance(asked, int) else None
        if chat is None or not (chat.known or chat.met):
            raise bad("chat not found")
        if chat.migrated_to:
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
        if not chat.known:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        if chat.blocked:
            place = "blocked by the user" if chat.private else f"kicked from the {chat.kind} chat"
            raise Refusal(403, f"Forbidden: bot was {place}")
        return chat

    # Sending

    def answered(self, given: Given, chat: Chat) -> dict[str, Any]:
        """The keyboard, and the message that this one answers."""
        content: dict[str, Any] = {}
        if markup := checks.keyboard(given):
            content["reply_markup"] = markup
        asked = given.get("reply_parameters") or {"message_id": given.get("reply_to_message_id")}
        if isinstance(asked, dict) and asked.get("message_id"):
            original = chat.messages.get(int(asked["message_id"]))
            if original:
                content["reply_to_message"] = {k: v for k, v in original.items() if k != "reply_to_message"}
            elif not (asked.get("allow_sending_without_reply") or given.get("allow_sending_without_reply")):
                raise bad("message to be replied not found")
        return content

    def post(self, chat: Chat, content: dict[str, Any], file: File | None = None) -> Message:
        self.pace.admit(chat.id, private=chat.private)
        message = self.platform.post(chat, content, file)
        # Only an inline keyboard belongs to the message that the bot gets back.
        return message if "inline_keyboard" in message.get("reply_markup", {}) else without_markup(message)

    def sendMessage(self, given: Given) -> Message:  # noqa: N802
        said = checks.text(given)
        chat = self.chat(given)
        return self.post(chat, said | self.answered(given, chat))

    def sendPhoto(self, given: Given) -> Message:  # noqa: N802
        file = self.file(given.get("photo"), "photo", given)
        said = checks.caption(given)
        chat = self.chat(given)
        return self.post(chat, photo(file) | said | self.answered(given, chat), file)

    def sendDocument(self, given: Given) -> Message:  # noqa: N802
        file = self.file(given.get("document"), "document", given)
        said = checks.caption(given)
        chat = self.chat(given)
        return self.post(chat, {"document": file.document} | said | self.answered(given, chat), file)

    def sendMediaGroup(self, given: Given) -> list[Message]:  # noqa: N802
        listed = given.get("media")
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise bad("can't parse media JSON object")
        if not 2 <= len(listed) <= 10:
            raise bad("wrong number of items in the media group: 2-10 expected")
        kinds = {str(one.get("type")) for one in listed}
        if not kinds <= {"photo", "document"}:  # video and audio: no need here
            raise bad("can't parse InputMedia: unsupported type")
        if len(kinds) > 1:
            raise bad("document can't be mixed with other media types")
        kind = kinds.pop()
        files = [self.file(one.get("media"), kind, given) for one in listed]
        said = [checks.caption(one) for one in listed]
        chat = self.chat(given)
        more = self.answered({**given, "reply_markup": None}, chat)
        self.pace.admit(chat.id, private=chat.private, count=len(files))
        more["media_group_id"] = f"album{chat.id}{len(chat.messages)}"
        carried = [photo(file) if kind == "photo" else {"document": file.document} for file in files]
        return [
            self.platform.post(chat, content | words | more, file)
            for content, words, file in zip(carried, said, files, strict=True)
        ]

    def file(self, sent: Any, kind: str, given: Given) -> File:
        """The file: uploaded, attached under a name, or known by its id."""
        if isinstance(sent, str) and sent.startswith("attach://"):
            sent = given.get(sent.removeprefix("attach://"))
        if isinstance(sent, Upload):
            if not sent.data:
                raise bad("file must be non-empty")
            if kind == "photo":
                checks.picture(sent.data)
            elif len(sent.data) > checks.UPLOAD_BYTES:
                raise Refusal(413, "Request Entity Too Large")
            return self.platform.files.keep(kind, sent.data, name=sent.name if kind == "document" else None)
        if not sent:
            raise bad(f"there is no {kind} in the request")
        known = self.platform.files.kept.get(str(sent))
        if re.match(r"https?://", str(sent)):
            raise bad("failed to get HTTP URL content")  # a stand-in fetches nothing
        if known is None or known.kind != kind:
            raise bad("wrong file identifier/HTTP URL specified")
        return known

    def sendChatAction(self, given: Given) -> bool:  # noqa: N802
        if given.get("action") not in ACTIONS:
            raise bad("wrong parameter action in request")
        self.chat(given)
        return True

    # Changing what was sent

    def mine(self, given: Given) -> Posted:
        chat = self.chat(given)
        number = given.get("message_id")
        found = next((post for post in chat.posted if post.message["message_id"] == number), None)
        if found:
            return found
        raise bad("message can't be edited" if number in chat.messages else "message to edit not found")

    def edit(self, given: Given, content: dict[str, Any], fields: tuple[str, ...]) -> Message:
        """Puts the content and keyboard in place of those that are there; a keyboard not given is taken away."""
        markup = checks.keyboard(given, only_inline=True)
        message = self.mine(given).message
        new = content | ({"reply_markup": markup} if markup else {})
        old = {key: message[key] for key in (*fields, "reply_markup") if key in message}
        if new == old:
            raise bad(SAME)
        for key in old:
            del message[key]
        message |= new | {"edit_date": message["date"]}
        self.platform.changed.notify_all()
        return message

    def editMessageText(self, given: Given) -> Message:  # noqa: N802
        said = checks.text(given)
        if "text" not in self.mine(given).message:
            raise bad("there is no text in the message to edit")
        return self.edit(given, said, ("text", "entities"))

    def editMessageCaption(self, given: Given) -> Message:  # noqa: N802
        said = checks.caption(given)
        if "text" in self.mine(given).message:
            raise bad("there is no caption in the message to edit")
        return self.edit(given, said, ("caption", "caption_entities"))

    def editMessageReplyMarkup(self, given: Given) -> Message:  # noqa: N802
        return self.edit(given, {}, ())

    def deleteMessage(self, given: Given) -> bool:  # noqa: N802
        chat = self.chat(given)
        number = given.get("message_id")
        if chat.messages.pop(number if isinstance(number, int) else 0, None) is None:
            raise bad("message to delete not found")
        chat.posted = [post for post in chat.posted if post.message["message_id"] != number]
        return True


def photo(file: File) -> dict[str, Any]:
    return {"photo": [file.face | {"width": 1280, "height": 960}]}


def without_markup(message: Message) -> Message:
    return {key: value for key, value in message.items() if key != "reply_markup"}
