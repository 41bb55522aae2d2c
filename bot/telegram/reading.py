"""What Telegram brings, as parcels: text, taps, photos, documents, albums, edits; and who blocked us."""

from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, ChatMemberUpdated, Message, MessageEntity, Update

from bot.arriving import Media, Parcel
from bot.naming import named
from bot.uploads import FILE_BYTES
from handlers.cleaning import UNFIT
from handlers.messages import Message as Said
from handlers.phrasebook import phrasebook

# What we ask Telegram for: nothing else is read.
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
GONE = ("kicked", "left")


@dataclass(frozen=True)
class Us:
    """The bot as Telegram knows it, and the zone that file names are told in."""

    account: str
    username: str
    zone: str


@dataclass(frozen=True)
class Touch:
    """Somebody blocked the bot, or is back."""

    address: str
    reachable: bool


def read(update: Update, us: Us) -> Parcel | Touch | None:
    """What an update means to us; None where it is nothing for us. Raises TypeError for values of other types."""
    found = _read(update, us)
    if isinstance(found, Parcel):
        _check(found)
    return found


def _check(parcel: Parcel) -> None:
    """python-telegram-bot takes any JSON for any field."""
    said, media = parcel.message, parcel.media
    words = [said.text, said.choice or "", *(one.id for one in media), *(one.name for one in media)]
    sizes = [one.size for one in media if one.size is not None]
    if not (all(isinstance(one, str) for one in words) and all(isinstance(one, int) for one in sizes)):
        raise TypeError("a field of another type")


def _read(update: Update, us: Us) -> Parcel | Touch | None:
    if update.callback_query:
        return _tap(update.callback_query, us)
    if update.my_chat_member:
        return _touch(update.my_chat_member)
    if update.edited_message and update.edited_message.chat.type == "private":
        # A shared place that moves is edited every few seconds by nobody.
        return None if update.edited_message.location else _edited(update.edited_message, us)
    message = update.message
    if message is None or (message.from_user and message.from_user.is_bot):
        return None
    return _said(message, us) if message.chat.type == "private" else _in_public(message, us)


def key(message: Message) -> str:
    """Unique for as long as the chat exists; update ids may begin anew after a quiet week."""
    if not (isinstance(message.chat.id, int) and isinstance(message.message_id, int)):
        raise TypeError("a message without its numbers")
    return f"{message.chat.id}:{message.message_id}"


def _tap(query: CallbackQuery, us: Us) -> Parcel | None:
    if query.message is None or query.message.chat.type != "private" or not query.data:
        return None
    address = str(query.message.chat.id)
    # A client of her own may send anything at all as the data of a tap.
    choice = UNFIT.sub("", query.data)[:64] or "?"
    return Parcel(Said("telegram", address, f"tap:{query.id}", choice=choice, account=us.account))


def _touch(change: ChatMemberUpdated) -> Touch | None:
    if change.chat.type != "private":
        return None
    return Touch(str(change.chat.id), change.new_chat_member.status not in GONE)


def _edited(message: Message, us: Us) -> Parcel:
    edited = int(message.edit_date.timestamp()) if message.edit_date else 0
    text = message.text or message.caption or ""
    said = Said("telegram", str(message.chat.id), f"edit:{key(message)}:{edited}", text, account=us.account)
    return Parcel(_of(said, sent_at=message.edit_date, edits=key(message)))


def _said(message: Message, us: Us) -> Parcel:
    text, refused = _words(message.text or message.caption or ""), []
    media = _media(message, us)
    if media and (media.size or 0) > FILE_BYTES:
        refused.append(phrasebook().text("http_file_too_big", {"name": media.name}))
        media = None
    elif not media and not text:
        refused.append(phrasebook().text("unread", {}))
    said = Said("telegram", str(message.chat.id), key(message), text, account=us.account)
    group = f"{message.chat.id}:{message.media_group_id}" if message.media_group_id else None
    parcel = _of(said, sent_at=message.date, refused=tuple(refused))
    return Parcel(parcel, (media,) if media else (), group if media else None)


def _of(
    said: Said,
    *,
    sent_at: datetime | None,
    refused: tuple[str, ...] = (),
    edits: str | None = None,
    public: bool = False,
) -> Said:
    return Said(
        said.channel,
        said.address,
        said.key,
        said.text,
        sent_at=sent_at,
        account=said.account,
        refused=refused,
        edits=edits,
        public=public,
    )


def _words(text: str) -> str:
    """The invitation code of a deep link is what she says: «/start K7Q2M9XA»."""
    command, _, payload = text.partition(" ")
    return payload.strip() if command.partition("@")[0] == "/start" and payload.strip() else text


def _in_public(message: Message, us: Us) -> Parcel | None:
    """Only what is said to us: a command, our name, an answer to us."""
    text = message.text or message.caption or ""
    commanded = any(one.type == MessageEntity.BOT_COMMAND and one.offset == 0 for one in message.entities)
    to_another = commanded and "@" in text.split()[0] and f"@{us.username}".lower() not in text.split()[0].lower()
    named = f"@{us.username}".lower() in text.lower()
    answered = message.reply_to_message and message.reply_to_message.from_user
    to_us = bool(answered and str(answered.id) == us.account)
    if not ((commanded and not to_another) or named or to_us):
        return None
    return Parcel(
        _of(Said("telegram", str(message.chat.id), key(message), account=us.account), sent_at=None, public=True)
    )


def _media(message: Message, us: Us) -> Media | None:
    at, zone = message.date, us.zone
    if message.photo:
        largest = message.photo[-1]
        return Media(largest.file_id, named("jpg", at, zone), largest.file_size)
    if message.voice:
        return Media(message.voice.file_id, named("ogg", at, zone), message.voice.file_size)
    found = message.document or message.video or message.audio or message.video_note
    if found is None:
        return None
    return Media(found.file_id, getattr(found, "file_name", None) or named("mp4", at, zone), found.file_size)
