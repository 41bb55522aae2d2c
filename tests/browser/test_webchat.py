"""The web chat as a secretary meets it: the real server, the real page, a real browser."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from storage.relations import ANSWER_EVENT, EVIDENCE, INBOUND
from tests.browser.chromium import Visit, visit
from tests.browser.pictures import png
from tests.browser.running import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHOTO = FilePayload(name="年会合影.png", mimeType="image/png", buffer=png())
HOSTILE = (
    "<img src=x onerror=\"document.title='hacked'\">",
    "{{12345*9}} ${12345*9} <script>document.title='hacked'</script>",
    "abc \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    'https://evil.example/"onmouseover="alert(1) javascript:alert(1) 【<b>粗</b>】',
)
OVERFLOWING = """() => [...document.querySelectorAll("body *")]
    .filter((node) => node.getBoundingClientRect().right > innerWidth + 1 || node.getBoundingClientRect().left < -1)
    .map((node) => node.outerHTML.slice(0, 120))"""
# What a break of the connection makes the browser itself write; the page can't prevent it.
CUT = ("net::ERR_",)


# ---- What a person does


def log_in(page: Page, server: Running) -> None:
    page.goto(server.address)
    page.get_by_label("邀请码").fill(server.invite())
    page.get_by_role("button", name="进入").click()
    expect(replies(page)).to_have_count(1)


def say(page: Page, words: str) -> None:
    """Send a message and wait until it is confirmed and answered."""
    page.get_by_label("输入消息").fill(words)
    page.get_by_role("button", name="发送", exact=True).click()
    settled(page)


def settled(page: Page) -> None:
    expect(page.locator(".status:not(:empty)")).to_have_count(0)
    expect(page.locator("#log > :last-child")).to_have_class("bubble theirs")


def replies(page: Page) -> Any:
    return page.locator(".theirs .words")


def mine(page: Page) -> Any:
    return page.locator(".mine")


def conversation(page: Page) -> list[str]:
    """Every bubble from top to bottom, as it reads."""
    return page.locator(".bubble").all_inner_texts()


def stored(server: Running, table: Any) -> list[Any]:
    db = server.database()
    try:
        with db.read() as connection:
            return list(connection.execute(table.select()))
    finally:
        db.close()


def entry(server: Running, tmp_path: Path) -> dict[str, Any]:
    """The only entry begun, as the staff get it; and the invariants hold."""
    out = tmp_path / "export.json"
    for command in (["export", "--format", "json", "--out", str(out)], ["check"]):
        subprocess.run([sys.executable, "-m", "bot", *command], cwd=server.folder, env=server.environment(), check=True)
    entries = json.loads(out.read_text(encoding="utf-8"))["entries"]
    (begun,) = (one for one in entries if one["status"] != "not_started")
    return dict(begun)


# ---- Tests


def test_three_answers_and_a_photo_outlive_a_reload(mortal: Running, desk: Visit, tmp_path: Path) -> None:
    page = desk.page
    log_in(page, mortal)
    say(page, "开始")
    say(page, "8分，承办全国年会1场、省内学术沙龙6次")
    page.locator("#files").set_input_files(PHOTO)
    settled(page)
    expect(page.locator(".mine img.preview")).to_have_js_property("naturalWidth", 320)
    for words in ("下一项", "5分，围绕数字经济办了研讨会3次", "下一项", "2分，主办《茶叶》，全年出版4期"):
        say(page, words)
    before = conversation(page)

    page.reload()
    expect(page.locator(".bubble")).to_have_count(len(before))
    assert conversation(page) == before
    expect(page.get_by_label("输入消息")).to_be_focused()
    say(page, "下一项")
    expect(replies(page).last).to_contain_text("【4/25】")

    answered = [one for one in entry(mortal, tmp_path)["answers"] if one["state"] == "answered"]
    assert [one["self_score"] for one in answered] == ["8", "5", "2"]
    assert [piece["name"] for piece in answered[0]["evidence"]] == [None, PHOTO["name"]]


def test_photo_shows_again_when_she_looks_at_her_evidence(desk: Visit, server: Running) -> None:
    page = desk.page
    log_in(page, server)
    say(page, "开始")
    say(page, "8")
    page.locator("#files").set_input_files(PHOTO)
    settled(page)
    say(page, "看依据")
    expect(page.locator(".theirs a.file img.preview")).to_have_js_property("naturalWidth", 320)
    with page.expect_download() as download:
        page.locator(".theirs a.file").click()
    assert download.value.suggested_filename == PHOTO["name"]


def test_a_picture_that_follows_its_answer_is_shown_and_stays(desk: Visit, server: Running) -> None:
    page = desk.page
    page.goto(server.address)
    page.get_by_label("邀请码").fill(server.invite_staff())
    page.get_by_role("button", name="进入").click()
    expect(replies(page)).to_have_count(1)
    say(page, "进度")
    shown = page.locator(".theirs a.file img.preview")
    expect(shown).to_have_js_property("naturalWidth", 750, timeout=20_000)
    expect(page.get_by_role("link", name=re.compile(r"^进度-[0-9-]+\.png$"))).to_be_visible()
    expect(replies(page).last).to_contain_text("进度图")

    page.reload()
    expect(page.locator(".theirs a.file img.preview")).to_have_js_property("naturalWidth", 750)


def test_everything_can_be_done_with_the_keyboard(desk: Visit, server: Running) -> None:
    page, keyboard = desk.page, desk.page.keyboard
    # Listened for from the start: choosers are only caught once the browser has heard that somebody waits for one.
    page.on("filechooser", lambda _chooser: None)
    page.goto(server.address)
    expect(page.get_by_label("邀请码")).to_be_focused()
    keyboard.type(server.invite().lower())
    keyboard.press("Enter")
    text = page.get_by_label("输入消息")
    expect(text).to_be_focused()

    expect(page.get_by_role("button", name="开始", exact=True)).to_be_visible()
    back_to(page, "开始")
    keyboard.press("Enter")
    expect(replies(page).last).to_contain_text("【1/25】")
    expect(text).to_be_focused()
    settled(page)
    back_to(page, "跳过")
    keyboard.press("Space")
    expect(replies(page).last).to_contain_text("【2/25】")
    expect(text).to_be_focused()

    keyboard.type("5分")
    keyboard.press("Shift+Enter")
    keyboard.type("研讨会3次")
    keyboard.press("Enter")
    settled(page)
    expect(mine(page).last).to_contain_text("5分\n研讨会3次", use_inner_text=True)

    back_to(page, "发送照片或文件")
    with page.expect_file_chooser() as chooser:
        keyboard.press("Enter")
    chooser.value.set_files(PHOTO)
    settled(page)
    expect(replies(page).last).to_contain_text("已收")

    page.get_by_role("button", name="退出", exact=True).focus()
    keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def back_to(page: Page, name: str) -> None:
    """Shift+Tab until the button of that name has the focus, as somebody without a mouse would."""
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent") == name:
            return
    raise AssertionError(f"not reached by Shift+Tab: {name}")


def unread(server: Running, page: Page) -> None:
    """The server dies with the message in its socket, before it has read it."""
    server.freeze()
    send(page)
    server.kill()


def unanswered(server: Running, page: Page) -> None:
    """The server dies when the message is stored and its answer has not arrived."""

    def cut(route: Route) -> None:
        assert route.fetch().status == 200
        server.kill()
        route.abort("connectionreset")

    page.route("**/chat/messages", cut, times=1)
    send(page)


def send(page: Page) -> None:
    page.get_by_label("输入消息").fill("8分，承办全国年会1场")
    with page.expect_request("**/chat/messages"):
        page.get_by_label("输入消息").press("Enter")


@pytest.mark.parametrize("death", [unread, unanswered])
def test_killed_server_loses_nothing_and_repeats_nothing(
    browser: Browser, mortal: Running, death: Callable[[Running, Page], None], tmp_path: Path
) -> None:
    """SIGKILL while a message is under way: after the restart the page recovers by itself."""
    one = visit(browser.new_context(locale="zh-CN"))
    page = one.page
    log_in(page, mortal)
    say(page, "开始")
    death(mortal, page)
    expect(page.get_by_text("正在重连")).to_be_visible()
    expect(mine(page)).to_have_count(2)
    expect(page.locator(".choice")).to_have_count(0)

    mortal.start()
    expect(page.get_by_text("正在重连")).to_be_hidden(timeout=40_000)
    settled(page)
    expect(replies(page).last).to_contain_text("已记：第1项 8分")
    before = conversation(page)
    page.reload()
    expect(page.locator(".bubble")).to_have_count(len(before))
    assert conversation(page) == before

    assert len([row for row in stored(mortal, INBOUND) if row.text.startswith("8分")]) == 1
    assert len([row for row in stored(mortal, ANSWER_EVENT) if row.kind == "score"]) == 1
    assert entry(mortal, tmp_path)["claimed"] == "8"
    page.context.close()
    assert one.complaints_but(*CUT) == []


def test_message_sent_while_the_server_is_away_goes_out_by_itself(browser: Browser, mortal: Running) -> None:
    """Also when the page is reloaded in between: what she wrote is kept by her own device."""
    one = visit(browser.new_context(locale="zh-CN"))
    page = one.page
    log_in(page, mortal)
    mortal.kill()
    page.get_by_label("输入消息").fill("开始")
    page.get_by_label("输入消息").press("Enter")
    page.get_by_label("输入消息").fill("还没写完的一句")
    expect(page.get_by_text("正在重连")).to_be_visible()
    mortal.start()
    page.reload()
    expect(replies(page).last).to_contain_text("【1/25】")
    settled(page)
    expect(mine(page)).to_have_count(1)
    expect(page.get_by_label("输入消息")).to_have_value("还没写完的一句")
    page.context.close()
    assert one.complaints_but(*CUT) == []


def test_photo_sent_while_the_server_is_away_goes_out_by_itself(browser: Browser, mortal: Running) -> None:
    one = visit(browser.new_context(locale="zh-CN"))
    page = one.page
    log_in(page, mortal)
    say(page, "开始")
    mortal.kill()
    page.locator("#files").set_input_files(PHOTO)
    expect(page.get_by_text("正在重连")).to_be_visible()
    mortal.start()
    settled(page)
    expect(replies(page).last).to_contain_text("已收")
    assert len(stored(mortal, EVIDENCE)) == 1
    page.context.close()
    assert one.complaints_but(*CUT) == []


@pytest.mark.parametrize(("width", "height"), [(360, 640), (360, 740), (1280, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_and_the_composer_stays_in_view(
    browser: Browser, server: Running, width: int, height: int, scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, is_mobile=width < 500, has_touch=width < 500
    )
    one = visit(context)
    page = one.page
    page.goto(server.address)
    fits(page)
    expect(page.get_by_role("button", name="进入")).to_be_in_viewport()
    log_in(page, server)
    for words in (
        "开始",
        "8分，" + "很长的依据" * 60,
        "w" * 400,
        "https://example.org/" + "a" * 300,
        "还缺什么",
        "检查",
    ):
        say(page, words)
        fits(page)
        expect(page.get_by_label("输入消息")).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("button", name="发送", exact=True)).to_be_in_viewport(ratio=1)
    page.locator("#files").set_input_files(
        FilePayload(name="很长的文件名" * 15 + ".png", mimeType="image/png", buffer=png())
    )
    settled(page)
    fits(page)
    page.get_by_role("button", name="退出", exact=True).click()
    expect(page.get_by_role("button", name="不退出")).to_be_in_viewport(ratio=1)
    context.close()
    assert one.complaints == []


def fits(page: Page) -> None:
    """Nothing to scroll sideways, and nothing cut off at the sides."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("[...document.querySelectorAll('main')].every((one) => one.scrollWidth <= one.clientWidth)")
    assert page.evaluate(OVERFLOWING) == []


