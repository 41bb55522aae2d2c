"""Telegram's queue of updates: confirmed by offset when polled, pushed when there is a webhook."""

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram_checks import Refusal
from tests.fakes.telegram_webhook import Webhook

Update = dict[str, Any]
# Telegram leaves these out unless they are asked for by name.
ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass
class Entry:
    update: Update
    again: bool = False  # delivered at least once, whatever was confirmed before
    served: bool = False

    @property
    def id(self) -> int:
        return int(self.update["update_id"])


@dataclass
class Poller:
    loop: asyncio.AbstractEventLoop
    event: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    def wake(self) -> None:
        self.loop.call_soon_threadsafe(self.event.set)


class Updates:
    def __init__(self, changed: threading.Condition) -> None:
        self.changed = changed
        self.next_id = 700_000_001
        self.confirmed = 0
        self.entries: list[Entry] = []
        self.allowed: list[str] = []
        self.held: list[Update] | None = None
        self.poller: Poller | None = None
        self.webhook: Webhook | None = None
        self.closing = threading.Event()

    @property
    def pending(self) -> list[Update]:
        with self.changed:
            return [entry.update for entry in self.entries]

    def push(self, kind: str, body: dict[str, Any]) -> Update:
        """A new update; it is kept from the bot while updates are held, or when its kind is not allowed."""
        with self.changed:
            update = {"update_id": self.next_id, kind: body}
            self.next_id += 1
            if self.held is not None:
                self.held.append(update)
            elif kind in self.allowed if self.allowed else kind not in ON_REQUEST:
                self.put(Entry(update))
            return update

    def put(self, *entries: Entry) -> None:
        with self.changed:
            self.entries += entries
            for entry in entries:
                self.send(entry)
            self.wake()

    def wake(self) -> None:
        if self.poller:
            self.poller.wake()
        self.changed.notify_all()

    def allow(self, given: dict[str, Any]) -> None:
        if isinstance(given.get("allowed_updates"), list):
            self.allowed = [str(kind) for kind in given["allowed_updates"]]

    def confirm(self, offset: int) -> None:
        if offset < 0:
            self.entries = self.entries[offset:]
            return
        self.confirmed = max(self.confirmed, offset)
        self.entries = [entry for entry in self.entries if entry.id >= offset or (entry.again and not entry.served)]
        self.changed.notify_all()

    async def poll(self, given: dict[str, Any]) -> list[Update]:
        """getUpdates; the newer of two pollers ends the older one with 409, as Telegram does."""
        loop = asyncio.get_running_loop()
        until = loop.time() + min(max(int(given.get("timeout") or 0), 0), 50)
        limit = int(given.get("limit") or 100)
        poller = Poller(loop)
        with self.changed:
            self.no_webhook()
            self.allow(given)
            if self.poller:
                self.poller.ended = True
                self.poller.wake()
            self.poller = poller
            self.confirm(int(given.get("offset") or 0))
        try:
            while True:
                poller.event.clear()
                found = self.batch(poller, limit if 1 <= limit <= 100 else 100)
                left = until - loop.time()
                if found or left <= 0 or self.closing.is_set():
                    return found
                try:
                    await asyncio.wait_for(poller.event.wait(), left)
                except TimeoutError:
                    continue
        finally:
            with self.changed:
                if self.poller is poller:
                    self.poller = None

    def batch(self, poller: Poller, limit: int) -> list[Update]:
        with self.changed:
            self.no_webhook()
            if poller.ended:
                raise Refusal(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            found = self.entries[:limit]
            for entry in found:
                entry.served = True
            return [entry.update for entry in found]

    def no_webhook(self) -> None:
        if self.webhook:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )

    def set_webhook(self, webhook: Webhook | None, given: dict[str, Any]) -> None:
        with self.changed:
            old, self.webhook = self.webhook, webhook
            if given.get("drop_pending_updates"):
                self.entries = []
            self.allow(given)
            self.wake()
            if old:
                old.stop()
            for entry in self.entries:
                self.send(entry)

    def send(self, entry: Entry) -> None:
        if self.webhook:
            self.webhook.send(entry.update, lambda: self.accepted(entry))

    def accepted(self, entry: Entry) -> None:
        with self.changed:
            self.entries = [other for other in self.entries if other is not entry]
            self.changed.notify_all()

    def close(self) -> None:
        self.closing.set()
        with self.changed:
            self.wake()
            if self.webhook:
                self.webhook.stop()
