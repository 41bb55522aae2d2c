"""Names for what comes without one: by kind and second, in the zone of the office."""

from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.phrasebook import phrasebook


def named(kind: str, at: datetime, zone: str) -> str:
    """A file name for a photo, voice or video; `kind` is its extension."""
    phrase = {"jpg": "photo_name", "mp4": "video_name"}.get(kind, "voice_name")
    return phrasebook().text(phrase, {"at": f"{at.astimezone(ZoneInfo(zone)):%m%d-%H%M%S}", "kind": kind})
