"""The Telegram channel: hears by polling or webhook, forgets an update only when it is stored."""

import asyncio
import hmac
import json
import logging
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram import BotCommand, Update
from telegram.error import BadRequest, TelegramError

from bot.arriving import Parcel
from bot.house import House
from bot.logs import Seldom
from bot.reception import Reception
from bot.telegram.carrying import TelegramCarrier, bot_of, meaning
from bot.telegram.polling import RETRY_SECONDS, Polling, pause
from bot.telegram.reading import ALLOWED, Touch, Us, read
from handlers.cleaning import seen
from handlers.inbox import Reused
from handlers.phrasebook import phrasebook
from scheduler.delivery import Delivery, Halted
from storage import accounts, exchanges, outbox
from storage.database import NotDurable

log = logging.getLogger(__name__)

CONNECTIONS = 20
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, OSError, RecursionError)
HEADER = "x-telegram-bot-api-secret-token"
COMMANDS = ("start", "progress", "missing", "score", "review", "submit", "deadline", "account", "help")


class Telegram:
    name = "telegram"

    def __init__(self, house: House) -> None:
        self.house = house
        self.bot, request = bot_of(house)
        self.carrier = TelegramCarrier(house, self.bot)
        self.delivery = Delivery(house.db, house.now, self.carrier)
        self.account = self.carrier.account
        self.reception = Reception(house, self.name, self.account, self.carrier.fetch, self.delivery.nudge)
        self.polling = Polling(house.db, self.account, self.bot, request, self._chat_stored)
        self.us = Us(self.account, "", house.settings.timezone)
        self.taps: set[asyncio.Task[None]] = set()
        self.trouble: str | None = "not connected yet"
        self.forged = Seldom(log)

    @property
    def state(self) -> str:
        return self.trouble or self.delivery.trouble or "on"

    def routes(self) -> list[Route]:
        if self.house.settings.telegram_mode != "webhook":
            return []
        return [Route("/telegram", self.webhook, methods=["POST"])]

    async def examine(self) -> str | None:
        try:
            await self.bot.initialize()
        except TelegramError as error:
            return str(meaning(error))
        finally:
            await self.bot.shutdown()
        return None

    async def run(self, stopping: asyncio.Event) -> None:
        """Everything of this channel, until asked to stop."""
        working = [self.delivery.run(stopping), self.reception.run(stopping), self._listen(stopping)]
        await asyncio.gather(*working)
        await self.bot.shutdown()

    async def _listen(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await self._introduce()
                self.trouble = None
                if self.house.settings.telegram_mode == "webhook":
                    await stopping.wait()
                else:
                    await self.polling.run(stopping)
            except TelegramError as error:
                said = meaning(error)
                self.trouble = str(said)
                log.warning("telegram: %s", self.trouble)
                await pause(stopping, said.seconds if isinstance(said, Halted) else RETRY_SECONDS)
            except NotDurable as error:
                log.warning("telegram waits: %s", error)
                await pause(stopping, RETRY_SECONDS)
            except Exception as error:
                # Our own mistake must not make the bot deaf for good.
                self.trouble = type(error).__name__
                log.exception("telegram: listening ended badly")
                await pause(stopping, RETRY_SECONDS)

    async def _introduce(self) -> None:
        """Who we are, the menu of commands, and by which way updates come."""
        await self.bot.initialize()
        self.us = Us(self.account, self.bot.username, self.house.settings.timezone)
        username = self.bot.username
        await asyncio.to_thread(
            self.house.db.write, lambda db: accounts.call(db, self.name, self.account, handle=username)
        )
        menu = [BotCommand(one, phrasebook().text("menu", {"command": one})) for one in COMMANDS]
        if list(await self.bot.get_my_commands()) != menu:
            await self.bot.set_my_commands(menu)
        settings = self.house.settings
        if settings.telegram_mode == "webhook":
            secret = settings.telegram_webhook_secret.get_secret_value()
            url = f"{settings.address}/telegram"
            await self.bot.set_webhook(
                url, secret_token=secret, allowed_updates=list(ALLOWED), max_connections=CONNECTIONS
            )
        else:
            await self.bot.delete_webhook()

    async def _chat_stored(self, chat: str, updates: list[dict[str, Any]]) -> bool:
        try:
            seen = await asyncio.to_thread(self._seen, chat)  # they wrote all of this before our next answer
            for update in updates:
                await self.hear(update, seen)
        except NotDurable as error:
            log.warning("telegram: an update waits: %s", error)
            return False
        return True

    def _seen(self, chat: str) -> int:
        with self.house.db.read() as db:
            return outbox.shown(db, self.name, self.account, chat)

    async def hear(self, raw: dict[str, Any], seen: int | None = None) -> None:
        """One update, stored when this returns; sent when nothing after the reply `seen` was on the way (R4). Raises
        NotDurable. What can't be read is nothing for us."""
        try:
            update = Update.de_json(raw, None)
            found = read(update, self.us)
        except UNREADABLE as error:
            log.warning("telegram: an update that can't be read: %s", type(error).__name__)
            return
        if found is None:
            return
        if isinstance(found, Touch):
            await asyncio.to_thread(self.house.db.write, lambda db: self._touched(db, found))
            self.delivery.nudge()
            return
        if update.callback_query:
            self._acknowledge(update.callback_query.id)
        elif await asyncio.to_thread(self._unchanged, found):
            return
        elif seen is None:
            seen = await asyncio.to_thread(self._seen, found.message.address)
        try:
            await self.reception.receive(replace(found, message=replace(found.message, seen=seen)))
        except Reused:
            log.warning("telegram: a key came again with other content")

    def _unchanged(self, parcel: Parcel) -> bool:
        """Telegram calls it edited when only a preview or a mark has changed."""
        message = parcel.message
        if message.edits is None:
            return False
        with self.house.db.read() as db:
            first = exchanges.first_delivery(db, self.name, self.account, message.edits)
        return first is not None and first.text == seen(message.text)

    def _touched(self, db: Any, touch: Touch) -> None:
        at = (self.name, self.account, touch.address)
        if touch.reachable:
            outbox.regain_touch(db, *at)
        else:
            outbox.lose_touch(db, *at, self.house.now())

    def _acknowledge(self, tap: str) -> None:
        """The button stops spinning; of no consequence if Telegram finds it too late."""
        task = asyncio.create_task(self._answer(tap))
        self.taps.add(task)
        task.add_done_callback(self.taps.discard)

    async def _answer(self, tap: str) -> None:
        try:
            await self.bot.answer_callback_query(tap)
        except BadRequest:
            return  # too old, or answered before
        except TelegramError as error:
            said = meaning(error)
            if isinstance(said, Halted):
                self.carrier.pace.silence(said.seconds)
            log.info("telegram: a tap was not acknowledged: %s", said)

    async def webhook(self, request: Request) -> Response:
        """200 only when it is stored."""
        secret = self.house.settings.telegram_webhook_secret.get_secret_value()
        if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), secret.encode()):
            self.forged.warn("telegram: a webhook call without our secret")
            return JSONResponse({"error": "bad secret"}, 401)
        try:
            raw = json.loads(await request.body())
        except (ValueError, RecursionError):
            raw = None
        if not isinstance(raw, dict) or not isinstance(raw.get("update_id"), int):
            return JSONResponse({"error": "not an update"}, 400)
        await self.hear(raw)
        return Response(status_code=200)
