"""The pages behind signed links: files brought in and taken out for chats that can't carry them, over a real socket."""

import asyncio
import http.client
import itertools
import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.routing import Route

from bot.house import open_house
from bot.links import Links
from bot.passing import Passing
from bot.settings import Settings
from handlers.looking.templates import of_round
from storage import handouts
from storage.relations import EVIDENCE, INBOUND, ROUND
from tests.browser.pictures import png
from tests.browser.running import Running, running
from tests.channels.inside import within
from tests.test_templating import document
from tests.uploading import Chat, chatting

SECRET = "a-secret-of-the-tests-" + "0" * 32
LIMIT_FILE = 20 << 20  # bytes, contract.md
HTML = {"Accept": "text/html,application/xhtml+xml"}
PDF = b"%PDF-1.7\n"
EXE = b"MZ\x90\x00" + b"\x00" * 100


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("passing"), SECRET_KEY=SECRET, RATE_PER_MINUTE="100000") as started:
        yield started


@pytest.fixture
def web(server: Running) -> Iterator[httpx.Client]:
    """A browser without a cookie."""
    with httpx.Client(base_url=server.address, timeout=60, headers=HTML, verify=False) as client:
        yield client


@contextmanager
def alone(folder: Path, **settings: Any) -> Iterator[tuple[Chat, httpx.Client]]:
    """Somebody with a server of her own, for what would disturb the others."""
    with (
        within(folder, secret_key=SECRET, **settings) as server,
        chatting(server, SECRET) as chat,
        httpx.Client(base_url=server.address, timeout=60, headers=HTML, verify=False) as client,
    ):
        yield chat, client


@pytest.fixture
def chat(server: Running) -> Iterator[Chat]:
    """Somebody who has just scored the first item."""
    with chatting(server, SECRET) as one:
        one.say("开始")
        one.say("8")
        yield one


