"""The HTTP APIs of WeChat and WeCom: one shared access token, an errcode in every answer, what went wrong in our words."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import IO, Any
from urllib.parse import urlsplit

import httpx

from bot.arriving import Lost
from bot.house import House
from scheduler.delivery import Again, Halted, Rejected, Undelivered, Unsure
from storage import accounts

STALE = (40001, 40014, 42001)  # the token is not, or no more, valid (platform.md A6)
EARLY = timedelta(minutes=5)  # a token is renewed before it ends (A5)
SECONDS = httpx.Timeout(10.0, connect=3.0)
OUTAGE_SECONDS, REFUSED_SECONDS = 3.0, 60.0
LOOK_SECONDS = 0.2
VIDEOS = ".qq.com"  # where the platform keeps what it hands out by an address (A7)
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

# What an errcode of a platform means; None where it is none of its own.
Meaning = Callable[[int, str], Undelivered]


class Tokens:
    """The one access token of an account, kept in the database: fetched by one process at a time, for all."""

    def __init__(
        self, house: House, channel: str, account: str, fetch: Callable[[], Awaitable[tuple[str, float]]]
    ) -> None:
        self.house = house
        self.at = (channel, account)
        self.fetch = fetch  # the token and the seconds it lasts
        self.alone = asyncio.Lock()

    async def current(self) -> str:
        kept = await self._kept()
        if kept and kept[1] - EARLY > self.house.now():
            return kept[0]
        return await self.renewed(kept[0] if kept else None)

    async def fresh(self) -> str:
        """As the platform gives it now: a stored one says nothing about the settings."""
        kept = await self._kept()
        return await self.renewed(kept[0] if kept else None)

    async def renewed(self, stale: str | None) -> str:
        """A token that is not the stale one, if the platform gives another."""
        async with self.alone:
            while True:
                kept = await self._kept()
                if kept and kept[0] != stale:
                    return kept[0]
                if await self._write(lambda db: accounts.begin_refresh(db, *self.at, stale, self.house.now())):
                    return await self._fetched()
                await asyncio.sleep(LOOK_SECONDS)  # another process is at it

    async def _fetched(self) -> str:
        fresh: tuple[str, datetime] | None = None
        try:
            token, seconds = await self.fetch()
            fresh = token, self.house.now() + timedelta(seconds=seconds)
            return token
        finally:
            await self._write(lambda db: accounts.end_refresh(db, *self.at, fresh))

    async def _kept(self) -> tuple[str, datetime] | None:
        row = await asyncio.to_thread(self._row)
        return (row.token, row.token_until) if row and row.token else None

    def _row(self) -> Any:
        with self.house.db.read() as db:
            return accounts.known(db, *self.at)

    async def _write(self, work: Callable[[Any], Any]) -> Any:
        return await asyncio.to_thread(self.house.db.write, work)


class Tencent:
    """Calls with the token; an invalid one is renewed once, never in a loop."""

    def __init__(self, base: str, meaning: Meaning) -> None:
        self.client = httpx.AsyncClient(base_url=base.rstrip("/"), timeout=SECONDS, follow_redirects=False)
        self.meaning = meaning
        self.tokens: Tokens

    async def call(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        files: Any = None,
    ) -> dict[str, Any]:
        """The answer of a POST (a GET without body and files). Raises the kinds of Undelivered."""
        token = await self.tokens.current()
        answer = await self.asked(path, body, query={**(query or {}), "access_token": token}, files=files)
        if answer.get("errcode") in STALE:
            token = await self.tokens.renewed(token)
            answer = await self.asked(path, body, query={**(query or {}), "access_token": token}, files=files)
        return self.checked(answer)

    def checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        code = answer.get("errcode", 0)
        if code in STALE:
            raise Halted(f"errcode {code}: the token is refused", REFUSED_SECONDS)
        if code:
            raise self.meaning(int(code), str(answer.get("errmsg", ""))[:120])
        return answer

    async def asked(
        self, path: str, body: Mapping[str, Any] | None, *, query: Mapping[str, Any], files: Any = None
    ) -> dict[str, Any]:
        """One call as it is answered, without a token of ours."""
        # The platforms refuse \\uXXXX (40033): Chinese goes as itself.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        method = "GET" if body is None and files is None else "POST"
        try:
            response = await self.client.request(method, path, params=query, content=content, files=files)
        except NOT_SENT as error:
            raise Halted(f"not reached: {type(error).__name__}", OUTAGE_SECONDS) from None
        except httpx.HTTPError as error:
            raise Unsure(type(error).__name__) from None  # its text holds the token
        if response.status_code >= 500:
            raise Again(f"HTTP {response.status_code}")
        try:
            answer = response.json()
        except ValueError:
            raise Unsure(f"HTTP {response.status_code} without JSON") from None
        if not isinstance(answer, dict):
            raise Unsure("an answer that is none")
        return answer

    async def download(self, path: str, query: Mapping[str, Any], target: IO[bytes], most: int) -> str:
        """The bytes of a medium into `target`; the name it came with. Raises Lost where it is gone or too large."""
        token = await self.tokens.current()
        for last in (False, True):
            name, answer = await self._streamed(path, {**query, "access_token": token}, target, most)
            if answer and self._theirs(link := str(answer.get("video_url", ""))):
                name, answer = await self._streamed(link, None, target, most)
            if answer is None:
                return name
            if answer.get("errcode") in STALE and not last:
                token = await self.tokens.renewed(token)
                continue
            if answer.get("errcode") == 40007:
                raise Lost
            self.checked(answer)
            raise Rejected("no bytes came")
        raise AssertionError("unreachable")

    def _theirs(self, link: str) -> bool:
        """Whether an address that the platform names is its own: nobody else is asked for bytes."""
        try:
            there = urlsplit(link)
            return there.scheme in ("http", "https") and (
                there.netloc == self.client.base_url.netloc.decode() or f".{there.hostname}".endswith(VIDEOS)
            )
        except ValueError:
            return False

    async def _streamed(
        self, path: str, query: Mapping[str, Any] | None, target: IO[bytes], most: int
    ) -> tuple[str, dict[str, Any] | None]:
        """The name and None when bytes came; the JSON where the platform answered with one."""
        try:
            async with self.client.stream("GET", path, params=query) as response:
                if response.status_code >= 300:
                    raise Again(f"HTTP {response.status_code}")
                disposition = response.headers.get("content-disposition", "")
                kind = response.headers.get("content-type", "")
                if "filename" not in disposition and ("json" in kind or "text" in kind):
                    answer = json.loads(await response.aread())
                    return "", answer if isinstance(answer, dict) else {"errcode": -1}
                size = 0
                async for chunk in response.aiter_bytes():
                    size += len(chunk)
                    if size > most:
                        raise Lost("http_file_too_big")
                    target.write(chunk)
                return disposition.partition("filename=")[2].strip('" '), None
        except NOT_SENT as error:
            raise Halted(f"not reached: {type(error).__name__}", OUTAGE_SECONDS) from None
        except httpx.HTTPError as error:
            raise Again(type(error).__name__) from None
        except ValueError:
            raise Again("neither bytes nor JSON") from None

    async def close(self) -> None:
        await self.client.aclose()
