"""Pictures of the web chat for people to look at: `python -m tests.browser.screenshots OUTDIR --fonts DIR`."""

import argparse
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import started
from tests.browser.pictures import indexed, png
from tests.browser.running import Running, running

SIZES = {"phone": (360, 740), "desk": (1280, 800)}
TOP_MARGIN = 12  # pixels
SOCIETIES = [f"浙江省{name}学会" for name in ("茶叶", "针灸", "测绘与地理信息", "水稻", "示例")]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fonts", type=Path, help="folder of TTFs with Chinese letters, where the machine has none")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        with running(Path(folder) / "server") as server, started(given.fonts, home) as browser:
            names = iter(SOCIETIES)
            for size in SIZES:
                for scheme in SCHEMES:
                    take_all(server, browser, given.out, size=size, scheme=scheme, society=next(names))
            take_readme(server, browser, given.out / "chat.png")


def take_all(server: Running, browser: Browser, out: Path, *, size: str, scheme: Scheme, society: str) -> None:
    """One conversation from the login to the submission, in one size and colour scheme."""
    page = opened(server, browser, size, scheme)

    def shoot(name: str) -> None:
        page.evaluate("document.fonts.ready")
        page.screenshot(path=out / f"{name}-{size}-{scheme}.png", animations="disabled")

    shoot("1-login")
    log_in(page, server.invite(name="王老师", society=society))
    shoot("2-welcome")
    say(page, "开始")
    shoot("3-item")
    say(page, "8分，承办全国年会1场、省内学术沙龙6次")
    attach(page, "年会合影.png", png(640, 400))
    shoot("4-evidence")
    say(page, "还缺什么")
    shoot("5-missing")
    say(page, "检查")
    shoot("6-review")
    say(page, "提交")
    shoot("7-submit")
    say(page, "确认提交")
    shoot("8-submitted")
    page.get_by_role("button", name="退出", exact=True).click()
    shoot("9-leaving")
    page.context.close()


def take_readme(server: Running, browser: Browser, path: Path) -> None:
    """A short conversation on a phone that is just high enough for it, from her first word to the last receipt."""
    page = opened(server, browser, "phone", "light")
    log_in(page, server.invite(name="王老师", society=SOCIETIES[-1]))
    for words in ("开始", "8分，承办全国年会1场、省内学术沙龙6次"):
        say(page, words)
    attach(page, "年会合影.png", png(640, 360))
    hidden = page.evaluate("scroller.scrollTop + scroller.getBoundingClientRect().top") - TOP_MARGIN
    width, height = SIZES["phone"]
    first = page.locator(".mine").first.evaluate("(node) => node.offsetTop") - TOP_MARGIN
    page.set_viewport_size({"width": width, "height": int(height + hidden - first - 52)})
    expect(page.locator(".mine").first).to_be_in_viewport(ratio=1)
    path.write_bytes(indexed(page.screenshot(animations="disabled")))
    page.context.close()


def opened(server: Running, browser: Browser, size: str, scheme: Scheme) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2,
        color_scheme=scheme,
        has_touch=size == "phone",
        is_mobile=size == "phone",
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    page = context.new_page()
    page.goto(server.address)
    return page


def log_in(page: Page, code: str) -> None:
    page.get_by_label("邀请码").fill(code)
    page.get_by_role("button", name="进入").click()
    expect(page.locator(".theirs")).to_have_count(1)


def say(page: Page, words: str) -> None:
    page.get_by_label("输入消息").fill(words)
    page.get_by_role("button", name="发送", exact=True).click()
    answered(page)


def attach(page: Page, name: str, data: bytes) -> None:
    page.locator("#files").set_input_files({"name": name, "mimeType": "image/png", "buffer": data})
    answered(page)


def answered(page: Page) -> None:
    """Everything that was sent is confirmed, and an answer stands below it."""
    expect(page.locator(".status:not(:empty)")).to_have_count(0)
    expect(page.locator("#log > :last-child")).to_have_class("bubble theirs")


if __name__ == "__main__":
    main()