def send(web: httpx.Client, link: str, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    parts: list[tuple[str, Any]] = [("file", one) for one in files or [("", b"")]]
    return web.post(link, data=fields, files=parts)


def item_on(page: httpx.Response) -> str:
    """What the form would send as the item it showed."""
    found = re.search(r'name="item" value="([^"]*)"', page.text)
    assert found
    return found[1]


def said(answer: httpx.Response, status: int, *words: str) -> None:
    """A page in words, whatever the status; never JSON, never a stack trace."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert "Traceback" not in answer.text
    for one in words:
        assert one in answer.text


# ---- Bringing


def test_page_says_where_files_will_go_and_the_limits(web: httpx.Client, chat: Chat) -> None:
    page = web.get(chat.link())
    said(page, 200, "第1项", "文件会归到这一项", "20 MB", "最多10个", "测试学会")
    assert 'enctype="multipart/form-data"' in page.text
    assert "capture" not in page.text
    assert item_on(page)
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "same-origin", "else a browser hides where the form comes from"


def test_page_without_an_open_item_says_that_files_wait(server: Running, web: httpx.Client) -> None:
    with chatting(server, SECRET) as chat:
        link = chat.link()
        page = web.get(link)
        said(page, 200, "先放着")
        answer = send(web, link, ("a.pdf", PDF), item=item_on(page))
        said(answer, 200, "先放着")
        assert chat.tray() == ["a.pdf"]


def test_upload_is_a_turn_whose_answer_the_page_shows_and_the_chat_is_owed(web: httpx.Client, chat: Chat) -> None:
    link = chat.link()
    page = web.get(link)
    answer = send(web, link, ("合影.png", png(8, 8)), ("名单.pdf", PDF), text="年会的照片和名单", item=item_on(page))
    said(answer, 200, "已收", "回执", "合影.png", "名单.pdf", "在第1项", "回到聊天接着填")
    assert [name for _, name in chat.pieces()] == ["合影.png", "名单.pdf", "年会的照片和名单"]
    assert {item for item, _ in chat.pieces()} == {item_on(page)}
    assert any("回执" in text and "合影.png" in text for text in chat.owed())


def test_link_works_once(web: httpx.Client, chat: Chat) -> None:
    link = chat.link()
    assert send(web, link, ("a.pdf", PDF)).status_code == 200
    said(send(web, link, ("b.pdf", PDF + b"b")), 410, "用过一次", "「上传」")
    said(web.get(link), 410, "用过一次")
    said(send(web, link), 410, "用过一次")
    assert [name for _, name in chat.pieces()] == ["a.pdf"]
    assert send(web, chat.link(), ("b.pdf", PDF + b"b")).status_code == 200


def test_the_same_again_is_the_same_answer_and_has_no_effect(web: httpx.Client, chat: Chat) -> None:
    link = chat.link()
    first = send(web, link, ("a.pdf", PDF), text="第一次")
    chat.say("下一项")
    again = send(web, link, ("a.pdf", PDF), text="第一次")
    assert (again.status_code, again.text) == (200, first.text)
    assert len(chat.pieces()) == 2
    assert chat.uploads() == 1


def test_two_submits_at_once_are_one(web: httpx.Client, chat: Chat, server: Running) -> None:
    link = chat.link()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(web, link, ("a.pdf", PDF)), range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(chat.pieces()) == 1
    assert chat.uploads() == 1


def test_files_go_where_the_page_said_though_the_talk_went_on(web: httpx.Client, chat: Chat) -> None:
    link = chat.link()
    item = item_on(web.get(link))
    chat.say("下一项")
    said(send(web, link, ("a.pdf", PDF), item=item), 200, "第1项")
    assert chat.pieces() == [(item, "a.pdf")]


def test_a_note_alone_goes_where_the_page_said_too(web: httpx.Client, chat: Chat) -> None:
    link = chat.link()
    item = item_on(web.get(link))
    chat.say("下一项")
    said(send(web, link, text="承办全国年会1场", item=item), 200, "第1项", "回执")
    assert chat.pieces() == [(item, "承办全国年会1场")]


def test_no_score_of_a_colleague_is_written_over_by_a_note(server: Running, web: httpx.Client) -> None:
    society = f"同事学会{secrets.token_hex(3)}"
    with (
        chatting(server, SECRET, society=society, name="王老师") as wang,
        chatting(server, SECRET, society=society, name="李老师") as li,
    ):
        wang.say("开始")
        link = wang.link()
        item = item_on(web.get(link))
        wang.say("下一项")
        li.say("第1项 8分")
        said(send(web, link, text="5分", item=item), 200, "李老师")
        assert "8分" in wang.say("第1项").replies[-1].text


def test_a_question_asked_since_is_not_answered_by_a_page_that_showed_none(server: Running, web: httpx.Client) -> None:
    with chatting(server, SECRET) as chat:
        link = chat.link()
        assert item_on(web.get(link)) == ""
        chat.say("开始")
        said(send(web, link, ("a.pdf", PDF), item=""), 200, "先放着")
        assert (chat.pieces(), chat.tray()) == ([], ["a.pdf"])


def test_item_that_nobody_knows_is_as_if_none_were_named(web: httpx.Client, chat: Chat) -> None:
    assert send(web, chat.link(), ("a.pdf", PDF), item="<nobody>").status_code == 200
    assert len(chat.pieces()) == 1


def test_nothing_sent_uses_nothing_up(web: httpx.Client, chat: Chat) -> None:
    link = chat.link()
    for fields in ({}, {"text": " \n\u0000"}):
        said(send(web, link, **fields), 400, "还没有选文件", "<form", "第1项")
    assert send(web, link, ("a.pdf", PDF)).status_code == 200


@pytest.mark.parametrize(("data", "status"), [(EXE, 415), (b"", 400), (b"\0" * (LIMIT_FILE + 1), 413)])
def test_file_that_is_not_taken_uses_nothing_up(web: httpx.Client, chat: Chat, data: bytes, status: int) -> None:
    link = chat.link()
    said(send(web, link, ("程序.exe", data)), status, "程序.exe", "没有收下", "<form")
    assert chat.uploads() == 0
    assert send(web, link, ("a.pdf", PDF)).status_code == 200


def test_file_above_the_limit_does_not_take_the_others_with_it(web: httpx.Client, chat: Chat) -> None:
    head = PDF + b"\0" * (LIMIT_FILE - len(PDF))
    answer = send(web, chat.link(), ("超过.pdf", head + b"\0"), ("最大.pdf", head), ("程序.exe", EXE))
    said(answer, 200, "「超过.pdf」超过20 MB", "「程序.exe」", "最大.pdf", "在第1项")
    assert [name for _, name in chat.pieces()] == ["最大.pdf"]
    assert any("超过.pdf" in text for text in chat.owed()), "the chat tells it too"


def test_text_of_unfit_files_is_taken_and_the_files_are_refused(web: httpx.Client, chat: Chat) -> None:
    said(send(web, chat.link(), ("程序.exe", EXE), text="承办全国年会1场"), 200, "程序.exe", "没有收下", "回执")
    assert [text for _, text in chat.pieces()] == ["承办全国年会1场"]


def test_of_eleven_files_ten_are_taken(web: httpx.Client, chat: Chat) -> None:
    answer = send(web, chat.link(), *((f"{n}.pdf", PDF + str(n).encode()) for n in range(1, 12)))
    said(answer, 200, "一次最多10个文件", "11.pdf", "发「上传」")
    assert [name for _, name in chat.pieces()] == [f"{n}.pdf" for n in range(1, 11)]


def test_item_that_is_full_says_which_file_is_nowhere(web: httpx.Client, chat: Chat) -> None:
    send(web, chat.link(), *((f"{n}.pdf", PDF + str(n).encode()) for n in range(1, 10)))
    answer = send(web, chat.link(), ("十.pdf", PDF + b"x"), ("十一.pdf", PDF + b"y"))
    said(answer, 200, "在第1项", "没有收下，原因见上面")
    assert len(chat.pieces()) == 10


def test_page_takes_what_was_said_to_be_a_paper(web: httpx.Client, chat: Chat) -> None:
    chat.say("交总结")
    link = chat.link()
    page = web.get(link)
    said(page, 200, "作为<strong>本年度工作总结</strong>收下")
    said(send(web, link, ("a.pdf", PDF), item=item_on(page)), 200, "已收为「本年度工作总结」", "回执")
    assert chat.pieces() == []
    assert chat.tray() == []


def test_files_of_a_submitted_table_wait_until_she_says_which_paper(web: httpx.Client, chat: Chat) -> None:
    for words in ("提交", "确认提交"):
        chat.say(words)
    link = chat.link()
    said(web.get(link), 200, "本年度工作总结、下一年度工作计划", "撤回提交")
    said(send(web, link, ("a.pdf", PDF)), 200, "先放着")
    assert chat.tray() == ["a.pdf"]
    assert "已收材料「下一年度工作计划」" in chat.say("计划").replies[-1].text
    assert chat.tray() == []


def test_submitted_table_says_so_before_anything_is_sent(web: httpx.Client, chat: Chat) -> None:
    said(send(web, chat.link(), ("both.pdf", PDF), text="总结和计划"), 200, "已收为「")
    for words in ("提交", "确认提交"):
        chat.say(words)
    link = chat.link()
    said(web.get(link), 200, "撤回提交")
    said(send(web, link, ("a.pdf", PDF)), 200, "撤回提交", "没有收下")
    assert chat.pieces() == []


def test_text_above_its_limit_is_kept_on_the_page(web: httpx.Client, chat: Chat) -> None:
    link = chat.link()
    said(send(web, link, ("a.pdf", PDF), text="字" * 20_001), 413, "20001", "字" * 20_001)
    assert chat.uploads() == 0
    assert send(web, link, ("a.pdf", PDF), text="字" * 20_000).status_code == 200


def test_hostile_names_and_texts_are_only_text(web: httpx.Client, chat: Chat) -> None:
    hostile = "<img src=x onerror=alert(1)>{{7*7}}"
    link = chat.link()
    said(send(web, link, (f"{hostile}.exe", EXE)), 415, "&lt;img src=x")
    answer = send(web, link, (f"../{hostile}.pdf", PDF), text=f"说明 {hostile} </textarea>")
    said(answer, 200, "&lt;img src=x")
    assert "<img src=x" not in answer.text
    assert "49" not in answer.text
    assert f"{hostile}.pdf" in dict(chat.pieces()).values() or any(
        name == f"{hostile}.pdf" for _, name in chat.pieces()
    )


@pytest.mark.parametrize("origin", [None, "null", "ours"])
def test_forms_come_from_our_page_or_from_a_browser_that_hides_it(
    web: httpx.Client, chat: Chat, server: Running, origin: str | None
) -> None:
    headers = {"Origin": server.address if origin == "ours" else origin} if origin else {}
    answer = web.post(chat.link(), files={"file": ("a.pdf", PDF)}, headers=headers)
    said(answer, 200, "回执")


def test_forms_of_other_sites_are_refused(web: httpx.Client, chat: Chat) -> None:
    link = chat.link()
    foreign = {"Origin": "https://evil.example"}
    assert web.post(link, files={"file": ("a.pdf", PDF)}, headers=foreign).status_code == 403
    assert web.get(link, headers={"Origin": "null"}).status_code == 403
    assert web.post(f"/chat/messages?{link}", headers={"Origin": "null"}).status_code == 403
    assert chat.uploads() == 0


# ---- Links that are no good


def both(web: httpx.Client, link: str) -> list[httpx.Response]:
    return [web.get(link), send(web, link, ("a.pdf", PDF))]


def test_expired_upload_link(web: httpx.Client, chat: Chat) -> None:
    link = chat.path(chat.links.upload(chat.offer(), datetime.now(UTC) - timedelta(hours=2, seconds=1)))
    for answer in both(web, link):
        said(answer, 410, "已过期", "「上传」")
    assert chat.uploads() == 0


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c", "%00", "..%2f..%2fetc", "\u5b57", "x" * 5000, "%ED%A0%80"])
def test_forged_upload_link(web: httpx.Client, token: str) -> None:
    for answer in both(web, f"/u/{token}"):
        said(answer, 404, "没有这个页面")


def test_tampered_upload_link(web: httpx.Client, chat: Chat) -> None:
    link = chat.link()
    for forged in (f"{link[:-5]}{'A' if link[-5] != 'A' else 'B'}{link[-4:]}", f"/u/a{link.removeprefix('/u/')}"):
        said(web.get(forged), 404)
    made = datetime.now(UTC)
    stranger = Links("another-secret" * 4, chat.server.address)
    said(web.get(chat.path(stranger.upload(1, made))), 404)
    said(web.get(chat.path(chat.links.page("evidence:1", made)).replace("/d/", "/u/")), 404)
    said(web.get(chat.links.file("evidence:1").replace("/d/", "/u/")), 404)


def test_offer_that_was_never_made(web: httpx.Client, chat: Chat) -> None:
    for answer in both(web, chat.path(chat.links.upload(987654321, datetime.now(UTC)))):
        said(answer, 410, "失效")


@pytest.mark.parametrize("end", [Chat.revoke, Chat.leave])
def test_link_of_somebody_who_is_gone(web: httpx.Client, chat: Chat, end: Any) -> None:
    link = chat.link()
    end(chat)
    for answer in both(web, link):
        said(answer, 410, "失效")
    assert chat.uploads() == 0


def test_link_of_whoever_had_the_address_before(server: Running, web: httpx.Client, chat: Chat) -> None:
    offer = chat.offer()
    chat.leave()
    chat.say(server.invite())
    for answer in both(web, chat.path(chat.links.upload(offer, datetime.now(UTC)))):
        said(answer, 410, "失效")
    assert chat.rows(sa.select(INBOUND).where(INBOUND.c.key == f"upload:{offer}")) == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"\x00\xff" * 100, "multipart/form-data; boundary=x"),
        (b"hello", "multipart/form-data"),
        (b'{"id": "a"}', "application/json"),
        (b"", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(50)), "application/x-www-form-urlencoded"),
    ],
)
def test_malformed_form_uses_nothing_up(web: httpx.Client, chat: Chat, content: bytes, kind: str) -> None:
    link = chat.link()
    said(web.post(link, content=content, headers={"Content-Type": kind}), 400)
    assert chat.uploads() == 0
    assert web.get(link).status_code == 200


def test_body_above_its_limit_by_its_own_word(chat: Chat) -> None:
    place = urlsplit(chat.server.address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    connection.putrequest("POST", chat.link())
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(300 << 20))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert "分几次" in answer.read().decode()
    connection.close()


def test_too_many_tries_are_slowed_down(tmp_path: Path) -> None:
    with alone(tmp_path, rate_per_minute=2) as (chat, web):
        link = chat.link()
        assert [send(web, link).status_code for _ in range(2)] == [400, 400]
        answer = send(web, link)
        said(answer, 429, "太快")
        assert int(answer.headers["retry-after"]) > 0


def test_what_can_not_be_stored_is_said(tmp_path: Path) -> None:
    with alone(tmp_path) as (chat, web):
        link = chat.link()
        assert web.get(link).status_code == 200
        (tmp_path / "data" / "xuehui.sqlite3").rename(tmp_path / "moved")
        answer = send(web, link, ("a.pdf", PDF))
        said(answer, 503, "存不进去")
        assert int(answer.headers["retry-after"]) > 0


def test_after_the_deadline_the_page_says_that_it_is_late(tmp_path: Path) -> None:
    with alone(tmp_path) as (chat, web):
        chat.say("开始")
        chat.change(sa.update(ROUND).values(closed_at=datetime.now(UTC)))
        link = chat.link()
        said(web.get(link), 200, "逾期材料", "第1项")
        said(send(web, link, ("a.pdf", PDF)), 200, "逾期", "回执")


def test_body_above_its_limit_that_does_not_say_its_length(tmp_path: Path) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    with alone(tmp_path) as (chat, web):
        link = chat.link()
        endless = itertools.chain([head], itertools.repeat(bytes(1 << 20), 202))
        answer = web.post(link, content=endless, headers={"Content-Type": "multipart/form-data; boundary=x"})
        said(answer, 413, "分几次")
        assert chat.uploads() == 0


# ---- Fetching


def stored(web: httpx.Client, chat: Chat, name: str, data: bytes) -> str:
    """Where the file of an upload is held now."""
    assert send(web, chat.link(), (name, data)).status_code == 200
    chosen = sa.select(EVIDENCE.c.id).where(EVIDENCE.c.person_id == chat.person).order_by(EVIDENCE.c.id.desc())
    return handouts.evidence(chat.rows(chosen)[0].id)


def test_page_offers_a_picture_and_its_bytes(web: httpx.Client, chat: Chat) -> None:
    sent = png(40, 30)
    evidence = stored(web, chat, "评审<会>.png", sent)
    page = web.get(chat.path(chat.links.page(evidence, datetime.now(UTC))))
    said(page, 200, "评审&lt;会&gt;.png", "KB", "下载")
    shown = re.search(r'<img class="picture" src="([^"]+)"', page.text)
    href = re.search(r'<a class="primary" href="([^"]+)"', page.text)
    assert shown
    assert href
    for link in (shown[1], href[1]):
        answer = web.get(link)
        assert answer.content == sent
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["content-security-policy"]


def test_page_shows_only_what_a_browser_shows(web: httpx.Client, chat: Chat) -> None:
    page = web.get(chat.path(chat.links.page(stored(web, chat, "名单.pdf", PDF), datetime.now(UTC))))
    said(page, 200, "名单.pdf", "下载")
    assert "<img" not in page.text


def test_expired_page_says_how_to_go_on(web: httpx.Client, chat: Chat) -> None:
    evidence = stored(web, chat, "名单.pdf", PDF)
    link = chat.path(chat.links.page(evidence, datetime.now(UTC) - timedelta(hours=1, seconds=1)))
    for accept in ("text/html", "*/*"):
        said(web.get(link, headers={"Accept": accept}), 410, "链接已过期，请回到聊天里发「看依据」重新打开。")


def test_what_was_withdrawn_is_not_handed_out(web: httpx.Client, chat: Chat) -> None:
    evidence = stored(web, chat, "名单.pdf", PDF)
    chat.withdraw(int(evidence.rpartition(":")[2]))
    said(web.get(chat.path(chat.links.page(evidence, datetime.now(UTC)))), 410, "撤回")
    said(web.get(chat.links.file(evidence)), 410, "撤回")
    answer = web.get(chat.links.file(evidence), headers={"Accept": "*/*"})
    assert (answer.status_code, "撤回" in answer.json()["error"]) == (410, True)


def test_page_about_nothing(web: httpx.Client, chat: Chat) -> None:
    said(web.get(chat.path(chat.links.page("evidence:987654321", datetime.now(UTC)))), 404)
    stored(web, chat, "a.pdf", PDF)
    chat.say("再补一条：承办全国年会1场")
    words = max(row.id for row in chat.rows(sa.select(EVIDENCE).where(EVIDENCE.c.person_id == chat.person)))
    said(web.get(chat.path(chat.links.page(handouts.evidence(words), datetime.now(UTC)))), 404)


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "\u5b57"])
def test_forged_download_is_a_page_for_people_and_json_for_scripts(web: httpx.Client, token: str) -> None:
    said(web.get(f"/d/{token}"), 404)
    assert web.get(f"/d/{token}", headers={"Accept": "*/*"}).json()["error"]


# ---- The channel is told


def test_channel_is_told_that_it_owes_an_answer(tmp_path: Path) -> None:
    told: list[str] = []
    with within(tmp_path, secret_key=SECRET) as other, chatting(other, SECRET) as chat:
        link = chat.link()
        house = open_house(Settings(_env_file=None, data_dir=other.folder / "data", secret_key=SECRET, port=other.port))  # type: ignore[call-arg,arg-type]
        passing = Passing(house, {"wechat": lambda: told.append("wechat"), "wecom": lambda: told.append("wecom")})
        app = Starlette(routes=[Route("/u/{token}", passing.upload, methods=["POST"])])

        async def go() -> int:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=other.address) as client:
                return (await client.post(link, files={"file": ("a.pdf", PDF)})).status_code

        assert asyncio.run(go()) == 200
        house.db.close()
    assert told == ["wechat"]


def test_an_officer_brings_a_template_by_a_link_and_is_told_that_it_is_taken(tmp_path: Path) -> None:
    with alone(tmp_path) as (chat, web):
        office = Chat(chat.server, chat.db, chat.links, "officer")
        office.say(chat.server.invite_staff())
        bad = chat.path(chat.links.upload(office.say("模板").replies[-1].id, datetime.now(UTC)))
        answer = send(web, bad, ("坏的.docx", document("{{学会名}}")))
        said(answer, 200, "是不是「学会」", "没有收下")
        good = chat.path(chat.links.upload(office.say("换模板").replies[-1].id, datetime.now(UTC)))
        answer = send(web, good, ("版式.docx", document("{{学会}}")))
        said(answer, 200, "检查通过，已启用", "已收下，见上面")
        with chat.db.read() as db:
            own = of_round(db, 1)
        assert own is not None
        assert own.name == "版式.docx"
