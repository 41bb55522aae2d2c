"""Signed links that end soon: to bring files in and to take files out, where a chat can't carry them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, SignatureExpired, URLSafeSerializer, URLSafeTimedSerializer

UPLOAD_LASTS = timedelta(hours=2)
DOWNLOAD_LASTS = timedelta(hours=1)
# What the office announces may lie unread, or wait for her to write, for long.
ANNOUNCED_LASTS = timedelta(days=30)


class Expired(Exception):
    """The link was good once."""


class Unknown(Exception):
    """No link of ours."""


@dataclass(frozen=True)
class Upload:
    """Whose files, by the message (an outbox row) that offered to take them."""

    offer: int


class Links:
    """Made from what is stored with a message only, so that saying it again says the same link."""

    def __init__(self, secret: str, address: str) -> None:
        self.address = address
        self.uploads = URLSafeSerializer(secret, salt="upload")
        self.downloads = URLSafeTimedSerializer(secret, salt="download")
        self.shown = URLSafeSerializer(secret, salt="shown")

    def upload(self, offer: int, made: datetime) -> str:
        """Where she brings files that this message offered to take."""
        ends = int((made + UPLOAD_LASTS).timestamp())
        return f"{self.address}/u/{self.uploads.dumps([offer, ends])}"

    def opened(self, token: str, now: datetime) -> Upload:
        """Raises Unknown and Expired."""
        offer, ends = self._read(self.uploads, token)
        if now.timestamp() >= ends:
            raise Expired
        return Upload(int(offer))

    def page(self, held: str, made: datetime, *, lasts: timedelta = DOWNLOAD_LASTS) -> str:
        """A page that offers a stored file."""
        ends = int((made + lasts).timestamp())
        return f"{self.address}/d/{self.shown.dumps([held, ends])}"

    def shown_on(self, token: str, now: datetime) -> str:
        """The file that a page is about. Raises Unknown and Expired."""
        held, ends = self._read(self.shown, token)
        if now.timestamp() >= ends:
            raise Expired
        return str(held)

    def file(self, held: str) -> str:
        """The path of the bytes themselves, good from now."""
        return f"/d/{self.downloads.dumps(held)}"

    def fetched(self, token: str) -> str:
        """The file whose bytes are asked for. Raises Unknown and Expired."""
        try:
            return str(self.downloads.loads(token, max_age=int(DOWNLOAD_LASTS.total_seconds())))
        except SignatureExpired:
            raise Expired from None
        except BadSignature:
            raise Unknown from None

    def _read(self, serializer: URLSafeSerializer, token: str) -> tuple[int | str, int]:
        try:
            about, ends = serializer.loads(token)
        except BadSignature:
            raise Unknown from None
        return about, int(ends)