def test_long_answer_is_read_from_its_beginning(browser: Browser, server: Running) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True)
    one = visit(context)
    page = one.page
    log_in(page, server)
    say(page, "检查")
    expect(replies(page).last.get_by_text("自评合计")).to_be_in_viewport()
    page.get_by_role("button", name="往下看").tap()
    expect(page.locator(".choice").last).to_be_in_viewport()
    expect(page.get_by_role("button", name="往下看")).to_be_hidden()
    context.close()
    assert one.complaints == []


def test_what_arrives_does_not_tear_her_away_from_what_she_reads(desk: Visit, server: Running) -> None:
    page = desk.page
    log_in(page, server)
    for words in ("检查", "检查"):
        say(page, words)
    page.locator("#scroller").hover()
    page.mouse.wheel(0, -10_000)
    expect(replies(page).first).to_be_in_viewport()
    other = visit(page.context)
    other.page.goto(server.address)
    expect(replies(other.page)).to_have_count(3)
    say(other.page, "开始")
    expect(page.get_by_role("button", name="新消息")).to_be_visible()
    expect(replies(page).first).to_be_in_viewport()
    page.get_by_role("button", name="新消息").click()
    expect(replies(page).last).to_be_in_viewport()
    expect(page.get_by_role("button", name="跳过")).to_be_in_viewport()
    assert other.complaints == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(desk: Visit, server: Running, text: str) -> None:
    page = desk.page
    log_in(page, server)
    say(page, "开始")
    say(page, f"8分，{text}")
    say(page, "看依据")
    for _ in range(2):
        assert f"8分，{text}" in mine(page).nth(1).text_content()
        expect(page.locator("#log img, #log script, #log b")).to_have_count(0)
        expect(page).not_to_have_title("hacked")
        assert "111105" not in "".join(replies(page).all_text_contents())
        page.reload()
        expect(mine(page)).to_have_count(3)


