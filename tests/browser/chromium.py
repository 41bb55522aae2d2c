"""Headless Chromium: where it is, how it is started, and what a page complained about."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

NAMES = ("/usr/bin/chromium", "chromium", "google-chrome", "chromium-browser")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Chromium reports a page's own violations here, wherever they came from.
WATCH_POLICY = """
addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""


def chromium() -> str | None:
    """The path of a Chromium, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def started(fonts: Path | None = None, home: Path | None = None) -> Iterator[Browser]:
    """A browser; `fonts` is a folder of TTFs that it shall know besides those of the machine, `home` an empty folder."""
    environment: dict[str, str | float | bool] = dict(os.environ)
    if fonts and home:
        (home / "fonts").symlink_to(fonts.resolve(), target_is_directory=True)
        environment["XDG_DATA_HOME"] = str(home)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET), env=environment)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page with everything that it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")

    def complaints_but(self, *expected: str) -> list[str]:
        """What was complained about, without the lines that contain one of these words."""
        return [line for line in self.complaints if not any(words in line for words in expected)]


def visit(context: BrowserContext) -> Visit:
    context.add_init_script(WATCH_POLICY)
    return Visit(context.new_page())
