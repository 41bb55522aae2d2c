"""The plan of the reminders as the office sees it, a reopened round's new plan, and the text for the group."""

import pytest
import sqlalchemy as sa

from handlers.notices import planning
from handlers.rounds import reopen
from scheduler.closing import close_due
from scheduler.reminders import queue_due
from storage import outbox, queries
from storage.relations import ENTRY, OUTBOX, PERSON, REMINDER, ROUND, Row
from tests.season import CLOSES, Season
from tests.test_reminders import at, given_time


@pytest.fixture
def office(season: Season) -> Season:
    """王老师 on Telegram and 李老师 on the web for one society, 赵老师 on WeChat for the other."""
    season.join("王老师", "telegram")
    season.join("李老师", "web")
    season.join("赵老师", "wechat")
    season.join("staff")
    season.clock("2026-12-21 09:00")
    return season


def says(season: Season, words: str) -> str:
    return "\n".join(reply.text for reply in season.say("staff", words).replies)


def coming(season: Season) -> list[tuple[str, int, int]]:
    with season.db.read() as connection:
        found = planning.coming(connection, queries.round_of(connection, season.round), season.now)
    return [(one.stage, one.societies, one.people) for one in found]


def went(season: Season) -> dict[str, dict[str, int]]:
    with season.db.read() as connection:
        found = planning.went(connection, queries.round_of(connection, season.round))
    return {one.stage: {fate: count for fate, count in one.fates.items() if count} for one in found}


def test_what_comes_is_what_would_be_said_as_things_stand(office: Season) -> None:
    assert coming(office) == [(stage, 2, 3) for stage in ("14d", "7d", "3d", "1d", "4h")]
    office.say("赵老师", "提交", channel="wechat")
    office.say("赵老师", "确认提交", channel="wechat")
    office.say("李老师", "不再提醒", channel="web")
    assert coming(office) == [(stage, 1, 1) for stage in ("14d", "7d", "3d", "1d", "4h")]
    told = says(office, "提醒计划")
    assert "1月4日（周一）08:00（截止前14天）：1家1人" in told
    office.db.write(lambda db: outbox.lose_touch(db, "telegram", "", "王老师", office.now))
    assert coming(office) == []


def test_the_plan_comes_true(office: Season) -> None:
    said = {stage: people for stage, _, people in coming(office)}
    for stage, when in {"14d": "2027-01-04 08:00", "7d": "2027-01-08 17:30"}.items():
        office.clock(when)
        assert queue_due(office.db, office.now) == said[stage]


def test_a_society_with_more_time_has_its_own_line(office: Season) -> None:
    given_time(office, at("2027-01-20 17:30"))
    assert ("1d", 1, 1) in coming(office)
    assert ("1d", 1, 2) in coming(office)
    assert "1月20日（周三）17:30截止" in says(office, "提醒 示例学会")


def test_what_went_by_stage_and_fate(office: Season) -> None:
    office.clock("2027-01-04 08:00")
    queue_due(office.db, office.now)
    assert went(office) == {"14d": {"page": 1, "pending": 2}}
    settled(office, "uncertain", "unreachable")
    assert went(office) == {"14d": {"page": 1, "uncertain": 1, "unreachable": 1}}
    told = says(office, "/reminders")
    assert "网页上可见1，不确定1，收不到1" in told
    assert "要打电话的有2家" in told
    assert "赵老师：收不到" in says(office, "提醒 茶叶")


def settled(season: Season, *states: str) -> None:
    def work(connection: sa.Connection) -> None:
        pending = sa.select(OUTBOX.c.id).where(OUTBOX.c.kind == "reminder", OUTBOX.c.state == "pending")
        for id, state in zip(connection.scalars(pending.order_by(OUTBOX.c.id)).all(), states, strict=True):
            outbox.settle(connection, [id], state, season.now)

    season.db.write(work)


def test_a_reopened_round_reminds_by_its_new_deadline(office: Season) -> None:
    office.clock("2027-01-14 17:30")
    assert queue_due(office.db, office.now) == 3
    given_time(office, at("2027-01-25 17:30"))
    office.clock("2027-01-15 17:30")
    assert close_due(office.db, office.now) == [office.round]
    office.clock("2027-01-18 18:00")
    assert queue_due(office.db, office.now) == 2, "the society with a deadline of its own"
    office.db.write(lambda db: reopen(db, office.round, at("2027-01-22 17:30"), office.now))
    assert queue_due(office.db, office.now) == 1
    assert [(row.stage, row.plan_version) for row in reminders(office, "赵老师")] == [("1d", 1), ("7d", 2)]
    office.clock("2027-01-21 17:30")
    assert queue_due(office.db, office.now) == 1
    assert queue_due(office.db, office.now) == 0
    assert [row.stage for row in reminders(office, "赵老师")] == ["1d", "7d", "1d"]
    with office.db.read() as connection:
        text = connection.scalar(
            sa.select(OUTBOX.c.text).where(OUTBOX.c.kind == "reminder").order_by(OUTBOX.c.id.desc())
        )
    assert "1月22日" in str(text)


def reminders(season: Season, name: str) -> list[Row]:
    with season.db.read() as connection:
        hers = sa.select(REMINDER).join(PERSON, PERSON.c.id == REMINDER.c.person_id).where(PERSON.c.name == name)
        return list(connection.execute(hers.order_by(REMINDER.c.id)))


def test_a_reopened_round_leaves_a_deadline_of_its_own_alone(office: Season) -> None:
    given_time(office, at("2027-01-25 17:30"))
    office.db.write(lambda db: reopen(db, office.round, at("2027-01-22 17:30"), office.now))
    with office.db.read() as connection:
        versions = sa.select(ENTRY.c.extended_to, ENTRY.c.plan_version).order_by(ENTRY.c.society_id)
        assert [row.plan_version for row in connection.execute(versions)] == [2, 2]
    assert "1月25日" in office.say("王老师", "截止", channel="telegram").replies[-1].text


def test_the_group_reads_counts_and_no_score(office: Season) -> None:
    office.say("王老师", "开始", channel="telegram")
    office.say("王老师", "8分，承办年会1场", channel="telegram")
    first, text = (reply.text for reply in office.say("staff", "群进度").replies)
    assert "转发" in first
    assert text.splitlines()[1] == "共2家：已提交0家，填报中1家，还没开始1家。"
    assert "学会工作自评表】" in text
    assert "示例学会" not in text
    assert "分" not in text.replace("学会部", "")
    named = office.say("staff", "群进度 名单").replies[-1].text
    assert named.endswith("· 浙江省示例学会\n· 浙江省茶叶学会")


def test_the_group_reads_that_it_is_over(office: Season) -> None:
    office.now = CLOSES
    assert "截止。共2家，已提交0家。" in says(office, "群进度")


def test_a_voluntary_round_makes_nobody_take_part(season: Season) -> None:
    season.join("王老师", "telegram")
    season.db.write(lambda db: db.execute(sa.update(ROUND).values(voluntary=True)))
    season.join("赵老师", "telegram")
    season.join("staff")
    season.clock("2026-12-21 09:00")
    season.db.write(lambda db: reopen(db, season.round, CLOSES, season.now))
    assert coming(season) == [(stage, 1, 1) for stage in ("14d", "7d", "3d", "1d", "4h")]
    assert "共1家" in says(season, "群进度")
