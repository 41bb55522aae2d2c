"""Telegram's calls of a webhook: in parallel, with the secret, again when they are not accepted."""

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.fakes.telegram_checks import bad

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PORTS = {80, 88, 443, 8443}
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
ATTEMPTS = 5
BACKOFF_SECONDS = 0.05  # doubled after each attempt; the real one is longer


class Webhook:
    def __init__(self, url: str, *, secret: str | None, max_connections: int, seconds: float) -> None:
        self.url, self.secret, self.max_connections = url, secret, max_connections
        self.last_error: dict[str, Any] = {}
        self.stopped = threading.Event()
        self.pool = ThreadPoolExecutor(max_connections, "telegram-webhook")
        self.client = httpx.Client(timeout=seconds, trust_env=False, verify=False)

    @classmethod
    def wanted(cls, given: dict[str, Any], seconds: float) -> "Webhook | None":
        """What setWebhook asks for; none if the address is empty. Plain http is taken from this machine only."""
        url = str(given.get("url") or "")
        if not url:
            return None
        place = urlsplit(url if "://" in url else f"https://{url}")
        if place.hostname not in LOOPBACK:
            if place.scheme != "https":
                raise bad("bad webhook: An HTTPS URL must be provided for webhook")
            if (place.port or 443) not in PORTS:
                raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        secret = given.get("secret_token") or None
        if secret is not None and not SECRET.fullmatch(str(secret)):
            raise bad("secret token contains unallowed characters")
        connections = int(given.get("max_connections") or 40)
        if not 1 <= connections <= 100:
            connections = 40
        return cls(place.geturl(), secret=secret, max_connections=connections, seconds=seconds)

    def send(self, update: dict[str, Any], accepted: Callable[[], None]) -> None:
        if not self.stopped.is_set():
            self.pool.submit(self.deliver, update, accepted)

    def deliver(self, update: dict[str, Any], accepted: Callable[[], None]) -> None:
        """After the last attempt the update stays pending, for getWebhookInfo to show."""
        for attempt in range(ATTEMPTS):
            if self.stopped.wait(BACKOFF_SECONDS * 2**attempt if attempt else 0):
                return
            problem = self.post(update)
            if problem is None:
                accepted()
                return
            self.last_error = {"last_error_date": int(time.time()), "last_error_message": problem}

    def post(self, update: dict[str, Any]) -> str | None:
        if urlsplit(self.url).hostname not in LOOPBACK:
            return "Connection refused"  # a stand-in calls nobody outside of this machine
        header = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        try:
            answer = self.client.post(self.url, json=update, headers=header)
        except httpx.TimeoutException:
            return "Read timeout expired"
        except (httpx.HTTPError, RuntimeError) as problem:  # RuntimeError: the client was closed meanwhile
            return str(problem) or type(problem).__name__
        if answer.is_success:
            return None
        return f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"

    def stop(self) -> None:
        self.stopped.set()
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.client.close()
