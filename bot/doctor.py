"""What is on, what is wrong, and which settings nobody knows."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

from bot.channels import channels
from bot.house import open_house
from bot.settings import CHANNELS, BadSettings, Settings, unknown_settings
from handlers.phrasebook import phrasebook
from scheduler.alarms import LOW_DISK
from storage import outbox
from storage.database import Database, NotDurable
from storage.migrating import NewerSchema, migrate


def examine(settings: Settings) -> list[dict[str, Any]]:
    """Findings with a mark: ✓ good, ! look at it, ✗ wrong."""
    found = [_consistent(settings), _database(settings), _disk(settings), _web(settings)]
    if all(one["mark"] != "✗" for one in found):
        found += _channels(settings)
    return [*found, *_unknown()]


def _finding(mark: str, name: str, **about: Any) -> dict[str, Any]:
    return {"mark": mark, "name": name, "text": phrasebook().text(f"doctor_{name}", about)}


def _consistent(settings: Settings) -> dict[str, Any]:
    try:
        settings.verify()
    except BadSettings as error:
        return _finding("✗", "settings_bad", why=phrasebook().text(error.phrase, error.about))
    return _finding("✓", "settings")


def _database(settings: Settings) -> dict[str, Any]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database)
    kind = "SQLite" if db.sqlite else "PostgreSQL"
    try:
        migrate(db)
    except (NotDurable, NewerSchema) as error:
        return _finding("✗", "database_bad", kind=kind, why=str(error))
    finally:
        db.close()
    return _finding("✓", "database", kind=kind)


def _disk(settings: Settings) -> dict[str, Any]:
    free = shutil.disk_usage(settings.data_dir).free
    return _finding("✓" if free >= LOW_DISK else "!", "disk", free=free, folder=settings.data_dir)


def _web(settings: Settings) -> dict[str, Any]:
    return _finding(
        "✓" if not settings.wildcard or settings.public_url else "!",
        "web",
        address=settings.address,
        public=bool(settings.public_url),
    )


def _channels(settings: Settings) -> list[dict[str, Any]]:
    """Each channel as it is: off, connected, or what its platform says."""
    house = open_house(settings)
    on = {one.name: asyncio.run(one.examine()) for one in channels(house)}
    with house.db.read() as db:
        silent = outbox.paused(db)
    house.db.close()
    copy = [_finding("!", "paused")] if silent else []
    return [*(_channel(name, settings, on) for name in CHANNELS), *copy]


def _channel(name: str, settings: Settings, on: dict[str, str | None]) -> dict[str, Any]:
    about = {"channel": name, "address": settings.address, "public": settings.public_url.startswith("https://")}
    if name not in on:
        return _finding("✓", "channel_off", **about)
    if why := on[name]:
        return _finding("✗", "channel_bad", **about, why=why)
    called = name != "telegram" or settings.telegram_mode == "webhook"
    return _finding("!" if called and not about["public"] else "✓", "channel", **about, called=called)


def _unknown() -> list[dict[str, Any]]:
    env = Path(".env")
    lines = env.read_text(encoding="utf-8").splitlines() if env.is_file() else []
    return [_finding("!", "unknown", setting=name) for name in unknown_settings(lines)]
