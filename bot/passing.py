"""Files brought and fetched by signed links, for chats that can't carry them; the link is the authority, no cookie."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response

from bot.house import House
from bot.limits import Rate
from bot.links import Expired, Unknown
from bot.printing import page, refusal
from bot.problems import Problem
from bot.uploads import Unfit, keep
from handlers.answers import bringing
from handlers.answers.bringing import Offer, Outcome
from handlers.cleaning import clean, clean_name
from handlers.inbox import LONGEST_TEXT, Reused, take
from handlers.messages import Incoming, Message
from handlers.phrasebook import pages, phrasebook
from handlers.turn import Taken
from storage import handouts, relations
from storage.filetypes import media_type

MOST_FILES = 10  # in one request
TEXT_PART = 256 << 10  # bytes
SHOWABLE = ("jpg", "png", "webp")  # heic is a photo that few browsers show
SANDBOX = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, max-age=3600"}


@dataclass(frozen=True)
class Brought:
    """What a form brought, its files stored; `why` is the status of the first that is not taken."""

    text: str
    item: str | None
    files: tuple[Incoming, ...] = ()
    left: tuple[str, ...] = ()  # names of files that can't be taken
    refused: tuple[str, ...] = ()
    why: int = 400


class Passing:
    """The routes of one house; `nudges` tell a channel, by its name, that somebody is owed an answer."""

    def __init__(self, house: House, nudges: Mapping[str, Callable[[], None]]) -> None:
        self.house = house
        self.nudges = nudges
        self.rate = Rate(house.settings.rate_per_minute)

    async def download(self, request: Request) -> Response:
        """A page about a file, or its bytes; each kind of link opens only its own."""
        token = request.path_params["token"]
        try:
            held = self.house.links.shown_on(token, self.house.now())
            row = await self._piece(held)
        except Unknown:
            return await self._bytes(token)
        except Expired:
            return refusal(Problem(410, "http_link_expired"))
        except Problem as problem:
            return refusal(problem)
        shown = row.media_type in SHOWABLE
        return page("download.html", name=row.name, size=row.size, shown=shown, href=self.house.links.file(held))

    async def _bytes(self, token: str) -> Response:
        """The bytes of a file; always as an attachment."""
        try:
            row = await self._piece(self.house.links.fetched(token))
        except Unknown:
            raise Problem(404, "http_unknown") from None
        except Expired:
            raise Problem(410, "http_link_expired") from None
        path, kind = self.house.store.path(row.sha256), media_type(row.media_type or "")
        return FileResponse(path, filename=row.name, media_type=kind, headers=SANDBOX)

    async def _piece(self, held: str) -> relations.Row:
        """A stored file that counts. Raises Problem with 404 or 410."""
        row = await run_in_threadpool(self._looked_up, held)
        if row is None or not self.house.store.path(row.sha256).exists():
            raise Problem(404, "http_unknown")
        if row.withdrawn_at is not None:
            raise Problem(410, "http_withdrawn")
        return row

    def _looked_up(self, held: str) -> relations.Row | None:
        with self.house.db.read() as connection:
            return handouts.file(connection, held)

    async def form(self, request: Request) -> Response:
        """The page that takes files."""
        return await self._asked(await self._offer(request))

    async def upload(self, request: Request) -> Response:
        """One turn with what the form brought; the same again gets the same answer (R2)."""
        offer = await self._offer(request)
        if seconds := self.rate.wait(f"{offer.channel}:{offer.account}:{offer.address}"):
            raise Problem(429, "http_too_fast", retry_after=seconds, limit=self.house.settings.rate_per_minute)
        try:
            async with request.form(max_fields=8, max_part_size=TEXT_PART) as form:
                now = self.house.now()  # it has arrived whole
                brought = await run_in_threadpool(self._kept, form)
        except ClientDisconnect:
            raise Problem(400, "http_malformed") from None
        if not brought.text and not brought.files:
            sentences = brought.refused or (phrasebook().text("http_upload_empty", {}),)
            return await self._asked(offer, replace(brought, refused=sentences))
        if len(brought.text) > LONGEST_TEXT:
            sentence = phrasebook().text("too_long", {"length": len(brought.text), "limit": LONGEST_TEXT})
            return await self._asked(offer, replace(brought, refused=(sentence,), why=413))
        try:
            taken = await run_in_threadpool(
                take, self.house.db, _message(offer, brought), now, premises=self.house.premises
            )
        except Reused:
            raise Problem(410, "http_upload_used") from None
        return await self._said(offer, brought, taken)

    async def _offer(self, request: Request) -> Offer:
        """Whose link it is. Raises Problem with 404 or 410."""
        try:
            opened = self.house.links.opened(request.path_params["token"], self.house.now())
        except Unknown:
            raise Problem(404, "http_unknown") from None
        except Expired:
            raise Problem(410, "http_upload_expired") from None
        offer = await run_in_threadpool(bringing.offer, self.house.db, opened.offer)
        if offer is None:
            raise Problem(410, "http_upload_gone")
        return offer

    async def _asked(self, offer: Offer, brought: Brought | None = None) -> Response:
        """The form; with what was wrong about what it brought. Raises Problem where the link was used before."""
        about = await run_in_threadpool(self._about, offer)
        status = brought.why if brought else 200
        sentences, text = (brought.refused, brought.text) if brought else ((), "")
        return page("upload.html", status, refused=sentences, text=text, longest=LONGEST_TEXT, most=MOST_FILES, **about)

    def _about(self, offer: Offer) -> dict[str, Any]:
        if bringing.used(self.house.db, offer):
            raise Problem(410, "http_upload_used")
        aim = bringing.aim(self.house.db, offer.person_id, self.house.now())
        about = {"item": aim.item, "mode": aim.mode, "papers": aim.papers, "awaits": aim.awaits}
        return {"society": offer.society, **about}

    def _kept(self, form: FormData) -> Brought:
        """What the form brought; the files' bytes are safe when this returns."""
        arrived = [one for one in form.getlist("file") if isinstance(one, UploadFile) and (one.filename or one.size)]
        named = [(clean_name(one.filename or "") or phrasebook().text("unnamed_file", {}), one) for one in arrived]
        files, left, sentences, whys = [], [], [], []
        for name, one in named[:MOST_FILES]:
            try:
                files.append(keep(self.house.store, one.file, name))
            except Unfit as unfit:
                left.append(name)
                sentences.append(str(unfit))
                whys.append(unfit.status)
        if more := [name for name, _ in named[MOST_FILES:]]:
            sentences.append(phrasebook().text("http_upload_many", {"limit": MOST_FILES, "names": more}))
        refused = tuple(pages(sentences)) if sentences else ()
        text, item = _field(form, "text"), _field(form, "item") or None
        return Brought(text, item, tuple(files), (*left, *more), refused, *whys[:1])

    async def _said(self, offer: Offer, brought: Brought, taken: Taken) -> Response:
        """What the chat was told, and where each file is."""
        if taken.refused:  # she left while it was under way
            raise Problem(410, "http_upload_gone")
        if nudge := self.nudges.get(offer.channel):
            nudge()
        outcomes = await run_in_threadpool(bringing.outcomes, self.house.db, offer, brought.files)
        nowhere = [Outcome(name, None, waiting=False) for name in brought.left]
        return page("said.html", replies=[one.text for one in taken.replies], outcomes=[*outcomes, *nowhere])


def _message(offer: Offer, brought: Brought) -> Message:
    """Where the page named no item, what has been asked since the offer is a question she has not seen (R4)."""
    return Message(
        offer.channel,
        offer.address,
        offer.key,
        brought.text,
        account=offer.account,
        files=brought.files,
        item=brought.item,
        seen=None if brought.item else offer.id,
        refused=brought.refused,
    )


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return clean(value) if isinstance(value, str) else ""
