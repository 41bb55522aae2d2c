"""The WeCom channel: hears by its callback, answers by messages of the application."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.arriving import Parcel
from bot.guarding import limited
from bot.house import House
from bot.logs import Seldom
from bot.reception import Reception
from bot.wechat.envelope import Forged, Malformed, Unsealable
from bot.wecom.callback import Callback
from bot.wecom.carrying import WeComCarrier
from bot.wecom.reading import Heard, Unreadable, Us, read
from handlers.inbox import Reused
from handlers.messages import Choice
from handlers.phrasebook import phrasebook
from scheduler.delivery import Delivery, Halted, Rejected, Undelivered
from storage import exchanges, outbox, seats
from storage.database import NotDurable

log = logging.getLogger(__name__)

BODY = 64 << 10  # bytes
RETRY_SECONDS = 30.0
LAST_SECONDS = 1.0


class WeCom:
    name = "wecom"

    def __init__(self, house: House) -> None:
        settings = house.settings
        self.house = house
        self.us = Us(settings.wecom_corp_id, str(int(settings.wecom_agent_id)), settings.timezone)
        token, key = settings.wecom_token.get_secret_value(), settings.wecom_aes_key.get_secret_value()
        self.callback = Callback(token, key, settings.wecom_corp_id)
        self.carrier = WeComCarrier(house, self.us.account)
        self.delivery = Delivery(house.db, house.now, self.carrier)
        self.reception = Reception(house, self.name, self.us.account, self.carrier.fetch, self.delivery.nudge)
        self.taps: set[asyncio.Task[None]] = set()
        self.trouble: str | None = "not connected yet"
        self.forged = Seldom(log)

    @property
    def state(self) -> str:
        return self.trouble or self.delivery.trouble or "on"

    def routes(self) -> list[Route]:
        return [
            Route("/wecom", self.verify, methods=["GET"]),
            Route("/wecom", self.push, methods=["POST"], middleware=limited(BODY)),
        ]

    async def examine(self) -> str | None:
        try:
            await self.carrier.token()  # a stored one would say nothing about the secret
            await self._introduce()
        except (Undelivered, NotDurable) as error:
            return str(error)
        finally:
            await self.carrier.api.close()
        return None

    async def run(self, stopping: asyncio.Event) -> None:
        """Everything of this channel, until asked to stop."""
        await asyncio.gather(self.delivery.run(stopping), self.reception.run(stopping), self._connect(stopping))
        if self.taps:
            await asyncio.wait(self.taps, timeout=LAST_SECONDS)
        await self.carrier.api.close()

    async def _connect(self, stopping: asyncio.Event) -> None:
        """Setting the menu tells whether corp, secret, application and our address are what the platform knows."""
        while not stopping.is_set():
            try:
                await self._introduce()
            except (Undelivered, NotDurable) as error:
                self.trouble = str(error)
                log.warning("wecom: %s", error)
            else:
                self.trouble = None
                return
            try:
                await asyncio.wait_for(stopping.wait(), RETRY_SECONDS)
            except TimeoutError:
                continue

    async def _introduce(self) -> None:
        try:
            await self.carrier.set_menu(menu())
        except Rejected as error:
            log.warning("wecom: the menu was refused: %s", error)  # everything can be typed

    async def verify(self, request: Request) -> Response:
        """The administrator saves the address."""
        try:
            return PlainTextResponse(self.callback.verified(request.query_params, self.house.now()))
        except Forged:
            self.forged.warn("wecom: a call with a wrong signature or an old one (is WECOM_TOKEN the console's?)")
            return JSONResponse({"error": "bad signature"}, 401)
        except Unsealable:
            return JSONResponse({"error": "malformed"}, 400)

    async def push(self, request: Request) -> Response:
        """One message or event; 200 when it is stored. What is signed but says nothing to us need not come again."""
        try:
            body = await request.body()
            heard = read(self.callback.opened(body, request.query_params, self.house.now()), self.us)
        except (Malformed, ClientDisconnect):
            return JSONResponse({"error": "malformed"}, 400)
        except Forged:
            self.forged.warn("wecom: a call with a wrong signature or an old one (is WECOM_TOKEN the console's?)")
            return JSONResponse({"error": "bad signature"}, 401)
        except (Unsealable, Unreadable) as error:
            log.warning("wecom: a push that can't be read: %s", error)
            return Response()
        await self.hear(heard)
        return Response()

    async def hear(self, heard: Heard) -> None:
        """Stored when this returns. Raises NotDurable."""
        if heard.reachable is not None:
            await asyncio.to_thread(self.house.db.write, lambda db: self._touched(db, heard))
            self.delivery.nudge()
        if heard.parcel is None or (heard.entered and await asyncio.to_thread(self._known, heard.address)):
            return
        try:
            taken = await self.reception.receive(await asyncio.to_thread(self._seen, heard.parcel))
        except Reused:
            log.warning("wecom: a key came again with other content")
            return
        if heard.card and taken and not taken.again:
            task = asyncio.create_task(self._settle_card(heard))
            self.taps.add(task)
            task.add_done_callback(self.taps.discard)

    def _touched(self, db: Any, heard: Heard) -> None:
        at = (self.name, self.us.account, heard.address)
        if heard.reachable:
            outbox.regain_touch(db, *at)
        else:
            outbox.lose_touch(db, *at, self.house.now())

    def _seen(self, parcel: Parcel) -> Parcel:
        """She wrote it when nothing later than this was on the way to her (R4)."""
        message = parcel.message
        with self.house.db.read() as db:
            seen = outbox.shown(db, self.name, self.us.account, message.address)
        return replace(parcel, message=replace(message, seen=seen))

    def _known(self, address: str) -> bool:
        with self.house.db.read() as db:
            return seats.who(db, self.name, self.us.account, address) is not None

    async def _settle_card(self, heard: Heard) -> None:
        """The tapped card shows what was chosen; of no consequence if the platform finds it too late."""
        try:
            if label := await asyncio.to_thread(self._label, heard):
                await self.carrier.settle_card(heard.address, heard.card or "", label)
        except (Undelivered, NotDurable) as error:
            if isinstance(error, Halted):
                self.carrier.pace.silence(error.seconds)
            log.info("wecom: a tapped card was not changed: %s", error)

    def _label(self, heard: Heard) -> str | None:
        """What was chosen; None where the tap itself was not taken because it came too fast: she may tap again."""
        if heard.parcel is None:
            return None
        key, choice = heard.parcel.message.key, heard.parcel.message.choice or ""
        with self.house.db.read() as db:
            taken = exchanges.first_delivery(db, self.name, self.us.account, key)
            found = exchanges.choice_of(db, self.name, self.us.account, heard.address, choice)
        return found[0] if taken and found else None


def menu() -> dict[str, Any]:
    """Under the chat: two words at hand, the others one touch away."""
    told = phrasebook().reply("app_menu", {})
    begin, missing, *others = told.choices
    more = {"name": told.text, "sub_button": [_click(one) for one in others]}
    return {"button": [_click(begin), _click(missing), more]}


def _click(choice: Choice) -> dict[str, str]:
    return {"type": "click", "name": choice.label, "key": choice.words}
