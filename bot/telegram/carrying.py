"""Telegram's Bot API as a carrier: what is asked, and what its refusals mean."""

import asyncio
from typing import IO, Any

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.arriving import Lost, Media
from bot.house import House
from bot.rendering import TELEGRAM_FILE, TELEGRAM_PHOTO, Ask, telegram
from bot.uploads import FILE_BYTES
from scheduler.delivery import Again, Gone, Halted, Rejected, Undelivered, Unsure
from scheduler.pacing import Pace, Window
from storage import handouts
from storage.filetypes import PHOTOS
from storage.relations import Row

# Just under the 30 a second that are taken, and never 30 in less than a second and a little: a message that is slow on
# the way arrives together with the next ones (platform.md C1; measured by tests.delivery.rate).
PER_SECOND = 28.75
STRICT = Window(30, 1.04)
PRIVATE = (Window(1, 1.0),)
GROUP = (Window(1, 1.0), Window(18, 60.0))
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
NOBODY = ("chat not found", "user is deactivated", "bot can't initiate conversation", "peer_id_invalid")
OUTAGE_SECONDS, REJECTED_SECONDS = 3.0, 60.0
FILE_SECONDS = 120.0


def bot_of(house: House) -> tuple[Bot, HTTPXRequest]:
    """The client, through the proxy and to the base of the settings; and the line that it polls by."""
    settings = house.settings
    base = settings.telegram_api_base.rstrip("/")
    proxy = settings.telegram_proxy.get_secret_value() or None
    # Waiting for the pool is our own delay, not Telegram's.
    request = HTTPXRequest(connection_pool_size=64, pool_timeout=30.0, proxy=proxy)
    polling = HTTPXRequest(connection_pool_size=2, proxy=proxy)
    bot = Bot(
        settings.telegram_bot_token.get_secret_value(),
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=request,
        get_updates_request=polling,
    )
    return bot, polling


class TelegramCarrier:
    channel = "telegram"
    dedups = False  # Telegram knows no key of ours

    def __init__(self, house: House, bot: Bot) -> None:
        self.house = house
        self.bot = bot
        self.account = bot.token.partition(":")[0]
        self.pace = Pace(PER_SECOND, lambda chat: GROUP if chat.startswith("-") else PRIVATE, strict=STRICT)

    def requests(self, row: Row) -> list[Ask]:
        return telegram(row)

    async def post(self, row: Row, request: Ask) -> None:
        try:
            if request.file is None:
                await self.bot.send_message(**_with_keyboard(request.fields))
            else:
                await self._send_file(row, request)
        except TelegramError as error:
            raise meaning(error) from None  # the original text may hold the token

    async def _send_file(self, said: Row, ask: Ask) -> None:
        assert ask.file is not None
        row = await asyncio.to_thread(self._held, ask.file)
        path = self.house.store.path(row.sha256) if row else None
        if row is None or path is None or not path.exists():
            raise Rejected("the file is not there")
        if row.size > TELEGRAM_FILE:
            link = self.house.links.page(ask.file, said.created_at)
            await self.bot.send_message(**ask.fields, text=f"{row.name}\n{link}")
            return
        with path.open("rb") as content:
            sent: dict[str, Any] = {"filename": row.name, "write_timeout": FILE_SECONDS, "read_timeout": FILE_SECONDS}
            # Telegram makes pictures of jpg and png only; the rest arrives whole as a document.
            pictured = row.media_type in PHOTOS[:2] and row.size <= TELEGRAM_PHOTO
            if pictured and await self._pictured(ask, content, caption=row.name, **sent):
                return
            await self.bot.send_document(**ask.fields, document=content, **sent)

    async def _pictured(self, ask: Ask, content: IO[bytes], **sent: Any) -> bool:
        """False where Telegram finds no picture in it (damaged, too long, too narrow): then it goes as a document."""
        try:
            await self.bot.send_photo(**ask.fields, photo=content, **sent)
        except BadRequest as error:
            if not isinstance(meaning(error), Rejected):
                raise
            content.seek(0)
            return False
        return True

    def _held(self, file: str) -> Row | None:
        with self.house.db.read() as db:
            return handouts.file(db, file)

    async def fetch(self, media: Media, target: IO[bytes]) -> None:
        """The bytes of a medium, streamed; never more than we take."""
        try:
            file = await self.bot.get_file(media.id)
        except BadRequest as error:
            raise Lost("http_file_too_big" if "too big" in str(error).lower() else "media_lost") from None
        except TelegramError as error:
            raise meaning(error) from None
        data = await self.bot.request.retrieve(file.file_path or "", read_timeout=FILE_SECONDS)
        if len(data) > FILE_BYTES:
            raise Lost("http_file_too_big")
        if file.file_size and len(data) != file.file_size:
            raise Again("the file came in part")
        target.write(data)


def _with_keyboard(fields: Any) -> dict[str, Any]:
    markup = fields.get("reply_markup")
    if not markup:
        return dict(fields)
    rows = [[InlineKeyboardButton(**button) for button in row] for row in markup["inline_keyboard"]]
    return {**fields, "reply_markup": InlineKeyboardMarkup(rows)}


def meaning(error: TelegramError) -> Undelivered:
    """What a refusal means for the message. BadRequest and TimedOut are NetworkErrors too: the order matters."""
    said = str(error)[:200]
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        return Halted("too many messages", wait if isinstance(wait, int) else wait.total_seconds())
    if isinstance(error, InvalidToken):
        return Halted("the token was rejected", REJECTED_SECONDS)
    if isinstance(error, Forbidden) or (isinstance(error, BadRequest) and any(one in said.lower() for one in NOBODY)):
        return Gone(said)
    if isinstance(error, BadRequest | ChatMigrated):
        return Rejected(said)
    if isinstance(error.__cause__, NOT_SENT):
        return Halted(f"not reached: {type(error.__cause__).__name__}", OUTAGE_SECONDS)
    if isinstance(error.__cause__, httpx.HTTPError) or not isinstance(error, NetworkError):
        return Unsure(type(error.__cause__ or error).__name__)
    return Again(said)
