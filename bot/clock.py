"""The one clock. Everything below is told the time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]


def clock(file: Path | None) -> Clock:
    """The real clock, or (tests only) one that a file moves: an ISO instant, or +SECONDS on the real clock."""
    if file is None:
        return lambda: datetime.now(UTC)
    return lambda: _moved(file.read_text(encoding="ascii").strip())


def _moved(text: str) -> datetime:
    if text.startswith(("+", "-")) and "T" not in text:
        return datetime.now(UTC) + timedelta(seconds=float(text))
    return datetime.fromisoformat(text).astimezone(UTC)
