"""What the edge works with, wired once: settings, clock, database, files, secret, links."""

import time
from dataclasses import dataclass
from pathlib import Path

from bot.clock import Clock, clock
from bot.links import Links
from bot.settings import Settings
from handlers.premises import Premises
from storage.database import Database
from storage.files import FileStore
from storage.migrating import migrate

ABANDONED_SECONDS = 3600


@dataclass(frozen=True)
class House:
    settings: Settings
    now: Clock
    db: Database
    store: FileStore
    secret: str
    links: Links

    @property
    def premises(self) -> Premises:
        """What a turn may use of it."""
        telegram = self.settings.telegram_account if self.settings.on("telegram") else None
        return Premises(self.store, self.settings.address, self.settings.timezone, telegram)


def open_house(settings: Settings) -> House:
    """Open everything, with the schema up to date. Raises BadSettings, NewerSchema or NotDurable."""
    settings.verify()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database)
    migrate(db)
    files = FileStore(Path(settings.data_dir) / "files")
    files.sweep(time.time() - ABANDONED_SECONDS)
    secret = settings.secret()
    return House(settings, clock(settings.bot_clock_file), db, files, secret, Links(secret, settings.address))
