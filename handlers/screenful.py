"""A list between a head and an end, as replies that each fit a phone screen; the last one carries the choices."""

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.messages import Reply
from handlers.phrasebook import pages, phrasebook


def screenful(head: str, end: str, lines: Sequence[str], about: Mapping[str, Any]) -> list[Reply]:
    """The messages of these names with the lines between them; the choices are those of the end."""
    texts = pages([*lines, phrasebook().text(end, about)], phrasebook().text(head, about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices(end, about))]
