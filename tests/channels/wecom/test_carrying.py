"""A reply becomes exact requests to WeCom, and every refusal of WeCom means something."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from bot.house import House
from bot.rendering import WECOM_TEXT, Ask, told_apart, utf8
from bot.wecom.carrying import WeComCarrier, meaning
from bot.wecom.channel import WeCom as Channel
from bot.wecom.channel import menu
from scheduler.delivery import Again, Gone, Halted, Rejected, Undelivered, Unsure
from tests.channels.wecom.conftest import AT, Asked, row
from tests.fakes.serving import Fault
from tests.fakes.wecom import AGENT_ID, WeCom

STAMP = int(AT.timestamp())


def body(fake: WeCom, method: str = "message/send") -> dict[str, Any]:
    """The last request, without the token."""
    given = dict(fake.record.of(method)[-1].given)
    assert given.pop("access_token").startswith("CANARY-wecom-access-")
    return given


def message(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    once = {"enable_duplicate_check": 1, "duplicate_check_interval": 14400}
    return {"touser": "WangLaoShi", "msgtype": kind, "agentid": AGENT_ID, kind: content, **once}


def test_text(fake: WeCom, asked: Asked) -> None:
    asked.posts(row("已记 <b>\n第2行"))
    assert body(fake) == message("text", {"content": f"已记 ＜b>\n第2行{told_apart(7)}"})
    assert fake.user("WangLaoShi").sees[0]["text"].startswith("已记")


def test_card(fake: WeCom, asked: Asked) -> None:
    asked.posts(row("确认提交吗？\n还有3项未填。", "确认提交 先补"))
    buttons = [{"text": "确认提交", "key": "7-0", "style": 2}, {"text": "先补", "key": "7-1", "style": 2}]
    card = {"main_title": {"title": "确认提交吗？"}, "sub_title_text": "还有3项未填。", "button_list": buttons}
    card |= {"card_type": "button_interaction", "task_id": f"reply-7-{STAMP}"}
    assert body(fake) == message("template_card", card)


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("题" * 37, "是 否"),
        ("题\n" + "文" * 161, "是 否"),
        ("题", "一 二 三 四 五 六 七"),
        ("题", "按钮上的字超过了十个字"),
    ],
)
def test_what_no_card_can_show_is_said_in_words(fake: WeCom, asked: Asked, text: str, choices: str) -> None:
    asked.posts(row(text, choices))
    said = body(fake)["text"]["content"]
    assert said == f"{text}\n可回：{' · '.join(choices.split())}{told_apart(7)}"


def test_the_way_to_the_upload_page(fake: WeCom, asked: Asked, house: House) -> None:
    asked.posts(row("还有照片就接着发。", "下一项", upload=True))
    link = f'<a href="{house.links.upload(7, AT)}">上传文件</a>'
    assert body(fake)["text"]["content"] == f"还有照片就接着发。\n可回：下一项 · {link}{told_apart(7)}"


def test_a_long_reply_is_several_and_nothing_of_it_is_lost(fake: WeCom, asked: Asked) -> None:
    text = "\n".join(["同" * 640] * 3 + [f"{n}. {'会' * 60}" for n in range(20)])
    asked.posts(row(text, "继续 提交"))
    said = [call.given["text"]["content"] for call in fake.record.of("message/send")]
    shown = [one.rstrip("\u200b\u200c") for one in said]
    assert "\n".join(shown) == f"{text}\n可回：继续 · 提交"
    assert all(utf8(one) <= WECOM_TEXT for one in said)
    assert (len(fake.user("WangLaoShi").sees), fake.swallowed, fake.complaints) == (len(said), [], [])


def test_the_same_words_again_are_shown_again_and_the_same_message_is_not(fake: WeCom, asked: Asked) -> None:
    for id in (7, 8, 7):
        asked.posts(row("没有改动", id=id))
    assert (len(fake.user("WangLaoShi").sees), len(fake.swallowed)) == (2, 1)


def test_a_card_that_is_there_already_counts_as_sent(fake: WeCom, asked: Asked) -> None:
    asked.posts(row("好吗", "是 否"))
    fake.passes(hours=5)  # longer than the platform looks for copies
    asked.posts(row("好吗", "是 否"))
    assert fake.record.of("message/send")[-1].answer["errcode"] == 42014
    assert len(fake.user("WangLaoShi").sees) == 1


# Files


@pytest.mark.parametrize(
    ("faults", "tries"),
    [
        ((), 1),
        ((Fault("message/send", dropped=True),), 2),
        ((Fault("media/upload", dropped=True),), 2),
        ((Fault("message/send", body={"errcode": 40007, "errmsg": "invalid media_id"}),), 2),
    ],
)
def test_a_file_comes_once_under_its_name(
    fake: WeCom, house: House, monkeypatch: pytest.MonkeyPatch, faults: tuple[Fault, ...], tries: int
) -> None:
    fake.record.faults += faults
    Asked(house).does(_brings(house, monkeypatch, b"%PDF-1.7 ...", "年会 通知.pdf", tries))
    entry = fake.user("WangLaoShi").sees[0]
    assert (entry["kind"], entry["name"], entry["data"]) == ("file", "年会 通知.pdf", b"%PDF-1.7 ...")
    assert (len(fake.user("WangLaoShi").sees), fake.complaints) == (1, [])


def test_a_file_that_wecom_refuses_is_a_link(fake: WeCom, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(house).does(_brings(house, monkeypatch, b"3", "a<b.txt", 1))
    link = f'<a href="{house.links.page("evidence:5", AT)}">a＜b.txt</a>'
    assert body(fake)["text"]["content"] == f"{link}{told_apart(7)}"


def test_a_file_that_is_not_there_is_refused(fake: WeCom, asked: Asked) -> None:
    with pytest.raises(Rejected):
        asked.posts(row("看"), Ask("file", {}, "evidence:5"))


def _brings(house: House, monkeypatch: pytest.MonkeyPatch, data: bytes, name: str, tries: int) -> Any:
    place = house.settings.data_dir / "source"
    place.write_bytes(data)
    with place.open("rb") as source:
        blob = house.store.put(source)
    held = type("Held", (), {"name": name, "sha256": blob.sha256, "size": len(data)})()
    monkeypatch.setattr(WeComCarrier, "_held", lambda self, _: held)

    async def work(carrier: WeComCarrier) -> None:
        for _ in range(tries - 1):
            with pytest.raises((Again, Unsure)):
                await carrier.post(row("看"), Ask("file", {}, "evidence:5"))
        await carrier.post(row("看"), Ask("file", {}, "evidence:5"))
        assert carrier.uploaded == {}

    return work


# Refusals


@pytest.mark.parametrize(
    ("code", "kind", "seconds"),
    [
        *((code, Halted, 60.0) for code in (60020, 60011, 40013, 40056, 48002, 301002, 45009)),
        (45033, Halted, 2.0),
        (-1, Again, None),
        (50001, Again, None),
        *((code, Gone, None) for code in (81013, 60111, 43004, 46004)),
        *((code, Rejected, None) for code in (40058, 44004, 45002, 40008, 42014)),
        (40007, Again, None),
    ],
)
def test_what_an_errcode_means(code: int, kind: type[Undelivered], seconds: float | None) -> None:
    found = meaning(code, "said")
    assert isinstance(found, kind)
    assert getattr(found, "seconds", None) == seconds
    assert str(code) in str(found)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("message/send", body={"errcode": 0, "errmsg": "ok", "invaliduser": "wanglaoshi"}), Gone),
        (Fault("message/send", body={"errcode": 45009, "errmsg": "api freq out of limit"}), Halted),
        (Fault("message/send", times=2, body={"errcode": 40014, "errmsg": "invalid access_token"}), Halted),
        (Fault("message/send", status=502), Again),
        (Fault("message/send", body="<html>"), Unsure),
        (Fault("message/send", dropped=True), Unsure),
        (Fault("gettoken", status=502), Halted),
        (Fault("gettoken", dropped=True), Halted),
        (Fault("gettoken", body="<html>"), Halted),
        (Fault("gettoken", body={"errcode": 0, "errmsg": "ok"}), Halted),
        (Fault("gettoken", body={"errcode": 40001, "errmsg": "invalid credential"}), Halted),
        (Fault("gettoken", body={"errcode": 40013, "errmsg": "invalid corpid"}), Halted),
    ],
)
def test_what_an_answer_means(fake: WeCom, asked: Asked, fault: Fault, kind: type[Undelivered]) -> None:
    fake.record.faults.append(fault)
    with pytest.raises(kind) as raised:
        asked.posts(row("你好"))
    assert "CANARY" not in str(raised.value)


def test_nobody_is_gone_and_our_address_is_configuration(fake: WeCom, asked: Asked) -> None:
    fake.members.clear()
    with pytest.raises(Gone):
        asked.posts(row("你好"))
    fake.ip_allowed = False
    with pytest.raises(Halted, match="60020"):
        asked.posts(row("你好", id=8))


def test_a_platform_that_is_away_halts(asked: Asked, house: House) -> None:
    async def work(carrier: WeComCarrier) -> None:
        carrier.api.client = httpx.AsyncClient(base_url="http://127.0.0.1:9")
        with pytest.raises(Halted):
            await carrier.post(row("你好"), Ask("text", {"content": "你好"}))

    asked.does(work)


@pytest.mark.parametrize("ends", [WeCom.forget_tokens, lambda fake: fake.passes(hours=2.01)])
def test_a_token_that_ends_is_renewed_once(fake: WeCom, asked: Asked, ends: Any) -> None:
    asked.posts(row("一"))
    ends(fake)
    asked.posts(row("二", id=8))
    asked.posts(row("三", id=9))
    assert len(fake.record.of("gettoken")) == 2
    assert len(fake.user("WangLaoShi").sees) == 3


def test_the_menu_is_taken(fake: WeCom, asked: Asked) -> None:
    asked.does(lambda carrier: carrier.set_menu(menu()))
    assert fake.menu == {
        "开始/继续": "继续",
        **{words: words for words in ("还缺什么", "进度", "检查", "提交", "截止", "我的账号")},
    }


def test_the_doctor_hears_what_is_wrong(fake: WeCom, house: House) -> None:
    assert asyncio.run(Channel(house).examine()) is None
    fake.ip_allowed = False
    assert "60020" in (asyncio.run(Channel(house).examine()) or "")


def test_the_doctor_hears_of_a_wrong_secret_while_an_old_token_is_good(
    fake: WeCom, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asyncio.run(Channel(house).examine()) is None
    monkeypatch.setattr(fake, "secret", "another")
    assert "40001" in (asyncio.run(Channel(house).examine()) or "")
