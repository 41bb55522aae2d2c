"""The channels that are on: each hears and says on one platform; loaded only when it is configured."""

import asyncio
import os
from collections.abc import Sequence
from typing import Protocol

from starlette.routing import Route

from bot.house import House
from scheduler.delivery import Delivery


class Channel(Protocol):
    """One account of ours on a platform."""

    name: str
    delivery: Delivery

    @property
    def state(self) -> str:
        """«on», or what is wrong."""

    def routes(self) -> Sequence[Route]:
        """Where the platform calls us."""

    async def examine(self) -> str | None:
        """What is wrong with the connection now; None when it works. The channel must not be running."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Hear and say until asked to stop."""


def channels(house: House) -> list[Channel]:
    """Every channel whose settings are complete."""
    found: list[Channel] = []
    if house.settings.on("telegram"):
        # Else its RetryAfter warns while it is made, and with warnings as errors hides the 429 (platform.md C2).
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        from bot.telegram.channel import Telegram

        found.append(Telegram(house))
    if house.settings.on("wechat"):
        from bot.wechat.channel import WeChat

        found.append(WeChat(house))
    if house.settings.on("wecom"):
        from bot.wecom.channel import WeCom

        found.append(WeCom(house))
    return found
