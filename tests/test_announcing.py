"""Announcements and extensions from the chat: shown, counted, confirmed by the number, sent once, read or not."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from handlers.notices.announcing import targets
from handlers.notices.audience import audience
from handlers.societies import roster
from scheduler.announcements import announce_due
from storage import outbox, queries
from storage.relations import ENTRY, OUTBOX
from tests.season import CLOSES, Season


@pytest.fixture
def office(season: Season) -> Season:
    """王老师 on Telegram and 李老师 on the web for one society; nobody yet for 茶叶学会; 周科长 in the office."""
    season.join("王老师", "telegram")
    season.join("李老师", "web")
    season.join("staff")
    return season


def says(season: Season, words: str) -> str:
    return "\n".join(reply.text for reply in season.say("staff", words).replies)


def states(season: Season, number: int = 1) -> dict[str, int]:
    with season.db.read() as connection:
        told = targets(connection, number)
    return {state: sum(one.state == state for one in told) for state in {one.state for one in told}}


def later(season: Season, seconds: str) -> None:
    season.clock(f"2026-12-20 09:{seconds}")


def test_a_whole_announcement(office: Season) -> None:
    later(office, "00")
    shown = says(office, "给没提交的发个通知：1月15日17:30截止，请抓紧")
    assert "2 家" in shown
    assert "2 位" in shown
    assert "「1月15日17:30截止，请抓紧」" in shown
    assert "浙江省茶叶学会" in shown
    assert "通知1" in says(office, "2")
    assert announce_due(office.db, office.now) == 0
    assert states(office) == {"pending": 2, "unreachable": 1}
    later(office, "01")
    assert announce_due(office.db, office.now) == 2
    assert announce_due(office.db, office.now) == 0
    assert states(office) == {"pending": 1, "sent": 1, "unreachable": 1}
    office.db.write(lambda db: outbox.settle(db, [row.id for row in told(office)], "sent", office.now))
    assert "已记下" in office.say("王老师", "收到", channel="telegram").replies[0].text
    assert "李老师" in says(office, "未读 1")
    assert "1位" in says(office, "催读 1")
    assert len(told(office)) == 3
    report = says(office, "通知 1")
    assert "已送达2" in report
    assert "「收到」1" in report
    assert "还没有人加入、没法发的1家：浙江省茶叶学会" in report
    assert "1. 浙江省茶叶学会" in says(office, "没加入 1")


def told(season: Season) -> list[sa.Row[tuple[object, ...]]]:
    with season.db.read() as connection:
        return list(connection.execute(sa.select(OUTBOX).where(OUTBOX.c.kind == "announcement").order_by(OUTBOX.c.id)))


def test_it_can_be_taken_back_for_a_minute(office: Season) -> None:
    later(office, "00")
    says(office, "给全部发通知：测试")
    says(office, "2")
    assert "已撤回" in says(office, "撤回")
    later(office, "05")
    assert announce_due(office.db, office.now) == 0
    assert states(office) == {"cancelled": 3}
    says(office, "给全部发通知：测试")
    says(office, "2")
    later(office, "07")
    announce_due(office.db, office.now)
    assert "撤不回来" in says(office, "撤回")


@pytest.mark.parametrize("words", ["3", "取消", "进度", "给全部发通知：改过的"])
def test_nothing_goes_without_the_number(office: Season, words: str) -> None:
    says(office, "给全部发通知：测试")
    says(office, words)
    later(office, "30")
    assert announce_due(office.db, office.now) == 0
    assert told(office) == []


@pytest.mark.parametrize(
    ("whom", "number"),
    [
        ("全部", 2),
        ("没开始", 1),
        ("没提交且缺第2项", 2),
        ("缺第1项", 1),
        ("示例学会、茶叶学会", 2),
        ("填报中", 1),
        ("所有没开始的", 1),
    ],
)
def test_whom_is_meant(office: Season, whom: str, number: int) -> None:
    office.say("王老师", "会话第1项 5分，承办年会1场", channel="telegram")
    assert f"{number} 家" in says(office, f"通知 {whom}：测试") or number == 1


@pytest.mark.parametrize("whom", ["不存在的学会", "学会", "已提交"])
def test_who_is_not_clear_gets_nothing(office: Season, whom: str) -> None:
    said = says(office, f"给{whom}发通知：测试")
    assert "什么都没有做" in said
    assert told(office) == []


def test_a_reviewer_may_not(office: Season) -> None:
    office.db.write(lambda db: db.execute(sa.text("UPDATE person SET role = 'reviewer' WHERE society_id IS NULL")))
    assert "只有" in says(office, "给全部发通知：测试")
    assert "只有" in says(office, "给示例学会延期三天")


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("给示例学会延期三天", "1月18日（周一）17:30"),
        ("延期 示例学会 48小时 系统故障", "1月17日（周日）17:30"),
        ("给示例学会延到1月20日12:00", "1月20日（周三）12:00"),
    ],
)
def test_more_time(office: Season, words: str, until: str) -> None:
    assert until in says(office, words)
    with office.db.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).where(ENTRY.c.extended_to.is_not(None))) == 1
    assert until in office.say("王老师", "截止", channel="telegram").replies[-1].text
    assert until in says(office, "日历")


@pytest.mark.parametrize("words", ["给示例学会延期一会儿", "给示例学会延到1月1日", "给不存在的延期三天"])
def test_no_time_that_is_none(office: Season, words: str) -> None:
    assert "没有改动" in says(office, words) or "什么都没有做" in says(office, words)


def test_more_time_for_many_needs_the_number(office: Season) -> None:
    assert "2 家" in says(office, "给没提交的延期一天")
    with office.db.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).where(ENTRY.c.extended_to.is_not(None))) == 0
    assert "共2家" in says(office, "2")


def test_what_has_gone_out_is_not_taken_back_by_a_clock_that_goes_back(office: Season) -> None:
    later(office, "00")
    says(office, "给全部发通知：测试")
    says(office, "2")
    later(office, "01")
    announce_due(office.db, office.now)
    later(office, "00:30")
    assert "撤不回来" in says(office, "撤回")
    assert states(office) == {"pending": 1, "sent": 1, "unreachable": 1}


def test_a_nudge_for_an_announcement_that_is_none(office: Season) -> None:
    assert says(office, "催读 99")
    assert told(office) == []


def test_what_is_closed_is_opened_again_by_two_only(office: Season) -> None:
    office.now = CLOSES + timedelta(hours=1)
    assert "重新开放 浙江省示例学会" in says(office, "给示例学会延期三天 平台故障")
    with office.db.read() as db:
        assert db.scalars(sa.select(ENTRY.c.extended_to).where(ENTRY.c.extended_to.is_not(None))).all() == []


@pytest.mark.parametrize("said", ["省属企业科协", "企业科协", "enterprise"])
def test_a_kind_of_unit_is_an_audience(office: Season, said: str) -> None:
    with office.db.engine.begin() as db:
        db.exec_driver_sql("UPDATE society SET kind = 'enterprise' WHERE name = '浙江省茶叶学会'")
    with office.db.read() as db:
        row = queries.round_of(db, office.round)
        assert [one.name for one in audience(db, row, said).societies] == ["浙江省茶叶学会"]
        assert [one.name for one in audience(db, row, f"没提交的{said}").societies] == ["浙江省茶叶学会"]
        assert [one.name for one in audience(db, row, "省级学会").societies] == ["浙江省示例学会"]


def test_the_societies_that_nobody_joined_for_are_counted_and_named_page_by_page(office: Season) -> None:
    def enlist(db: sa.Connection) -> None:
        for number in range(1, 30):
            roster.add_society(db, f"浙江省第{number:02}学会", office.now)

    office.db.write(enlist)
    later(office, "00")
    says(office, "给全部发通知：请抓紧")
    says(office, "31")
    report = says(office, "通知 1")
    named = "浙江省茶叶学会、浙江省第01学会、浙江省第02学会等，全部发「没加入 1」"
    assert f"还没有人加入、没法发的30家：{named}" in report
    pages = [says(office, said) for said in ("没加入 1", "没加入 1 第2页", "没加入 1 第3页", "没加入 1 第9页")]
    assert [page.count("浙江省第") for page in pages] == [11, 12, 6, 6]
    assert all(len(page.splitlines()) <= 14 for page in pages)
    assert "没有第7条通知" in says(office, "没加入 7")
