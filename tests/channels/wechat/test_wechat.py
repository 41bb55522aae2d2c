"""Conversations on WeChat: what she says and does, and what she is shown by the answer to it."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.channels.wechat.conftest import PHOTO, Town, carried, evidence, links, shown, until

# Coming in


def test_the_console_accepts_the_address(town: Town) -> None:
    assert town.fake.verifies()
    assert not town.fake.verifies("another-token")


def test_a_code_typed(town: Town) -> None:
    user = town.fake.user("王老师")
    assert "请发送邀请码" in shown(user.subscribes())
    assert "不对" in shown(user.says("AAAA-BBBB"))
    code = town.invite()
    assert shown(user.says(code.lower().replace("-", " "))).startswith("欢迎，浙江省示例学会！")
    assert "【1/25】" in shown(user.taps("开始"))
    assert town.contact(user).channel == "wechat"


def test_a_code_scanned_by_somebody_new(town: Town) -> None:
    user = town.fake.user("王老师", follows=False)
    assert shown(user.scans(town.invite().replace("-", ""))).startswith("欢迎")
    assert town.heard(user)[0].text != "", "the code itself is not kept"


def test_a_code_scanned_by_a_follower(town: Town) -> None:
    user = town.fake.user("王老师")
    assert shown(user.scans(town.invite())).startswith("欢迎")
    assert "【1/25】" in shown(user.says("开始"))


def test_a_foreign_code_only_greets(town: Town) -> None:
    stranger = town.fake.user("路人", follows=False)
    assert "请发送邀请码" in shown(stranger.scans("poster-3"))
    member = town.joined("王老师")
    assert "第1项" in shown(member.scans("poster-3"))
    assert "第1项" in shown(member.clicks("V1001_OLD_MENU"))


def test_an_invitation_as_a_picture(town: Town) -> None:
    """The picture holds what the platform gives for the code, and who scans it comes with it."""
    code = town.invite()
    address = carried(town.server.house, lambda carrier: carrier.invited_by(code, 3600))
    assert [scene.scene for scene in town.fake.account.scenes if scene.url == address] == [code]
    assert shown(town.fake.user("王老师", follows=False).scans(code)).startswith("欢迎")


# Talking


def test_a_conversation_needs_no_customer_message(town: Town) -> None:
    user = town.joined("王老师")
    assert "已记：第1项 8分" in shown(user.says("8分，承办全国年会1场"))
    assert "【2/25】" in shown(user.taps("下一项"))
    assert "已记：第2项 5分" in shown(user.says("5"))
    assert "已收：照片" in shown(user.sends_photo(PHOTO + b"1"))
    assert "暂计13分" in shown(user.says("分数"))
    assert "请发文字" in shown(user.sends_location())
    assert "a.cn" in shown(user.sends_link("通知", "https://a.cn/1"))
    assert town.fake.record.of("message/custom/send") == []
    until(lambda: not town.rows(user, "pending", "on_wire", "held"))


def test_a_tap_and_the_same_typed(town: Town) -> None:
    one, other = town.joined("王老师"), town.joined("李老师")
    assert shown(one.taps("跳过")) == shown(other.says("跳过"))
    assert [row.choice is None for row in town.heard(one)] == [True, True, False]


def test_a_tap_on_nothing_of_ours_shows_where_she_is(town: Town) -> None:
    user = town.joined("王老师")
    for id in ("0-0", "999999-3", "nonsense", "🙂"):
        push = {"MsgType": "text", "Content": "随便", "bizmsgmenuid": id, "MsgId": next(town.fake.courier.ids)}
        assert "【1/25】" in shown(town.fake.deliver(user, town.fake.xml(user, **push)))


def test_blank_text_and_strange_letters(town: Town) -> None:
    user = town.joined("王老师")
    blank = town.fake.xml(user, MsgType="text", Content="   ", MsgId=next(town.fake.courier.ids))
    assert shown(town.fake.deliver(user, blank))
    for text in ("]]></Content><MsgType>news", "<a href='https://evil.cn'>x</a>", "😀" * 300, "{{ 7*7 }}"):
        said = user.says(text)
        assert shown(said)
        assert said
        assert [url for url in said["urls"] if url[0] != url[1]] == []


def test_a_file_is_answered_with_the_page_that_takes_it(town: Town) -> None:
    user = town.joined("王老师")
    for sends in (user.sends_unsupported, user.sends_file_event):
        said = sends()
        assert "这个文件没有收到" in shown(said)
        assert said
        assert links(said)["上传文件"].startswith(f"{town.server.url}/u/")
    said = user.says("上传")
    assert said
    page = httpx.get(links(said)["上传文件"], trust_env=False, verify=False)
    assert page.status_code == 200
    assert "王老师的学会" in page.text


def test_files_go_out_as_pages(town: Town) -> None:
    user = town.joined("王老师")
    user.says("8分")
    shown(user.sends_photo(PHOTO + b"out"))
    said = user.says("看依据")
    assert said
    name, address = next((name, url) for name, url in said["urls"] if name.endswith(".jpg"))
    page = httpx.get(address, trust_env=False, verify=False)
    assert page.status_code == 200
    assert name in page.text
    href = page.text.partition('href="/d/')[2].partition('"')[0]
    assert httpx.get(f"{town.server.url}/d/{href}", trust_env=False, verify=False).content == PHOTO + b"out"


def test_voice_and_video_are_evidence(town: Town) -> None:
    user = town.joined("王老师")
    user.says("8分")
    assert "「三分」" in shown(user.sends_voice(b"#!AMR\nx", "三分"))
    assert "已收：视频" in shown(user.sends_video(b"\x00\x00\x00\x18ftypmp42xxxx"))
    assert evidence(town) == ["amr", "mp4"]


def test_a_video_kept_by_somebody_else_is_not_fetched(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.reception.MOST_TRIES", 1)
    user = town.joined("王老师")
    with_elsewhere = {"video_url": "http://127.0.0.1.nip.io:1/v.mp4"}
    town.fake.fault("media/get", body=with_elsewhere)
    assert "没能从聊天平台取到" in shown(user.sends_video(b"\x00\x00\x00\x18ftypmp42xxxx"))
    assert evidence(town) == []


# Again and again


def test_the_same_push_has_one_effect_and_one_answer(town: Town) -> None:
    user = town.joined("王老师")
    first = shown(user.says("8分，承办全国年会1场"))
    again = [shown(one) for one in town.fake.deliver_again(user, 3)]
    parallel = [shown(one) for one in town.fake.deliver_again(user, 6, parallel=True)]
    assert set(again + parallel) == {first}
    assert len(town.heard(user)) == 3
    assert town.fake.record.of("message/custom/send") == []


def test_parallel_copies_of_a_photo_are_one_piece(town: Town) -> None:
    user = town.joined("王老师")
    user.says("8分")
    medium = town.fake.account.keep("image", PHOTO + b"once", "photo.jpg")
    push = {"MsgType": "image", "PicUrl": "http://x", "MediaId": medium.id, "MsgId": next(town.fake.courier.ids)}
    xml = town.fake.xml(user, **push)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: town.fake.courier.once(user, xml), range(6)))
    read = [town.fake.courier.read(user, *answer) for answer in answers]
    assert len({one["text"] for one in read if one}) == 1
    assert evidence(town) == ["jpg"]


def test_events_of_one_second(town: Town) -> None:
    user = town.joined("王老师")
    stamp = int(town.fake.clock())
    town.fake.stamps = lambda: stamp
    shown(user.clicks("进度"))
    shown(user.clicks("还缺什么"))
    before = len(town.heard(user))
    shown(user.clicks("进度"))  # the platform's second copy of an event looks just so
    assert len(town.heard(user)) == before
