"""Announcements with files and at a time: kept, shown, confirmed, carried to everybody, taken back until they go out."""

from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from bot.links import Links
from bot.rendering import telegram, wechat, wecom
from handlers.answers.bringing import Offer, outcomes
from handlers.notices import announcing
from handlers.reports.history import history
from handlers.societies import joining
from scheduler.announcements import announce_due
from storage import handouts, outbox, seats
from storage.relations import ANNOUNCEMENT, HANDOUT, OUTBOX, PERSON, Row
from tests.season import Season


@pytest.fixture
def office(season: Season) -> Season:
    """王老师 on Telegram and 李老师 on the web for one society; nobody yet for 茶叶学会; 周科长 in the office."""
    season.join("王老师", "telegram")
    season.join("李老师", "web")
    season.join("staff")
    season.clock("2026-12-21 09:00")
    return season


def says(season: Season, words: str, *files: str) -> str:
    return "\n".join(reply.text for reply in season.say("staff", words, files=files).replies)


def owed(season: Season) -> list[Row]:
    with season.db.read() as connection:
        return list(connection.execute(sa.select(OUTBOX).where(OUTBOX.c.kind == "announcement").order_by(OUTBOX.c.id)))


def sent(season: Season) -> list[Row]:
    """What is owed once the newest announcement has gone out."""
    season.clock("2026-12-21 09:02")
    while announce_due(season.db, season.now):
        pass
    return owed(season)


def test_a_file_with_its_announcement_reaches_everybody(office: Season) -> None:
    shown = says(office, "给全部发通知：请看附件", "名单.pdf")
    assert "附件：名单.pdf" in shown
    assert "回执" in says(office, "2")
    rows = sent(office)
    assert [[file["name"] for file in row.files] for row in rows] == [["名单.pdf"], ["名单.pdf"]]
    with office.db.read() as connection:
        kept = handouts.file(connection, rows[0].files[0]["held"])
    assert kept is not None
    assert office.store.intact(kept.sha256)
    office.db.write(lambda db: outbox.settle(db, [rows[0].id], "sent", office.now))
    assert "2位" in says(office, "催读 1")
    assert [file["name"] for file in owed(office)[-1].files] == ["名单.pdf"]


def test_files_wait_for_the_next_message_only(office: Season) -> None:
    assert "说明会.pdf" in says(office, "", "说明会.pdf")
    assert "2个" in says(office, "", "会场.jpg")
    says(office, "给全部发通知：带两个")
    says(office, "2")
    says(office, "", "旧的.pdf")
    says(office, "进度")
    says(office, "给全部发通知：不带")
    says(office, "2")
    with office.db.read() as connection:
        files = list(connection.scalars(sa.select(ANNOUNCEMENT.c.files).order_by(ANNOUNCEMENT.c.id)))
        handed = set(connection.scalars(sa.select(HANDOUT.c.name)))
    assert [[one["name"] for one in some] for some in files] == [["说明会.pdf", "会场.jpg"], []]
    assert handed == {"说明会.pdf", "会场.jpg"}


def test_more_than_five_files_are_refused(office: Season) -> None:
    six = [f"{number}.pdf" for number in range(6)]
    assert "最多带5个" in says(office, "给全部发通知：六个", *six)
    says(office, "2")
    assert sent(office) == []


def test_a_file_that_comes_later_is_shown_before_it_goes(office: Season) -> None:
    says(office, "给全部发通知：请看附件")
    assert "附件：名单.pdf" in says(office, "2", "名单.pdf")
    assert sent(office) == []
    office.clock("2026-12-21 09:00")
    says(office, "2")
    assert [len(row.files) for row in sent(office)] == [1, 1]


def test_a_reviewer_s_file_announces_nothing(office: Season) -> None:
    office.db.write(lambda db: db.execute(sa.text("UPDATE person SET role = 'reviewer' WHERE society_id IS NULL")))
    assert "发通知：内容」；" not in says(office, "", "名单.pdf")
    assert "只有" in says(office, "给全部发通知：测试", "名单.pdf")
    assert "只有" in says(office, "明天9点给全部发通知：测试")


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("明天上午9点给没提交的发通知：测试", "12月22日（周二）09:00"),
        ("明天给没提交的发通知：测试", "12月22日（周二）09:00"),
        ("下周一下午三点半给全部发个通知：测试", "12月28日（周一）15:30"),
        ("给全部发通知（12月24日 9:00）：测试", "12月24日（周四）09:00"),
        ("给全部发通知（12月24日（周四）09:00）：测试", "12月24日（周四）09:00"),
        ("给示例学会12月24日14:30发通知：测试", "12月24日（周四）14:30"),
        ("给全部 17:45 发通知：测试", "12月21日（周一）17:45"),
        ("今晚8点给全部发通知：测试", "12月21日（周一）20:00"),
        ("给全部明早9点发通知：测试", "12月22日（周二）09:00"),
        ("大后天上午9点给没提交的发通知：测试", "12月24日（周四）09:00"),
    ],
)
def test_at_a_time(office: Season, words: str, moment: str) -> None:
    assert moment in says(office, words)
    with office.db.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(ANNOUNCEMENT)) == 0


def test_it_goes_out_at_its_moment_to_whom_was_counted(office: Season) -> None:
    says(office, "明天上午9点给没提交的发通知：测试")
    assert "2026-12-22 09:00:00" in says(office, "2")
    assert sent(office) == []
    office.clock("2026-12-22 08:59:59")
    assert announce_due(office.db, office.now) == 0
    office.clock("2026-12-22 09:00")
    assert announce_due(office.db, office.now) == 2


