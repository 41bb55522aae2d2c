"""The WeChat channel: answers each push within its five seconds, and by customer messages what takes longer."""

import asyncio
import logging
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.arriving import Parcel
from bot.guarding import limited
from bot.house import House
from bot.limits import Rate
from bot.logs import Seldom
from bot.reception import BY_HAND, Reception
from bot.rendering import AtOnce, wechat_at_once
from bot.wechat.carrying import WeChatCarrier
from bot.wechat.envelope import Envelope, Forged, Malformed, Unsealable
from bot.wechat.reading import Heard, Unreadable, read
from handlers.inbox import Reused, recall
from handlers.phrasebook import phrasebook
from handlers.turn import Taken
from scheduler.delivery import Delivery, Undelivered
from storage import allowances, outbox
from storage.database import NotDurable
from storage.relations import Row

log = logging.getLogger(__name__)

BODY = 64 << 10  # bytes
# WeChat cuts the connection after 5 s and asks three times (platform.md A1).
ANSWER_SECONDS = 4.5
RETRY_SECONDS = 30.0
SUCCESS = "success"


class WeChat:
    name = "wechat"

    def __init__(self, house: House) -> None:
        settings = house.settings
        self.house = house
        self.account = settings.wechat_app_id
        self.envelope = Envelope(
            settings.wechat_token.get_secret_value(), settings.wechat_aes_key.get_secret_value(), self.account
        )
        self.carrier = WeChatCarrier(house)
        self.delivery = Delivery(house.db, house.now, self.carrier)
        self.reception = Reception(house, self.name, self.account, self.carrier.fetch, self.delivery.nudge)
        self.rate = Rate(settings.rate_per_minute)
        self.late: set[asyncio.Task[Any]] = set()
        self.trouble: str | None = "not connected yet"
        self.forged = Seldom(log)

    @property
    def state(self) -> str:
        return self.trouble or self.delivery.trouble or "on"

    def routes(self) -> list[Route]:
        return [
            Route("/wechat", self.greet, methods=["GET"]),
            Route("/wechat", self.push, methods=["POST"], middleware=limited(BODY)),
        ]

    async def examine(self) -> str | None:
        try:
            await self.carrier.token()
        except Undelivered as error:
            return str(error)
        finally:
            await self.carrier.api.close()
        return None

    async def run(self, stopping: asyncio.Event) -> None:
        working = [self.delivery.run(stopping), self.reception.run(stopping), self._connect(stopping)]
        await asyncio.gather(*working)
        if self.late:
            await asyncio.wait(self.late, timeout=1.0)
        await self.carrier.api.close()

    async def _connect(self, stopping: asyncio.Event) -> None:
        """A token at the start tells whether the settings are right; without one the bot still hears and answers."""
        while not stopping.is_set():
            try:
                await self.carrier.api.tokens.fresh()
            except (Undelivered, NotDurable) as error:
                self.trouble = str(error)
                log.warning("wechat: %s", error)
            else:
                self.trouble = None
                return
            try:
                await asyncio.wait_for(stopping.wait(), RETRY_SECONDS)
            except TimeoutError:
                continue

    async def greet(self, request: Request) -> Response:
        """The platform verifies the address."""
        try:
            return PlainTextResponse(self.envelope.greeted(request.query_params))
        except Forged:
            self.forged.warn("wechat: a call with a wrong signature or an old one (is WECHAT_TOKEN the console's?)")
            return JSONResponse({"error": "bad signature"}, 401)

    async def push(self, request: Request) -> Response:
        """One message or event. Once it is known to be WeChat's it is never answered with an error: she would be told
        that the account is out of order."""
        try:
            body = await request.body()
            heard = read(
                self.envelope.opened(body, request.query_params, self.house.now()),
                self.account,
                self.house.settings.timezone,
            )
        except (Malformed, ClientDisconnect):
            return JSONResponse({"error": "malformed"}, 400)
        except Forged:
            self.forged.warn("wechat: a call with a wrong signature or an old one (is WECHAT_TOKEN the console's?)")
            return JSONResponse({"error": "bad signature"}, 401)
        except (Unsealable, Unreadable) as error:
            log.warning("wechat: a push that can't be read: %s", error)
            return PlainTextResponse(SUCCESS)
        return await self._answer(heard, request.query_params.get("nonce", ""))

    async def _again(self, parcel: Parcel) -> bool:
        """Whether the platform only asks again for what was answered before."""
        key = parcel.message.key
        return await asyncio.to_thread(recall, self.house.db, self.name, self.account, key) is not None

    async def _answer(self, heard: Heard, nonce: str) -> Response:
        if heard.parcel and self.rate.wait(heard.openid) and not await self._again(heard.parcel):
            limit = self.house.settings.rate_per_minute
            return self._said(phrasebook().text("http_too_fast", {"limit": limit}), heard, nonce)
        stored = asyncio.Event()
        work = asyncio.create_task(self._heard(heard, stored))
        self.late.add(work)
        work.add_done_callback(self.late.discard)
        done, _ = await asyncio.wait({work}, timeout=ANSWER_SECONDS)
        if done and not work.exception():
            return self._answered(work.result(), heard, nonce)
        work.add_done_callback(self._too_late)
        if stored.is_set() or heard.parcel is None:
            return PlainTextResponse(SUCCESS)
        # Nobody would ask for it again: WeChat holds what is answered to be taken.
        return self._said(phrasebook().text("http_not_durable", {}), heard, nonce)

    def _answered(self, rows: list[Row], heard: Heard, nonce: str) -> Response:
        """What fits at once; the rest by itself."""
        said = wechat_at_once(rows, self.house.links)
        answer = self._said(said.text, heard, nonce) if said.text else PlainTextResponse(SUCCESS)
        answer.background = BackgroundTask(self._said_by_hand, rows, said)
        return answer

    async def _heard(self, heard: Heard, stored: asyncio.Event) -> list[Row]:
        """What there is to say, once it is stored."""
        await asyncio.to_thread(self.house.db.write, lambda db: self._noted(db, heard))
        if heard.parcel is None:
            return []
        key = heard.parcel.message.key
        outcome = self.reception.expect(key)
        try:
            taken = await self.reception.receive(heard.parcel, by_hand=BY_HAND)
            stored.set()
            if taken is None:
                taken = await asyncio.wait_for(asyncio.shield(outcome), ANSWER_SECONDS)
        except (Reused, TimeoutError):
            return []
        finally:
            self.reception.forget(key)
        return await asyncio.to_thread(self._rows, taken)

    def _noted(self, db: Any, heard: Heard) -> None:
        """Whether she is there, and what she lets us send."""
        at = (self.name, self.account, heard.openid)
        if heard.left:
            outbox.lose_touch(db, *at, self.house.now())
        elif heard.allowed:
            allowances.grant(db, at, heard.allowed.count, heard.allowed.lasts, self.house.now())

    def _rows(self, taken: Taken) -> list[Row]:
        with self.house.db.read() as db:
            return outbox.rows(db, [reply.id for reply in taken.replies])

    def _said(self, text: str, heard: Heard, nonce: str) -> Response:
        sealed = self.envelope.sealed(text, to=heard.openid, sender=heard.us, nonce=nonce or "0", now=self.house.now())
        return Response(sealed, media_type="application/xml")

    async def _said_by_hand(self, rows: list[Row], said: AtOnce) -> None:
        """The answer is out: what it held is sent, what it could not hold goes by itself."""
        now = self.house.now()
        begun = [row.id for row in rows if row.id == said.begun and row.state == "pending"]

        def work(db: Any) -> None:
            outbox.settle(db, said.whole, "sent", now)
            outbox.settle(db, begun, "pending", now, done=1)
            outbox.release(db, [row.id for row in rows if row.id not in said.whole])

        try:
            await asyncio.to_thread(self.house.db.write, work)
        except NotDurable as error:
            log.warning("wechat: what was answered will be said again: %s", error)
        self.delivery.nudge()

    def _too_late(self, work: "asyncio.Task[list[Row]]") -> None:
        """It took too long for an answer by hand: what came of it goes by itself."""
        if work.cancelled():
            return
        if error := work.exception():
            log.error("wechat: a message could not be taken", exc_info=error)
            return
        release = asyncio.create_task(self._said_by_hand(work.result(), AtOnce()))
        self.late.add(release)
        release.add_done_callback(self.late.discard)