def test_hostile_file_name_is_only_a_name(desk: Visit, server: Running) -> None:
    page = desk.page
    log_in(page, server)
    say(page, "开始")
    page.locator("#files").set_input_files(
        FilePayload(name="<img src=x onerror=alert(1)>.png", mimeType="image/png", buffer=png())
    )
    settled(page)
    expect(mine(page).last).to_contain_text("<img src=x onerror=alert(1)>.png")
    expect(replies(page).last).to_contain_text("<img src=x onerror=alert(1)>.png")
    expect(page.locator('img[src="x"]')).to_have_count(0)


def test_wrong_code_is_explained_and_the_right_one_still_works(browser: Browser, server: Running) -> None:
    one = visit(browser.new_context(locale="zh-CN"))
    page = one.page
    page.goto(server.address)
    for _ in range(2):
        page.get_by_label("邀请码").fill("2222 2222")
        page.get_by_role("button", name="进入").click()
        expect(page.get_by_role("alert")).to_contain_text("邀请码不对")
    page.get_by_label("邀请码").fill(server.invite())
    page.get_by_label("邀请码").press("Enter")
    expect(replies(page)).to_have_count(1)
    page.context.close()
    assert one.complaints_but("401") == []


def test_link_with_the_code_fills_it_in_and_hides_it(desk: Visit, server: Running) -> None:
    page = desk.page
    code = server.invite()
    page.goto(f"{server.address}/#{code}")
    expect(page.get_by_label("邀请码")).to_have_value(code)
    assert "#" not in page.url
    page.get_by_role("button", name="进入").click()
    expect(replies(page)).to_have_count(1)


