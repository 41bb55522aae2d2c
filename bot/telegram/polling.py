"""Polling: updates asked for page by page, forgotten by Telegram when they are stored."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from telegram import Bot
from telegram.request import BaseRequest

from bot.telegram.reading import ALLOWED
from storage import outbox
from storage.database import Database
from storage.duty import Duty

POLL_SECONDS = 25
RETRY_SECONDS = 2.0

# Stores the updates of one chat in their order; False where they have to come again.
Store = Callable[[str, list[dict[str, Any]]], Awaitable[bool]]


class Polling:
    """For one account; in one process at a time."""

    def __init__(self, db: Database, account: str, bot: Bot, request: BaseRequest, store: Store) -> None:
        self.db = db
        self.account = account
        self.bot = bot
        self.request = request
        self.store = store

    async def run(self, stopping: asyncio.Event) -> None:
        """One process at a time; Telegram is told to forget updates by the next call, when they are stored."""
        duty = Duty(self.db, f"polling:telegram:{self.account}")
        offset: int | None = None
        try:
            while not stopping.is_set():
                if await asyncio.to_thread(self._paused) or not await asyncio.to_thread(duty.take):
                    await pause(stopping, 1.0)
                    continue
                updates = await self._updates(offset, stopping)
                if not updates:
                    offset = None  # all is confirmed; ids may begin anew, and lower, after a quiet week
                elif await self._stored(updates):
                    offset = max(one["update_id"] for one in updates) + 1
                else:
                    await pause(stopping, RETRY_SECONDS)
        finally:
            await asyncio.to_thread(duty.leave)

    def _paused(self) -> bool:
        """A restored copy must not take the updates of the one that speaks."""
        with self.db.read() as db:
            return outbox.paused(db)

    async def _updates(self, offset: int | None, stopping: asyncio.Event) -> list[dict[str, Any]]:
        """The next updates as they come: one that can't be read must not hide the others."""
        asked: dict[str, Any] = {"timeout": POLL_SECONDS, "allowed_updates": json.dumps(ALLOWED)}
        if offset is not None:
            asked["offset"] = offset
        # Bot.get_updates reads all or none, and do_api_request warns that it is not get_updates.
        url = f"{self.bot.base_url}/getUpdates?{urlencode(asked)}"
        call = asyncio.ensure_future(self.request.post(url, read_timeout=POLL_SECONDS + 10.0))
        stop = asyncio.ensure_future(stopping.wait())
        await asyncio.wait([call, stop], return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not call.done():
            call.cancel()
            return []
        found: Any = call.result()
        return list(found)

    async def _stored(self, updates: list[dict[str, Any]]) -> bool:
        """Chats side by side, each in its order."""
        chats: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for update in updates:
            chats[_chat(update)].append(update)
        return all(await asyncio.gather(*(self.store(chat, some) for chat, some in chats.items())))


def _chat(update: dict[str, Any]) -> str:
    """Whose update it is, as far as order matters."""
    for name in ("message", "edited_message", "my_chat_member"):
        if isinstance(update.get(name), dict):
            chat = update[name].get("chat")
            return str(chat.get("id")) if isinstance(chat, dict) else ""
    tap = update.get("callback_query")
    sender = tap.get("from") if isinstance(tap, dict) else None
    return str(sender.get("id")) if isinstance(sender, dict) else ""


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
