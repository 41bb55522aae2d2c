"""WeChat's customer messages as a carrier: within what she has allowed us, and what each errcode means."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import IO, Any

import sqlalchemy as sa

from bot.arriving import Media
from bot.house import House
from bot.rendering import wechat
from bot.tencent import Tencent, Tokens
from bot.uploads import FILE_BYTES
from scheduler.delivery import Gone, Halted, Rejected, Undelivered, Unsure, WindowClosed
from scheduler.pacing import Pace, Window
from storage import allowances
from storage.relations import Row

PER_SECOND = 20.0
# A customer message may overtake the one before when they are sent close together (platform.md A3).
CHAT = (Window(1, 0.5),)
GONE = (40003, 43004, 43019, 50002)
CLOSED = (45015, 45047)
UNVERIFIED = 48001  # the account may not send by itself at all: what is owed goes before her next answer
HALTS = {45009: 300.0, 45011: 60.0}
CONFIGURATION = (40013, 40125, 40164, 41002, 41004, 48004, 50001)
BUSY = -1


class WeChatCarrier:
    channel = "wechat"
    dedups = False

    def __init__(self, house: House) -> None:
        settings = house.settings
        self.house = house
        self.account = settings.wechat_app_id
        self.api = Tencent(settings.wechat_api_base, meaning)
        self.api.tokens = Tokens(house, self.channel, self.account, self.token)
        self.pace = Pace(PER_SECOND, lambda _: CHAT)

    def requests(self, row: Row) -> list[str]:
        return wechat(row, self.house.links)

    async def post(self, row: Row, request: str) -> None:
        at = (self.channel, self.account, row.address)
        # The last one is kept for an answer.
        least = 1 if row.kind == "reply" else 2
        if await self._left(at) < least:
            raise WindowClosed("none of the messages that WeChat allows are left")
        body = {"touser": row.address, "msgtype": "text", "text": {"content": request}}
        try:
            await self.api.call("/cgi-bin/message/custom/send", body)
        except WindowClosed:
            await self._write(lambda db, _: allowances.exhaust(db, at))
            raise
        except Unsure:
            await self._write(lambda db, _: allowances.spend(db, at))
            raise
        await self._write(lambda db, _: allowances.spend(db, at))

    async def fetch(self, media: Media, target: IO[bytes]) -> None:
        await self.api.download("/cgi-bin/media/get", {"media_id": media.id}, target, FILE_BYTES)

    async def invited_by(self, code: str, seconds: int) -> str:
        """What a QR picture must hold so that who scans it in WeChat comes with this code."""
        scene = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": code}}}
        answer = await self.api.call("/cgi-bin/qrcode/create", {**scene, "expire_seconds": seconds})
        return str(answer["url"])

    async def token(self) -> tuple[str, float]:
        """A token as WeChat gives it, and the seconds it lasts."""
        settings = self.house.settings
        asked = {
            "grant_type": "client_credential",
            "appid": settings.wechat_app_id,
            "secret": settings.wechat_app_secret.get_secret_value(),
            "force_refresh": False,
        }
        answer = self.api.checked(await self.api.asked("/cgi-bin/stable_token", asked, query={}))
        try:
            return str(answer["access_token"]), float(answer["expires_in"])
        except (KeyError, TypeError, ValueError):
            raise Unsure("an answer without a token") from None

    async def _left(self, at: tuple[str, str, str]) -> int:
        return int(await self._write(lambda db, now: allowances.left(db, at, now)))

    async def _write(self, work: Callable[[sa.Connection, datetime], Any]) -> Any:
        now = self.house.now()
        return await asyncio.to_thread(self.house.db.write, lambda db: work(db, now))


def meaning(code: int, said: str) -> Undelivered:
    """platform.md A6."""
    why = f"errcode {code}: {said}"
    if code in GONE:
        return Gone(why)
    if code in CLOSED or code == UNVERIFIED:
        return WindowClosed(why)
    if code in HALTS:
        return Halted(why, HALTS[code])
    if code in CONFIGURATION:
        return Halted(why, 60.0)
    return Unsure(why) if code == BUSY else Rejected(why)