def test_logout_asks_first_and_leaves_nothing_behind(desk: Visit, server: Running) -> None:
    page = desk.page
    log_in(page, server)
    page.get_by_role("button", name="退出", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="退出", exact=True).click()
    expect(page.get_by_label("邀请码")).to_be_visible()
    page.reload()
    expect(page.get_by_label("邀请码")).to_be_focused()
    assert page.context.cookies() == []
    expect(page.locator(".bubble")).to_have_count(0)


def test_two_tabs_show_the_same(desk: Visit, server: Running) -> None:
    page = desk.page
    log_in(page, server)
    other = visit(page.context)
    other.page.goto(server.address)
    expect(replies(other.page)).to_have_count(1)
    say(page, "开始")
    expect(replies(other.page).last).to_contain_text("【1/25】")
    expect(other.page.get_by_role("button", name="跳过")).to_be_visible()
    assert other.complaints == []


def test_too_large_a_file_is_refused_before_it_is_sent(desk: Visit, server: Running, tmp_path: Path) -> None:
    page = desk.page
    log_in(page, server)
    large = tmp_path / "录像.mp4"
    with large.open("wb") as file:
        file.truncate((20 << 20) + 1)
    page.locator("#files").set_input_files(large)
    expect(page.get_by_role("alert").filter(has_text="20 MB")).to_be_visible()
    page.get_by_role("button", name="删除").click()
    expect(mine(page)).to_have_count(0)


def test_file_of_a_wrong_kind_is_explained(browser: Browser, server: Running) -> None:
    one = visit(browser.new_context(locale="zh-CN"))
    page = one.page
    log_in(page, server)
    page.locator("#files").set_input_files({"name": "程序.exe", "mimeType": "", "buffer": b"MZ\x90\x00"})
    expect(page.get_by_role("alert").filter(has_text="程序.exe")).to_be_visible()
    page.get_by_role("button", name="删除").click()
    say(page, "开始")
    page.context.close()
    assert one.complaints_but("415") == []


def test_too_fast_is_waited_for_and_sent_again(browser: Browser, tmp_path: Path) -> None:
    """The server says how long; the page counts nothing itself and keeps the message."""
    with running(tmp_path, RATE_PER_MINUTE="1") as server:
        one = visit(browser.new_context(locale="zh-CN"))
        page = one.page
        page.clock.install()
        log_in(page, server)
        say(page, "开始")
        page.get_by_label("输入消息").fill("8分")
        page.get_by_label("输入消息").press("Enter")
        expect(page.locator(".status")).to_contain_text(["秒后自动重发"])
        page.context.close()
        assert one.complaints_but("429") == []
