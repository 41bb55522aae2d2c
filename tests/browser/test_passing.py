"""The pages behind signed links as the browser inside a chat app shows them: a phone, and no script needed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

from storage.relations import EVIDENCE
from tests.browser.chromium import Visit, visit
from tests.browser.pictures import png
from tests.browser.running import Running, running
from tests.browser.test_webchat import OVERFLOWING
from tests.uploading import Chat, chatting

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SECRET = "a-secret-of-the-tests-" + "0" * 32
PHOTO, LONG, PROGRAM = "年会合影.png", "很长的文件名" * 10 + ".pdf", "程序.exe"
FILES = {PHOTO: png(640, 400), LONG: b"%PDF-1.7\n", PROGRAM: b"MZ\x90\x00"}
SIZES = [(360, 740), (1280, 800)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("passing"), SECRET_KEY=SECRET) as one:
        yield one


@pytest.fixture
def chat(server: Running) -> Iterator[Chat]:
    with chatting(server, SECRET) as one:
        one.say("开始")
        one.say("8")
        yield one


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    """Her files, on the disk: a form that is sent again reads them again."""
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def context(browser: Browser, width: int, height: int, *, scripts: bool, dark: bool = False) -> BrowserContext:
    phone = width < 500
    return browser.new_context(
        viewport={"width": width, "height": height},
        java_script_enabled=scripts,
        color_scheme="dark" if dark else "light",
        is_mobile=phone,
        has_touch=phone,
        locale="zh-CN",
    )


def looked_at(page: Page, picture: Path) -> None:
    """Nothing sticks out, nothing has to be scrolled sideways; a picture for people is kept."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(OVERFLOWING) == []
    page.screenshot(path=picture, full_page=True, animations="disabled")


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("dark", [False, True])
def test_files_are_brought_without_any_script(
    browser: Browser, chat: Chat, gallery: Path, tmp_path: Path, width: int, height: int, dark: bool
) -> None:
    opened = context(browser, width, height, scripts=False, dark=dark)
    one = visit(opened)
    page = one.page
    page.goto(chat.links.upload(chat.offer(), datetime.now(UTC)))
    expect(page.get_by_text("文件会归到这一项")).to_be_visible()
    expect(page.get_by_role("button", name="上传")).to_be_in_viewport()
    looked_at(page, tmp_path / "1-form.png")

    page.get_by_label("照片或文件").set_input_files(gallery / PROGRAM)
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("alert")).to_contain_text("程序.exe")
    looked_at(page, tmp_path / "2-refused.png")

    page.get_by_label("照片或文件").set_input_files([gallery / name for name in FILES])
    page.get_by_label("说明").fill("10月年会的照片和名单")
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("heading", name="上传结果")).to_be_visible()
    expect(page.get_by_text("已收：")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=PHOTO)).to_contain_text("在第1项")
    expect(page.get_by_role("listitem").filter(has_text=PROGRAM)).to_contain_text("没有收下")
    looked_at(page, tmp_path / "3-said.png")
    assert len(chat.pieces()) == 3

    page.reload()  # the browser sends the form again
    expect(page.get_by_role("heading", name="上传结果")).to_be_visible()
    assert chat.uploads() == 1
    opened.close()
    assert one.complaints_but("415", "Origin") == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_picture_is_shown_and_fetched_without_any_script(
    browser: Browser, chat: Chat, gallery: Path, tmp_path: Path, width: int, height: int
) -> None:
    opened = context(browser, width, height, scripts=False)
    one = visit(opened)
    page = one.page
    brought(page, chat, gallery / PHOTO)
    (row,) = chat.rows(sa.select(EVIDENCE).where(EVIDENCE.c.person_id == chat.person))
    page.goto(chat.links.page(f"evidence:{row.id}", datetime.now(UTC)))
    expect(page.locator("img.picture")).to_have_js_property("naturalWidth", 640)
    expect(page.get_by_role("link", name="下载")).to_be_visible()
    looked_at(page, tmp_path / "4-download.png")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    assert download.value.suggested_filename == PHOTO
    assert Path(download.value.path()).read_bytes() == FILES[PHOTO]
    opened.close()
    assert one.complaints == []


def brought(page: Page, chat: Chat, file: Path) -> None:
    page.goto(chat.links.upload(chat.offer(), datetime.now(UTC)))
    page.get_by_label("照片或文件").set_input_files(file)
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("heading", name="上传结果")).to_be_visible()


def test_expired_link_is_a_page_that_says_how_to_go_on(browser: Browser, chat: Chat, tmp_path: Path) -> None:
    opened = context(browser, 360, 740, scripts=False)
    one = visit(opened)
    one.page.goto(chat.links.upload(chat.offer(), datetime(2026, 1, 1, tzinfo=UTC)))
    expect(one.page.get_by_role("alert")).to_contain_text("发「上传」取新的")
    looked_at(one.page, tmp_path / "5-expired.png")
    opened.close()
    assert one.complaints_but("410") == []


def test_button_is_pressed_once_where_scripts_run(browser: Browser, chat: Chat, gallery: Path) -> None:
    opened = context(browser, 360, 740, scripts=True)
    one: Visit = visit(opened)
    page = one.page
    page.goto(chat.links.upload(chat.offer(), datetime.now(UTC)))
    page.evaluate("document.querySelector('form').dispatchEvent(new SubmitEvent('submit'))")
    expect(page.get_by_role("button", name="上传")).to_be_disabled()
    expect(page.get_by_role("status")).to_contain_text("正在上传")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow'))")  # brought back by «back»
    expect(page.get_by_role("button", name="上传")).to_be_enabled()
    brought(page, chat, gallery / PHOTO)
    assert chat.uploads() == 1
    opened.close()
    assert one.complaints == []
