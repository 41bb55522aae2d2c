"""Logging: one line per event; no token, secret or key in any of them, nor in what an exception says (design R15)."""

import logging
import re
import sys
import time
from collections.abc import Iterable
from types import TracebackType
from urllib.parse import quote

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
CHATTY = ("httpx", "httpcore", "urllib3", "telegram", "apscheduler", "asyncio", "multipart", "python_multipart")
HIDDEN = "***"
# What may come with an address or an answer of a platform, whoever made it.
TOKENS = re.compile(
    r"(?P<before>/bot|\bbot)\d+(?::|%3A)[\w-]{20,}"
    r"|(?P<name>\b(?:access_token|secret|corpsecret|appsecret|signature|msg_signature|echostr|ticket|code)=)[^&\s'\"]+"
    r"|(?P<field>[\"'](?:access_token|secret|corpsecret|ticket)[\"']\s*:\s*[\"'])[^\"']+"
)
SELDOM_SECONDS = 60.0
SHORTEST = 6  # a shorter secret would blot out ordinary words


class Redacting(logging.Formatter):
    """Hides the settings' secrets, and anything that looks like a token, in the whole line with its traceback."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(FORMAT)
        known = {form for one in secrets if len(one) >= SHORTEST for form in (one, quote(one, safe=""))}
        self.secrets = sorted(known, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        return self.hidden(super().format(record))

    def hidden(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        return TOKENS.sub(lambda found: f"{next(filter(None, found.groups()), '')}{HIDDEN}", text)


class Seldom:
    """A warning that anybody on the internet can cause: written once a minute at most."""

    def __init__(self, log: logging.Logger) -> None:
        self.log = log
        self.said = -SELDOM_SECONDS

    def warn(self, text: str) -> None:
        if time.monotonic() - self.said >= SELDOM_SECONDS:
            self.said = time.monotonic()
            self.log.warning(text)


def quiet(level: str, secrets: Iterable[str] = ()) -> None:
    """Set up logging once, at `level` for our own and at WARNING for the libraries that say too much; what ends the
    program goes through the same sieve."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(secrets))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _told


def _told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("bot").critical("ended by an error", exc_info=(kind, error, trace))
