"""Logging: one line per event, without the address lines of HTTP clients that would carry tokens."""

import logging

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
CHATTY = ("httpx", "httpcore", "urllib3", "apscheduler", "asyncio", "multipart", "python_multipart")


def quiet(level: str) -> None:
    """Set up logging once, at `level` for our own and at WARNING for the libraries that say too much."""
    logging.basicConfig(level=level.upper(), format=FORMAT)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
