"""Telegram's people for the replay of dialogues."""

from collections.abc import Mapping, Sequence

from handlers.turn import Posted
from tests.fakes.telegram import Telegram
from tests.fakes.telegram_people import Update, User


class TelegramLine:
    """One private chat for each person."""

    def __init__(self, fake: Telegram) -> None:
        self.fake = fake

    def say(self, person: str, text: str, files: Mapping[str, bytes], replies: Sequence[Posted]) -> list[str]:
        user = self.fake.user(person)
        before = len(user.hears)
        if files:
            sends_documents(user, files, text)
        else:
            user.says(text)
        expected = sum(1 + len(reply.files) for reply in replies)
        shown = user.waits_for(before + expected)[before:]
        files_shown = [one["filename"] or one["caption"] for one in shown if one["text"] is None]
        assert files_shown == [name for reply in replies for name, _ in reply.files]
        return [one["text"] for one in shown if one["text"] is not None]


def sends_documents(user: User, files: Mapping[str, bytes], caption: str = "") -> list[Update]:
    """As files, so that names stay; several are an album whose first part has the words."""
    if len(files) == 1:
        [(name, data)] = files.items()
        return [user.sends_document(name, data, caption or None)]
    with user.platform.changed:
        group = str(14_000_000_000_000_000 + user.platform.updates.next_id)
        sent: list[Update] = []
        for name, data in files.items():
            file = user.platform.files.keep("document", data, name=name)
            words = {"caption": caption} if caption and not sent else {}
            sent.append(user.sends({"document": file.document, "media_group_id": group, **words}))
        return sent
