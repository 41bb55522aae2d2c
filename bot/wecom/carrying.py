"""WeCom's message/send as a carrier: text, cards and files to one member, and what each errcode means."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from bot.arriving import Media
from bot.house import House
from bot.rendering import WECOM_BUTTON, WECOM_FILE, Ask, file_link, file_page, told_apart, wecom
from bot.tencent import OUTAGE_SECONDS, REFUSED_SECONDS, Tencent, Tokens
from bot.uploads import FILE_BYTES
from scheduler.delivery import Again, Gone, Halted, Rejected, Undelivered, Unsure
from scheduler.pacing import Pace, Window
from storage import handouts
from storage.relations import Row

PER_SECOND = 20.0
# Just under the 30 a minute and 1000 an hour above which a member's messages vanish without a word (platform.md B).
MEMBER = (Window(28, 60.0), Window(950, 3600.0), Window(1, 0.3))
SAME_SECONDS = 14400  # so long, and no longer, the platform can drop a copy of what it has taken
LEAST_FILE = 6  # bytes: a smaller one is refused
GONE = (43004, 46004, 60111, 81013)
CONFIGURATION = (40013, 40056, 41002, 41004, 43012, 48002, 60011, 60020, 301002)
HALTS = {45009: 60.0, 45033: 2.0}
TASK_TAKEN, MEDIA_GONE = 42014, 40007


class TakenBefore(Rejected):
    """A card with this task_id is there already."""


class MediaGone(Again):
    """What was uploaded is there no more."""


class WeComCarrier:
    channel = "wecom"
    dedups = True

    def __init__(self, house: House, account: str) -> None:
        self.house = house
        self.account = account
        self.agent = int(house.settings.wecom_agent_id)
        self.api = Tencent(house.settings.wecom_api_base, meaning)
        self.api.tokens = Tokens(house, self.channel, account, self.token)
        self.pace = Pace(PER_SECOND, lambda _: MEMBER)
        # A file that is sent again must have the same media_id, else the platform takes it for another.
        self.uploaded: dict[tuple[int, str], str] = {}

    def requests(self, row: Row) -> list[Ask]:
        return wecom(row, self.house.links)

    async def post(self, row: Row, request: Ask) -> None:
        if request.file is None:
            await self._send(row, request.method, request.fields)
        else:
            await self._send_file(row, request.file)

    async def fetch(self, media: Media, target: IO[bytes]) -> None:
        await self.api.download("/cgi-bin/media/get", {"media_id": media.id}, target, FILE_BYTES)

    async def settle_card(self, userid: str, response_code: str, label: str) -> None:
        """The buttons of a tapped card become the one word that was chosen."""
        button = {"replace_name": label[:WECOM_BUTTON]}
        body = {"userids": [userid], "agentid": self.agent, "response_code": response_code, "button": button}
        await self.api.call("/cgi-bin/message/update_template_card", body)

    async def set_menu(self, menu: Mapping[str, Any]) -> None:
        await self.api.call("/cgi-bin/menu/create", menu, query={"agentid": self.agent})

    async def _send(self, row: Row, kind: str, content: Mapping[str, Any]) -> None:
        body = {"touser": row.address, "msgtype": kind, "agentid": self.agent, kind: content}
        once = {"enable_duplicate_check": 1, "duplicate_check_interval": SAME_SECONDS}
        try:
            answer = await self.api.call("/cgi-bin/message/send", {**body, **once})
        except TakenBefore:
            return  # its task_id is this row's alone: an answer to the first try was lost
        if answer.get("invaliduser"):
            raise Gone("invaliduser")

    async def _send_file(self, row: Row, file: str) -> None:
        held = await asyncio.to_thread(self._held, file)
        path = self.house.store.path(held.sha256) if held else None
        if held is None or path is None or not path.exists():
            raise Rejected("the file is not there")
        if not LEAST_FILE <= held.size <= WECOM_FILE:
            link = file_link(held.name, file_page(row, file, self.house.links))
            await self._send(row, "text", {"content": f"{link}{told_apart(row.id)}"})
            return
        at = (row.id, file)
        if at not in self.uploaded:
            self.uploaded[at] = await self._upload(held.name, path)
        try:
            await self._send(row, "file", {"media_id": self.uploaded[at]})
        except (MediaGone, Rejected, Gone):
            del self.uploaded[at]
            raise
        del self.uploaded[at]

    async def _upload(self, name: str, path: Path) -> str:
        """The media_id. The name that is shown is the plain multipart filename (platform.md B)."""
        with path.open("rb") as content:
            files = {"media": (name, content, "application/octet-stream")}
            try:
                answer = await self.api.call("/cgi-bin/media/upload", query={"type": "file"}, files=files)
            except Unsure as error:
                raise Again(str(error)) from None  # nobody has seen anything of it
        return str(answer["media_id"])

    def _held(self, file: str) -> Row | None:
        with self.house.db.read() as db:
            return handouts.file(db, file)

    async def token(self) -> tuple[str, float]:
        """A token as WeCom gives it, and the seconds it lasts. Without one nothing is sent: it only ever raises Halted."""
        settings = self.house.settings
        asked = {"corpid": settings.wecom_corp_id, "corpsecret": settings.wecom_secret.get_secret_value()}
        try:
            answer = self.api.checked(await self.api.asked("/cgi-bin/gettoken", None, query=asked))
            return str(answer["access_token"]), float(answer["expires_in"])
        except (Again, Unsure) as error:
            raise Halted(f"no token: {error}", OUTAGE_SECONDS) from None
        except (Rejected, Gone, KeyError, ValueError) as error:
            raise Halted(f"no token: {error}", REFUSED_SECONDS) from None


def meaning(code: int, said: str) -> Undelivered:
    """By platform.md A6 and B, and WeCom's list of return codes."""
    why = f"errcode {code}: {said}"
    if code in GONE:
        return Gone(why)
    if code in CONFIGURATION:
        return Halted(why, REFUSED_SECONDS)
    if code in HALTS:
        return Halted(why, HALTS[code])
    if code == TASK_TAKEN:
        return TakenBefore(why)
    if code == MEDIA_GONE:
        return MediaGone(why)
    return Rejected(why) if 40000 <= code < 50000 else Again(why)
