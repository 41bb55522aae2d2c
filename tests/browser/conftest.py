"""One browser and one server for the file (a browser left open keeps an event loop running); for each test a page and, in the end, no complaint of that page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Visit, chromium, started, visit
from tests.browser.running import ROOT, Running, running

FONTS = ROOT / "handlers" / "reports" / "fonts"  # Chinese letters for machines without


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("no Chromium on this machine")
    with started(FONTS, tmp_path_factory.mktemp("home")) as one:
        yield one


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """For all who leave it running; each is somebody new."""
    with running(tmp_path_factory.mktemp("server")) as one:
        yield one


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Running]:
    """A server and a database for one test, which may kill the one and count in the other."""
    with running(tmp_path / "server") as one:
        yield one


@pytest.fixture
def desk(browser: Browser) -> Iterator[Visit]:
    """The page on a large screen with a keyboard; nothing may be complained about, the policy least of all."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    one = visit(context)
    yield one
    context.close()
    assert one.complaints == []
