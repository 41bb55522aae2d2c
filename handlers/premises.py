"""What a turn may use besides the database: where files lie, and the addresses by which people come in."""

from dataclasses import dataclass

import sqlalchemy as sa

from handlers.societies.joining import plain_code
from storage import accounts
from storage.files import FileStore


@dataclass(frozen=True)
class Premises:
    store: FileStore
    address: str  # of the web chat
    zone: str
    telegram: str | None = None  # our account there, where that channel is on

    def links(self, db: sa.Connection, code: str) -> dict[str, str]:
        """By channel, what brings in who was given this code; it can be sent to her as it is."""
        found = {"web": f"{self.address}/#{code}"}
        known = accounts.known(db, "telegram", self.telegram) if self.telegram else None
        if known and known.handle:
            found["telegram"] = f"https://t.me/{known.handle}?start={plain_code(code)}"
        return found