def test_it_can_be_taken_back_by_its_number_until_then(office: Season) -> None:
    says(office, "明天上午9点给没提交的发通知：测试")
    says(office, "2")
    says(office, "给全部发通知：现在就发")
    says(office, "2")
    office.clock("2026-12-22 08:59")
    assert "通知1已撤回" in says(office, "撤回通知 1")
    announce_due(office.db, office.now)
    office.clock("2026-12-22 09:01")
    announce_due(office.db, office.now)
    assert {row.text for row in owed(office)} == {"【科协通知】现在就发\n看到请回「收到」。"}
    assert "撤不回来" in says(office, "撤回通知 2")


@pytest.mark.parametrize("words", ["今天8:00给全部发通知：测试", "给全部发通知（2025年12月1日）：测试"])
def test_a_moment_that_is_past_is_refused(office: Season, words: str) -> None:
    assert "已经过去" in says(office, words)
    says(office, "2")
    assert sent(office) == []


def test_a_moment_at_night_is_warned_of_and_not_forbidden(office: Season) -> None:
    assert "会打扰人" in says(office, "明天22:30给全部发通知：测试")
    assert "22:30:00发出" in says(office, "2")
    assert "会打扰人" not in says(office, "明天上午9点给全部发通知：测试")


def test_who_confirms_after_the_moment_hears_when_it_goes(office: Season) -> None:
    says(office, "9:01给全部发通知：测试")
    office.clock("2026-12-21 09:05")
    assert "2026-12-21 09:06:00发出" in says(office, "2")


def test_a_long_announcement_is_shown_whole_before_its_number_is_asked(office: Season) -> None:
    text = "请各学会认真填报。" * 120
    taken = office.say("staff", f"给全部发通知：{text}")
    assert "".join(reply.text for reply in taken.replies[:-1]) == text
    assert "如上（1080字）" in taken.replies[-1].text


@pytest.mark.parametrize("words", ["通知 99", "未读 99", "催读 99", "撤回通知 99"])
def test_a_number_that_nobody_has_given(office: Season, words: str) -> None:
    assert "没有第99条通知" in says(office, words)


def test_the_newest_ten_are_listed(office: Season) -> None:
    for number in range(12):
        says(office, f"给全部发通知：第{number}次")
        says(office, "2")
    told = says(office, "通知列表")
    assert told.count("给全部") == 10
    assert "第11次" in told
    assert "第1次" not in told
    assert "12." in says(office, "/announcements")


def test_who_was_put_out_is_not_said_to_have_got_it(office: Season) -> None:
    says(office, "给全部发通知：测试")
    says(office, "2")
    out = sa.update(PERSON).where(PERSON.c.name == "李老师").values(revoked_at=office.now)
    office.db.write(lambda db: db.execute(out))
    assert {row.channel: row.state for row in sent(office)} == {"telegram": "pending", "web": "cancelled"}
    with office.db.read() as connection:
        assert {one.person: one.state for one in announcing.targets(connection, 1)} == {
            "王老师": "pending",
            "李老师": "cancelled",
            None: "unreachable",
        }


def test_each_platform_carries_the_files_in_its_way(office: Season) -> None:
    says(office, "给全部发通知：请看附件", "名单.pdf")
    says(office, "2")
    row = sent(office)[0]
    asked = SimpleNamespace(**{**row._mapping, "address": "17"})
    held = row.files[0]["held"]
    assert [(one.method, one.file) for one in telegram(asked)] == [("sendMessage", None), ("sendDocument", held)]  # type: ignore[arg-type]
    links = Links("secret", "https://bot.example")
    assert [one.file for one in wecom(asked, links)][-1] == held  # type: ignore[arg-type]
    [text] = wechat(row, links)
    token = text.partition("/d/")[2].partition('"')[0]
    office.clock("2027-01-15 09:00")
    assert links.shown_on(token, office.now) == held


def test_who_opens_the_page_later_finds_what_was_announced(office: Season) -> None:
    says(office, "给全部发通知：请看附件", "名单.pdf")
    says(office, "2")
    sent(office)
    office.clock("2026-12-21 09:10")
    office.say("李老师", "进度", channel="web")
    with office.db.read() as connection:
        known = seats.who(connection, "web", "", "李老师")
        assert known is not None
        turns = history(connection, joining.actor(known), "李老师")["turns"]
    told = [(turn["text"], [reply.text[:6] for reply in turn["replies"]]) for turn in turns[-2:]]
    assert told == [("", ["【科协通知】"]), ("进度", [turns[-1]["replies"][0].text[:6]])]
    assert [name for name, _ in turns[-2]["replies"][0].files] == ["名单.pdf"]


def test_files_come_by_the_page_where_a_chat_has_none(office: Season) -> None:
    offered = office.say("staff", "上传")
    assert "链接" in offered.replies[0].text
    known = [office.file("名单.pdf"), office.file("别的.pdf")]
    office.say("staff", files=("名单.pdf",))
    staff = office.db.write(lambda db: db.scalar(sa.select(PERSON.c.id).where(PERSON.c.name == "周科长")))
    assert staff is not None
    made = Offer(1, "dialogue", "", "staff", staff, None)
    told = outcomes(office.db, made, known)
    assert [(one.name, one.attached) for one in told] == [("名单.pdf", True), ("别的.pdf", False)]
